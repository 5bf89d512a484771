"""The answers that follow steps: which answer belongs to which step, and their means by group."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from percorso.estimation import MIN_SHOWN, mean_limits
from percorso.journeys.grouping import Floats, changes, low_bits, pack, ranges
from percorso.journeys.walks import Int64, Walks, scale_code
from percorso.vocabulary import SCALES, Estimate

#: An answer is about what came before it, at most this long before.
MEMORY: Final = timedelta(days=30)
_MEMORY: Final = MEMORY // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Answered:
    """The steps that an answer follows: their rows, and which answer it is of ``scores``.

    ``journeys`` has the number of the journey of each of ``scores``, ascending.
    """

    rows: Int64
    answer: Int64
    scores: Floats
    journeys: Int64

    def moments(self, codes: npt.NDArray[Any], bound: int, wanted: Int64) -> Floats:
        """Return number, sum and sum of squares of the answers by code, and of how many customers.

        Each answer counts once for a code. ``codes`` are those of ``rows``, under ``bound``. The
        result has a column for each of the ``wanted`` codes, which are ascending; others are left
        out.
        """
        found = np.zeros((4, len(wanted)))
        # Code and answer as one number: sorted, what counts once lies side by side.
        keys, bits = pack(codes, bound, self.answer, len(self.scores))
        keys.sort()
        keys = keys[changes(keys)]
        answer = low_bits(keys, bits)
        values = self.scores.take(answer)
        keys >>= keys.dtype.type(bits)
        first_of_code = changes(keys)
        starts = np.flatnonzero(first_of_code)
        # The answers of a customer lie side by side, too: answers are in the order of journeys.
        first_of_customer = np.flatnonzero(changes(self.journeys.take(answer)) | first_of_code)
        customers = np.diff(
            np.searchsorted(first_of_customer, starts), append=len(first_of_customer)
        )
        present = keys[starts].astype(np.int64)
        known = np.isin(present, wanted, assume_unique=True)
        if known.any():
            places = np.searchsorted(wanted, present[known])
            found[0, places] = np.diff(starts, append=len(keys))[known]
            found[1, places] = np.add.reduceat(values, starts)[known]
            found[2, places] = np.add.reduceat(values * values, starts)[known]
            found[3, places] = customers[known]
        return found


def find_answers(walks: Walks, scale: str) -> Answered:
    """Return for each step the first answer on ``scale`` at or after it, at most 30 days later."""
    answers = np.flatnonzero(walks.scale == scale_code(scale))
    journeys = np.searchsorted(walks.offsets, answers, side="right") - 1
    # The steps between one answer and the next, from the begin of the next one's journey on.
    begin = np.maximum(walks.offsets[journeys], np.append(0, answers[:-1] + 1)[: len(answers)])
    lengths = answers + 1 - begin
    rows = ranges(begin, lengths)
    answer = np.repeat(np.arange(len(answers)), lengths)
    near = walks.at.take(rows) >= np.repeat(walks.at[answers] - _MEMORY, lengths)
    return Answered(rows[near], answer[near], walks.score[answers].astype(np.float64), journeys)


def estimates(found: Floats, scale: str) -> list[Estimate | None]:
    """Return the mean of each group with its interval, None where there is no answer.

    Hidden where fewer than 5 customers answered. ``found`` are sums of ``Answered.moments``.
    """
    ends = SCALES[scale]
    counts, total, squares, customers = found
    n = np.maximum(counts, 1)
    mean = total / n
    variance = np.maximum(squares - n * mean * mean, 0) / np.maximum(n - 1, 1)
    low, high = mean_limits(n, mean, variance, ends.low, ends.high)
    rows = zip(*(each.tolist() for each in (counts, customers, mean, low, high)), strict=True)
    return [_estimate(int(count), int(people), *values) for count, people, *values in rows]


def _estimate(n: int, customers: int, mean: float, low: float, high: float) -> Estimate | None:
    from percorso.estimation.means import ON_SCALE

    if n == 0:
        return None
    if customers < MIN_SHOWN:
        return Estimate.hidden(n, ON_SCALE)
    return Estimate(mean, low, high, n, ON_SCALE)
