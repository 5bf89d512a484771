"""What customers say and whether promises are kept: scores, their groups and their changes."""

from percorso.metrics import phases, promises
from percorso.metrics.definitions import METRICS, Metric
from percorso.metrics.dimensions import DimensionError
from percorso.metrics.getting_ready import get_ready
from percorso.metrics.surveys import Change, GroupScore, by, change, scores, scores_and_change

__all__ = [
    "METRICS",
    "Change",
    "DimensionError",
    "GroupScore",
    "Metric",
    "by",
    "change",
    "get_ready",
    "phases",
    "promises",
    "scores",
    "scores_and_change",
]
