"""The words of problems and of what shows them, in the current language."""

from typing import TYPE_CHECKING, Final

from percorso import labels
from percorso.estimation import MIN_SHOWN
from percorso.explain.problem import SHARES
from percorso.i18n import gettext as _
from percorso.i18n import ngettext

if TYPE_CHECKING:
    from percorso.explain.problem import Evidence, Problem
    from percorso.vocabulary import Estimate

_DOT: Final = " \N{MIDDLE DOT} "
#: Stars are shown with two decimals everywhere.
_DIGITS: Final = {"stars": 2}
#: So many groups are named; of more, how many there are.
_NAMED: Final = 4


def title(problem: "Problem") -> str:
    """Return what is wrong."""
    if problem.kind == "promise":
        return _promise(problem.promise or "")
    kinds = {each.kind for each in problem.evidence}
    if problem.kind == "stopping" and kinds & {"repeated", "repeated_in"}:
        text = _("People have to begin again and give up: {touchpoint}")
    elif problem.kind == "stopping":
        text = _("People give up: {touchpoint}")
    elif problem.kind == "repeat":
        text = _("People have to begin again: {touchpoint}")
    elif problem.kind == "transition":
        text = _("Lower scores after passing from {source} to {touchpoint}")
    elif problem.groups:
        text = _("Lower scores of some than of others: {touchpoint}")
    else:
        text = _("Lower scores than elsewhere: {touchpoint}")
    return text.format(touchpoint=problem.touchpoint, source=problem.source)


def _promise(name: str) -> str:
    known = {
        "delivery": _("Deliveries after the promised day"),
        "shipment": _("Shipments after the promised day"),
        "answer": _("Answers after the promised time"),
        "resolution": _("Requests solved after the promised time"),
        "refund": _("Refunds after the promised day"),
    }
    return known.get(name) or _("Promises not kept: {name}").format(name=name)


def where(problem: "Problem") -> str:
    """Return where it is wrong: touchpoint, group, and since when."""
    place = problem.touchpoint
    if problem.source is not None:
        place = f"{problem.source} \N{RIGHTWARDS ARROW} {place}"
    return _DOT.join([place, *_conditions(problem)])


def beside_title(problem: "Problem") -> str:
    """Return where it is wrong as far as the title does not say it; may be empty."""
    return where(problem) if problem.kind == "promise" else _DOT.join(_conditions(problem))


def lost(problem: "Problem") -> str:
    """Return the score lost with its interval; a dash where no answer tells."""
    if problem.score_lost is None:
        return labels.NOTHING
    value, interval = (
        labels.number(problem.score_lost.value, 1),
        labels.interval(problem.score_lost),
    )
    return f"{value} [{interval}]"


def remark(problem: "Problem") -> str:
    """Return for how many others the same promise was not kept; empty where for too few."""
    if problem.others < MIN_SHOWN:
        return ""
    return ngettext(
        "The same promise was not kept for {n} customer elsewhere, in no group that stands out.",
        "The same promise was not kept for {n} customers elsewhere, in no group that stands out.",
        problem.others,
    ).format(n=labels.number(problem.others))


def _conditions(problem: "Problem") -> list[str]:
    parts = _grouped(problem.groups)
    if problem.apart:
        apart = ", ".join(_grouped(problem.apart))
        parts.append(_("not counting {groups}, listed apart").format(groups=apart))
    elif problem.elsewhere:
        parts.append(_("not counting what is listed apart"))
    if problem.since is not None:
        parts.append(_("since {day}").format(day=labels.day(problem.since)))
    return parts


def _grouped(groups: tuple[tuple[str, str], ...]) -> list[str]:
    values: dict[str, list[str]] = {}
    for name, value in groups:
        values.setdefault(name, []).append(value)
    return [f"{name}: {_listed(each)}" for name, each in values.items()]


def _listed(values: list[str]) -> str:
    said = ", ".join(values[:_NAMED])
    if len(values) > _NAMED:
        said += " " + _("and {n} more").format(n=len(values) - _NAMED)
    return said


def sentence(evidence: "Evidence") -> str:
    """Return one comparison in words and figures."""
    if evidence.kind in SHARES:
        here, there = labels.percent(evidence.here.value), labels.percent(evidence.there.value)
        unit: labels.Unit = "percent"
    else:
        digits = _DIGITS.get(evidence.scale or "", 1)
        here, there = (
            labels.number(each.value, digits) for each in (evidence.here, evidence.there)
        )
        unit = "score"
    text = _SENTENCES[evidence.kind]()
    said = text.format(
        here=here,
        there=there,
        touchpoint=evidence.touchpoint,
        source=evidence.source,
        property=evidence.property,
        value=evidence.value,
        day=labels.day(evidence.since) if evidence.since else "",
        scale=labels.scale(evidence.scale) if evidence.scale else "",
    )
    return f"{said} ({_difference(evidence.difference, unit)})"


def _difference(given: "Estimate", unit: labels.Unit) -> str:
    return _("difference {difference}").format(difference=labels.difference(given, unit, 1))


_SENTENCES: Final = {
    "effect": lambda: _(
        "After a promise not kept the score is {here}, after one kept {there}: {scale}"
    ),
    "broken": lambda: _("{property} {value}: {here} of promises not kept, elsewhere {there}"),
    "since": lambda: _("Since {day} {here} of promises not kept, before {there}"),
    "others": lambda: _(
        "Outside of these groups {here} of promises not kept, {there} of the other promises"
    ),
    "stopped": lambda: _("{here} give up, at like touchpoints {there}"),
    "repeated": lambda: _("{here} have to begin again, at like touchpoints {there}"),
    "score": lambda: _("The score is {here}, at other touchpoints {there}: {scale}"),
    "score_in": lambda: _(
        "{property} {value}: the score is {here}, that of the others there {there}: {scale}"
    ),
    "stopped_in": lambda: _("{property} {value}: {here} give up, {there} of the others there"),
    "repeated_in": lambda: _(
        "{property} {value}: {here} have to begin again, {there} of the others there"
    ),
    "score_from": lambda: _(
        "Coming from {source} the score is {here}, from elsewhere {there}: {scale}"
    ),
}
