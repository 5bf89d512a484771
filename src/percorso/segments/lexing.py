"""Cuts a rule into words, numbers, days, texts in quotes and signs, each with its place."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from percorso.i18n import gettext as _
from percorso.segments.errors import RuleError

Kind = Literal["word", "number", "date", "text", "sign", "end"]

#: More than this is no rule that a person reads.
LONGEST: Final = 4000
_TOKENS: Final = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2})(?![\w-])"
    r"|(?P<number>-?\d+(?:[.,]\d+)?)(?![\w.])"
    r"|(?P<word>[^\W\d][\w-]*)"
    r"|(?P<text>\"(?:[^\"\\]|\\.)*\"|“[^”]*”|«[^»]*»|'[^']*')"
    r"|(?P<sign><=|>=|!=|==|<>|[<>=(),≤≥≠])"
)
_SAME: Final = {"==": "=", "<>": "!=", "≤": "<=", "≥": ">=", "≠": "!="}


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


def tokens(text: str) -> Iterator[Token]:
    """Yield the pieces of a rule, and an end. Raises RuleError at what is none."""
    if len(text) > LONGEST:
        raise RuleError(
            _("A rule has at most {most} characters; this one has {n}.").format(
                most=LONGEST, n=len(text)
            ),
            LONGEST,
            len(text) - LONGEST,
        )
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        found = _TOKENS.match(text, at)
        if found is None:
            raise RuleError(_unread(text, at), at, 1)
        kind: Kind = found.lastgroup  # type: ignore[assignment] # one of the named groups
        yield Token(kind, _said(kind, found[0]), at, len(found[0]))
        at = found.end()
    yield Token("end", "", len(text), 0)


def _said(kind: Kind, written: str) -> str:
    if kind == "text":
        return re.sub(r"\\(.)", r"\1", written[1:-1])
    return _SAME.get(written, written) if kind == "sign" else written


def _unread(text: str, at: int) -> str:
    if text[at] in "\"'“«":
        return _("The quotes that open at character {at} are not closed.").format(at=at + 1)
    return _("{sign} at character {at} cannot be read.").format(sign=repr(text[at]), at=at + 1)
