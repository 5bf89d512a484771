"""Which language a text is written in, told from its words and the letters inside them.

A linear model: each word adds its weights for each language, so that a word is weighed once and
a text is a sum. Trained by ``training/train_languages.py``; figures in
``docs/reference/text-quality.md``.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from percorso.labels import UNKNOWN_LANGUAGE
from percorso.text.chunks import Chunks, summed
from percorso.text.letters import runs

if TYPE_CHECKING:
    from scipy import sparse

MODEL_FILE: Final = Path(__file__).parent / "model" / "languages.npz"

Floats = NDArray[np.float32]

#: How much of a text is looked at: a language shows in its first lines.
_LOOKED_AT: Final = 1000
_LONGEST_WORD: Final = 24
#: Letters that are not Latin ones.
_OTHER_LETTERS: Final = re.compile(r"[^\x00-\u024f\u1e00-\u1eff’]")
#: An elision keeps its apostrophe: ``l'app`` is ``l'`` and ``app``, ``don't`` ``don'`` and ``t``.
_WORDS: Final = re.compile(r"[^\W\d_]+['’]?")
#: Addresses, handles and mark-up say nothing about the language around them.
_NOT_WORDS: Final = re.compile(r"<[^<>]{0,200}>|&[a-z]{2,8};|(?:https?://|www\.)\S+|\S*@\S*")
_MARKED: Final = re.compile(r"[<&@]|://|www\.")
_REPEATED: Final = re.compile(r"(.)\1{2,}")


@dataclass(frozen=True, slots=True)
class Languages:
    """The language of each text.

    ``codes`` are ISO 639-1 codes, or ``und`` where the text is too short, has no words, or is in a
    language that is not known. ``certainty`` is the probability (0..1) of the code; of ``und``,
    that it is none of the known languages, and 1 where there are no words.
    """

    codes: list[str]
    certainty: Floats


def detect(texts: Iterable[str]) -> Languages:
    """Tell the language of each text: it, en, fr, pt, es, de, or ``und``.

    Only the first 1,000 characters of a text are looked at.
    """
    return _model().told([_beginning(text) for text in texts])


def _beginning(text: str) -> str:
    """Return the beginning of a text in small letters, without addresses and tags."""
    beginning = text[:_LOOKED_AT]
    if _MARKED.search(beginning):
        beginning = _NOT_WORDS.sub(" ", beginning)
    return beginning.lower()


def words_of(text: str) -> list[str]:
    """Return the words of the beginning of a text, in small letters, without addresses and tags."""
    return _WORDS.findall(_beginning(text))


def inside(words: Sequence[str], size: int) -> "sparse.csr_matrix[Any]":
    """Return the words and the 1 to 4 letters inside them, shape (words, ``size``)."""
    from scipy import sparse

    plain = [_REPEATED.sub(r"\1", each.replace("’", "'"))[:_LONGEST_WORD] for each in words]
    own = [crc32(f"={each}".encode()) % size for each in plain]
    rows, owner = runs(plain, (1, 2, 3, 4), size, whole=True)
    places = np.concatenate([np.arange(len(own)), owner]), np.concatenate([own, rows])
    return sparse.csr_matrix((np.ones(len(places[0]), np.float32), places), (len(words), size))


@dataclass(slots=True)
class _Model:
    """Threads may share it."""

    codes: tuple[str, ...]
    table: Floats  # (places, languages)
    intercept: Floats
    least_certain: float
    chunks: Chunks = field(default_factory=Chunks)
    # Of each chunk, what its words weigh together; then how many words and letters are in it, and
    # letters of other scripts.
    rows: Floats = field(init=False)
    _learning: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.rows = self._nothing()

    def _nothing(self) -> Floats:
        return np.zeros((0, len(self.codes) + 3), np.float32)

    def told(self, texts: Sequence[str]) -> Languages:
        """Tell the language of texts in small letters."""
        with self._learning:
            if self.chunks.are_many:
                self.chunks, self.rows = Chunks(), self._nothing()
            places, counts, new = self.chunks.of(texts)
            if new:
                self.rows = np.concatenate([self.rows, self._rows_of(new)])
            rows = self.rows
        sums = summed(places, counts, rows)
        scores, (words, letters, others) = sums[:, :-3], sums[:, -3:].T
        # Where most letters are of another script there are no words of a known language.
        spoken = (words > 0) & (2 * others <= letters)
        return self.decided(np.where(spoken[:, None], scores, 0) + self.intercept, spoken)

    def _rows_of(self, chunks: Sequence[str]) -> Floats:
        words = [_WORDS.findall(chunk) for chunk in chunks]
        counts = np.array([len(each) for each in words])
        every = list(chain.from_iterable(words))
        rows = np.zeros((len(chunks), len(self.codes) + 3), np.float32)
        if not every:
            return rows
        weights: Floats = inside(every, len(self.table)) @ self.table
        letters = [len(word) for word in every]
        others = [0 if word.isascii() else len(_OTHER_LETTERS.findall(word)) for word in every]
        told = np.column_stack([weights, np.ones(len(every)), letters, others])
        starts = (np.cumsum(counts) - counts)[counts > 0]
        rows[counts > 0] = np.add.reduceat(told, starts, axis=0)
        return rows

    def decided(self, scores: Floats, spoken: NDArray[np.bool_]) -> Languages:
        """Turn sums of weights into codes and probabilities."""
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        probabilities = odds / odds.sum(axis=1, keepdims=True)
        best = probabilities.argmax(axis=1)
        certainty = probabilities[np.arange(len(best)), best]
        unknown = self.codes.index(UNKNOWN_LANGUAGE)
        unsure = certainty < self.least_certain
        best[unsure] = unknown
        certainty[unsure] = 1 - certainty[unsure]
        best[~spoken] = unknown
        certainty[~spoken] = 1.0
        return Languages([self.codes[each] for each in best], certainty.astype(np.float32))


_loaded: list[_Model] = []


def use(arrays: Mapping[str, Any]) -> None:
    """Tell languages by these arrays (codes, table, intercept, least_certain) from now on."""
    _loaded[:] = [
        _Model(
            tuple(arrays["codes"].tolist()),
            arrays["table"].astype(np.float32),
            arrays["intercept"],
            float(arrays["least_certain"]),
        )
    ]


def _model() -> _Model:
    if not _loaded:
        with np.load(MODEL_FILE) as arrays:
            use(arrays)
    return _loaded[0]
