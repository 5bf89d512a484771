"""Friction: the same step again, back and forth, and waits far beyond the typical."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from percorso.estimation import MIN_SHOWN, proportion
from percorso.journeys import grouping
from percorso.journeys.directly_follows import transitions
from percorso.journeys.grouping import Groups, changes, sum_of
from percorso.journeys.results import BackAndForth, Friction, Loop, Wait
from percorso.journeys.times import MICROSECONDS_PER_HOUR
from percorso.journeys.walks import Int64, Walks, each_bucket
from percorso.log.steps import StepsIndex

if TYPE_CHECKING:
    from percorso.log.selection import Selection

#: A wait is long beyond so many times the median of its transition ...
TIMES_TYPICAL: Final = 3.0
#: ... and beyond an hour.
LEAST_LONG: Final = MICROSECONDS_PER_HOUR
#: A transition is typical of something where it was made so often.
ENOUGH: Final = 20

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Gathered:
    """Groups of rows, and for each row in their order the time it took and its journey."""

    groups: Groups
    took: Int64
    journey: npt.NDArray[np.int32]
    customers: Int64


@dataclass(frozen=True, slots=True)
class _Part:
    customers: int
    passed: Int64
    edges: _Gathered
    returns: _Gathered


@dataclass(frozen=True, slots=True)
class _Totals:
    """Code by code: how often, by how many customers, and the median time in microseconds."""

    codes: Int64
    counts: Int64
    customers: Int64
    median: Floats


def friction(index: StepsIndex, selection: "Selection | None" = None) -> Friction:
    """Return loops, back-and-forth and long waits, each of 5 customers or more.

    A **loop** is a touchpoint directly followed by itself. **Back and forth** is a touchpoint,
    another, and the first again, each directly after the other. A wait is **long** where it
    exceeds three times the median of its transition, and an hour; only transitions made at least
    20 times are looked at.
    """
    size = len(index.touchpoints)
    parts = each_bucket(index, selection, lambda walks: _part(walks, size))
    edges = _totals([part.edges for part in parts])
    returns = _totals([part.returns for part in parts])
    passed = sum_of([part.passed for part in parts], size)
    return Friction(
        sum(part.customers for part in parts),
        _loops(index, edges, passed),
        _back_and_forth(index, returns, edges),
        _waits(index, edges, [part.edges for part in parts]),
    )


def _part(walks: Walks, size: int) -> _Part:
    journey = walks.journey_of_steps()
    nodes = grouping.group(walks.touchpoint, size)
    passed = np.zeros(size, np.int64)
    passed[nodes.codes] = nodes.distinct(journey)
    edges = transitions(walks, size)
    returns = _returns(walks, journey, size)
    return _Part(
        len(walks.first),
        passed,
        _gathered(edges, np.diff(walks.at), journey),
        _gathered(returns, walks.at[2:] - walks.at[:-2], journey),
    )


def _returns(walks: Walks, journey: npt.NDArray[np.int32], size: int) -> Groups:
    """Gather the steps that come back after one other step, by step * size + other step."""
    here, via, back = walks.touchpoint[:-2], walks.touchpoint[1:-1], walks.touchpoint[2:]
    returns = (here == back) & (here != via) & (journey[2:] == journey[:-2])
    codes = np.full(len(here), size * size, np.uint64)
    codes[returns] = here[returns].astype(np.uint64) * np.uint64(size) + via[returns]
    return grouping.group(codes, size * size + 1, leave_out=size * size)


def _gathered(groups: Groups, took: Int64, journey: npt.NDArray[np.int32]) -> _Gathered:
    customers = groups.distinct(journey[: len(took)])
    return _Gathered(groups, took.take(groups.order), journey.take(groups.order), customers)


def _totals(parts: list[_Gathered]) -> _Totals:
    codes = grouping.union([part.groups for part in parts])
    return _Totals(
        codes,
        grouping.total(codes, [(part.groups, part.groups.counts) for part in parts]),
        grouping.total(codes, [(part.groups, part.customers) for part in parts]),
        grouping.quantiles(codes, [(part.groups, part.took) for part in parts], (0.5,))[:, 0],
    )


def _loops(index: StepsIndex, edges: _Totals, passed: Int64) -> tuple[Loop, ...]:
    source, target = _ends(index, edges.codes)
    rows = [
        Loop(
            index.touchpoints[source[row]],
            int(edges.counts[row]),
            int(edges.customers[row]),
            proportion(int(edges.customers[row]), int(passed[source[row]])),
            float(edges.median[row]) / MICROSECONDS_PER_HOUR,
        )
        for row in np.flatnonzero((source == target) & (edges.customers >= MIN_SHOWN))
    ]
    return tuple(sorted(rows, key=lambda row: (-row.customers, row.touchpoint)))


def _back_and_forth(
    index: StepsIndex, returns: _Totals, edges: _Totals
) -> tuple[BackAndForth, ...]:
    here, via = _ends(index, returns.codes)
    went = edges.customers[np.searchsorted(edges.codes, returns.codes)]
    rows = [
        BackAndForth(
            index.touchpoints[here[row]],
            index.touchpoints[via[row]],
            int(returns.counts[row]),
            int(returns.customers[row]),
            proportion(int(returns.customers[row]), int(went[row])),
            float(returns.median[row]) / MICROSECONDS_PER_HOUR,
        )
        for row in np.flatnonzero(returns.customers >= MIN_SHOWN)
    ]
    return tuple(sorted(rows, key=lambda row: (-row.customers, row.touchpoint, row.via)))


def _waits(index: StepsIndex, edges: _Totals, parts: list[_Gathered]) -> tuple[Wait, ...]:
    limit = np.maximum(TIMES_TYPICAL * edges.median, float(LEAST_LONG))
    size = len(edges.codes)
    counts, customers, lost = np.zeros(size, np.int64), np.zeros(size, np.int64), np.zeros(size)
    for part in parts:
        place = np.repeat(np.searchsorted(edges.codes, part.groups.codes), part.groups.counts)
        long = part.took > limit[place]
        place, journey = place[long], part.journey[long]
        counts += np.bincount(place, minlength=size)
        lost += np.bincount(place, part.took[long] - edges.median[place], minlength=size)
        first = changes(place) | changes(journey)
        customers += np.bincount(place[first], minlength=size)
    source, target = _ends(index, edges.codes)
    shown = (customers >= MIN_SHOWN) & (edges.counts >= ENOUGH)
    rows = [
        Wait(
            index.touchpoints[source[row]],
            index.touchpoints[target[row]],
            int(counts[row]),
            int(customers[row]),
            proportion(int(customers[row]), int(edges.customers[row])),
            float(edges.median[row]) / MICROSECONDS_PER_HOUR,
            float(limit[row]) / MICROSECONDS_PER_HOUR,
            float(lost[row]) / MICROSECONDS_PER_HOUR,
        )
        for row in np.flatnonzero(shown)
    ]
    return tuple(sorted(rows, key=lambda row: (-row.customers, row.source, row.target)))


def _ends(index: StepsIndex, codes: Int64) -> tuple[Int64, Int64]:
    return np.divmod(codes, max(len(index.touchpoints), 1))
