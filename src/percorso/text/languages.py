"""Which language a text is written in, told from its words and the letters inside them.

A linear model: each word adds its weights for each language, so that a word is weighed once and
a text is a sum. Trained by ``training/train_languages.py``; figures in
``docs/reference/text-quality.md``.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from percorso.labels import UNKNOWN_LANGUAGE

MODEL_FILE: Final = Path(__file__).parent / "model" / "languages.npz"

Floats = NDArray[np.float32]

#: How much of a text is looked at: a language shows in its first lines.
_LOOKED_AT: Final = 1000
_LONGEST_WORD: Final = 24
#: An elision keeps its apostrophe: ``l'app`` is ``l'`` and ``app``, ``don't`` ``don'`` and ``t``.
#: Letters that are not Latin ones.
_OTHER_LETTERS: Final = re.compile(r"[^\x00-\u024f\u1e00-\u1eff’]")
_WORDS: Final = re.compile(r"[^\W\d_]+['’]?")
#: Addresses, handles and mark-up say nothing about the language around them.
_NOT_WORDS: Final = re.compile(r"<[^<>]{0,200}>|&[a-z]{2,8};|(?:https?://|www\.)\S+|\S*@\S*")
_MARKED: Final = re.compile(r"[<&@]|://|www\.")
_REPEATED: Final = re.compile(r"(.)\1{2,}")
#: So many words are remembered with their weights; then it begins anew.
_REMEMBERED: Final = 200_000


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
    model = _model()
    words = [_in_known_letters(words_of(text)) for text in texts]
    lengths = np.fromiter(map(len, words), dtype=np.int64, count=len(words))
    scores = np.tile(model.intercept, (len(words), 1))
    if lengths.any():
        weights = model.weights_of(list(chain.from_iterable(words)))
        spoken = lengths > 0
        starts = (np.cumsum(lengths) - lengths)[spoken]
        scores[spoken] += np.add.reduceat(weights, starts, axis=0)
    return model.decided(scores, lengths)


def _in_known_letters(words: list[str]) -> list[str]:
    """Return the words; none where most letters are of another script, as of no known language."""
    letters = "".join(words)
    if letters.isascii() or 2 * len(_OTHER_LETTERS.findall(letters)) <= len(letters):
        return words
    return []


def words_of(text: str) -> list[str]:
    """Return the words of the beginning of a text, in small letters, without addresses and tags."""
    beginning = text[:_LOOKED_AT]
    if _MARKED.search(beginning):
        beginning = _NOT_WORDS.sub(" ", beginning)
    return _WORDS.findall(beginning.lower())


def features(word: str, size: int) -> list[int]:
    """Return the places in a table of ``size`` of the word and of the 1 to 4 letters inside it."""
    plain = _REPEATED.sub(r"\1", word.replace("’", "'"))[:_LONGEST_WORD]
    edged = f"<{plain}>"
    pieces = [
        edged[start : start + length]
        for length in (1, 2, 3, 4)
        for start in range(len(edged) - length + 1)
    ]
    return [crc32(piece.encode()) % size for piece in (f"={plain}", *pieces[1:])]


@dataclass(frozen=True, slots=True)
class _Model:
    codes: tuple[str, ...]
    table: Floats  # (places, languages)
    intercept: Floats
    least_certain: float
    rows: dict[str, Floats]

    def weights_of(self, words: Sequence[str]) -> Floats:
        """Return the weights of each word, shape (words, languages)."""
        numbers: dict[str, int] = {}
        places = [numbers.setdefault(word, len(numbers)) for word in words]
        if len(self.rows) > _REMEMBERED:
            self.rows.clear()
        return np.stack([self._row(word) for word in numbers])[places]

    def _row(self, word: str) -> Floats:
        row = self.rows.get(word)
        if row is None:
            row = self.rows[word] = self.table[features(word, len(self.table))].sum(axis=0)
        return row

    def decided(self, scores: Floats, lengths: NDArray[np.int64]) -> Languages:
        """Turn sums of weights into codes and probabilities."""
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        probabilities = odds / odds.sum(axis=1, keepdims=True)
        best = probabilities.argmax(axis=1)
        certainty = probabilities[np.arange(len(best)), best]
        unknown = self.codes.index(UNKNOWN_LANGUAGE)
        unsure = certainty < self.least_certain
        best[unsure] = unknown
        certainty[unsure] = 1 - certainty[unsure]
        best[lengths == 0] = unknown
        certainty[lengths == 0] = 1.0
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
            {},
        )
    ]


def _model() -> _Model:
    if not _loaded:
        with np.load(MODEL_FILE) as arrays:
            use(arrays)
    return _loaded[0]
