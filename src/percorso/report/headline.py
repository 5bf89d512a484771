"""The one sentence: how the experience is, and what changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from percorso import labels
from percorso.i18n import gettext as _
from percorso.i18n import ngettext
from percorso.vocabulary import Estimate

if TYPE_CHECKING:
    from percorso.explain import Problem
    from percorso.metrics import Change
    from percorso.metrics.promises import Promises
    from percorso.report.model import Report

Tone = Literal["good", "bad", "mixed", "same", "unknown", "empty"]

#: ``stars_top2`` says what ``stars`` says; a change is told once.
_TOLD = ("nps", "csat", "ces", "pmf", "stars", "kept_share")
#: More scores than this in a sentence are not read.
_AT_ONCE = 3


@dataclass(frozen=True, slots=True)
class Headline:
    """A sentence, what stands behind it (``lede``, maybe empty), and its tone."""

    sentence: str
    lede: str
    tone: Tone


def headline(report: "Report") -> Headline:
    """Return the headline of a report."""
    if not report.log.interactions:
        return Headline(
            _("There is nothing in the log yet."),
            _("Import the files you already have: orders, reviews, survey answers, tickets."),
            "empty",
        )
    days = report.compared.days if report.compared else None
    return summarise(report.metrics, report.changes, report.promises, report.problems, days=days)


def summarise(
    metrics: Mapping[str, Estimate],
    changes: "Mapping[str, Change]",
    promises: "Promises | None",
    problems: "Sequence[Problem]",
    *,
    days: int | None = None,
) -> Headline:
    """Return the headline of these answers; ``days`` is the length of the periods compared."""
    certain = {name: changes[name] for name in _TOLD if name in changes and changes[name].real}
    worse = [name for name, each in certain.items() if (each.difference.value or 0) < 0]
    better = [name for name in certain if name not in worse]
    compared = any(name in changes and changes[name].difference.shown for name in _TOLD)
    sentence, tone = _sentence(metrics, certain, worse, better, compared=compared, days=days)
    said = [_about_promises(promises), _about_problems(problems)]
    return Headline(sentence, " ".join(each for each in said if each), tone)


def _sentence(
    metrics: Mapping[str, Estimate],
    certain: "Mapping[str, Change]",
    worse: Sequence[str],
    better: Sequence[str],
    *,
    compared: bool,
    days: int | None,
) -> tuple[str, Tone]:
    if worse and better:
        return _("The experience changed in two directions: {changes}.").format(
            changes=_list(certain)
        ), "mixed"
    if worse:
        return _("The experience got worse: {changes}.").format(changes=_list(certain)), "bad"
    if better:
        return _("The experience got better: {changes}.").format(changes=_list(certain)), "good"
    state = _state(metrics)
    if compared and days:
        unchanged = ngettext(
            "No certain change in the last {n} day",
            "No certain change in the last {n} days",
            days,
        ).format(n=labels.number(days))
        return f"{unchanged}: {state}." if state else f"{unchanged}.", "same"
    if state:
        return _("How it stands: {state}.").format(state=state), "unknown"
    return _("Nobody has been asked yet: the log holds what customers did, no scores."), "unknown"


def _list(certain: "Mapping[str, Change]") -> str:
    return ", ".join(
        _("{metric} from {before} to {now}").format(
            metric=_inside(labels.metric(name)),
            before=_value(name, each.before),
            now=_value(name, each.now),
        )
        for name, each in certain.items()
    )


def _inside(name: str) -> str:
    """Return a name as it is written inside a sentence; NPS stays NPS."""
    return name[:1].lower() + name[1:] if name[1:2].islower() else name


def _state(metrics: Mapping[str, Estimate]) -> str:
    told = [name for name in _TOLD if name in metrics and metrics[name].shown]
    return ", ".join(
        f"{labels.metric(name)} {_value(name, metrics[name])} "
        f"({labels.interval(metrics[name], labels.unit_of(name), labels.digits_of(name))})"
        for name in told[:_AT_ONCE]
    )


def _value(name: str, given: Estimate) -> str:
    return labels.estimate(given, labels.unit_of(name), labels.digits_of(name))


def _about_promises(promises: "Promises | None") -> str:
    if promises is None or not promises.kept_share_shown.shown:
        return ""
    kept = _("{share} of the promises that came due were kept ({interval}).").format(
        share=labels.estimate(promises.kept_share_shown, "percent"),
        interval=labels.interval(promises.kept_share_shown, "percent"),
    )
    effect = promises.effect_on_score
    if effect is None or not effect.certain or promises.scale is None or effect.value is None:
        return kept
    pattern = (
        _("After a broken one customers give {points} less ({scale}).")
        if effect.value < 0
        else _("After a broken one customers give {points} more ({scale}).")
    )
    return (
        kept
        + " "
        + pattern.format(
            points=labels.number(abs(effect.value), 1), scale=labels.scale(promises.scale)
        )
    )


def _about_problems(problems: "Sequence[Problem]") -> str:
    if not problems:
        return ""
    first = problems[0]
    return ngettext(
        "First problem: {title} ({n} customer).",
        "First problem: {title} ({n} customers).",
        first.customers,
    ).format(title=first.title(), n=labels.number(first.customers))
