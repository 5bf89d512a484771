"""Models in which a text is the sum of the weights of its words and pairs of words.

One of them is the fast path, taught by the accurate one (``training/distil.py``); another, taught
by people's labels, is a part of the accurate path. A word's weights are those of the
word and of the letters inside it, so that a word never seen is read by its stem and ending; they
are added up once and kept. A word that follows a negation weighs as another word too.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from itertools import chain
from typing import Any, Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from percorso.text.embedding.pieces import Tokenizer
from percorso.text.embedding.weights import load, unpack
from percorso.text.outputs import Floats

FILE: Final = "student.npz"
#: Rows of the table of words and letters, and of that of pairs and negated words.
WORD_ROWS: Final = 1 << 16
PAIR_ROWS: Final = 1 << 16
#: A negation reaches this many words.
_REACH: Final = 3
#: Words of a text that are read.
_MOST_WORDS: Final = 2_000
_REMEMBERED: Final = 200_000

_TOKENS: Final = re.compile(r"[^\W\d_]+|\d+|[!?.]+|[^\w\s.!?,;]")
_REPEATED: Final = re.compile(r"(.)\1{2,}")
_NEGATIONS: Final = frozenset(
    {"non", "né", "mai", "nessun", "nessuno", "nessuna", "niente", "nulla", "senza", "nn"}
    | {"no", "not", "never", "nothing", "nobody", "without", "cannot", "neither", "nor", "t", "n"}
)
_MIX: Final = np.uint32(0x9E3779B1)


def token_rows(token: str) -> list[int]:
    """Return the rows of a word and of the 3 to 5 letters inside it."""
    plain = _REPEATED.sub(r"\1\1", token)[:24]
    edged = f"<{plain}>"
    letters = [
        edged[start : start + length]
        for length in (3, 4, 5)
        for start in range(len(edged) - length + 1)
        if length < len(edged)
    ]
    return [
        crc32(piece.encode("utf-8", "replace")) % WORD_ROWS for piece in (f"={plain}", *letters)
    ]


@dataclass(frozen=True, slots=True)
class Words:
    """The words of texts, one after another, as numbers; and how many each text has."""

    numbers: NDArray[np.int64]
    lengths: NDArray[np.int64]
    pairs: NDArray[np.uint32]  # row of the pair that each word begins
    negated: NDArray[np.uint32]  # row of each word as negated
    paired: NDArray[np.bool_]  # whether the next word is of the same text
    is_negated: NDArray[np.bool_]


@dataclass(slots=True)
class Vocabulary:
    """Numbers for words, given as they are met."""

    known: dict[str, int] = field(default_factory=dict)
    hashes: list[int] = field(default_factory=list)
    negations: list[bool] = field(default_factory=list)

    def words(self, texts: Sequence[str]) -> Words:
        tokens = [_TOKENS.findall(text.lower())[:_MOST_WORDS] for text in texts]
        lengths = np.fromiter(map(len, tokens), np.int64, len(tokens))
        every = list(chain.from_iterable(tokens))
        known = self.known
        for token in set(every).difference(known):
            known[token] = len(known)
            self.hashes.append(crc32(token.encode("utf-8", "replace")))
            self.negations.append(token in _NEGATIONS)
        numbers = np.fromiter(map(known.__getitem__, every), np.int64, len(every))
        return self._beside(numbers, lengths)

    def _beside(self, numbers: NDArray[np.int64], lengths: NDArray[np.int64]) -> Words:
        hashes = np.array(self.hashes, np.uint32)[numbers]
        owner = np.repeat(np.arange(len(lengths)), lengths)
        following = np.zeros_like(hashes)
        paired = np.zeros(len(numbers), np.bool_)
        if len(numbers):
            following[:-1] = hashes[1:]
            paired[:-1] = owner[1:] == owner[:-1]
        pairs = ((hashes * _MIX) ^ (following * np.uint32(31))) % np.uint32(PAIR_ROWS)
        negated = ((hashes ^ np.uint32(0xA5A5A5A5)) * _MIX) % np.uint32(PAIR_ROWS)
        negation = np.array(self.negations, np.bool_)[numbers]
        reached = np.zeros(len(numbers), np.bool_)
        for step in range(1, _REACH + 1):
            reached[step:] |= negation[:-step] & (owner[step:] == owner[:-step])
        return Words(numbers, lengths, pairs, negated, paired, reached)


@dataclass(slots=True)
class WordWeights:
    """``words`` is (WORD_ROWS, COLUMNS), ``pairs`` (PAIR_ROWS, COLUMNS).

    ``meanings``, (384, COLUMNS), weighs what e5 knows of a word by itself: a word that no example
    had is read like those it is near to.
    """

    words: Floats
    pairs: Floats
    intercept: Floats
    meanings: Floats | None = None
    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    rows: list[Floats] = field(default_factory=list)

    def read(self, texts: Sequence[str]) -> Floats:
        """Return log-odds, shape (texts, COLUMNS)."""
        if len(self.rows) > _REMEMBERED:
            self.vocabulary, self.rows = Vocabulary(), []
        said = self.vocabulary.words(texts)
        new = list(self.vocabulary.known)[len(self.rows) :]
        self.rows.extend(self._weights_of(new))
        logits = np.tile(self.intercept, (len(texts), 1))
        spoken = said.lengths > 0
        if not spoken.any():
            return logits
        sums = np.stack(self.rows)[said.numbers]
        sums[said.paired] += self.pairs[said.pairs[said.paired]]
        sums[said.is_negated] += self.pairs[said.negated[said.is_negated]]
        starts = (np.cumsum(said.lengths) - said.lengths)[spoken]
        lengths = said.lengths[spoken, None].astype(np.float32)
        logits[spoken] += np.add.reduceat(sums, starts, axis=0) / np.sqrt(lengths)
        return logits

    def _weights_of(self, tokens: Sequence[str]) -> list[Floats]:
        """Return what each word weighs, by its letters and by its meaning."""
        found = []
        for token in tokens:
            places = token_rows(token)
            counts = np.full(len(places), 1 / np.sqrt(max(len(places) - 1, 1)), np.float32)
            counts[0] = 1
            found.append(counts @ self.words[places])
        if self.meanings is not None and tokens:
            known = meanings(tokens) @ self.meanings
            found = [letters + meaning for letters, meaning in zip(found, known, strict=True)]
        return found


def meanings(tokens: Sequence[str]) -> Floats:
    """Return what e5 knows of words before it reads them in their text, shape (tokens, 384).

    The sum of the embeddings of a word's pieces, each of length 1.
    """
    tokenizer, packed_pieces = _pieces()
    ids = tokenizer.pieces(tokens)
    lengths = np.fromiter(map(len, ids), np.int64, len(ids))
    summed = np.zeros((len(tokens), 384), np.float32)
    if not lengths.any():
        return summed
    distinct, places = np.unique(np.concatenate(ids).astype(np.int64), return_inverse=True)
    embedded = unpack(packed_pieces[distinct])
    embedded /= np.maximum(np.linalg.norm(embedded, axis=1, keepdims=True), 1e-6)
    starts = (np.cumsum(lengths) - lengths)[lengths > 0]
    summed[lengths > 0] = np.add.reduceat(embedded[places], starts, axis=0)
    return summed


@cache
def _pieces() -> tuple[Tokenizer, NDArray[np.uint8]]:
    weights = load()
    return Tokenizer(weights.pieces), weights.words


def unpacked(kept: Mapping[str, NDArray[Any]]) -> WordWeights:
    """Return what :func:`packed` made."""
    scales = kept["scales"].astype(np.float32)
    words, pairs = (kept[name].astype(np.float32) * scales for name in ("words", "pairs"))
    meant = kept["meanings"].astype(np.float32) if "meanings" in kept else None
    return WordWeights(words, pairs, kept["intercept"].astype(np.float32), meant)


def packed(weights: NDArray[Any], intercept: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """Return arrays for a file: weights of (WORD_ROWS + PAIR_ROWS, COLUMNS) in 8-bit integers."""
    scales = np.maximum(np.abs(weights).max(axis=0), 1e-9) / 127
    whole = np.round(weights / scales).astype(np.int8)
    return {
        "words": whole[:WORD_ROWS],
        "pairs": whole[WORD_ROWS:],
        "scales": scales.astype(np.float32),
        "intercept": intercept.astype(np.float32),
    }


@cache
def student() -> WordWeights:
    """Return the shipped fast path, read from its file the first time."""
    with np.load(str(files("percorso.text.model") / FILE)) as kept:
        return unpacked(kept)
