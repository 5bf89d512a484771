"""Groups side by side: which may be shown, and which differ beyond chance."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from percorso.estimation import MIN_SHOWN, Difference, adjust, may_be_shown
from percorso.metrics.tally import Tally
from percorso.vocabulary import Estimate

#: How the interval of a difference is made (see estimation.differences).
METHOD = "square-and-add"


def shown_groups(tally: Tally) -> NDArray[np.bool_]:
    """Return which groups may be shown (see ``estimation.may_be_shown``)."""
    return may_be_shown(tally.customers)


def estimates(tally: Tally, shown: NDArray[np.bool_]) -> list[Estimate]:
    """Return each group's score, hidden where it may not be shown."""
    return [
        estimate if visible else Estimate.hidden(estimate.n, estimate.method)
        for estimate, visible in zip(tally.estimates(), shown, strict=True)
    ]


def against_rest(tally: Tally, shown: NDArray[np.bool_]) -> list[Difference | None]:
    """Return each group minus all other groups; None where either may not be shown."""
    rest = tally.rest
    if rest is None:
        raise ValueError("tally the groups with their rest")
    tested = np.flatnonzero(shown & (rest.customers >= MIN_SHOWN))
    return _at(tested, tally.take(tested), rest.take(tested), len(tally.groups))


def against_previous(
    tally: Tally, shown: NDArray[np.bool_], previous: Tally | None
) -> list[Difference | None]:
    """Return each group minus the same group before; None where either may not be shown."""
    if previous is None:
        return [None] * len(tally.groups)
    visible = shown_groups(previous)
    before = {group: index for index, group in enumerate(previous.groups) if visible[index]}
    tested = [i for i, group in enumerate(tally.groups) if shown[i] and group in before]
    earlier = previous.take(before[tally.groups[i]] for i in tested)
    return _at(np.array(tested, dtype=np.intp), tally.take(tested), earlier, len(tally.groups))


def adjusted(differences: Sequence[Difference | None]) -> list[float | None]:
    """Return p-values corrected for all the tests made here (Benjamini-Hochberg)."""
    p_values = iter(adjust([each.p_value for each in differences if each is not None]))
    return [None if each is None else float(next(p_values)) for each in differences]


def against(first: Tally, second: Tally) -> list[Difference]:
    """Return each group of the first minus the group of the second in the same place."""
    found = first.minus(second)
    parts = zip(found.value, found.low, found.high, first.n + second.n, found.p_value, strict=True)
    return [
        Difference(Estimate(float(value), float(low), float(high), int(n), METHOD), float(p))
        for value, low, high, n, p in parts
    ]


def _at(
    positions: NDArray[np.intp], first: Tally, second: Tally, length: int
) -> list[Difference | None]:
    found: list[Difference | None] = [None] * length
    if positions.size:
        for place, difference in zip(positions, against(first, second), strict=True):
            found[place] = difference
    return found
