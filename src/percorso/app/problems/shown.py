"""Problems as pages show them: words, figures and positions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from percorso import labels
from percorso.app.problems.queries import Quote
from percorso.app.ui.components import IntervalBar
from percorso.explain import SHARES, Evidence, Problem
from percorso.i18n import gettext as _
from percorso.text.personal_data import mask
from percorso.vocabulary import SCALES, Estimate

#: A text longer than this is cut on the page.
QUOTE_LONGEST: Final = 280


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """A problem in the list, its figures with their intervals. ``share`` is the bar's length."""

    rank: int
    id: str
    title: str
    where: str
    remark: str
    customers: str
    lost: str
    lost_interval: str
    weight: str
    weight_interval: str
    share: str
    address: str


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison."""

    words: str
    figure: str
    interval: str
    n: str
    bar: IntervalBar | None


@dataclass(frozen=True, slots=True)
class EvidenceShown:
    """A comparison: here and there, in this order."""

    sentence: str
    sides: tuple[Side, Side]
    difference: str
    unit: str
    chance: str


@dataclass(frozen=True, slots=True)
class QuoteShown:
    text: str
    day: str
    touchpoint: str
    language: str


def rows(found: Sequence[Problem], address: Callable[[Problem], str]) -> tuple[ProblemRow, ...]:
    """Return the list: ranked by customers touched times score lost."""
    most = max((each.weight for each in found), default=0.0) or 1.0
    return tuple(
        ProblemRow(
            rank=number,
            id=each.id,
            title=each.title(),
            where=each.beside_title(),
            customers=labels.number(each.customers),
            remark=each.remark(),
            lost=lost(each),
            lost_interval=labels.interval(each.score_lost) if each.score_lost else "",
            weight=labels.number(each.weight) if each.score_lost else "",
            weight_interval=_together(each),
            share=f"{100 * each.weight / most:.2f}%",
            address=address(each),
        )
        for number, each in enumerate(found, 1)
    )


def _together(problem: Problem) -> str:
    together = problem.lost_together
    return labels.interval(together, digits=0) if together is not None else ""


def lost(problem: Problem) -> str:
    """Return the score each customer loses, in words."""
    if problem.score_lost is None or problem.scale is None:
        return ""
    return _("{points} points ({scale})").format(
        points=labels.number(problem.score_lost.value, 1),
        scale=labels.metric(_metric(problem.scale)),
    )


def _metric(scale: str) -> str:
    return SCALES[scale].metric if scale in SCALES else scale


def evidence(given: Evidence) -> EvidenceShown:
    """Return one comparison: both sides with their intervals, and the difference."""
    share = given.kind in SHARES
    unit: labels.Unit = "percent" if share else "score"
    low, high = _ends(given, share=share)
    return EvidenceShown(
        sentence=given.sentence(),
        sides=(
            _side(_here(given), given.here, unit, low, high, "bad"),
            _side(_there(given), given.there, unit, low, high, ""),
        ),
        difference=labels.difference(given.difference, unit),
        unit=_("percent points") if share else labels.scale(given.scale or ""),
        chance=labels.by_chance(given.p_adjusted),
    )


def _ends(given: Evidence, *, share: bool) -> tuple[float, float]:
    """Return the ends of the bars: the scale's, or for shares 0 and a round number above."""
    if not share:
        scale = SCALES.get(given.scale or "")
        return (scale.low, scale.high) if scale else (0.0, 10.0)
    most = max(given.here.high or 0.0, given.there.high or 0.0)
    return 0.0, next((end for end in (5.0, 10.0, 20.0, 50.0) if most <= end), 100.0)


def _side(
    words: str, given: Estimate, unit: labels.Unit, low: float, high: float, tone: str
) -> Side:
    return Side(
        words=words,
        figure=labels.estimate(given, unit),
        interval=labels.interval(given, unit),
        n=labels.number(given.n),
        bar=IntervalBar.of(given, low, high, tone),
    )


def _here(given: Evidence) -> str:
    if given.kind == "effect":
        return _("After a broken promise")
    if given.kind == "since" and given.since:
        return _("Since {day}").format(day=labels.day(given.since))
    if given.kind == "others":
        return _("Outside of these groups")
    if given.kind == "score_from" and given.source:
        return f"{given.source} → {given.touchpoint}"
    if given.value is not None:
        return given.value
    return given.touchpoint


def _there(given: Evidence) -> str:
    return {
        "effect": _("After a kept one"),
        "since": _("Before"),
        "others": _("The other promises"),
        "broken": _("The others"),
        "stopped": _("Touchpoints of the same kind"),
        "repeated": _("Touchpoints of the same kind"),
        "score": _("The other touchpoints"),
        "score_from": _("From elsewhere"),
        "score_in": _("The others"),
        "stopped_in": _("The others"),
        "repeated_in": _("The others"),
    }[given.kind]


def quotes(given: Sequence[Quote]) -> tuple[QuoteShown, ...]:
    """Return what customers wrote, with the personal data in it masked."""
    return tuple(
        QuoteShown(
            _cut(mask(each.text)),
            labels.day(date.fromisoformat(each.day)),
            each.touchpoint,
            each.language,
        )
        for each in given
    )


def _cut(text: str) -> str:
    return text if len(text) <= QUOTE_LONGEST else text[: QUOTE_LONGEST - 1].rstrip() + "…"
