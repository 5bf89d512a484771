"""Teach the fast path what the accurate path says of many texts."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from percorso.text.embedding.adapters import adapters
from percorso.text.heads import assembled
from percorso.text.outputs import SENTIMENT_COLUMNS
from percorso.text.student import (
    PAIR_ROWS,
    Vocabulary,
    Words,
    inside,
    meanings,
    packed,
)
from ridge import ridge
from sources import Example, texts
from vectors import Vectors

#: Strength of the penalty.
PENALTY = 5.0
#: The same for meanings, as a share of their mean spread.
MEANING_PENALTY = 0.03
#: Log-odds beyond these teach nothing more.
MOST = 4.0


def distil(
    heads: dict[str, NDArray],
    examples: Sequence[Example],
    others: Sequence[Example],
    vectors: Vectors,
    bent: Vectors,
) -> dict[str, NDArray]:
    """Return the arrays of the student's file."""
    said = [*texts(examples), *texts(others)]
    taught = teach(heads, said, vectors, bent)
    known = len(examples)
    counts = np.concatenate([np.full(known, 2.0), np.ones(len(said) - known)])
    vocabulary = Vocabulary()
    words = vocabulary.words(said)
    meant = counted(words, len(vocabulary.known)) @ meanings(list(vocabulary.known))
    centre, middle = (np.average(some, axis=0, weights=counts) for some in (taught, meant))
    centred, weighed = meant - middle, (meant - middle) * counts[:, None]
    penalty = MEANING_PENALTY * np.trace(centred.T @ weighed) / len(middle)
    kept = np.linalg.solve(
        centred.T @ weighed + penalty * np.eye(len(middle)), weighed.T @ (taught - centre)
    )
    weights, rest = ridge(table(said), taught - centre - centred @ kept, PENALTY, counts)
    arrays = packed(weights, centre + rest - middle @ kept)
    return arrays | {"meanings": kept.astype(np.float16)}


def teach(
    heads: dict[str, NDArray], said: Sequence[str], vectors: Vectors, bent: Vectors
) -> NDArray[np.float32]:
    """Return what the accurate path says, within bounds, shape (texts, COLUMNS)."""
    reader = assembled(heads)
    logits = reader.read(said, vectors.of(said))
    logits = reader.join(logits, adapters().read(bent.of(said)))
    logits[:, SENTIMENT_COLUMNS] -= logits[:, SENTIMENT_COLUMNS].mean(axis=1, keepdims=True)
    return np.clip(logits, -MOST, MOST)


def table(said: Sequence[str]) -> sparse.csr_matrix:
    """Return what the student sees: (texts, WORD_ROWS + PAIR_ROWS)."""
    vocabulary = Vocabulary()
    words = vocabulary.words(said)
    counts = counted(words, len(vocabulary.known))
    letters = inside(list(vocabulary.known))
    owner = np.repeat(np.arange(len(said)), words.lengths)
    shares = 1 / np.sqrt(words.lengths[owner])
    beside = [(words.pairs, words.paired), (words.negated, words.is_negated)]
    pairs = sum(
        sparse.csr_matrix(
            (shares[here], (owner[here], rows[here].astype(np.int64))),
            shape=(len(said), PAIR_ROWS),
        )
        for rows, here in beside
    )
    return sparse.hstack([counts @ letters, pairs], format="csr").astype(np.float32)


def counted(words: Words, distinct: int) -> sparse.csr_matrix:
    """Return how often each word is in each text, over the root of the text's length."""
    owner = np.repeat(np.arange(len(words.lengths)), words.lengths)
    shares = 1 / np.sqrt(words.lengths[owner])
    return sparse.csr_matrix((shares, (owner, words.numbers)), shape=(len(words.lengths), distinct))
