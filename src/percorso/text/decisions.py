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
from percorso.text.readings import FactorFound
from percorso.text.units import Units
from percorso.vocabulary import EMOTIONS, FACTORS

_EMOTIONS = tuple(EMOTIONS)
_NAMES = tuple(FACTORS)


@dataclass(frozen=True, slots=True)
class Decisions:
    """One row a text."""

    sentiment: Floats  # probabilities, (texts, 3)
    emotions: list[tuple[str, ...]]
    factors: list[tuple[FactorFound, ...]]
    urgency: NDArray[np.int8]
    need: NDArray[np.bool_]


def decide(units: Units, logits: Floats) -> Decisions:
    """Say what each text says. Whatever has log-odds above 0 is said."""
    count = units.wholes
    wholes = logits[:count]
    urgency = wholes[:, URGENCY_COLUMNS] > 0
    return Decisions(
        sentiment=softmax(wholes[:, SENTIMENT_COLUMNS]),
        emotions=_emotions(wholes[:, EMOTION_COLUMNS]),
        factors=_factors(units, logits[:, FACTOR_COLUMNS], logits[:, POLARITY_COLUMN]),
        urgency=np.where(urgency[:, 1], 2, urgency[:, 0]).astype(np.int8),
        need=wholes[:, NEED_COLUMN] > 0,
    )


def _emotions(logits: Floats) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = [()] * len(logits)
    for row in np.flatnonzero((logits > 0).any(axis=1)):
        found[row] = tuple(_EMOTIONS[column] for column in np.flatnonzero(logits[row] > 0))
    return found


def _factors(units: Units, factors: Floats, praise: Floats) -> list[tuple[FactorFound, ...]]:
    """Find each factor and polarity where a unit says it most.

    A clause's own word counts before that of the whole text. Blame and praise of one factor are
    both found only where two clauses say them.
    """
    best: dict[tuple[int, int, int], tuple[float, int]] = {}
    rows, columns = np.nonzero(factors > 0)
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        key = (int(units.owner[row]), column, int(praise[row] > 0))
        strength = float(factors[row, column]) + (0.0 if row < units.wholes else _CLAUSE_FIRST)
        if key not in best or strength > best[key][0]:
            best[key] = (strength, row)
    found: dict[int, list[FactorFound]] = {}
    for (text, column, praised), (_, row) in sorted(best.items()):
        if (
            row < units.wholes
            and best.get((text, column, 1 - praised), (0.0, 0))[0] > _CLAUSE_FIRST
        ):
            continue
        polarity = "positive" if praised else "negative"
        place = FactorFound(_NAMES[column], polarity, int(units.starts[row]), int(units.ends[row]))
        found.setdefault(text, []).append(place)
    return [tuple(found.get(text, ())) for text in range(units.wholes)]


#: More than any log-odds.
_CLAUSE_FIRST = 1_000.0
