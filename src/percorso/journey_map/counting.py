"""Counting customers and what they said: the sums that figures and tests are made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from percorso.estimation import MIN_SHOWN, adjust, differences_of_proportions, proportion
from percorso.journey_map.model import Tested
from percorso.text.figures import Figures, Sums, count, estimates, visible
from percorso.vocabulary import Estimate

METHOD = "square-and-add"
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def share_of(part: int, whole: int) -> Estimate:
    """Return the share some customers are of all; hidden where they, or the others, are few."""
    found = proportion(part, whole)
    left = whole - part
    if part < MIN_SHOWN or 0 < left < MIN_SHOWN:
        return Estimate.hidden(found.n, found.method)
    return found


#: How many of how many.
Part = tuple[int, int]


def shares_tested(pairs: Sequence[tuple[Part, Part]]) -> list[Tested | None]:
    """Return each first share less its second; None where hidden.

    All at once: the exact test of one sums a tail of thousands of terms, as long as that of many.
    """
    tested = [place for place, (one, other) in enumerate(pairs) if _may_be_tested(one, other)]
    found: list[Tested | None] = [None] * len(pairs)
    if not tested:
        return found
    k1, n1, k2, n2 = np.array([[*pairs[place][0], *pairs[place][1]] for place in tested]).T
    gap = differences_of_proportions(k1, n1, k2, n2)
    for row, place in enumerate(tested):
        value, low, high, p = (
            float(each[row]) for each in (gap.value, gap.low, gap.high, gap.p_value)
        )
        found[place] = Tested(Estimate(value, low, high, int(n1[row] + n2[row]), METHOD), p)
    return found


def _may_be_tested(one: Part, other: Part) -> bool:
    """Say whether neither share, nor the difference beside one, tells of fewer than 5."""
    if min(one[1], other[1]) < MIN_SHOWN:
        return False
    if any(0 < part < MIN_SHOWN or 0 < whole - part < MIN_SHOWN for part, whole in (one, other)):
        return False
    return max(one[0], other[0]) >= MIN_SHOWN


@dataclass(frozen=True, slots=True)
class Shares:
    """A share (worth 0 or 100), or a balance (-100, 0, 100), of the rows of several groups."""

    form: Any
    own: Sums
    others: Sums
    shown: NDArray[np.bool_]

    @classmethod
    def of(
        cls, form: Any, worth: NDArray[Any], customer: Ints, group: Ints, groups: int
    ) -> "Shares":
        """Count rows; ``customer`` and ``group`` are codes, a group of -1 is left out."""
        own, others = count(worth, customer, group, groups)
        return cls(form, own, others, visible(own, split=True))

    def estimate(self, place: int) -> Estimate:
        return estimates(self.form, self.own, self.shown)[place]

    def customers(self, place: int) -> int:
        return int(self.own.customers[place])

    def n(self, place: int) -> int:
        return int(self.own.n[place])

    def rest(self, place: int) -> Tested | None:
        """Return a group less all the others."""
        if not self.shown[place] or self.others.customers[place] < MIN_SHOWN:
            return None
        return _minus(self.form, self.own.take([place]), self.others.take([place]))

    def minus(self, other: "Shares | None", place: int) -> Tested | None:
        """Return a group less the same group there."""
        if other is None or not (self.shown[place] and other.shown[place]):
            return None
        return _minus(self.form, self.own.take([place]), other.own.take([place]))


def _minus(form: Any, one: Sums, other: Sums) -> Tested:
    found = Figures(form, one).minus(Figures(form, other))
    value, low, high, p = (
        float(np.asarray(each).reshape(-1)[0])
        for each in (found.value, found.low, found.high, found.p_value)
    )
    return Tested(Estimate(value, low, high, int(one.n[0] + other.n[0]), METHOD), p)


def holm(tests: Sequence[Tested | None]) -> list[Tested | None]:
    """Return the tests corrected together: even one false finding among them is unlikely."""
    raw = [each.p_value for each in tests if each is not None]
    corrected = iter(adjust(raw, "holm").tolist() if raw else [])
    return [
        None if each is None else Tested(each.difference, each.p_value, float(next(corrected)))
        for each in tests
    ]
