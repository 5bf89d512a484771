"""The accurate path: linear heads over e5 vectors and cues, one for each thing looked for.

A row of log-odds is ``((vector, cues) - mean) / scale @ weights + intercept``, and what the words
themselves weigh is added: a vector says what is meant, but not which word said it. The sentiment
of a whole text is the mean of what the heads find likely and of what the adapted network does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from percorso.text.cues import cues
from percorso.text.outputs import POST_COLUMN, SENTIMENT_COLUMNS, Floats, softmax
from percorso.text.student import WordWeights, unpacked

FILE: Final = "heads.npz"
#: So that nothing is impossible.
_LEAST: Final = np.float32(1e-6)


@dataclass(frozen=True, slots=True)
class Heads:
    """``mean`` and ``scale`` have one number a feature; ``weights`` is (features, COLUMNS)."""

    mean: Floats
    scale: Floats
    weights: Floats
    intercept: Floats
    words: WordWeights
    #: How much the adapted network counts for sentiment, from 0 to 1, and what its log-odds are
    #: multiplied by, so that its probabilities hold.
    adapted_share: float
    adapted_scale: float

    def read(self, texts: Sequence[str], vectors: Floats) -> Floats:
        """Return log-odds, shape (texts, COLUMNS), of texts with their vectors."""
        features: Floats = (features_of(texts, vectors) - self.mean) / self.scale
        logits: Floats = features @ self.weights + self.intercept
        logits += self.words.read(texts)
        return logits

    def join(self, logits: Floats, adapted: Floats) -> Floats:
        """Return ``logits`` with the sentiment of both; ``adapted`` are the adapted network's.

        It learnt from reviews and answers and reads posts worse: the likelier a text is a post,
        the less it counts.
        """
        from scipy.special import expit

        ours = softmax(logits[:, SENTIMENT_COLUMNS])
        theirs = softmax(adapted * self.adapted_scale)
        share = self.adapted_share * expit(-logits[:, POST_COLUMN, None])
        joined = logits.copy()
        joined[:, SENTIMENT_COLUMNS] = np.log((1 - share) * ours + share * theirs + _LEAST)
        return joined


def features_of(texts: Sequence[str], vectors: Floats) -> Floats:
    """Return what the heads see of texts: shape (texts, 384 + cues)."""
    features: Floats = np.concatenate([vectors, cues(texts)], axis=1, dtype=np.float32)
    return features


@cache
def heads() -> Heads:
    """Return the shipped heads, read from their file the first time."""
    with np.load(str(files("percorso.text.model") / FILE)) as kept:
        return assembled(kept)


def assembled(kept: Mapping[str, NDArray[Any]]) -> Heads:
    """Make heads of the arrays of their file; those of the words begin with ``words_``."""
    mean, scale, weights, intercept = (
        kept[name].astype(np.float32) for name in ("mean", "scale", "weights", "dense")
    )
    names = ("words", "pairs", "scales", "intercept")
    words = unpacked({name: kept[f"words_{name}"] for name in names})
    share, warmth = float(kept["adapted_share"]), float(kept["adapted_scale"])
    return Heads(mean, scale, weights, intercept, words, share, warmth)
