"""Several answers of one customer: what they are worth, and which groups may be shown."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from percorso.estimation.quantiles import MIN_SHOWN

Floats = NDArray[np.float64]


def design_effect(
    n: Floats,
    customers: Floats,
    total: Floats,
    squares: Floats,
    sum_mm: Floats,
    sum_my: Floats,
    sum_yy: Floats,
) -> Floats:
    """Return how many answers are worth one independent answer, at least 1, for each group.

    ``n`` answers of ``customers`` customers; ``total`` and ``squares`` of what they are worth.
    With m answers of a customer that are worth y together, ``sum_mm``, ``sum_my`` and ``sum_yy``
    are the sums over customers of m*m, m*y and y*y.

    Several answers of one customer resemble each other. The variance of the mean with customers
    drawn, not answers (the ratio estimator of cluster sampling: Cochran 1977, 6.4), over the
    variance as if each answer came from another customer. Where all answers are the same nothing
    can be seen of it: there each customer counts about once (Kish 1965).
    """
    mean = total / n
    variance = np.maximum(squares - n * mean**2, 0) / np.maximum(n - 1, 1)
    drawn = np.maximum(customers, 2)
    between = np.maximum(sum_yy - 2 * mean * sum_my + mean**2 * sum_mm, 0)
    clustered = drawn / (drawn - 1) * between / n**2
    simple = variance / n
    worst = sum_mm / n
    seen = (simple > 0) & (customers > 1)
    ratio = np.where(seen, clustered / np.where(seen, simple, 1.0), worst)
    return np.where(customers < n, np.clip(ratio, 1.0, np.maximum(n / 2, 1.0)), 1.0)


def may_be_shown(customers: ArrayLike) -> NDArray[np.bool_]:
    """Return which groups of one list, of so many customers each, may be shown.

    Groups of fewer than 5 customers may not. Where those together are fewer than 5 customers, the
    total less the groups shown would give them away: then the next smallest is hidden with them,
    until they are 5.
    """
    size = np.asarray(customers)
    shown = np.asarray(size >= MIN_SHOWN)
    for smallest in np.argsort(size, kind="stable"):
        hidden = size[~shown].sum()
        if hidden == 0 or hidden >= MIN_SHOWN:
            break
        shown[smallest] = False
    return shown
