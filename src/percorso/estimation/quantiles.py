"""The confidence all intervals share, and its quantiles."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

CONFIDENCE: Final = 0.95

#: Groups of fewer than this many are never shown.
MIN_SHOWN: Final = 5

#: Two-sided quantile of the normal distribution at 95%. Written out: SciPy takes a second to
#: import, which whoever only shows results need not wait for.
Z: Final = 1.959963984540054


def t_quantile(df: Any) -> NDArray[np.float64]:
    """Return the two-sided 95% quantile of Student's t for ``df`` degrees of freedom (> 0)."""
    from scipy.special import stdtrit

    return np.asarray(stdtrit(df, 0.5 + CONFIDENCE / 2), dtype=np.float64)


def t_p_value(t: Any, df: Any) -> NDArray[np.float64]:
    """Return the two-sided p-value of ``t`` with ``df`` degrees of freedom."""
    from scipy.special import stdtr

    return np.asarray(2 * stdtr(df, -np.abs(t)), dtype=np.float64)
