"""A text as its reader sees it, to look for patterns in, with the place of every character.

What nobody sees is left out, any blank is a space or a new line, several are one, and letters,
digits and signs of other widths and shapes are the plain ones, so that nothing hides behind them.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from percorso.text.unseen import JOINERS, MARKS, UNSEEN

_NEW_LINES: Final = "\n\r\x0b\x0c\x85\u2028\u2029"
_HYPHENS: Final = "\u2010\u2011\u2012\u2212\ufe63"
#: What nobody sees is this sign until it is left out.
_NOTHING: Final = "\0"
_DROPPED: Final = re.compile(f"[{UNSEEN}{JOINERS}\ufe0e\ufe0f]")
#: What may have to be read as something else, character by character.
_STRANGE: Final = re.compile("[^ -~\n\u00c0-\u00ff\u2013\u2014\u2018-\u201d\u2026\u20ac]")
#: What takes more room than it is read as: blanks and what nobody sees, an @ as addresses of pages
#: have it, marks on the letter before them. It begins with a set, for which the search is quick.
_CHANGED: Final = re.compile(
    rf"[ \n\0%&{MARKS}]"
    r"(?:(?<=[ \n\0])(?P<blank>[ \n\0]++|(?<=\0))|(?<=%)40|(?<=&)#0?64;"
    rf"|(?<=[{MARKS}])(?P<marks>[{MARKS}]*+))"
)


@dataclass(frozen=True, slots=True)
class Shadow:
    """``text`` is what is seen: from each of ``here`` on it is what begins ``there``."""

    text: str
    here: Sequence[int]
    there: Sequence[int]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return where ``text[start:end]``, which is not empty, is in the text itself."""
        return self._at(start), self._at(end - 1) + 1

    def _at(self, place: int) -> int:
        part = bisect_right(self.here, place) - 1
        return self.there[part] + place - self.here[part]


def shadows(text: str) -> Iterator[Shadow]:
    """Yield the text as it is seen; where it has signs that nobody sees, also with blanks there.

    For "tel" and a number are two words where such a sign stands between them.
    """
    if _STRANGE.search(text) is not None:
        text = text.translate(_PLAIN)
    yield _changed(text)
    if _NOTHING in text:
        yield _changed(text.replace(_NOTHING, " "))


def _changed(text: str) -> Shadow:
    parts: list[str] = []
    here, there = [0], [0]
    length = at = 0
    for found in _CHANGED.finditer(text):
        start = found.start()
        read = _read(found, text[start - 1 : start])
        if read and found.lastgroup == "marks":
            start -= 1  # the letter with its mark takes the place of the letter
        if start < at:
            continue
        at, before = found.end(), text[at:start]
        parts += (before, read)
        length += len(before)
        here += (length, length + len(read))
        there += (start, at)
        length += len(read)
    return Shadow("".join([*parts, text[at:]]), here, there)


def _read(found: re.Match[str], before: str) -> str:
    """Return what a part is read as; of marks, the letter before them with the first one on it."""
    match found.lastgroup:
        case "blank":
            if "\n" in found[0]:
                return "\n"
            return " " if " " in found[0] else ""
        case "marks":
            letter = unicodedata.normalize("NFC", before + found[0][0])
            return letter if len(letter) == 1 and before else ""
        case _:
            return "@"


class _Plain(dict[int, str]):
    """The plain character for each, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if character in _NEW_LINES:
            plain = "\n"
        elif _DROPPED.match(character):
            plain = _NOTHING
        elif character.isspace():
            plain = " "
        elif character in _HYPHENS:
            plain = "-"
        else:
            alike = unicodedata.normalize("NFKC", character)
            plain = alike if len(alike) == 1 else character
            if plain.isdecimal():
                plain = str(unicodedata.digit(plain))
        self[code] = plain
        return plain


_PLAIN: Final = _Plain()
