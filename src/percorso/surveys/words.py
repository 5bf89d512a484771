"""Words that people sent, without what nobody can see."""

import unicodedata
from collections.abc import Iterator
from typing import Final

#: So many marks over and under one letter no language has (Unicode annex 15, stream-safe texts).
#: Of a run of thousands, putting them in order would take seconds.
_MOST_MARKS: Final = 30
#: Letters by name that show nothing: fillers, and the empty pattern of Braille.
_EMPTY: Final = "\u115f\u1160\u2800\u3164\uffa0"


def clean(text: str, *, lines: bool = False) -> str:
    """Return a text without what cannot be seen or kept: controls, halves of characters.

    In one line, or, where ``lines``, with its line ends as they are in Unix. Marks that join emoji
    and letters stay; those that turn the reading direction of what follows go. A text that shows
    nothing at all is empty.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(_few_marks(each for each in text if each in "\n\t" or can_be_seen(each)))
    if all(_shows_nothing(each) for each in kept):
        return ""
    kept = unicodedata.normalize("NFC", kept)
    return kept.strip() if lines else " ".join(kept.split())


def can_be_seen(character: str) -> bool:
    """Say whether a character is no control, no half of one, and turns no reading direction."""
    turns = "\u202a" <= character <= "\u202e" or "\u2066" <= character <= "\u2069"
    return not turns and unicodedata.category(character) not in ("Cc", "Cs")


def _few_marks(characters: Iterator[str]) -> Iterator[str]:
    marks = 0
    for each in characters:
        marks = marks + 1 if unicodedata.combining(each) else 0
        if marks <= _MOST_MARKS:
            yield each


def _shows_nothing(character: str) -> bool:
    # What has no category yet may be next year's emoji.
    return character in _EMPTY or unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp", "Zs")
