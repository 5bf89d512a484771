"""Promises: what became of each, how many are kept, and what a broken one does to the score."""

from percorso.log.fates import fates
from percorso.metrics.promises.summary import (
    Ended,
    PromiseGroup,
    Promises,
    by,
    ended_of,
    summary,
    summary_of,
    worked_out,
)

__all__ = [
    "Ended",
    "PromiseGroup",
    "Promises",
    "by",
    "ended_of",
    "fates",
    "summary",
    "summary_of",
    "worked_out",
]
