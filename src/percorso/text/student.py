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
from itertools import chain, islice
from threading import Lock
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from percorso.text.chunks import Chunks, summed
from percorso.text.embedding.pieces import Tokenizer
from percorso.text.embedding.weights import load, unpack
from percorso.text.letters import runs
from percorso.text.outputs import Floats

if TYPE_CHECKING:
    from scipy import sparse

FILE: Final = "student.npz"
#: Rows of the table of words and letters, and of that of pairs and negated words.
WORD_ROWS: Final = 1 << 16
PAIR_ROWS: Final = 1 << 16
#: A negation reaches this many words.
_REACH: Final = 3
#: Words of a text that are read.
_MOST_WORDS: Final = 2_000

_TOKENS: Final = re.compile(r"[^\W\d_]+|\d+|[!?.]+|[^\w\s.!?,;]")
_REPEATED: Final = re.compile(r"(.)\1{2,}")
_NEGATIONS: Final = frozenset(
    {"non", "né", "mai", "nessun", "nessuno", "nessuna", "niente", "nulla", "senza", "nn"}
    | {"no", "not", "never", "nothing", "nobody", "without", "cannot", "neither", "nor", "t", "n"}
)
_MIX: Final = np.uint32(0x9E3779B1)


def inside(tokens: Sequence[str]) -> "sparse.csr_matrix[Any]":
    """Return the words and the 3 to 5 letters inside them, shape (tokens, WORD_ROWS).

    A word weighs 1; its letters together as much as the root of their number.
    """
    from scipy import sparse

    plain = [_REPEATED.sub(r"\1\1", token)[:24] for token in tokens]
    own = [crc32(f"={each}".encode("utf-8", "replace")) % WORD_ROWS for each in plain]
    rows, owner = runs(plain, (3, 4, 5), WORD_ROWS, whole=False)
    shares = 1 / np.sqrt(np.maximum(np.bincount(owner, minlength=len(tokens)), 1))
    values = np.concatenate([np.ones(len(own)), shares[owner]]).astype(np.float32)
    places = np.concatenate([np.arange(len(own)), owner]), np.concatenate([own, rows])
    return sparse.csr_matrix((values, places), shape=(len(tokens), WORD_ROWS))


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
    hashes: NDArray[np.uint32] = field(default_factory=lambda: np.zeros(0, np.uint32))
    negations: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))
    chunks: Chunks = field(default_factory=Chunks)
    # The words of each chunk, one chunk after another, and where those of each begin.
    inside: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    bounds: NDArray[np.int64] = field(default_factory=lambda: np.zeros(1, np.int64))

    def words(self, texts: Sequence[str]) -> Words:
        """Return the words of texts."""
        places, counts, new = self.chunks.of([text.lower() for text in texts])
        if new:
            self._learn([_TOKENS.findall(chunk) for chunk in new])
        sizes = np.diff(self.bounds)[places]
        ends = np.concatenate([[0], np.cumsum(sizes)])
        numbers = self.inside[
            np.repeat(self.bounds[places] - ends[:-1], sizes) + np.arange(ends[-1])
        ]
        edges = ends[np.concatenate([[0], np.cumsum(counts)])]
        lengths = np.diff(edges)
        if len(lengths) and lengths.max() > _MOST_WORDS:
            numbers = numbers[
                np.arange(len(numbers)) - np.repeat(edges[:-1], lengths) < _MOST_WORDS
            ]
            lengths = np.minimum(lengths, _MOST_WORDS)
        return self._beside(numbers, lengths)

    def _learn(self, chunks: list[list[str]]) -> None:
        """Take in the words of chunks that were never met."""
        every = list(chain.from_iterable(chunks))
        known = self.known
        new = list(set(every).difference(known))
        known.update(zip(new, range(len(known), len(known) + len(new)), strict=True))
        hashes = [crc32(token.encode("utf-8", "replace")) for token in new]
        self.hashes = np.concatenate([self.hashes, np.array(hashes, np.uint32)])
        negations = [token in _NEGATIONS for token in new]
        self.negations = np.concatenate([self.negations, np.array(negations, np.bool_)])
        numbers = np.fromiter(map(known.__getitem__, every), np.int64, len(every))
        self.inside = np.concatenate([self.inside, numbers])
        ends = self.bounds[-1] + np.cumsum([len(each) for each in chunks])
        self.bounds = np.concatenate([self.bounds, ends])

    def _beside(self, numbers: NDArray[np.int64], lengths: NDArray[np.int64]) -> Words:
        hashes = self.hashes[numbers]
        owner = np.repeat(np.arange(len(lengths)), lengths)
        following = np.zeros_like(hashes)
        paired = np.zeros(len(numbers), np.bool_)
        if len(numbers):
            following[:-1] = hashes[1:]
            paired[:-1] = owner[1:] == owner[:-1]
        pairs = ((hashes * _MIX) ^ (following * np.uint32(31))) % np.uint32(PAIR_ROWS)
        negated = ((hashes ^ np.uint32(0xA5A5A5A5)) * _MIX) % np.uint32(PAIR_ROWS)
        negation = self.negations[numbers]
        reached = np.zeros(len(numbers), np.bool_)
        for step in range(1, _REACH + 1):
            reached[step:] |= negation[:-step] & (owner[step:] == owner[:-step])
        return Words(numbers, lengths, pairs, negated, paired, reached)


@dataclass(slots=True)
class WordWeights:
    """``words`` is (WORD_ROWS, COLUMNS), ``pairs`` (PAIR_ROWS, COLUMNS).

    ``meanings``, (384, COLUMNS), weighs what e5 knows of a word by itself: a word that no example
    had is read like those it is near to. Threads may share it.
    """

    words: Floats
    pairs: Floats
    intercept: Floats
    meanings: Floats | None = None
    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    rows: Floats = field(init=False)  # what each word of the vocabulary weighs
    _learning: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.rows = self.words[:0]

    def read(self, texts: Sequence[str]) -> Floats:
        """Return log-odds, shape (texts, COLUMNS)."""
        with self._learning:
            said = self._words(texts)
            rows = self.rows
        sums = summed(said.numbers, said.lengths, rows)
        for places, here in ((said.pairs, said.paired), (said.negated, said.is_negated)):
            if here.any():
                ends = np.concatenate([[0], np.cumsum(here)])
                counts = np.diff(ends[np.concatenate([[0], np.cumsum(said.lengths)])])
                sums += summed(places[here], counts, self.pairs)
        sums /= np.sqrt(np.maximum(said.lengths, 1), dtype=np.float32)[:, None]
        sums += self.intercept
        return sums

    def _words(self, texts: Sequence[str]) -> Words:
        """Return the words of texts, each with its row."""
        if self.vocabulary.chunks.are_many:
            self.vocabulary, self.rows = Vocabulary(), self.words[:0]
        said = self.vocabulary.words(texts)
        new = list(islice(self.vocabulary.known, len(self.rows), None))
        if new:
            self.rows = np.concatenate([self.rows, self._weights_of(new)])
        return said

    def _weights_of(self, tokens: Sequence[str]) -> Floats:
        """Return what each word weighs, by its letters and by its meaning."""
        found: Floats = inside(tokens) @ self.words
        if self.meanings is not None:
            found += meanings(tokens) @ self.meanings
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
