"""The mean of answers on a scale, the net score, and their intervals."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from percorso.estimation.quantiles import MIN_SHOWN, Z, t_quantile
from percorso.vocabulary import Estimate

#: With the ends of the scale known; and without.
ON_SCALE = "adjusted-wald"
OFF_SCALE = "student-t"

#: Imaginary answers: one at the low end of the scale, one in the middle, one at the high end.
PSEUDO_ANSWERS = 3

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class MeanStats:
    """What a mean and its interval need: how many, their mean, their sample variance (n - 1).

    ``low`` and ``high`` are the ends of the scale. With them, intervals hold their coverage from
    10 answers on and stay within the scale; without them (amounts, hours) Student's t is used,
    which asks for more values the more skewed they are.
    """

    n: int
    mean: float
    variance: float
    low: float | None = None
    high: float | None = None

    @classmethod
    def of(
        cls,
        values: ArrayLike | None = None,
        *,
        counts: Mapping[float, int] | None = None,
        low: float | None = None,
        high: float | None = None,
    ) -> "MeanStats":
        """Take the moments of ``values``, or of a histogram (value -> how many)."""
        if (values is None) == (counts is None):
            raise ValueError("give either values or counts")
        if counts is not None:
            x = np.fromiter(counts.keys(), np.float64, len(counts))
            weight = np.fromiter(counts.values(), np.float64, len(counts))
        else:
            x = np.asarray(values, dtype=np.float64)
            weight = np.ones_like(x)
        n = int(weight.sum())
        if n == 0:
            return cls(0, 0.0, 0.0, low, high)
        middle = float((weight * x).sum() / n)
        squares = float((weight * (x - middle) ** 2).sum())
        return cls(n, middle, squares / (n - 1) if n > 1 else 0.0, low, high)


def mean(
    values: ArrayLike | MeanStats | None = None,
    *,
    counts: Mapping[float, int] | None = None,
    low: float | None = None,
    high: float | None = None,
) -> Estimate:
    """Return the mean with its interval, in the unit of the values. Hidden where n is under 5.

    ``counts`` is a histogram (value -> how many); ``low`` and ``high`` are the ends of the scale
    and should be given wherever there is a scale (see :class:`MeanStats`).
    """
    stats = (
        values
        if isinstance(values, MeanStats)
        else MeanStats.of(values, counts=counts, low=low, high=high)
    )
    method = OFF_SCALE if stats.low is None or stats.high is None else ON_SCALE
    if stats.n < MIN_SHOWN:
        return Estimate.hidden(stats.n, method)
    lower, upper = mean_limits(stats.n, stats.mean, stats.variance, stats.low, stats.high)
    return Estimate(stats.mean, float(lower), float(upper), stats.n, method)


def mean_limits(
    n: ArrayLike,
    mean: ArrayLike,
    variance: ArrayLike,
    low: float | None = None,
    high: float | None = None,
) -> tuple[Floats, Floats]:
    """Return the limits of means for arrays of moments (sample variances, with n - 1).

    On a scale, three imaginary answers (the worst, the middle, the best) are added, and the
    normal interval of the mean of all n + 3 is taken, cut at the ends of the scale: this is what
    Agresti and Coull 1998 do for a share and Bonett and Price 2012 for a difference of two shares
    of the same answers, carried to more levels. Coverage: docs/concepts/uncertainty.md.
    """
    size, middle, spread = (np.asarray(each, dtype=np.float64) for each in (n, mean, variance))
    if low is None or high is None:
        half = t_quantile(np.maximum(size - 1, 1)) * np.sqrt(spread / size)
        return middle - half, middle + half
    if not low < high:
        raise ValueError("the low end of a scale lies below its high end")
    width, centre = high - low, (low + high) / 2
    total = size + PSEUDO_ANSWERS
    shrunk = (size * middle + PSEUDO_ANSWERS * centre) / total
    squares = (
        np.maximum(size - 1, 0) * spread
        + width**2 / 2
        + PSEUDO_ANSWERS * size / total * (middle - centre) ** 2
    )
    half = Z * np.sqrt(squares) / total
    lower = np.minimum(np.maximum(shrunk - half, low), middle)
    upper = np.maximum(np.minimum(shrunk + half, high), middle)
    return lower, upper


def net_score(promoters: int, passives: int, detractors: int) -> Estimate:
    """Return 100 (promoters - detractors) / n with its interval, in points from -100 to 100.

    Hidden where n is under 5. The net score is the mean of answers counted as 100, 0 and -100, and
    so is its interval: see :func:`mean_limits`. Source: Reichheld 2003; Bonett and Price 2012.
    """
    n = promoters + passives + detractors
    if n < MIN_SHOWN:
        return Estimate.hidden(n, ON_SCALE)
    low, high = net_score_limits(promoters, passives, detractors)
    return Estimate(100 * (promoters - detractors) / n, float(low), float(high), n, ON_SCALE)


def net_score_limits(
    promoters: ArrayLike, passives: ArrayLike, detractors: ArrayLike
) -> tuple[Floats, Floats]:
    """Return the limits of net scores, in points, for arrays of counts."""
    return mean_limits(*net_score_moments(promoters, passives, detractors), -100.0, 100.0)


def net_score_moments(
    promoters: ArrayLike, passives: ArrayLike, detractors: ArrayLike
) -> tuple[Floats, Floats, Floats]:
    """Return n, mean and sample variance of answers counted as 100, 0 and -100."""
    up, level, down = (
        np.asarray(each, dtype=np.float64) for each in (promoters, passives, detractors)
    )
    n = up + level + down
    score = 100 * (up - down) / n
    squares = 1e4 * (up + down) - n * score**2
    return n, score, np.maximum(squares, 0) / np.maximum(n - 1, 1)
