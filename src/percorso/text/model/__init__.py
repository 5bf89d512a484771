"""The numbers that read texts, and what they are: see MODEL_CARD.md."""

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Final


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """``version`` changes whenever a number of the model or what gives the vectors does."""

    version: str
    embedder: str
    created: str


def _info() -> ModelInfo:
    about = json.loads((files(__name__) / "about.json").read_text("utf-8"))
    return ModelInfo(about["version"], about["embedder"], about["created"])


MODEL: Final = _info()
