"""The difference between two groups: its interval and the test of whether it is real.

The interval of every difference is squared and added from the two groups' own intervals, which
keeps their lack of symmetry (Newcombe 1998, method 10; Zou and Donner 2008). The first group
minus the second, always.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from percorso.estimation.means import MeanStats, mean_limits, net_score_moments
from percorso.estimation.proportions import exact_p_values, proportion_limits
from percorso.estimation.quantiles import MIN_SHOWN, t_p_value
from percorso.vocabulary import Estimate

METHOD = "square-and-add"

Floats = NDArray[np.float64]
Limits = tuple[Floats, Floats]


@dataclass(frozen=True, slots=True)
class Difference:
    """The first group minus the second, and how easily chance alone would bring as much.

    ``p_value`` is 1 where a group is too small to be shown.
    """

    estimate: Estimate
    p_value: float


@dataclass(frozen=True, slots=True)
class Differences:
    """Many differences at once, as arrays of one shape. Small groups are not hidden here."""

    value: Floats
    low: Floats
    high: Floats
    p_value: Floats


def difference_of_proportions(k1: float, n1: float, k2: float, n2: float) -> Difference:
    """Return k1/n1 - k2/n2 in percent points. Hidden where a group is under 5."""
    if min(n1, n2) < MIN_SHOWN:
        return _hidden(n1 + n2)
    return _single(differences_of_proportions(k1, n1, k2, n2), n1 + n2)


def differences_of_proportions(
    k1: ArrayLike, n1: ArrayLike, k2: ArrayLike, n2: ArrayLike
) -> Differences:
    """Return differences of shares in percent points for arrays of counts (n at least 1).

    Interval: Newcombe's hybrid score interval. Test: Fisher's exact test, mid-p, doubled.
    """
    first, second = np.asarray(k1) / np.asarray(n1), np.asarray(k2) / np.asarray(n2)
    return _square_and_add(
        100 * first,
        100 * second,
        proportion_limits(k1, n1),
        proportion_limits(k2, n2),
        exact_p_values(k1, n1, k2, n2),
    )


def difference_of_means(first: MeanStats, second: MeanStats) -> Difference:
    """Return the difference of two means in their unit. Hidden where a group is under 5.

    Both must be on the same scale (or on none); raises ValueError otherwise.
    """
    if (first.low, first.high) != (second.low, second.high):
        raise ValueError("two means can only be compared on one scale")
    n = first.n + second.n
    if min(first.n, second.n) < MIN_SHOWN:
        return _hidden(n)
    moments = (first.n, first.mean, first.variance, second.n, second.mean, second.variance)
    return _single(differences_of_means(*moments, low=first.low, high=first.high), n)


def differences_of_means(
    n1: ArrayLike,
    mean1: ArrayLike,
    variance1: ArrayLike,
    n2: ArrayLike,
    mean2: ArrayLike,
    variance2: ArrayLike,
    *,
    low: float | None = None,
    high: float | None = None,
) -> Differences:
    """Return differences of means for arrays of moments (n at least 2, sample variances)."""
    first = [np.asarray(each, dtype=np.float64) for each in (n1, mean1, variance1)]
    second = [np.asarray(each, dtype=np.float64) for each in (n2, mean2, variance2)]
    return _square_and_add(
        first[1],
        second[1],
        mean_limits(first[0], first[1], first[2], low, high),
        mean_limits(second[0], second[1], second[2], low, high),
        _mean_p_values(*first, *second),
    )


def difference_of_net_scores(
    first: tuple[int, int, int], second: tuple[int, int, int]
) -> Difference:
    """Return the difference of two net scores in points. Hidden where a group is under 5.

    Each group is (promoters, passives, detractors).
    """
    if min(sum(first), sum(second)) < MIN_SHOWN:
        return _hidden(sum(first) + sum(second))
    return _single(differences_of_net_scores(first, second), sum(first) + sum(second))


def differences_of_net_scores(
    first: tuple[ArrayLike, ArrayLike, ArrayLike], second: tuple[ArrayLike, ArrayLike, ArrayLike]
) -> Differences:
    """Return differences of net scores for arrays of promoters, passives and detractors."""
    return differences_of_means(
        *net_score_moments(*first), *net_score_moments(*second), low=-100.0, high=100.0
    )


def _mean_p_values(
    n1: Floats, mean1: Floats, variance1: Floats, n2: Floats, mean2: Floats, variance2: Floats
) -> Floats:
    """Return the larger of two p-values, each of which fails where the other holds.

    The first takes the variance of all answers together, as a permutation test does: right where
    the groups are alike, however skewed, but fooled where the smaller group is only more divided.
    The second is Welch's, with each variance drawn towards the common one by one answer: right
    where the spreads differ, but fooled by a few skewed answers that happen to agree. Ratings are
    skewed and groups are small, so a difference must convince both. What this gives at the
    levels that many tests need is measured in tests/estimation and bench/bench_coverage.py.
    """
    total = n1 + n2
    gap = mean1 - mean2
    common = ((n1 - 1) * variance1 + (n2 - 1) * variance2 + n1 * n2 / total * gap * gap) / (
        total - 1
    )
    smaller = np.minimum(n1, n2)
    permutation = _t_test(gap, common * (1 / n1 + 1 / n2), 2 * smaller - 1)
    part1 = ((n1 - 1) * variance1 + common) / n1 / n1
    part2 = ((n2 - 1) * variance2 + common) / n2 / n2
    scale = np.where(common > 0, part1 + part2, 1.0)
    weights = (part1 / scale) ** 2 / (n1 - 1) + (part2 / scale) ** 2 / (n2 - 1)
    welch = _t_test(gap, part1 + part2, 1 / np.where(weights > 0, weights, 1.0))
    return np.maximum(permutation, welch)


def _t_test(gap: Floats, variance: Floats, df: Floats) -> Floats:
    # No variance at all means that every answer is the same: no difference either.
    some = variance > 0
    return np.where(some, t_p_value(gap / np.sqrt(np.where(some, variance, 1.0)), df), 1.0)


def _square_and_add(
    first: Floats, second: Floats, limits1: Limits, limits2: Limits, p_value: Floats
) -> Differences:
    value = first - second
    low = value - np.hypot(first - limits1[0], limits2[1] - second)
    high = value + np.hypot(limits1[1] - first, second - limits2[0])
    return Differences(value, low, high, p_value)


def _single(found: Differences, n: float) -> Difference:
    estimate = Estimate(float(found.value), float(found.low), float(found.high), int(n), METHOD)
    return Difference(estimate, float(found.p_value))


def _hidden(n: float) -> Difference:
    return Difference(Estimate.hidden(int(n), METHOD), 1.0)
