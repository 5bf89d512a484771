"""Ridge regression of many targets at once on wide sparse tables."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

_MOST_STEPS = 60
_GOOD_ENOUGH = 1e-3


def ridge(
    table: sparse.csr_matrix, targets: NDArray, penalty: float, counts: NDArray | None = None
) -> tuple[NDArray, NDArray]:
    """Return weights (columns, targets) and intercepts by conjugate gradients.

    ``counts`` says how much each row counts. The intercept is not penalised: targets are centred
    and the table is taken as it is, which for a sparse table is nearly the same.
    """
    held = np.ones(table.shape[0]) if counts is None else counts
    centre = np.average(targets, axis=0, weights=held)
    roots = np.sqrt(held)
    rows = (sparse.diags(roots) @ table).tocsr().astype(np.float32)
    turned = rows.T.tocsr()
    rest: Any = turned @ ((targets - centre) * roots[:, None]).astype(np.float32)
    weights, step = np.zeros_like(rest), rest.copy()
    size = (rest**2).sum(axis=0)
    first = size.copy()
    for _ in range(_MOST_STEPS):
        if (size <= first * _GOOD_ENOUGH**2).all():
            break
        moved = turned @ (rows @ step) + penalty * step
        length = size / np.maximum((step * moved).sum(axis=0), 1e-20)
        weights += length * step
        rest -= length * moved
        smaller = (rest**2).sum(axis=0)
        step = rest + step * (smaller / np.maximum(size, 1e-20))
        size = smaller
    return weights, centre
