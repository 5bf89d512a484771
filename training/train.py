"""Train what reads texts, and write its files to ``src/percorso/text/model``.

Usage: python training/train.py [--corrections FILE]

FILE holds what people of a company corrected (``percorso corrections --export``): their texts are
learnt from like our own, each in the fields that somebody looked at.

Everything is seeded; run again on the same data and machine it writes the same files. Vectors are
kept in ``training/.cache``: the first run takes minutes, the next ones about one. The adapters are
taken as they are: where texts were added, run ``adapt.py`` first.
"""

import argparse
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
from percorso.text.embedding.adapters import adapters
from percorso.text.heads import assembled, features_of
from percorso.text.model import fingerprint
from percorso.text.outputs import (
    COLUMNS,
    EMOTION_COLUMNS,
    FACTOR_COLUMNS,
    NEED_COLUMN,
    POLARITY_COLUMN,
    POST_COLUMN,
    SENTIMENT_COLUMNS,
    URGENCY_COLUMNS,
)
from percorso.text.student import packed
from percorso.vocabulary import EMOTIONS, FACTORS, SENTIMENTS
from sources import (
    SHARED,
    Example,
    clauses_of,
    corrected,
    french,
    intents,
    is_post,
    nhs,
    own,
    skytrax,
    texts,
    to_learn,
    tweets,
    uci,
    weight_of,
)
from vectors import Vectors, adapted, plain

MODEL = Path(__file__).parents[1] / "src" / "percorso" / "text" / "model"

