"""Train what reads texts, and write its files to ``src/percorso/text/model``.

Usage: python training/train.py

Everything is seeded; run again on the same data and machine it writes the same files. Vectors are
kept in ``training/.cache``: the first run takes minutes, the next ones about one.
"""

import hashlib
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from distil import distil
from fitting import Rows, fit_choice, fit_yes_no, folds
from percorso.text.embedding import local
from percorso.text.heads import features_of
from percorso.text.outputs import (
    COLUMNS,
    EMOTION_COLUMNS,
    FACTOR_COLUMNS,
    FACTOR_POLARITIES,
    NEED_COLUMN,
    SENTIMENT_COLUMNS,
    URGENCY_COLUMNS,
)
from percorso.vocabulary import EMOTIONS, SENTIMENTS
from sources import Example, intents, nhs, own, texts, training_files, uci
from vectors import Vectors

MODEL = Path(__file__).parents[1] / "src" / "percorso" / "text" / "model"

#: How much one text of a source counts for sentiment, chosen on our own folds and on tweets.
WEIGHTS = {"train_posts": 2.0, "uci": 0.5, "nhs": 0.2, "skytrax": 0.2}
#: Inverse strength of the penalty.
STRENGTH = {"sentiment": 3e-4, "emotions": 1e-3, "factors": 1e-3, "urgency": 1e-3, "need": 1e-3}
#: How large the cues are beside the numbers of a vector.
CUES = 0.3


def main() -> None:
    vectors = Vectors()
    examples = own(*training_files())
    others = [*uci(), *nhs(held_out=False)]
    print(f"{len(examples)} of our own, {len(others)} from others", file=sys.stderr)
    heads, figures = train_heads(examples, others, vectors)
    MODEL.mkdir(exist_ok=True)
    np.savez_compressed(MODEL / "heads.npz", **heads)
    student = distil(heads, examples, others, vectors)
    np.savez_compressed(MODEL / "student.npz", **student)
    about = {
        "version": _version(heads, student),
        "embedder": local().name,
        "created": datetime.now(UTC).date().isoformat(),
        "examples": len(examples),
        "figures": figures,
    }
    (MODEL / "about.json").write_text(json.dumps(about, indent=1) + "\n", "utf-8")
    print(json.dumps(about, indent=1))


def intents_sample() -> list[Example]:
    return list(intents())[::8]


def train_heads(
    examples: Sequence[Example], others: Sequence[Example], vectors: Vectors
) -> tuple[dict[str, NDArray[np.float16]], dict[str, float]]:
    """Return the arrays of the heads' file and figures on folds of our own examples."""
    whole = _features([*examples, *others], vectors)
    mean, scale = _frame(whole)
    weights = np.zeros((whole.shape[1], COLUMNS))
    intercept = np.zeros(COLUMNS)
    figures: dict[str, float] = {}

    def keep(column: int | slice, fitted: tuple[NDArray, NDArray, dict[str, float]]) -> None:
        weights[:, column], intercept[column] = fitted[0], fitted[1]
        figures.update(fitted[2])

    rows = Rows((whole - mean) / scale, folds([*examples, *others]), len(examples))
    said = [SENTIMENTS.index(each.sentiment or "neutral") for each in [*examples, *others]]
    counts = np.array([_weight(each) for each in [*examples, *others]])
    keep(SENTIMENT_COLUMNS, fit_choice("sentiment", rows, said, counts, STRENGTH["sentiment"]))

    ours = Rows(rows.features[: len(examples)], rows.folds[: len(examples)], len(examples))
    for column, emotion in enumerate(EMOTIONS, EMOTION_COLUMNS.start):
        yes = [emotion in (each.emotions or ()) for each in examples]
        keep(column, fit_yes_no(emotion, ours, yes, STRENGTH["emotions"]))
    for level, column in enumerate(range(URGENCY_COLUMNS.start, URGENCY_COLUMNS.stop), 1):
        yes = [(each.urgency or 0) >= level for each in examples]
        keep(column, fit_yes_no(f"urgency {level}", ours, yes, STRENGTH["urgency"]))
    needs = [bool(each.need) for each in examples]
    keep(NEED_COLUMN, fit_yes_no("need", ours, needs, STRENGTH["need"]))

    parts = clauses_of(examples)
    cut = (_features(parts, vectors) - mean) / scale
    parted = Rows(cut, folds(parts), len(parts))
    for column, (factor, polarity) in enumerate(FACTOR_POLARITIES, FACTOR_COLUMNS.start):
        yes = [(each.factors or {}).get(factor) == polarity for each in parts]
        keep(column, fit_yes_no(f"{factor} {polarity}", parted, yes, STRENGTH["factors"]))
    arrays = {"mean": mean, "scale": scale, "weights": weights, "intercept": intercept}
    return {name: array.astype(np.float16) for name, array in arrays.items()}, figures


def clauses_of(examples: Sequence[Example]) -> list[Example]:
    """Return the texts and their labelled clauses, each with its own factors."""
    found = list(examples)
    for each in examples:
        for text, factors in each.clauses:
            found.append(Example(text, each.language, each.source, factors=factors))
    return found


def _features(examples: Sequence[Example], vectors: Vectors) -> NDArray[np.float32]:
    said = texts(examples)
    return features_of(said, vectors.of(said))


def _frame(features: NDArray[np.float32]) -> tuple[NDArray, NDArray]:
    """Return what is subtracted and divided by: one scale for all numbers of a vector."""
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-6
    spread[:384] = np.sqrt((spread[:384] ** 2).mean())
    spread[384:] /= CUES
    return mean.astype(np.float16).astype(float), spread.astype(np.float16).astype(float)


def _weight(example: Example) -> float:
    source = example.source if example.source in WEIGHTS else example.source.split("_")[0]
    return WEIGHTS.get(source, 1.0)


def _version(*parts: dict[str, NDArray]) -> str:
    """Return a name that changes whenever a number does."""
    digest = hashlib.sha256(local().name.encode())
    for part in parts:
        for name in sorted(part):
            digest.update(name.encode() + part[name].tobytes())
    return f"voice-{digest.hexdigest()[:10]}"


if __name__ == "__main__":
    main()
