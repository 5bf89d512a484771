"""Train what reads texts, and write its files to ``src/percorso/text/model``.

Usage: python training/train.py

Everything is seeded; run again on the same data and machine it writes the same files. Vectors are
kept in ``training/.cache``: the first run takes minutes, the next ones about one.
"""

import hashlib
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from distil import distil, table
from fitting import Fitted, Rows, Strengths, fit_choice, fit_yes_no, folds
from percorso.text.embedding import local
from percorso.text.heads import features_of
from percorso.text.outputs import (
    COLUMNS,
    EMOTION_COLUMNS,
    FACTOR_COLUMNS,
    NEED_COLUMN,
    POLARITY_COLUMN,
    SENTIMENT_COLUMNS,
    URGENCY_COLUMNS,
)
from percorso.text.student import packed
from percorso.vocabulary import EMOTIONS, FACTORS, SENTIMENTS
from sources import SHARED, Example, french, intents, nhs, own, skytrax, texts, training_files, uci
from vectors import Vectors

MODEL = Path(__file__).parents[1] / "src" / "percorso" / "text" / "model"

#: How much one text of a source counts for sentiment, chosen on our own folds and on tweets.
WEIGHTS = {"train_posts": 2.0, "uci": 0.5, "nhs": 0.2, "skytrax": 0.2}
STRENGTHS = {
    "sentiment": Strengths(3e-4, 3.0, heed=0.3),
    "sets": Strengths(1e-3, 3.0),
}
#: How large the cues are beside the numbers of a vector.
CUES = 0.3


def main() -> None:
    if not SHARED.is_dir():
        sys.exit(f"the public sets are not in {SHARED}")
    vectors = Vectors()
    examples = own(*training_files())
    others = [*uci(), *nhs(held_out=False)]
    print(f"{len(examples)} of our own, {len(others)} from others", file=sys.stderr)
    heads, figures = train_heads(examples, others, vectors)
    MODEL.mkdir(exist_ok=True)
    np.savez_compressed(MODEL / "heads.npz", **heads)
    print(json.dumps(figures), file=sys.stderr, flush=True)
    student = distil(heads, examples, unlabelled(others), vectors)
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


def unlabelled(others: Sequence[Example]) -> list[Example]:
    """Return more texts to teach the fast path with: reviews, questions and French too."""
    reviews = list(skytrax())
    return [*others, *list(intents())[::8], *reviews, *french()]


def train_heads(
    examples: Sequence[Example], others: Sequence[Example], vectors: Vectors
) -> tuple[dict[str, NDArray], dict[str, float]]:
    """Return the arrays of the heads' file and figures on folds of our own examples."""
    parts = clauses_of(examples)
    every = [*parts, *others]
    features = _features(every, vectors)
    mean, scale = _frame(features)
    words = table(texts(every))
    seen = Rows((features - mean) / scale, words, folds(every), 0)
    dense = np.zeros((features.shape[1] + 1, COLUMNS))
    wordy = np.zeros((words.shape[1], COLUMNS))
    figures: dict[str, float] = {}

    def keep(column: int | slice, fitted: Fitted) -> None:
        dense[:-1, column], dense[-1, column] = fitted.vectors, fitted.intercept
        wordy[:, column] = fitted.words
        figures.update(fitted.figures)

    count, parted = len(examples), len(parts)
    whole = np.concatenate([np.arange(count), np.arange(parted, len(every))])
    said = [SENTIMENTS.index(every[row].sentiment or "neutral") for row in whole]
    counts = np.array([_weight(every[row]) for row in whole])
    rows = replace(seen.only(whole), ours=count)
    keep(SENTIMENT_COLUMNS, fit_choice("sentiment", rows, said, counts, STRENGTHS["sentiment"]))

    strengths = STRENGTHS["sets"]
    ours = seen.only(np.arange(count))
    keep(EMOTION_COLUMNS, fit_yes_no(list(EMOTIONS), ours, _marks(examples, _emotions), strengths))
    others_said = _marks(examples, _urgency_and_need)
    names = ["urgency 1", "urgency 2", "need"]
    keep(
        slice(URGENCY_COLUMNS.start, NEED_COLUMN + 1),
        fit_yes_no(names, ours, others_said, strengths),
    )
    cut = seen.only(np.arange(parted))
    keep(FACTOR_COLUMNS, fit_yes_no(list(FACTORS), cut, _marks(parts, _factors), strengths))
    keep(slice(POLARITY_COLUMN, POLARITY_COLUMN + 1), _fit_praise(seen, parts, others))
    arrays = {"mean": mean, "scale": scale, "weights": dense[:-1], "dense": dense[-1]}
    kept = {name: array.astype(np.float16) for name, array in arrays.items()}
    packs = packed(wordy, np.zeros(COLUMNS))
    return kept | {f"words_{name}": array for name, array in packs.items()}, figures


def _fit_praise(seen: Rows, parts: Sequence[Example], others: Sequence[Example]) -> Fitted:
    """Fit whether what has factors is praised, on our own and on others' clear sentences."""
    clear = [row for row, each in enumerate(parts) if len(set((each.factors or {}).values())) == 1]
    polar = [row for row, each in enumerate(others) if each.sentiment != "neutral"]
    praised = _marks([parts[row] for row in clear], _praise)
    positive = np.array([[others[row].sentiment == "positive"] for row in polar])
    rows = seen.only(np.array([*clear, *(len(parts) + row for row in polar)]))
    rows = replace(rows, ours=len(clear))
    return fit_yes_no(["praise"], rows, np.concatenate([praised, positive]), STRENGTHS["sets"])


def _marks(examples: Sequence[Example], marks: Callable[[Example], list[bool]]) -> NDArray:
    return np.array([marks(each) for each in examples])


def _emotions(each: Example) -> list[bool]:
    return [emotion in (each.emotions or ()) for emotion in EMOTIONS]


def _urgency_and_need(each: Example) -> list[bool]:
    return [(each.urgency or 0) >= 1, (each.urgency or 0) >= 2, bool(each.need)]


def _factors(each: Example) -> list[bool]:
    return [factor in (each.factors or {}) for factor in FACTORS]


def _praise(each: Example) -> list[bool]:
    return ["positive" in (each.factors or {}).values()]


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
