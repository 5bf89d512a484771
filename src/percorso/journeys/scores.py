"""The answers that follow steps: which answer belongs to which step, and their means by group."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from percorso.estimation import MIN_SHOWN, mean_limits
from percorso.journeys.grouping import Groups
from percorso.journeys.walks import Int64, Walks, scale_code
from percorso.vocabulary import SCALES, Estimate

Floats = npt.NDArray[np.float64]

#: An answer is about what came before it, at most this long before.
MEMORY: Final = timedelta(days=30)
_MEMORY: Final = MEMORY // timedelta(microseconds=1)
_NONE: Final = -1


@dataclass(frozen=True, slots=True)
class Moments:
    """Number, sum and sum of squares of scores, by group."""

    n: Floats
    sum: Floats
    squares: Floats


def next_answers(walks: Walks, scale: str) -> Int64:
    """Return for each step the row of the first answer on ``scale`` at or after it.

    -1 where the customer gives none within 30 days.
    """
    is_answer = walks.scale == scale_code(scale)
    answers = np.flatnonzero(is_answer)
    found = np.full(len(walks.at), _NONE, np.int64)
    if not len(answers):
        return found
    # Only steps up to a journey's last answer have one to come.
    before = np.cumsum(is_answer, dtype=np.int32) - is_answer
    steps = np.flatnonzero(before < len(answers))
    following = answers[before[steps]]
    journey = walks.journey_of_steps()
    near = (journey[following] == journey[steps]) & (
        walks.at[following] - walks.at[steps] <= _MEMORY
    )
    found[steps[near]] = following[near]
    return found


def moments(groups: Groups, answer: Int64, score: npt.NDArray[np.float32]) -> Moments:
    """Return the moments of the answers of each group's rows, each answer once a group.

    ``answer`` is a row's answer as from ``next_answers``.
    """
    counted = groups.firsts(answer)
    ordered = answer.take(groups.order)
    counted &= ordered != _NONE
    places = np.repeat(np.arange(len(groups.codes)), groups.counts)[counted]
    scores = score[ordered[counted]].astype(np.float64)
    size = len(groups.codes)
    return Moments(
        np.bincount(places, minlength=size).astype(np.float64),
        np.bincount(places, scores, minlength=size).astype(np.float64),
        np.bincount(places, scores * scores, minlength=size).astype(np.float64),
    )


def add(codes: Int64, parts: Sequence[tuple[Groups, Moments]]) -> Moments:
    """Add up moments, code by code."""
    result = Moments(*(np.zeros(len(codes)) for _ in range(3)))
    for groups, each in parts:
        places = np.searchsorted(codes, groups.codes)
        result.n[places] += each.n
        result.sum[places] += each.sum
        result.squares[places] += each.squares
    return result


def estimates(found: Moments, scale: str) -> list[Estimate | None]:
    """Return the mean of each group with its interval, None where there is no answer."""
    ends = SCALES[scale]
    n = np.maximum(found.n, 1)
    mean = found.sum / n
    variance = np.maximum(found.squares - found.n * mean * mean, 0) / np.maximum(found.n - 1, 1)
    low, high = mean_limits(n, mean, variance, ends.low, ends.high)
    rows = zip(found.n.tolist(), mean.tolist(), low.tolist(), high.tolist(), strict=True)
    return [_estimate(int(count), *values) for count, *values in rows]


def _estimate(n: int, mean: float, low: float, high: float) -> Estimate | None:
    from percorso.estimation.means import ON_SCALE

    if n == 0:
        return None
    return Estimate.hidden(n, ON_SCALE) if n < MIN_SHOWN else Estimate(mean, low, high, n, ON_SCALE)
