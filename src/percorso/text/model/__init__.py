"""The numbers that read texts, and what they are: see MODEL_CARD.md."""

import hashlib
import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """``version`` changes whenever a number of the model or what gives the vectors does."""

    version: str
    embedder: str
    created: str


def fingerprint(embedder: str) -> str:
    """Return the version that the present numbers should have, with vectors by ``embedder``.

    It changes whenever a number does that texts are read with.
    """
    import numpy as np

    text = Path(__file__).parents[1]
    digest = hashlib.sha256(embedder.encode())
    for path in (*sorted((text / "model").glob("*.npz")), text / "embedding" / "activations.npz"):
        with np.load(path) as kept:
            for name in sorted(kept.files):
                digest.update(name.encode() + kept[name].tobytes())
    return f"voice-{digest.hexdigest()[:10]}"


def _info() -> ModelInfo:
    about = json.loads((files(__name__) / "about.json").read_text("utf-8"))
    return ModelInfo(about["version"], about["embedder"], about["created"])


MODEL: Final = _info()
