"""How alike touchpoints are, as pages show it: gaps, figures, and what was meant to be said."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from percorso import labels
from percorso.app.touchpoints import measures
from percorso.app.ui.components import IntervalBar
from percorso.i18n import gettext as _
from percorso.i18n import ngettext
from percorso.journey_map.consistency import Consistency, Gap, Place
from percorso.touchpoints import Strategy, Touchpoint
from percorso.vocabulary import Phase


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its interval. ``tone`` is ``bad`` or ``good`` where it is a gap.

    ``against`` says what it is a gap to, and whether to the bad.
    """

    words: str
    meaning: str
    value: str
    interval: str
    n: str
    bar: IntervalBar | None
    tone: str
    against: tuple[tuple[str, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class GapShown:
    """A gap: both sides with their bars, and how sure it is."""

    name: str
    where: str
    measure: str
    meaning: str
    here: Figure
    there: Figure
    there_words: str
    difference: str
    chance: str
    worse: bool
    address: str


def figures(place: Place, gaps: Sequence[Gap], most: dict[str, float]) -> tuple[Figure, ...]:
    """Return the figures of a touchpoint, those first that are a gap."""
    tones = {each.measure: _tone(each) for each in reversed(gaps)}
    found = [
        Figure(
            measures.name(measure),
            measures.meaning(measure),
            measures.figure(measure, estimate),
            measures.interval(measure, estimate),
            labels.number(estimate.told),
            measures.bar(measure, estimate, tones.get(measure, ""), most.get(measure, 0.0)),
            tones.get(measure, ""),
            tuple((_against(each), each.worse) for each in gaps if each.measure == measure),
        )
        for measure, estimate in place.figures.items()
    ]
    return tuple(sorted(found, key=lambda each: ("bad", "good", "").index(each.tone)))


def _against(gap: Gap) -> str:
    there = {"value": measures.figure(gap.measure, gap.rest), "others": _others(gap)}
    where = ", ".join(labels.phase(each) for each in gap.phases)
    pattern = (
        _("worse than {value} at {others} ({where})")
        if gap.worse
        else _("better than {value} at {others} ({where})")
    )
    return pattern.format(**there, where=where or labels.channel(gap.channel))


def most_of(found: Consistency) -> dict[str, float]:
    """Return for each measure the highest end of an interval."""
    most: dict[str, float] = {}
    for place in found.places:
        for measure, estimate in place.figures.items():
            most[measure] = max(most.get(measure, 0.0), estimate.high or 0.0)
    return most


def gaps(found: Consistency) -> tuple[GapShown, ...]:
    """Return the gaps, the worst first."""
    most = most_of(found)
    return tuple(_gap(each, most.get(each.measure, 0.0)) for each in found.gaps)


def columns(found: Consistency) -> tuple[tuple[str, str], ...]:
    """Return the measures of the table: name and meaning."""
    return tuple((measures.name(each), measures.meaning(each)) for each in found.measures)


def _gap(gap: Gap, most: float) -> GapShown:
    phases_ = ", ".join(labels.phase(each) for each in gap.phases)
    name = gap.name if gap.phases else f"{gap.name} · {labels.channel(gap.channel)}"
    return GapShown(
        name=name,
        where=phases_ or _("the same touchpoint on several channels"),
        measure=measures.name(gap.measure),
        meaning=measures.meaning(gap.measure),
        here=_side(gap, here=True, most=most),
        there=_side(gap, here=False, most=most),
        there_words=_others(gap),
        difference=measures.difference(gap.measure, gap.difference),
        chance=labels.by_chance(gap.p_adjusted),
        worse=gap.worse,
        address=reverse("touchpoints:one", args=[gap.id]) if gap.id else "",
    )


def _others(gap: Gap) -> str:
    others = [labels.channel(each) for each in gap.others] if not gap.phases else [*gap.others]
    if len(others) <= 2:
        return ", ".join(others)
    return ngettext("the {n} others", "the {n} others", len(others)).format(n=len(others))


def _side(gap: Gap, *, here: bool, most: float) -> Figure:
    given = gap.value if here else gap.rest
    tone = _tone(gap) if here else ""
    return Figure(
        "",
        "",
        measures.figure(gap.measure, given),
        measures.interval(gap.measure, given),
        labels.number(given.told),
        measures.bar(gap.measure, given, tone, most),
        tone,
    )


def _tone(gap: Gap) -> str:
    return "bad" if gap.worse else "good"


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure of the table; empty where nothing was measured."""

    value: str
    interval: str
    tone: str
    words: str


@dataclass(frozen=True, slots=True)
class TableRow:
    name: str
    channel: str
    phases: str
    address: str
    cells: tuple[Cell, ...]


def table(found: Consistency) -> tuple[TableRow, ...]:
    """Return every touchpoint with every measure."""
    tones = {(each.name, each.measure): _tone(each) for each in reversed(found.gaps) if each.phases}
    return tuple(
        TableRow(
            name=place.name,
            channel=labels.channel(place.channel),
            phases=", ".join(labels.phase(each) for each in place.phases),
            address=reverse("touchpoints:one", args=[place.id]) if place.id else "",
            cells=tuple(_cell(place, measure, tones) for measure in found.measures),
        )
        for place in found.places
    )


def _cell(place: Place, measure: str, tones: dict[tuple[str, str], str]) -> Cell:
    estimate = place.figures.get(measure)
    if estimate is None:
        return Cell("", "", "", "")
    tone = tones.get((place.name, measure), "")
    words = {"bad": _("worse"), "good": _("better")}.get(tone, "")
    return Cell(
        measures.figure(measure, estimate), measures.interval(measure, estimate), tone, words
    )


@dataclass(frozen=True, slots=True)
class Meant:
    """What the company means to say in a phase, touchpoint by touchpoint."""

    phase: str
    strategies: tuple[tuple[Touchpoint, Strategy], ...]
    tones: int


def meant(touchpoints: Sequence[Touchpoint]) -> tuple[Meant, ...]:
    """Return the strategies side by side, of phases that have any."""
    found = []
    for phase in Phase:
        said = tuple(
            (each, strategy)
            for each in touchpoints
            if (strategy := each.strategy_for(phase)) and (strategy.tone or strategy.message)
        )
        if said:
            tones = len({each.tone.casefold() for _touchpoint, each in said if each.tone})
            found.append(Meant(labels.phase(phase), said, tones))
    return tuple(found)
