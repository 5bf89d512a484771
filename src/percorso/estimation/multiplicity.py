"""Correction of p-values where many things are tested at once."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Method = Literal["benjamini-hochberg", "holm"]


def adjust(p_values: ArrayLike, method: Method = "benjamini-hochberg") -> NDArray[np.float64]:
    """Return adjusted p-values, in the order given: call those at or under 0.05 found.

    ``benjamini-hochberg`` (the default) keeps the expected share of false findings among the
    findings under 5%: right for lists that a person reads to see where to look. ``holm`` keeps
    the chance of even one false finding under 5%: right where a single one would do harm.
    Source: Benjamini and Hochberg 1995; Holm 1979. Raises ValueError for what is no probability.
    """
    p = np.asarray(p_values, dtype=np.float64)
    if p.ndim != 1 or not np.all((p >= 0) & (p <= 1)):
        raise ValueError("p-values are one row of numbers from 0 to 1")
    order = np.argsort(p, kind="stable")
    rank = np.arange(1, p.size + 1)
    adjusted = np.empty_like(p)
    if method == "benjamini-hochberg":
        scaled = p[order] * p.size / rank
        adjusted[order] = np.minimum.accumulate(scaled[::-1])[::-1]
    elif method == "holm":
        adjusted[order] = np.maximum.accumulate(p[order] * (p.size + 1 - rank))
    else:
        raise ValueError(f"unknown method {method!r}: benjamini-hochberg or holm")
    return np.minimum(adjusted, 1.0)
