"""What was learnt on top of e5 to read feelings: thin matrices and a head, in one file.

Beside a matrix of the upper layers stand two thin ones, whose product is added to it (Hu and
others 2021, *LoRA*). Learnt by ``training/adapt.py``.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np
from numpy.typing import NDArray

FILE: Final = "adapters.npz"
#: The first layer that is adapted. Those below serve both kinds of vectors.
FIRST: Final = 6
#: The matrices of a layer: query, key, value, what attention gives, and both of the inner map.
MATRICES: Final = ("q", "k", "v", "ao", "fi", "fo")
#: What the product of the thin matrices is multiplied by.
SCALE: Final = 2.0


@dataclass(frozen=True, slots=True)
class Adapters:
    """Thin matrices by ``l{layer}.{matrix}.in`` and ``.out``, and the head learnt with them."""

    thin: dict[str, NDArray[np.float16]]
    centre: NDArray[np.float32]
    spread: float
    weights: NDArray[np.float32]
    intercept: NDArray[np.float32]

    def added(self, name: str) -> NDArray[np.float32]:
        """Return what is added to the matrix ``l{layer}.{matrix}``: shape (outputs, inputs)."""
        into, back = (self.thin[f"{name}.{end}"].astype(np.float32) for end in ("in", "out"))
        return ((into @ back).T * SCALE).astype(np.float32)

    def read(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return log-odds of the three sentiments, shape (texts, 3), of adapted vectors."""
        features = (vectors - self.centre) / self.spread
        return (features @ self.weights + self.intercept).astype(np.float32)


@cache
def adapters() -> Adapters:
    """Return the shipped adapters, read from their file the first time."""
    with np.load(str(files("percorso.text.model") / FILE)) as kept:
        return Adapters(
            thin={name: kept[name] for name in kept.files if name.endswith((".in", ".out"))},
            centre=kept["centre"].astype(np.float32),
            spread=float(kept["spread"]),
            weights=kept["weights"].astype(np.float32),
            intercept=kept["intercept"].astype(np.float32),
        )
