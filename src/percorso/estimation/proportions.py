"""A share and its interval; two shares and the exact test between them."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from percorso.estimation.quantiles import MIN_SHOWN, Z
from percorso.vocabulary import Estimate

METHOD = "wilson"

Floats = NDArray[np.float64]


def proportion(successes: float, n: float) -> Estimate:
    """Return the share ``successes / n`` in percent, with Wilson's score interval.

    Hidden where ``n`` is under 5. Raises ValueError unless 0 <= successes <= n.
    Source: Wilson 1927; Brown, Cai and DasGupta 2001. Coverage averaged over shares from 2% to
    98% is 94.9-95.5% at every n from 10 to 2,000 (exact; see docs/concepts/uncertainty.md).
    """
    if n < MIN_SHOWN:
        _check(np.asarray(successes), np.asarray(n))
        return Estimate.hidden(int(n), METHOD)
    low, high = proportion_limits(successes, n)
    return Estimate(100 * successes / n, float(low), float(high), int(n), METHOD)


def proportion_limits(successes: ArrayLike, n: ArrayLike) -> tuple[Floats, Floats]:
    """Return Wilson's limits in percent for arrays of counts. ``n`` is at least 1 everywhere.

    low, high = (p + z^2/2n -+ z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n), with p = successes / n.
    """
    k, size = _counts(successes, n)
    share = k / size
    spread = Z * Z / size
    centre = share + spread / 2
    half = np.sqrt(share * (1 - share) * spread + spread * spread / 4)
    # At 0 and at n the formula is exact on paper but misses the end by a rounding error.
    low = np.where(k == 0, 0.0, (centre - half) / (1 + spread))
    high = np.where(k == size, 1.0, (centre + half) / (1 + spread))
    return 100 * low, 100 * high


def exact_p_values(k1: ArrayLike, n1: ArrayLike, k2: ArrayLike, n2: ArrayLike) -> Floats:
    """Return two-sided mid-p values of Fisher's exact test for arrays of two-by-two tables.

    Given the margins, k1 is hypergeometric where the shares are the same. The one-sided mid-p is
    the probability of what lies farther out than k1, on its side, and half that of k1 itself; it
    is doubled. The tail is summed term by term, so that it is right far out too, where thousands
    of tests are corrected and a normal approximation is not. Source: Fisher 1935; Lancaster 1961;
    Hirji 2006, chapter 7. Work grows with the standard deviation of k1, not with n.
    """
    a, n_a, c, n_c = np.broadcast_arrays(*_counts(k1, n1), *_counts(k2, n2))
    shape = a.shape
    a, n_a, c, n_c = (each.ravel() for each in (a, n_a, c, n_c))
    # Turn the table so that the tail to sum is always the upper one of the first group.
    turned = a * n_c < c * n_a
    a = np.where(turned, n_a - a, a)
    c = np.where(turned, n_c - c, c)
    point = np.exp(_log_probability(a, n_a, c, n_c))
    tail = point * (_tail_ratio(a, n_a, c, n_c) + 0.5)
    return np.minimum(2 * tail, 1.0).reshape(shape)


def _log_probability(a: Floats, n_a: Floats, c: Floats, n_c: Floats) -> Floats:
    total, both = a + c, n_a + n_c
    return np.asarray(
        _log_choose(n_a, a) + _log_choose(n_c, c) - _log_choose(both, total), dtype=np.float64
    )


def _log_choose(n: Floats, k: Floats) -> Floats:
    from scipy.special import gammaln

    return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1), dtype=np.float64)


def _tail_ratio(a: Floats, n_a: Floats, c: Floats, n_c: Floats) -> Floats:
    """Return P(first count > a) / P(first count = a), given the margins."""
    ratio = np.zeros_like(a)
    term = np.ones_like(a)
    active = np.flatnonzero((a < n_a) & (c > 0))
    a, n_a, c, n_c, term = (each[active] for each in (a, n_a, c, n_c, term))
    while active.size:
        term = term * (n_a - a) / (a + 1) * c / (n_c - c + 1)
        a, c = a + 1, c - 1
        ratio[active] += term
        going = (term > 1e-16 * ratio[active]) & (a < n_a) & (c > 0)
        if not going.all():
            active = active[going]
            a, n_a, c, n_c, term = (each[going] for each in (a, n_a, c, n_c, term))
    return ratio


def _counts(successes: ArrayLike, n: ArrayLike) -> tuple[Floats, Floats]:
    k = np.asarray(successes, dtype=np.float64)
    size = np.asarray(n, dtype=np.float64)
    _check(k, size)
    return k, size


def _check(k: NDArray[np.floating | np.integer], n: NDArray[np.floating | np.integer]) -> None:
    if not (np.all(k >= 0) and np.all(k <= n)):
        raise ValueError("a share needs 0 <= successes <= n")
