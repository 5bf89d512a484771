"""Where customers stop: the touchpoints after which nothing came, longer than is usual there."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from percorso.estimation import MIN_SHOWN, proportion
from percorso.journeys import grouping
from percorso.journeys.grouping import Groups, sum_of
from percorso.journeys.results import Stop, Stops
from percorso.journeys.times import MICROSECONDS_PER_HOUR, end_of
from percorso.journeys.walks import Int64, Walks, each_bucket
from percorso.log.steps import StepsIndex, as_datetime

if TYPE_CHECKING:
    from percorso.log.selection import Selection

#: Nine in ten who went on did so within this wait.
USUAL: Final = 0.9
#: With fewer waits after a touchpoint, the usual wait of all touchpoints is taken.
ENOUGH: Final = 20

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Part:
    """One bucket: waits by touchpoint, customers by touchpoint, last steps."""

    customers: int
    onward: Groups
    waits: Int64
    passed: Int64
    last_touchpoint: npt.NDArray[np.uint16]
    last_at: Int64


def stops(index: StepsIndex, selection: "Selection | None" = None) -> Stops:
    """Return at which touchpoints customers stopped, as of the end of the log (or period).

    A customer has **stopped** at the touchpoint of the last step where the time since exceeds
    the usual wait there: the 90th percentile of the waits of those who went on from it (of all
    waits in the log, where fewer than 20 went on). Of the customers who passed a touchpoint, those
    whose last step it is and who are still within that wait are counted neither way. Touchpoints
    with fewer than 5 customers are left out.
    """
    size = len(index.touchpoints)
    parts = each_bucket(index, selection, lambda walks: _part(walks, size))
    end = end_of(index, selection)
    customers = sum(part.customers for part in parts)
    usual = _usual_waits(parts, size)
    if usual is None:
        return Stops(as_datetime(end) if parts else None, customers, 0, ())
    passed = sum_of([part.passed for part in parts], size)
    last = sum_of([np.bincount(part.last_touchpoint, minlength=size) for part in parts], size)
    stopped = sum_of(
        [
            np.bincount(
                part.last_touchpoint[end - part.last_at > usual[part.last_touchpoint]],
                minlength=size,
            )
            for part in parts
        ],
        size,
    )
    decided = passed - (last - stopped)
    rows = [
        Stop(
            index.touchpoints[code],
            int(decided[code]),
            int(stopped[code]),
            proportion(int(stopped[code]), int(decided[code])),
            float(usual[code]) / MICROSECONDS_PER_HOUR,
        )
        for code in np.flatnonzero(decided >= MIN_SHOWN)
    ]
    rows.sort(key=lambda row: (-row.stopped, row.touchpoint))
    return Stops(as_datetime(end), customers, int(stopped.sum()), tuple(rows))


def _part(walks: Walks, size: int) -> _Part:
    source = walks.touchpoint[:-1].astype(np.uint32)
    source[walks.last[:-1]] = size
    onward = grouping.group(source, size + 1, leave_out=size)
    nodes = grouping.group(walks.touchpoint, size)
    passed = np.zeros(size, np.int64)
    passed[nodes.codes] = nodes.distinct(walks.journey_of_steps())
    return _Part(
        customers=len(walks.first),
        onward=onward,
        waits=np.diff(walks.at).take(onward.order),
        passed=passed,
        last_touchpoint=walks.touchpoint[walks.last],
        last_at=walks.at[walks.last],
    )


def _usual_waits(parts: list[_Part], size: int) -> Floats | None:
    """Return the usual wait after each touchpoint in microseconds; None where nobody went on."""
    codes = grouping.union([part.onward for part in parts])
    if not len(codes):
        return None
    counts = grouping.total(codes, [(part.onward, part.onward.counts) for part in parts])
    waits = grouping.quantiles(codes, [(part.onward, part.waits) for part in parts], (USUAL,))
    everywhere = float(np.quantile(np.concatenate([part.waits for part in parts]), USUAL))
    usual = np.full(size, everywhere)
    enough = counts >= ENOUGH
    usual[codes[enough]] = waits[enough, 0]
    return usual
