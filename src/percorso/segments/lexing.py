"""The pieces of a rule, each with its place; what is none is said in words."""

import re
from collections.abc import Iterator
from typing import Final

from percorso.i18n import gettext as _
from percorso.rule_tokens import DAY, SIGN, Token, UncutError, cut
from percorso.segments.errors import RuleError

#: More than this is no rule that a person reads.
LONGEST: Final = 4000
_TOKENS: Final = re.compile(
    rf"{DAY}"
    r"|(?P<number>-?\d+(?:[.,]\d+)?)(?![\w.])"
    r"|(?P<word>[^\W\d][\w-]*)"
    r"|(?P<text>\"(?:[^\"\\]|\\.)*\"|“[^”]*”|«[^»]*»|'[^']*')"
    rf"|{SIGN}"
)


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
    try:
        yield from cut(text, _TOKENS)
    except UncutError as error:
        raise RuleError(_unread(text, error.at), error.at, 1) from error


def _unread(text: str, at: int) -> str:
    if text[at] in "\"'“«":
        return _("The quotes that open at character {at} are not closed.").format(at=at + 1)
    return _("{sign} at character {at} cannot be read.").format(sign=repr(text[at]), at=at + 1)
