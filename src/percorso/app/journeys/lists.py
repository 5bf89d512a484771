"""Variants, funnel, stops and friction as pages show them: words and positions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from percorso import labels
from percorso.app.journeys.card import Link
from percorso.app.journeys.tones import share_words
from percorso.app.ui.components import few_or
from percorso.estimation import MIN_SHOWN
from percorso.i18n import gettext as _
from percorso.i18n import ngettext
from percorso.journeys import Friction, Funnel, Stops, Variants
from percorso.vocabulary import Estimate

VARIANTS: Final = 25
#: A longer journey is shown by its first and last steps.
STEPS: Final = 14
FUNNEL_STEPS: Final = 8
ROWS: Final = 10


@dataclass(frozen=True, slots=True)
class VariantRow:
    rank: int
    steps: tuple[str, ...]
    left_out: str
    last: tuple[str, ...]
    customers: str
    share: str
    fill: str


@dataclass(frozen=True, slots=True)
class VariantsShown:
    rows: tuple[VariantRow, ...]
    said: str


def variants(found: Variants) -> VariantsShown:
    """Return the journeys made most often; the bar is their share beside the first one's."""
    rows = found.shown.rows[:VARIANTS]
    most = max((each.share for each in rows), default=0) or 1
    together = sum(each.customers for each in rows)
    return VariantsShown(
        rows=tuple(
            VariantRow(
                rank=number,
                steps=each.steps if len(each.steps) <= STEPS else each.steps[: STEPS - 4],
                left_out=_left_out(len(each.steps)),
                last=() if len(each.steps) <= STEPS else each.steps[-3:],
                customers=labels.number(each.customers),
                share=labels.percent(each.share, 1),
                fill=f"{100 * each.share / most:.2f}%",
            )
            for number, each in enumerate(rows, 1)
        ),
        said=_(
            "{distinct} different journeys of {customers} customers; those below are made by "
            "{together} of them ({share})."
        ).format(
            distinct=labels.number(found.distinct),
            customers=labels.number(found.customers),
            together=labels.number(together),
            share=labels.percent(100 * together / found.customers if found.customers else None),
        ),
    )


def _left_out(steps: int) -> str:
    if steps <= STEPS:
        return ""
    more = steps - (STEPS - 4) - 3
    return ngettext("{n} more step", "{n} more steps", more).format(n=labels.number(more))


@dataclass(frozen=True, slots=True)
class FunnelRow:
    """A step of the funnel: a bar, its interval, and what was lost on the way to it."""

    touchpoint: str
    customers: str
    share: str
    interval: str
    step: str
    time: str
    fill: str
    low: str
    high: str


@dataclass(frozen=True, slots=True)
class FunnelShown:
    rows: tuple[FunnelRow, ...]
    said: str


def funnel(found: Funnel) -> FunnelShown:
    """Return the funnel; bars are shares of those who reached the first step."""
    rows = []
    before: str = ""
    for each in found.steps:
        # Of how many a share is stands beside it: it would say how few they are.
        few = 0 < each.customers < MIN_SHOWN
        rows.append(
            FunnelRow(
                touchpoint=each.touchpoint,
                customers=few_or(each.customers),
                share="" if few else labels.estimate(each.share, "percent"),
                interval="" if few else labels.interval(each.share, "percent"),
                step=_("{share} of those at {before}").format(
                    share=share_words(each.step_share), before=before
                )
                if each.step_share is not None and each.step_share.shown and not few
                else "",
                time=labels.hours(each.median_hours) if each.median_hours is not None else "",
                fill=_at(None if few else each.share.value),
                low=_at(None if few else each.share.low),
                high=_at(None if few else each.share.high),
            )
        )
        before = each.touchpoint
    return FunnelShown(
        tuple(rows),
        ngettext(
            "{n} customer may still get further: their time is not over.",
            "{n} customers may still get further: their time is not over.",
            found.open,
        ).format(n=labels.number(found.open))
        if found.open >= MIN_SHOWN
        else "",
    )


def _at(percent: float | None) -> str:
    return f"{percent or 0:.2f}%"


@dataclass(frozen=True, slots=True)
class Trouble:
    """A place where customers stop, go in circles or wait."""

    words: str
    customers: str
    share: str
    bar: Estimate
    time: str
    detail: str
    address: str


@dataclass(frozen=True, slots=True)
class Troubles:
    stops: tuple[Trouble, ...]
    loops: tuple[Trouble, ...]
    turns: tuple[Trouble, ...]
    waits: tuple[Trouble, ...]
    as_of: str


def troubles(stops: Stops, friction: Friction, link: Link, most: int = ROWS) -> Troubles:
    """Return where customers stop, repeat, turn round and wait; only groups of 5 or more.

    Each list has the first ``most``.
    """
    return Troubles(
        stops=tuple(
            Trouble(
                each.touchpoint,
                labels.number(each.stopped),
                share_words(each.share),
                each.share,
                labels.hours(each.idle_hours),
                _("of {n} who passed").format(n=labels.number(each.customers)),
                link(at=each.touchpoint),
            )
            for each in islice((row for row in stops.rows if row.stopped >= MIN_SHOWN), most)
        ),
        loops=tuple(
            Trouble(
                each.touchpoint,
                labels.number(each.customers),
                share_words(each.share),
                each.share,
                labels.hours(each.median_hours),
                _times(each.count),
                link(at=each.touchpoint),
            )
            for each in islice((row for row in friction.loops if row.customers >= MIN_SHOWN), most)
        ),
        turns=tuple(
            Trouble(
                f"{each.touchpoint} → {each.via} → {each.touchpoint}",
                labels.number(each.customers),
                share_words(each.share),
                each.share,
                labels.hours(each.median_hours),
                _times(each.count),
                link(at=each.touchpoint, to=each.via),
            )
            for each in islice(
                (row for row in friction.back_and_forth if row.customers >= MIN_SHOWN), most
            )
        ),
        waits=tuple(
            Trouble(
                f"{each.source} → {each.target}",
                labels.number(each.customers),
                share_words(each.share),
                each.share,
                labels.hours(each.typical_hours),
                _("over {time}").format(time=labels.hours(each.long_hours)),
                link(at=each.source, to=each.target),
            )
            for each in islice((row for row in friction.waits if row.customers >= MIN_SHOWN), most)
        ),
        as_of=labels.day(stops.as_of),
    )


def _times(count: int) -> str:
    return ngettext("{n} time", "{n} times", count).format(n=labels.number(count))


@dataclass(frozen=True, slots=True)
class Outstanding:
    """Something that stands out in the graph, and where to look at it."""

    title: str
    words: str
    address: str


def standing_out(stops: Stops, friction: Friction, link: Link) -> tuple[Outstanding, ...]:
    """Return the largest stop, loop, turn and wait there are."""
    # Waiting between two of the same is told as a repeat.
    waits = tuple(each for each in friction.waits if each.source != each.target)
    found = troubles(stops, replace(friction, waits=waits), link, 1)
    patterns: Sequence[tuple[tuple[Trouble, ...], str]] = (
        (found.stops, _("{n} customers stop here, {share}")),
        (found.waits, _("{n} customers wait unusually long, {share}")),
        (found.turns, _("{n} customers go straight back, {share}")),
        (found.loops, _("{n} customers repeat it at once, {share}")),
    )
    return tuple(
        Outstanding(
            rows[0].words,
            pattern.format(n=rows[0].customers, share=rows[0].share),
            rows[0].address,
        )
        for rows, pattern in patterns
        if rows
    )
