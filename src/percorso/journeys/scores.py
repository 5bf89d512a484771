"""The answers that follow steps: which answer belongs to which step, and their means by group."""

from datetime import timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from percorso.estimation import MIN_SHOWN, mean_limits
from percorso.journeys.grouping import Groups
from percorso.journeys.walks import Walks, scale_code
from percorso.vocabulary import SCALES, Estimate

Floats = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]

#: An answer is about what came before it, at most this long before.
MEMORY: Final = timedelta(days=30)
_MEMORY: Final = MEMORY // timedelta(microseconds=1)
_NONE: Final = -1


def next_answers(walks: Walks, scale: str) -> Int32:
    """Return for each step the row of the first answer on ``scale`` at or after it.

    -1 where the customer gives none within 30 days.
    """
    answers = np.flatnonzero(walks.scale == scale_code(scale))
    found = np.full(len(walks.at), _NONE, np.int32)
    if not len(answers):
        return found
    # The steps after one answer, up to the next, have that next one to come, if it is of their
    # journey: between two answers lie steps with none and then steps with the second.
    begin = walks.offsets[np.searchsorted(walks.offsets, answers, side="right") - 1]
    begin = np.maximum(begin, np.append(0, answers[:-1] + 1))
    lengths = np.diff(np.stack([begin, answers + 1], axis=1).ravel(), prepend=0)
    until = answers[-1] + 1
    following = np.full(2 * len(answers), _NONE, np.int32)
    following[1::2] = answers
    found[:until] = np.repeat(following, lengths)
    oldest = np.repeat(walks.at[following] - _MEMORY, lengths)
    found[:until][walks.at[:until] < oldest] = _NONE
    return found


def moments(groups: Groups, answer: Int32, score: npt.NDArray[np.float32]) -> Floats:
    """Return number, sum and sum of squares of the answers of each group's rows, a row for each.

    ``answer`` is each row's answer as from ``next_answers``; it counts once a group.
    """
    ordered = answer.take(groups.order)
    counted = np.flatnonzero(groups.firsts_of(ordered) & (ordered != _NONE))
    values = score.take(ordered.take(counted)).astype(np.float64)
    running = np.zeros((2, len(values) + 1))
    np.cumsum(values, out=running[0, 1:])
    np.cumsum(values * values, out=running[1, 1:])
    bounds = np.searchsorted(counted, groups.bounds)
    return np.concatenate([np.diff(bounds)[None], np.diff(running[:, bounds])])


def estimates(found: Floats, scale: str) -> list[Estimate | None]:
    """Return the mean of each group with its interval, None where there is no answer.

    ``found`` are sums of ``moments``.
    """
    ends = SCALES[scale]
    counts, total, squares = found
    n = np.maximum(counts, 1)
    mean = total / n
    variance = np.maximum(squares - n * mean * mean, 0) / np.maximum(n - 1, 1)
    low, high = mean_limits(n, mean, variance, ends.low, ends.high)
    rows = zip(counts.tolist(), mean.tolist(), low.tolist(), high.tolist(), strict=True)
    return [_estimate(int(count), *values) for count, *values in rows]


def _estimate(n: int, mean: float, low: float, high: float) -> Estimate | None:
    from percorso.estimation.means import ON_SCALE

    if n == 0:
        return None
    return Estimate.hidden(n, ON_SCALE) if n < MIN_SHOWN else Estimate(mean, low, high, n, ON_SCALE)
