"""What is read of each text: the whole, and its clauses where it has several."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from percorso.text.clauses import clauses
from percorso.text.unseen import UNSEEN

#: Characters of a text that are read: beyond them a text says little new, and a hostile one costs
#: no more.
LONGEST: Final = 20_000

_UNSEEN: Final = re.compile(f"[{UNSEEN}\x0b\x0c\u200c]")
_LIKELY_SAID: Final = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Units:
    """The wholes, one a text in their order, then the clauses, text by text.

    ``owner`` says which text a unit is of; ``starts`` and ``ends`` are its place there.
    """

    texts: list[str]
    owner: NDArray[np.int64]
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    wholes: int


def cleaned(text: str) -> str:
    """Return the part of ``text`` that is read, with marks that nobody sees made spaces.

    Every character keeps its place.
    """
    if len(text) > LONGEST:
        text = text[:LONGEST]
    return text if text.isascii() and text.isprintable() else _UNSEEN.sub(" ", text)


def says_something(text: str) -> bool:
    """Return whether there is a letter, a digit or a symbol such as an emoji."""
    if _LIKELY_SAID.search(text):
        return True
    return any(unicodedata.category(character) in {"So", "Sm"} for character in text[:LONGEST])


def units(texts: Sequence[str], languages: Sequence[str]) -> Units:
    """Cut ``texts``, cleaned before, into what is read of them."""
    pieces, owner = list(texts), list(range(len(texts)))
    starts, ends = [0] * len(texts), [len(text) for text in texts]
    for place, (text, language) in enumerate(zip(texts, languages, strict=True)):
        parts = clauses(text, language)
        if len(parts) < 2:
            continue
        for start, end in parts:
            pieces.append(text[start:end])
            owner.append(place)
            starts.append(start)
            ends.append(end)
    return Units(
        pieces,
        np.array(owner, np.int64),
        np.array(starts, np.int32),
        np.array(ends, np.int32),
        len(texts),
    )
