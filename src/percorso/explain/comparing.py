"""Comparing each group with all others, where answers of one customer resemble each other."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from percorso.estimation.differences import METHOD
from percorso.metrics.definitions import Metric
from percorso.metrics.tally import Tally
from percorso.vocabulary import Estimate

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.floating[Any]]

#: Groups of fewer customers are not tested: too little could be said, to too many.
LEAST_CUSTOMERS: Final = 20


@dataclass(frozen=True, slots=True)
class Comparison:
    """A group beside all others together; ``difference`` is here minus there.

    ``spread`` is the standard deviation of single answers elsewhere.
    """

    group: int
    here: Estimate
    there: Estimate
    difference: Estimate
    p_value: float
    spread: float


def compare(
    metric: Metric, group: Ints, customer: Ints, worth: Floats, least: int = LEAST_CUSTOMERS
) -> list[Comparison]:
    """Compare each group (a code of 0 or more) with all other rows, on one metric.

    ``worth`` is what each row counts on the metric's own scale. Groups of fewer than ``least``
    customers, or with fewer elsewhere, are left out.
    """
    if len(group) == 0:
        return []
    own, rest = _tallies(metric, group, customer, worth)
    tested = np.flatnonzero((own.customers >= least) & (rest.customers >= least))
    if len(tested) == 0:
        return []
    here, there = own.take(tested), rest.take(tested)
    found = here.minus(there)
    spread = np.sqrt(there.variance)
    return [
        Comparison(
            int(tested[place]),
            one,
            other,
            Estimate(
                float(found.value[place]),
                float(found.low[place]),
                float(found.high[place]),
                one.n + other.n,
                METHOD,
            ),
            float(found.p_value[place]),
            float(spread[place]),
        )
        for place, (one, other) in enumerate(zip(here.estimates(), there.estimates(), strict=True))
    ]


def _tallies(metric: Metric, group: Ints, customer: Ints, worth: Floats) -> tuple[Tally, Tally]:
    """Return the sums of each group, and of all rows outside of it.

    A customer may have rows in several groups: what is outside of a group is worked out customer
    by customer, since sums of squares cannot be subtracted.
    """
    count = int(group.max()) + 1
    people, person = np.unique(customer, return_inverse=True)
    pairs, pair = np.unique(group * len(people) + person, return_inverse=True)
    of_group, of_person = pairs // len(people), pairs % len(people)
    m = np.bincount(pair).astype(np.float64)
    y = np.bincount(pair, worth)

    def add(values: Any) -> npt.NDArray[np.float64]:
        return np.asarray(np.bincount(of_group, values, count), np.float64)

    whole_m = np.bincount(person).astype(np.float64)[of_person]
    whole_y = np.bincount(person, worth)[of_person]
    squares = np.asarray(np.bincount(group, worth * worth, count), np.float64)
    own = (add(np.ones_like(m)), add(m * m), add(m * y), add(y * y))
    # (M - m)^2 summed over all customers is the sum of M^2, corrected where m is not nothing.
    left_m, left_y = whole_m - m, whole_y - y
    every_m = np.bincount(person).astype(np.float64)
    every_y = np.bincount(person, worth)
    rest = (
        len(people) - add((left_m == 0).astype(np.float64)),
        (every_m**2).sum() - add(whole_m**2 - left_m**2),
        (every_m * every_y).sum() - add(whole_m * whole_y - left_m * left_y),
        (every_y**2).sum() - add(whole_y**2 - left_y**2),
    )
    n, total = add(m), add(y)
    names = tuple(str(each) for each in range(count))
    with np.errstate(divide="ignore", invalid="ignore"):
        return (
            Tally(metric, names, n, own[0], total, squares, *own[1:]),
            Tally(
                metric, names, m.sum() - n, rest[0], y.sum() - total,
                squares.sum() - squares, *rest[1:],
            ),
        )  # fmt: skip
