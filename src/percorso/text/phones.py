"""Telephone numbers in a text: Italian ones and those of other countries; no prices, no dates."""

import re
from typing import Final

#: Up to seven groups of digits with at most two marks between them; a plus or bracket before. The
#: pattern's first group holds the first of them.
CANDIDATE: Final = re.compile(
    r"(?<![\w@#])(\+\d{1,16}+|\((?=\d{2,4}\))\d++|\d{2,16}+)"
    r"(?:[ ./()\-\u2011\u2013]{0,2}\d{1,16}+){0,6}"
)
_GROUP: Final = re.compile(r"\d+")
_NO_DIGITS: Final = re.compile(r"\D+")
_DATE: Final = re.compile(r"(?:\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})|\d{4}[./-]\d\d[./-]\d\d)\b")
_INTERNATIONAL: Final = re.compile(r"(?:\+|00)[ .]?[1-9]")
_SHAPES: Final = tuple(
    map(
        re.compile,
        (
            r"3[2-9]\d(?:[ ./-]{0,2}\d){7}",  # Italian mobile
            r"0[1-9]\d{0,3}(?:[ ./-]{1,2}\d{2,8}){1,4}",  # a prefix and the number
            r"0[1-9]\d{7,9}",
            r"0[1-9](?:[ .]\d\d){4}",  # French
            r"(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4}",  # American
        ),
    )
)
_FEWEST: Final = 7
#: Said right before a number: that it is a telephone's, or that it is something else's.
_SAID_BEFORE: Final = re.compile(
    r"\b(?P<phone>tel|cell|mobile|phone|recapito|(?:ri)?chiam|whatsapp|call|ring|reach|mio num|"
    r"my num|fisso|sms)|(?P<link>wa\.me/|[?&]phone=)"
    r"|\b(?P<other>ordin[ei]|order|tracking|spedizione|pratica|ticket|fattura|invoice|bolletta|"
    r"contratto|contract|polizza|policy|codice|code|ref|rif|cliente|customer|account|conto|"
    r"prenotazione|booking|reservation|pacco|parcel|articolo|item|serial|matricola|isbn|ean|"
    r"tessera|card|p\.? ?iva|vat|euro?\b)|(?P<money>[€£$])",
    re.IGNORECASE,
)
_UP_TO_NUMBER: Final = re.compile(r"[ \w.:°#'’-]{0,18}")
_LOOK_BACK: Final = 32
_MONEY: Final = re.compile(r"(?:[,.]\d|\s?(?:€|euro\b|eur\b|£|\$|%))", re.IGNORECASE)


def phone_end(text: str, candidate: re.Match[str], lines: str) -> int | None:
    """Return where the number at the beginning of a candidate ends, or None where it is none.

    ``text`` is on one line, ``lines`` the same with its lines: a number on a line of its own is not
    what the line before it is about. The candidate may be a number and what follows it, so its
    groups are tried from the longest row of them to the shortest.
    """
    start = candidate.start()
    said: str | None = None
    for group in reversed(list(_GROUP.finditer(text, start, candidate.end()))):
        number = text[start : group.end()]
        digits = _NO_DIGITS.sub("", number)
        if len(digits) < _FEWEST:
            break
        if text[group.end() : group.end() + 1].isalnum() or _MONEY.match(text, group.end()):
            continue
        said = said if said is not None else _said_before(text, start, lines)
        if _is_phone(number, digits, said):
            return group.end()
    return None


def _said_before(text: str, start: int, lines: str) -> str:
    """Return what the words before a number say that it is: phone, link, other, or nothing."""
    found = list(_SAID_BEFORE.finditer(text, max(start - _LOOK_BACK, 0), start))
    if not found:
        return ""
    last = found[-1]
    said = last.lastgroup if last.lastgroup in ("phone", "link") else "other"
    between = text if said == "phone" else lines
    if _UP_TO_NUMBER.fullmatch(between, last.end(), start) is None:
        return ""
    return said


def _is_phone(number: str, digits: str, said: str) -> bool:
    if _DATE.match(number):
        return False
    if _INTERNATIONAL.match(number):
        return 9 <= len(digits) <= 15 and (number[0] == "+" or said != "other")
    if said == "other":
        return False
    if said == "link":
        return len(digits) <= 15
    if any(shape.fullmatch(number) for shape in _SHAPES):
        return 8 <= len(digits) <= 11
    return said == "phone" and len(digits) <= 11 and "." not in number and number[0] != "("
