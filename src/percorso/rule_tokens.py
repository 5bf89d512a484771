"""Cuts what people write as a rule into words, numbers, days, texts in quotes and signs.

Rules of segments and conditions of surveys are written by the same people: what looks the same in
both is read the same. What a word or a number is, each says by its pattern.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["word", "number", "day", "text", "sign", "end"]

#: For patterns: a day such as 2025-01-31, and the signs.
DAY: Final = r"(?P<day>\d{4}-\d{2}-\d{2})(?![\w-])"
SIGN: Final = r"(?P<sign><=|>=|!=|==|<>|[<>=(),≤≥≠])"
_SAME: Final = {"==": "=", "<>": "!=", "≤": "<=", "≥": ">=", "≠": "!="}


class UncutError(ValueError):
    """What stands at ``at``, counted from 0, begins no piece of a rule."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.at = at


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a rule. ``text`` is what it says: without quotes, a sign in its usual form."""

    kind: Kind
    text: str
    at: int
    length: int

    @property
    def word(self) -> str:
        """The word in small letters; empty where it is something else."""
        return self.text.casefold() if self.kind == "word" else ""


def cut(text: str, pattern: re.Pattern[str]) -> Iterator[Token]:
    """Yield the pieces of a rule, and an end; ``pattern`` has a group named for each kind.

    Raises UncutError.
    """
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        found = pattern.match(text, at)
        if found is None:
            raise UncutError(at)
        kind: Kind = found.lastgroup  # type: ignore[assignment] # one of the named groups
        yield Token(kind, _said(kind, found[0]), at, len(found[0]))
        at = found.end()
    yield Token("end", "", len(text), 0)


def _said(kind: Kind, written: str) -> str:
    if kind == "text":
        return re.sub(r"\\(.)", r"\1", written[1:-1])
    return _SAME.get(written, written) if kind == "sign" else written
