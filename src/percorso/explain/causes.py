"""Where, and since when, more promises are broken than elsewhere.

Groups of promises with the same value of a property are compared with the others, as a whole and
from a day on. The day is the one of at most 60 at which the group changed the most; its p-value is
multiplied by the number of days tried (Bonferroni), and both comparisons, with before and with
elsewhere at the same time, must hold: a wave that comes over all is not laid to one group.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from percorso.estimation import Differences, adjust, differences_of_proportions
from percorso.explain.comparing import LEAST_CUSTOMERS
from percorso.explain.promised import PromiseGroup

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

#: Days at which a change is looked for, evenly spread over the promises.
MOST_DAYS: Final = 60
#: A group is looked at from so many promises on, by each side of every comparison.
LEAST_PROMISES: Final = LEAST_CUSTOMERS
#: A group is called worse where at least so many percent points more are broken.
LEAST_POINTS: Final = 5.0
#: A day explains better than none where it makes the data so much more likely (log).
_WORTH_A_DAY: Final = 3.0
#: Two groups are the same if so much of what is in either is in both.
_SAME: Final = 0.75
_MOST_CAUSES: Final = 12


@dataclass(frozen=True, slots=True)
class Cause:
    """A group in which more promises are broken, perhaps from a moment on.

    ``dimension`` is the place of the property in the group's properties, -1 for all promises
    together; ``value`` the code; ``since`` microseconds (UTC), None for all the time. ``gain`` is
    by how much this makes the data more likely (log) than no difference at all. ``points`` is
    how many percent points more are broken here; ``p_adjusted`` is corrected for all tests.
    """

    dimension: int
    value: int
    since: int | None
    p_value: float
    points: float
    gain: float
    p_adjusted: float = 1.0

    @property
    def key(self) -> tuple[int, int]:
        return self.dimension, self.value

    def rows(self, promises: PromiseGroup) -> Flags:
        """Mark the promises the cause is about."""
        mine = np.ones(len(promises.broken), bool)
        if self.dimension >= 0:
            mine = np.equal(promises.properties[self.dimension].codes, self.value)
        return mine if self.since is None else mine & _from(promises, self.since)

    def others(self, promises: PromiseGroup) -> Flags:
        """Mark the promises it is compared with: the other groups, or the time before."""
        if self.dimension < 0:
            return ~self.rows(promises)
        codes = promises.properties[self.dimension].codes
        others: Flags = (codes >= 0) & (codes != self.value)
        return others if self.since is None else others & _from(promises, self.since)

    def before(self, promises: PromiseGroup) -> Flags:
        """Mark the promises of the same group from before the day."""
        if self.since is None:
            return np.zeros(len(promises.broken), bool)
        return replace(self, since=None).rows(promises) & ~_from(promises, self.since)


@dataclass(frozen=True, slots=True)
class Located:
    """A cause, and the groups of other properties that are the same promises."""

    cause: Cause
    same: tuple[Cause, ...]


def causes(promises: PromiseGroup, left: Flags | None = None) -> list[Cause]:
    """Test each group, as a whole and from a day on. ``left`` marks the promises to look at.

    All tests that could be made are returned, also those that find nothing.
    """
    left = np.ones(len(promises.broken), bool) if left is None else left
    if left.sum() < 2 * LEAST_PROMISES or not promises.broken[left].any():
        return []
    weight = 1 / _design_effect(promises.broken[left], promises.customer[left])
    broken = promises.broken[left].astype(np.float64)
    made_at = promises.made_at[left]
    days, period = _periods(made_at)
    found = []
    everyone = np.zeros(len(broken), dtype=np.int64)
    found += _since(-1, everyone, 1, broken, made_at, days, period, weight)
    for place, each in enumerate(promises.properties):
        codes = each.codes[left]
        known = codes >= 0
        count = len(each.values)
        found += _always(place, codes[known], count, broken[known], weight)
        found += _since(
            place, codes[known], count, broken[known], made_at[known], days, period[known], weight
        )
    return found


def separate(promises: PromiseGroup, found: Sequence[Cause], level: float) -> list[Located]:
    """Return the causes that stand on their own, the one that explains most first.

    Each is taken out with its promises before the others are tested again, so that what is only
    seen through it (the total, another group it is a part of) is not taken for a cause of its own.
    ``level`` is what adjusted p-values must not exceed when tested again.
    """
    left = np.ones(len(promises.broken), bool)
    known = {each.key: each for each in found}
    kept: list[Located] = []
    standing = list(found)
    while standing and len(kept) < _MOST_CAUSES:
        best = max(standing, key=lambda each: each.gain)
        best = _simplest([each for each in standing if each.key == best.key])
        same = [each for each in standing if _same(best, each, promises, left)]
        kept.append(Located(best, tuple(same)))
        left &= ~best.rows(promises)
        again = causes(promises, left)
        p_values = adjust([each.p_value for each in again]) if again else ()
        standing = [
            replace(each, p_adjusted=known[each.key].p_adjusted)
            for each, p in zip(again, p_values, strict=True)
            if each.key in known and p <= level and each.points >= LEAST_POINTS
            if each.key not in {part.cause.key for part in kept}
        ]
    return kept


def _from(promises: PromiseGroup, since: int) -> Flags:
    return np.asarray(promises.made_at >= since)


def _same(best: Cause, other: Cause, promises: PromiseGroup, left: Flags) -> bool:
    """Say whether two groups are the same promises under two names."""
    if other.dimension in (best.dimension, -1):
        return False
    one, two = best.rows(promises) & left, other.rows(promises) & left
    return bool((one & two).sum() >= _SAME * (one | two).sum())


def _simplest(rivals: list[Cause]) -> Cause:
    """Prefer a group as a whole to the group from a day on, unless the day explains more."""
    whole = [each for each in rivals if each.since is None]
    dated = [each for each in rivals if each.since is not None]
    if not whole or not dated:
        return rivals[0]
    return dated[0] if dated[0].gain > whole[0].gain + _WORTH_A_DAY else whole[0]


def _periods(made_at: Ints) -> tuple[Ints, Ints]:
    """Return moments that cut the promises into even parts, and the part of each promise."""
    ordered = np.sort(made_at)
    places = np.linspace(0, len(ordered), MOST_DAYS + 1).astype(np.int64)[1:-1]
    days = np.unique(ordered[places])
    return days, np.searchsorted(days, made_at, side="right")


def _always(place: int, codes: Ints, count: int, broken: Floats, weight: float) -> list[Cause]:
    n: Floats = np.bincount(codes, minlength=count).astype(np.float64)
    k: Floats = np.bincount(codes, broken, count).astype(np.float64)
    others_n, others_k = n.sum() - n, k.sum() - k
    tested = np.flatnonzero((n >= LEAST_PROMISES) & (others_n >= LEAST_PROMISES))
    if len(tested) == 0:
        return []
    n, k, others_n, others_k = (each[tested] for each in (n, k, others_n, others_k))
    test = differences_of_proportions(k * weight, n * weight, others_k * weight, others_n * weight)
    gain = _likelihood(k, n) + _likelihood(others_k, others_n)
    gain -= _likelihood(k + others_k, n + others_n)
    return [
        Cause(
            place, int(code), None, float(test.p_value[i]), float(test.value[i]),
            float(gain[i] * weight),
        )
        for i, code in enumerate(tested)
    ]  # fmt: skip


def _since(
    place: int,
    codes: Ints,
    count: int,
    broken: Floats,
    made_at: Ints,
    days: Ints,
    period: Ints,
    weight: float,
) -> list[Cause]:
    """Find for each group the day from which on it is worse than before and than the others."""
    shape = (count, len(days) + 1)
    cell = codes * shape[1] + period
    n = np.bincount(cell, minlength=count * shape[1]).reshape(shape).astype(np.float64)
    k = np.bincount(cell, broken, count * shape[1]).reshape(shape)
    # Column j: from days[j] on.
    after_n: Floats
    after_k: Floats
    after_n, after_k = (each[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:] for each in (n, k))
    before_n, before_k = (n.sum(axis=1)[:, None] - after_n, k.sum(axis=1)[:, None] - after_k)
    others_n, others_k = after_n.sum(axis=0) - after_n, after_k.sum(axis=0) - after_k
    enough = (after_n >= LEAST_PROMISES) & (before_n >= LEAST_PROMISES)
    if place >= 0:
        enough &= others_n >= LEAST_PROMISES
    distance: Floats = _z(after_k, after_n, before_k, before_n)
    if place >= 0:
        distance = np.minimum(distance, _z(after_k, after_n, others_k, others_n))
    distance = np.where(enough, distance, -np.inf)
    tested = np.flatnonzero(enough.any(axis=1))
    if len(tested) == 0:
        return []
    day = distance[tested].argmax(axis=1)

    def against(other_k: Floats, other_n: Floats) -> Differences:
        return differences_of_proportions(
            *(each[tested, day] * weight for each in (after_k, after_n, other_k, other_n))
        )

    tests = [against(before_k, before_n)]
    if place >= 0:
        tests.append(against(others_k, others_n))
    # Each day tried is a chance more to see something (Bonferroni).
    tried = enough[tested].sum(axis=1)
    p_values = np.minimum(tried * np.max([test.p_value for test in tests], axis=0), 1.0)
    points = np.min([test.value for test in tests], axis=0)
    found = []
    for place_of, code in enumerate(tested):
        # The test is over: the day is now looked for more exactly, to say and to explain with.
        rows = codes == code
        since = _sharpen(made_at[rows], broken[rows], days, int(day[place_of]))
        inside = _count(broken, rows & (made_at >= since))
        rest = (broken.sum() - inside[0], len(broken) - inside[1])
        gain = _likelihood(*inside) + _likelihood(*rest)
        gain -= _likelihood(broken.sum(), len(broken))
        found.append(
            Cause(
                place, int(code), since, float(p_values[place_of]), float(points[place_of]),
                float(gain * weight),
            )
        )  # fmt: skip
    return found


def _sharpen(made_at: Ints, broken: Floats, days: Ints, day: int) -> int:
    """Move a day to where, between its neighbours, the group changed the most."""
    low = days[day - 1] if day else int(made_at.min())
    high = days[day + 1] if day + 1 < len(days) else int(made_at.max())
    order = np.argsort(made_at, kind="stable")
    times, ordered = made_at[order], broken[order]
    # Candidate cuts: the first promise after is at place i.
    cuts = np.arange(1, len(times))
    inside = (times[1:] > low) & (times[1:] <= high) & (times[1:] > times[:-1])
    cuts = cuts[inside]
    if len(cuts) == 0:
        return int(days[day])
    before = np.cumsum(ordered)[cuts - 1]
    whole = ordered.sum()
    likely = _likelihood(before, cuts) + _likelihood(whole - before, len(times) - cuts)
    rising = (whole - before) / (len(times) - cuts) > before / cuts
    if not rising.any():
        return int(days[day])
    return int(times[cuts[np.where(rising, likely, -np.inf).argmax()]])


def _count(broken: Floats, rows: Flags) -> tuple[float, float]:
    return float(broken[rows].sum()), float(rows.sum())


def _z(k1: Floats, n1: Floats, k2: Floats, n2: Floats) -> Floats:
    one, two = np.maximum(n1, 1), np.maximum(n2, 1)
    pooled = (k1 + k2) / (one + two)
    spread = np.sqrt(np.maximum(pooled * (1 - pooled), 1e-12) * (1 / one + 1 / two))
    return np.asarray((k1 / one - k2 / two) / spread)


def _likelihood(k: npt.ArrayLike, n: npt.ArrayLike) -> Floats:
    """Return the log-likelihood of k of n at their own share."""
    k, n = np.asarray(k, dtype=np.float64), np.asarray(n, dtype=np.float64)
    share = np.clip(k / np.maximum(n, 1), 1e-12, 1 - 1e-12)
    return np.asarray(k * np.log(share) + (n - k) * np.log1p(-share))


def _design_effect(broken: Flags, customer: Ints) -> float:
    """Return how much wider a share varies because a customer's promises resemble each other.

    The variance of the sum with customers drawn, over that with promises drawn; at least 1.
    """
    share = broken.mean()
    if share in (0.0, 1.0):
        return 1.0
    person = np.unique(customer, return_inverse=True)[1]
    clustered = (np.bincount(person, broken - share) ** 2).sum()
    return max(1.0, float(clustered / (len(broken) * share * (1 - share))))
