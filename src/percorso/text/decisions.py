"""From log-odds of texts and their clauses to what is said of each text."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from percorso.text.outputs import (
    EMOTION_COLUMNS,
    FACTOR_COLUMNS,
    NEED_COLUMN,
    POLARITY_COLUMN,
    SENTIMENT_COLUMNS,
    URGENCY_COLUMNS,
    Floats,
    softmax,
)
from percorso.text.readings import Factors
from percorso.text.units import Units


@dataclass(frozen=True, slots=True)
class Decisions:
    """One row a text."""

    sentiment: Floats  # probabilities, (texts, 3)
    emotions: NDArray[np.bool_]  # (texts, EMOTIONS)
    factors: Factors
    urgency: NDArray[np.int8]
    need: NDArray[np.bool_]


def decide(units: Units, logits: Floats) -> Decisions:
    """Say what each text says. Whatever has log-odds above 0 is said."""
    count = units.wholes
    wholes = logits[:count]
    urgency = wholes[:, URGENCY_COLUMNS] > 0
    return Decisions(
        sentiment=softmax(wholes[:, SENTIMENT_COLUMNS]),
        emotions=wholes[:, EMOTION_COLUMNS] > 0,
        factors=_factors(units, logits[:, FACTOR_COLUMNS], logits[:, POLARITY_COLUMN]),
        urgency=np.where(urgency[:, 1], 2, urgency[:, 0]).astype(np.int8),
        need=wholes[:, NEED_COLUMN] > 0,
    )


def _factors(units: Units, logits: Floats, praise: Floats) -> Factors:
    """Find each factor and polarity where a unit says it most.

    A clause's own word counts before that of the whole text. Blame and praise of one factor are
    both found only where two clauses say them.
    """
    row, factor = np.nonzero(logits > 0)
    keys = (units.owner[row] * logits.shape[1] + factor) * 2 + (praise[row] > 0)
    is_clause = row >= units.wholes
    strength = logits[row, factor].astype(np.float64)
    order = np.lexsort((row, -strength, ~is_clause, keys))
    found, first = np.unique(keys[order], return_index=True)
    best = order[first]
    by_clause = is_clause[best]
    # The other polarity of a factor is the key beside.
    beside = np.searchsorted(found, found ^ 1)
    beside[beside == len(found)] = 0
    other_by_clause = (found[beside] == found ^ 1) & by_clause[beside]
    best = best[by_clause | ~other_by_clause]
    row, factor = row[best], factor[best]
    return Factors(
        text=units.owner[row],
        factor=factor.astype(np.int8),
        praised=praise[row] > 0,
        start=units.starts[row],
        end=units.ends[row],
    )
