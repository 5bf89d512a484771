"""Correction for many tests of several families at once.

A family is a set of tests of one question (the regions of the late parcels; the scores of the
touchpoints). Families with at least one finding are chosen first, and what is tested within them
is corrected for having been chosen: so a family with many findings does not make it easier for
chance in another. Source: Benjamini and Bogomolov 2014.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from percorso.estimation import adjust
from percorso.metrics.definitions import SIGNIFICANT

Floats = npt.NDArray[np.float64]


def correct(families: Sequence[Sequence[float]]) -> tuple[list[Floats], float]:
    """Return the adjusted p-values of each family, and the level left to each.

    Adjusted p-values at or under 0.05 are findings: among the findings of a family that has any,
    at most 5% are expected to be chance, on average over those families; where nothing is so at
    all, any is found in at most 5% of cases. Within a family the correction is that of Benjamini
    and Hochberg; families are chosen by it too, each by its p-value of Simes.
    """
    within = [adjust(each) if len(each) else np.empty(0) for each in families]
    # The smallest adjusted p-value of a family is its p-value of Simes: that nothing in it is so.
    asked = [place for place, each in enumerate(within) if len(each)]
    if not asked:
        return within, SIGNIFICANT
    chosen = adjust([float(within[place].min()) for place in asked]) <= SIGNIFICANT
    # Where none is chosen nothing is found; the factor then only has to say so.
    factor = len(asked) / max(int(chosen.sum()), 1)
    return [np.minimum(each * factor, 1.0) for each in within], SIGNIFICANT / factor
