"""How people write numbers, and the reading of one: 1.234,56 and 1,234.56, € 12,50, 4/5."""

import math
import re
from typing import Final

#: Signs of money and of scales around a number: € 12,50 · 12.50 EUR · 85 % · 4/5 · 5 stars
AROUND: Final = (
    r"^\s*(?:€|\$|£|¥|R\$|EUR|USD|GBP|CHF|BRL)\s*"
    r"|\s*(?:€|\$|£|EUR|USD|GBP|CHF|BRL|%|/\s?\d{1,3}|stars?|stelle|stella)\s*$"
)
SPACES: Final = "[\\s\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}'\N{RIGHT SINGLE QUOTATION MARK}]"
PLAIN: Final = r"[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,3})?"
#: Surely with a decimal comma; with a decimal point in English, where hundreds stand apart.
COMMA_WHOLE: Final = r"[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+)(?:,\d+)?"
DOT_WHOLE: Final = rf"(?:{PLAIN}|[+-]?\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?)"

_around: Final = re.compile(AROUND, re.IGNORECASE)
_spaces: Final = re.compile(SPACES)
_comma: Final = re.compile(COMMA_WHOLE)
_dot: Final = re.compile(DOT_WHOLE)


def read_number(text: str) -> float | None:
    """Return the number that a text is, standing by itself; None where it is none.

    What can be read both ways is read with a decimal point: 1.234 is a little more than one,
    1,234 a thousand and more.
    """
    bare = _spaces.sub("", _around.sub("", text))
    if _dot.fullmatch(bare):
        found = float(bare.replace(",", ""))
    elif _comma.fullmatch(bare):
        found = float(bare.replace(".", "").replace(",", "."))
    else:
        return None
    return found if math.isfinite(found) else None
