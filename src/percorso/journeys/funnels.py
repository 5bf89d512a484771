"""Funnels: who took given steps in their order within a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from percorso.estimation import MIN_SHOWN, proportion
from percorso.journeys.grouping import changes
from percorso.journeys.results import Funnel, FunnelStep
from percorso.journeys.times import MICROSECOND, MICROSECONDS_PER_HOUR, end_of
from percorso.journeys.walks import Int64, Walks, each_bucket
from percorso.log.steps import StepsIndex

if TYPE_CHECKING:
    from percorso.log.selection import Selection

#: Longer than any log.
_EVER: Final = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class _Part:
    """One bucket: its customers, how long each who reached a step took, and who is under way."""

    customers: int
    took: list[Int64]
    open: int


def funnel(
    index: StepsIndex,
    steps: Sequence[str],
    within: timedelta | None = None,
    selection: "Selection | None" = None,
) -> Funnel:
    """Return how many customers took ``steps`` in this order within ``within``.

    A customer reaches step k where **some** passage through step 1 is followed, later in the
    journey, by step 2, then later by step 3, and so on up to step k, the last at most ``within``
    after that passage through step 1. Other steps may lie between; every passage through step 1
    counts as a new attempt, so that a customer who comes back and succeeds has succeeded. A
    touchpoint named twice must be passed twice. Without ``within`` any time will do, and the
    customers at step k are those whose variant holds steps 1 to k as a subsequence.

    ``median_hours`` is over customers: from the latest passage through step 1 that leads to
    their first completion of step k. Raises ValueError where there are fewer than two steps.
    """
    if len(steps) < 2:
        raise ValueError("a funnel has two steps or more")
    if within is not None and within <= timedelta(0):
        raise ValueError("the time within which a funnel is passed is longer than nothing")
    code_of = {name: code for code, name in enumerate(index.touchpoints)}
    codes = [code_of.get(name) for name in steps]
    limit = None if within is None else within // MICROSECOND
    end = end_of(index, selection)
    parts = each_bucket(index, selection, lambda walks: _part(walks, codes, limit, end))
    took = [
        np.concatenate([part.took[level] for part in parts] or [np.empty(0, np.int64)])
        for level in range(len(steps))
    ]
    return Funnel(
        customers=sum(part.customers for part in parts),
        within_hours=None if limit is None else limit / MICROSECONDS_PER_HOUR,
        open=sum(part.open for part in parts),
        steps=tuple(_step(name, level, took) for level, name in enumerate(steps)),
    )


def _step(name: str, level: int, took: list[Int64]) -> FunnelStep:
    reached = len(took[level])
    if level == 0:
        return FunnelStep(name, reached, proportion(reached, reached), None, None)
    median = float(np.median(took[level])) if reached >= MIN_SHOWN else None
    return FunnelStep(
        name,
        reached,
        proportion(reached, len(took[0])),
        proportion(reached, len(took[level - 1])),
        None if median is None else median / MICROSECONDS_PER_HOUR,
    )


def _part(walks: Walks, codes: list[int | None], limit: int | None, end: int) -> _Part:
    wanted = np.flatnonzero(np.isin(walks.touchpoint, [code for code in codes if code is not None]))
    touchpoint, at = walks.touchpoint[wanted], walks.at[wanted]
    journey = walks.journey_of_steps()[wanted]
    begin = np.searchsorted(journey, journey)
    attempts = _attempts(touchpoint, at, begin, codes, _EVER if limit is None else limit)
    took, reached = [], []
    for level in attempts:
        done = np.flatnonzero(level >= 0)
        done = done[changes(journey[done])]
        took.append(at[done] - at[level[done]])
        reached.append(journey[done])
    under_way = 0
    if limit is not None:
        begun = np.flatnonzero(attempts[0] >= 0)
        recent = np.zeros(len(walks.first), bool)
        recent[journey[begun[end - at[begun] <= limit]]] = True
        recent[reached[-1]] = False
        under_way = int(recent.sum())
    return _Part(len(walks.first), took, under_way)


def _attempts(
    touchpoint: npt.NDArray[np.uint16],
    at: Int64,
    begin: Int64,
    codes: list[int | None],
    limit: int,
) -> list[Int64]:
    """Return for each step of the funnel, at each row that completes it, where it was begun.

    That is the row of the latest passage through step 1 from which the row can be reached: any
    earlier one would have taken longer. -1 where the row completes nothing. ``begin`` is the first
    row of each row's journey.
    """
    nothing = np.full(len(at), -1, np.int64)
    rows = np.arange(len(at))
    levels = [np.where(touchpoint == codes[0], rows, nothing) if codes[0] is not None else nothing]
    for code in codes[1:]:
        if code is None or not len(at):
            levels.append(nothing)
            continue
        # The latest beginning of a chain that is one step shorter and ended on an earlier row.
        latest = np.concatenate([[-1], np.maximum.accumulate(levels[-1])[:-1]])
        reached = (touchpoint == code) & (latest >= begin)
        reached &= at - at[latest] <= limit
        levels.append(np.where(reached, latest, nothing))
    return levels
