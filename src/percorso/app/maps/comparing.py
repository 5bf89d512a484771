"""Two maps held against each other, in words."""

from collections.abc import Iterator
from dataclasses import dataclass

from percorso import labels
from percorso.app.filters.filter import Option
from percorso.app.maps.asked import Asked
from percorso.i18n import gettext as _
from percorso.i18n import ngettext
from percorso.journey_map import PHASES, Item, JourneyMap, wording


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that differs beyond chance: where, what, by how much.

    ``lane`` is empty for how many customers come into a phase: that stands over all lanes.
    """

    phase: str
    lane: str
    title: str
    figure: str
    words: str
    tone: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A figure on both maps. ``words`` say the difference, ``tone`` whether it is good."""

    title: str
    one: str
    one_interval: str
    other: str
    other_interval: str
    words: str
    tone: str
    certain: bool


@dataclass(frozen=True, slots=True)
class PhasePairs:
    """A phase of both; ``certain`` says how many of its differences are."""

    name: str
    pairs: tuple[Pair, ...]
    certain: str = ""


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Two personas, phase by phase."""

    one: str
    other: str
    one_customers: str
    other_customers: str
    phases: tuple[PhasePairs, ...]


def against_options() -> tuple[Option, ...]:
    return (
        Option("", _("nothing")),
        Option("before", _("the period before")),
        Option("year", _("a year before")),
    )


def headline(found: JourneyMap) -> str:
    """Return the map in a sentence: where it feels best, where worst, and what weighs most."""
    metric = next(iter(found.metrics), "")
    scores = [found.score(phase, metric) for phase in PHASES] if metric else []
    shown = [each for each in scores if each is not None and each.figure is not None]
    better = [each for each in shown if each.rest and each.rest.real]
    worst = [each for each in better if wording.tone(each) == "bad"]
    best = [each for each in better if wording.tone(each) == "good"]
    words = []
    if worst:
        words.append(
            _("The experience is worse than elsewhere in {phases}").format(phases=_names(worst))
        )
    if best:
        words.append(
            _("The experience is better than elsewhere in {phases}").format(phases=_names(best))
        )
    if not words:
        pains = [each for each in found.items if each.what == "mend"]
        pains.sort(key=lambda each: -((each.figure.value if each.figure else 0) or 0))
        if pains:
            return _("What weighs most lies in {phase}: {problem}").format(
                phase=labels.phase(pains[0].phase), problem=_problem(pains[0], found)
            )
        return _("No phase is surely better or worse than the others")
    return "; ".join(words)


def _problem(item: Item, found: JourneyMap) -> str:
    problem = found.problem(item.key)
    return problem.title() if problem else item.touchpoint


def _names(items: list[Item]) -> str:
    return ", ".join(labels.phase(each.phase) for each in items)


def differences(found: JourneyMap) -> tuple[Difference, ...]:
    """Return what differs from the other map beyond chance: who comes in, then the surest first."""
    came = tuple(
        Difference(
            labels.phase(each.phase),
            "",
            _("Customers in this phase"),
            labels.percent(each.share.value),
            wording.difference(each.change.difference, "percent", 0),
            "same",
        )
        for each in found.columns
        if each.change is not None and each.change.real
    )
    changed = sorted(
        found.changed(), key=lambda each: (each.change.p_adjusted if each.change else 1, each.name)
    )
    return came + tuple(
        Difference(
            labels.phase(each.phase),
            wording.lane(each.lane),
            wording.title(each, found),
            wording.figure(each),
            wording.difference(each.change.difference, *wording.unit_of(each))
            if each.change
            else "",
            wording.change_tone(each),
        )
        for each in changed
    )


def _by(each: Item) -> str:
    if each.change is None:
        return ""
    unit, digits = wording.unit_of(each)
    return labels.difference(each.change.difference, unit, digits)


def side_by_side(one: JourneyMap, other: JourneyMap, asked: Asked) -> SideBySide:
    """Return the figures of two personas beside each other, phase by phase."""
    return SideBySide(
        one=labels.segment(asked.scope.chosen.segment)
        if asked.scope.chosen.segment
        else _("All customers"),
        other=labels.segment(asked.other),
        one_customers=_customers(one.customers),
        other_customers=_customers(other.customers),
        phases=tuple(_phase(one, other, phase) for phase in PHASES),
    )


def _phase(one: JourneyMap, other: JourneyMap, phase: str) -> PhasePairs:
    pairs = tuple(_pairs(one, other, phase))
    n = sum(each.certain for each in pairs)
    certain = ngettext("{n} certain difference", "{n} certain differences", n)
    return PhasePairs(labels.phase(phase), pairs, certain.format(n=labels.number(n)) if n else "")


def _customers(n: int) -> str:
    return ngettext("{n} customer", "{n} customers", n).format(n=labels.number(n))


def _pairs(one: JourneyMap, other: JourneyMap, phase: str) -> Iterator[Pair]:
    mine = next(each for each in one.columns if each.phase == phase)
    theirs = next(each for each in other.columns if each.phase == phase)
    change = mine.change
    yield Pair(
        _("Customers in this phase"),
        labels.percent(mine.share.value),
        labels.interval(mine.share, "percent", 0),
        labels.percent(theirs.share.value),
        labels.interval(theirs.share, "percent", 0),
        labels.difference(change.difference, "percent", 0) if change else "",
        "same",
        bool(change and change.real),
    )
    there = {each.name: each for each in other.items if each.phase == phase}
    for each in one.items:
        if each.phase != phase or each.what not in _COMPARED:
            continue
        beside = there.get(each.name)
        if beside is None or each.change is None:
            continue
        yield Pair(
            wording.title(each, one),
            wording.figure(each),
            wording.interval(each),
            wording.figure(beside),
            wording.interval(beside),
            _by(each),
            wording.change_tone(each),
            each.change.real,
        )


#: What is set side by side; the rest is on the maps.
_COMPARED = ("score", "sentiment", "again", "given_up", "kept", "emotion", "did")
