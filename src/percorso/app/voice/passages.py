"""A customer's words as they can be put on a page: short enough, with clauses marked.

The words are whatever somebody sent. Templates escape them; here goes what escaping leaves: signs
that turn the reading direction round, that nobody sees, or that are no signs at all.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from percorso.text.unseen import JOINERS, MARKS, UNSEEN

#: Characters of a text shown at once, and where somebody asks for the rest.
SHORT: Final = 420
LONG: Final = 6000
_UNSEEN: Final = re.compile(f"[{UNSEEN}]")
_BLANK: Final = re.compile(r"\s+")
_JOINERS: Final = re.compile(f"[{JOINERS}]{{2,}}")
#: Marks stacked on one letter reach into the lines above and below.
_STACKED: Final = re.compile(f"([{MARKS}]{{2}})[{MARKS}]+")


@dataclass(frozen=True, slots=True)
class Mark:
    """A clause of a text, ``text[start:end]``, and how it speaks: a sentiment."""

    start: int
    end: int
    tone: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words. ``tone`` is that of the clause it belongs to, empty outside of any."""

    words: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """A text, or a part of it; ``cut`` says that there is more of it than is shown."""

    pieces: tuple[Piece, ...]
    cut: bool

    def __str__(self) -> str:
        return "".join(each.words for each in self.pieces)


def passage(
    text: str, marks: Sequence[Mark] = (), *, most: int = SHORT, from_start: bool = False
) -> Passage:
    """Return ``most`` characters of ``text``: those around the first mark, or ``from_start``."""
    start, end = _window(text, () if from_start else marks, most)
    pieces = [Piece("… ")] if start > 0 else []
    pieces += _pieces(text, start, end, marks)
    pieces += [Piece(" …")] if end < len(text) else []
    return Passage(tuple(_tidy(pieces)), cut=start > 0 or end < len(text))


def plain(text: str, *, most: int = LONG) -> str:
    """Return words that somebody sent, on one line, without signs that are not seen."""
    text = _UNSEEN.sub("", text[: 4 * most])
    return _BLANK.sub(" ", _STACKED.sub(r"\1", _JOINERS.sub("", text))).strip()[:most]


def _window(text: str, marks: Sequence[Mark], most: int) -> tuple[int, int]:
    """Return which part is shown; it begins and ends between words where there are any near."""
    first = min((each.start for each in marks), default=0)
    start = 0
    if first > most // 2:
        blank = text.find(" ", max(0, first - most // 4), first)
        start = blank + 1 if blank >= 0 else first
    if start + most >= len(text):
        return start, len(text)
    blank = text.rfind(" ", start + most // 2, start + most)
    return start, blank if blank > 0 else start + most


def _pieces(text: str, start: int, end: int, marks: Sequence[Mark]) -> Iterator[Piece]:
    places = {place for mark in marks for place in (mark.start, mark.end) if start < place < end}
    cuts = sorted({start, end, *places})
    for low, high in pairwise(cuts):
        tone = next((each.tone for each in marks if each.start <= low < each.end), "")
        yield Piece(text[low:high], tone)


def _tidy(pieces: Sequence[Piece]) -> Iterator[Piece]:
    for each in pieces:
        words = _UNSEEN.sub("", each.words)
        words = _BLANK.sub(" ", _STACKED.sub(r"\1", _JOINERS.sub("", words)))
        if words:
            yield Piece(words, each.tone)
