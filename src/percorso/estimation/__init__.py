"""Figures with their uncertainty: intervals, tested differences, correction for many tests.

Everything here works on counts and moments, so that a hundred answers and a hundred million cost
the same, and most of it on arrays, because a journey has thousands of transitions to test at once.
Only NumPy and ``scipy.special`` are needed (``scipy.stats`` alone takes two seconds to import).

All intervals are 95% intervals. Shares and net scores are in percent and percent points.
"""

from percorso.estimation.clusters import design_effect, may_be_shown
from percorso.estimation.differences import (
    Difference,
    Differences,
    difference_of_means,
    difference_of_net_scores,
    difference_of_proportions,
    differences_of_means,
    differences_of_net_scores,
    differences_of_proportions,
)
from percorso.estimation.means import MeanStats, mean, mean_limits, net_score, net_score_limits
from percorso.estimation.multiplicity import adjust
from percorso.estimation.proportions import proportion, proportion_limits
from percorso.estimation.quantiles import CONFIDENCE, MIN_SHOWN

__all__ = [
    "CONFIDENCE",
    "MIN_SHOWN",
    "Difference",
    "Differences",
    "MeanStats",
    "adjust",
    "design_effect",
    "difference_of_means",
    "difference_of_net_scores",
    "difference_of_proportions",
    "differences_of_means",
    "differences_of_net_scores",
    "differences_of_proportions",
    "may_be_shown",
    "mean",
    "mean_limits",
    "net_score",
    "net_score_limits",
    "proportion",
    "proportion_limits",
]
