"""What customers say and whether promises are kept: scores, their groups and their changes."""

from percorso.metrics import phases, promises
from percorso.metrics.definitions import METRICS, Metric
from percorso.metrics.dimensions import DimensionError
from percorso.metrics.surveys import Change, GroupScore, by, change, scores
from percorso.metrics.writing import write_queries

__all__ = [
    "METRICS",
    "Change",
    "DimensionError",
    "GroupScore",
    "Metric",
    "by",
    "change",
    "phases",
    "promises",
    "scores",
    "write_queries",
]