#: How much a text of a source counts for sentiment, chosen on our own folds and on tweets. What
#: was written for the adapted network counts less in the heads: they are to read posts too.
WEIGHTS = {
    "train_posts": 3.0,
    "train_open": 0.25,
    "train_reviews": 0.25,
    "train_feelings": 0.25,
    "uci": 0.5,
    "nhs": 0.2,
}
STRENGTHS = {
    "sentiment": Strengths(3e-4, 3.0, heed=0.3),
    "sets": Strengths(1e-3, 3.0),
}
#: What the adapted network may count, and be multiplied by; the parts that choose between them.
SHARES = (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
SCALES = (0.4, 0.5, 0.6, 0.7, 0.85, 1.0)
DEVELOPMENT = ("dev_open_it", "dev_reviews_it", "test_it", "test_en")
#: How large the cues are beside the numbers of a vector.
CUES = 0.3


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--corrections", type=Path)
    given = arguments.parse_args().corrections
    if not SHARED.is_dir():
        sys.exit(f"the public sets are not in {SHARED}")
    vectors, bent = plain(), adapted()
    examples = [*to_learn(), *(corrected(given) if given else [])]
    others = [*uci(), *nhs(held_out=False)]
    print(f"{len(examples)} of our own, {len(others)} from others", file=sys.stderr)
    heads, figures = train_heads(examples, others, vectors)
    heads |= join_adapted(heads, vectors, bent)
    MODEL.mkdir(exist_ok=True)
    np.savez_compressed(MODEL / "heads.npz", **heads)
    print(json.dumps(figures), file=sys.stderr, flush=True)
    student = distil(heads, examples, unlabelled(others), vectors, bent)
    np.savez_compressed(MODEL / "student.npz", **student)
    about = {
        "version": fingerprint(local().name),
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
    whole = [
        row
        for row, each in enumerate(every)
        if not count <= row < parted and each.sentiment is not None
    ]
    said = [SENTIMENTS.index(every[row].sentiment or "") for row in whole]
    counts = np.array([weight_of(every[row], WEIGHTS) for row in whole])
    rows = replace(seen.only(np.array(whole)), ours=sum(row < count for row in whole))
    keep(SENTIMENT_COLUMNS, fit_choice("sentiment", rows, said, counts, STRENGTHS["sentiment"]))

    strengths = STRENGTHS["sets"]
    felt = [row for row, each in enumerate(examples) if each.emotions is not None]
    marks = _marks([examples[row] for row in felt], _emotions)
    keep(EMOTION_COLUMNS, fit_yes_no(list(EMOTIONS), seen.only(np.array(felt)), marks, strengths))
    wished = [row for row, each in enumerate(examples) if each.need is not None]
    marks = _marks([examples[row] for row in wished], _urgency_and_need)
    names = ["urgency 1", "urgency 2", "need"]
    keep(
        slice(URGENCY_COLUMNS.start, NEED_COLUMN + 1),
        fit_yes_no(names, seen.only(np.array(wished)), marks, strengths),
    )
    blamed = [row for row, each in enumerate(parts) if each.factors is not None]
    marks = _marks([parts[row] for row in blamed], _factors)
    keep(FACTOR_COLUMNS, fit_yes_no(list(FACTORS), seen.only(np.array(blamed)), marks, strengths))
    keep(slice(POLARITY_COLUMN, POLARITY_COLUMN + 1), _fit_praise(seen, parts, others))
    told = seen.only(np.array(sorted(whole)))
    marks = _marks([every[row] for row in sorted(whole)], _posted)
    rows = replace(told, ours=sum(row < count for row in whole))
    keep(slice(POST_COLUMN, POST_COLUMN + 1), fit_yes_no(["post"], rows, marks, strengths))
    arrays = {"mean": mean, "scale": scale, "weights": dense[:-1], "dense": dense[-1]}
    kept = {name: array.astype(np.float16) for name, array in arrays.items()}
    packs = packed(wordy, np.zeros(COLUMNS))
    return kept | {f"words_{name}": array for name, array in packs.items()}, figures


def join_adapted(heads: dict[str, NDArray], vectors: Vectors, bent: Vectors) -> dict[str, NDArray]:
    """Choose how much the adapted network counts, and how sure it may be.

    On texts that taught neither: our development parts and the tweets, each as much as another.
    """
    parts = [own(name) for name in DEVELOPMENT] + [
        list(tweets(code, "val")) for code in ("it", "en")
    ]
    parts = [[each for each in part if each.sentiment] for part in parts]

    def loss(share: float, scale: float) -> float:
        joined = assembled(heads | _joining(share, scale))
        lost = []
        for part, (logits, theirs) in zip(parts, read, strict=True):
            said = joined.join(logits, theirs)[:, SENTIMENT_COLUMNS]
            right = [SENTIMENTS.index(each.sentiment or "") for each in part]
            lost.append(-said[np.arange(len(right)), right].mean())
        return float(np.mean(lost))

    alone = assembled(heads | _joining(0, 1))
    read = [
        (alone.read(texts(part), vectors.of(texts(part))), adapters().read(bent.of(texts(part))))
        for part in parts
    ]
    best = min((loss(share, scale), share, scale) for share in SHARES for scale in SCALES)
    print(f"adapted: share {best[1]}, scale {best[2]}, loss {best[0]:.4f}", file=sys.stderr)
    return _joining(*best[1:])


def _joining(share: float, scale: float) -> dict[str, NDArray]:
    return {"adapted_share": np.float32(share), "adapted_scale": np.float32(scale)}


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


def _posted(each: Example) -> list[bool]:
    return [is_post(each)]


def _praise(each: Example) -> list[bool]:
    return ["positive" in (each.factors or {}).values()]


def _features(examples: Sequence[Example], vectors: Vectors) -> NDArray[np.float32]:
    said = texts(examples)
    return features_of(said, vectors.of(said))


def _frame(features: NDArray[np.float32]) -> tuple[NDArray, NDArray]:
    """Return what is subtracted and divided by: one scale for all numbers of a vector."""
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-6
    spread[:384] = np.sqrt((spread[:384] ** 2).mean())
    spread[384:] /= CUES
    return mean.astype(np.float16).astype(float), spread.astype(np.float16).astype(float)


if __name__ == "__main__":
    main()
