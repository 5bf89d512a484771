"""The accurate path: linear heads over e5 vectors and cues, one for each thing looked for.

A row of log-odds is ``((vector, cues) - mean) / scale @ weights + intercept``, and what the words
themselves weigh is added: a vector says what is meant, but not which word said it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from percorso.text.cues import cues
from percorso.text.outputs import Floats
from percorso.text.student import WordWeights, unpacked

FILE: Final = "heads.npz"


@dataclass(frozen=True, slots=True)
class Heads:
    """``mean`` and ``scale`` have one number a feature; ``weights`` is (features, COLUMNS)."""

    mean: Floats
    scale: Floats
    weights: Floats
    intercept: Floats
    words: WordWeights

    def read(self, texts: Sequence[str], vectors: Floats) -> Floats:
        """Return log-odds, shape (texts, COLUMNS), of texts with their vectors."""
        features: Floats = (features_of(texts, vectors) - self.mean) / self.scale
        logits: Floats = features @ self.weights + self.intercept
        logits += self.words.read(texts)
        return logits


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
    return Heads(mean, scale, weights, intercept, words)
