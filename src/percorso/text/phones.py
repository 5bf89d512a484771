"""Telephone numbers in a text: Italian ones and those of other countries; no prices, no dates."""

import re
from typing import Final

#: Groups of digits with at most two marks between them; begins at a plus, a bracket or a digit.
#: The first group of the pattern is the first of digits.
CANDIDATE: Final = re.compile(r"(?<![\w@#])([+(]?\d++)(?:[ ./()\-\u2011\u2013]{0,2}\d){0,16}")
_GROUP: Final = re.compile(r"\d+")
_DATE: Final = re.compile(r"(?:\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})|\d{4}[./-]\d\d[./-]\d\d)\b")
_INTERNATIONAL: Final = re.compile(r"(?:\+|00)[ .]?[1-9]")
_AMERICAN: Final = re.compile(r"(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4}")
_MOBILE: Final = re.compile(r"3[2-9]\d{8}")
#: A prefix of two to four digits, then the number, if need be in groups.
_LANDLINE: Final = re.compile(r"0[1-9]\d{0,3}(?:[ ./-]{1,2}\d{2,8}){1,4}")
_LANDLINE_DIGITS: Final = re.compile(r"0[1-9]\d{6,9}")
_FRENCH: Final = re.compile(r"0[1-9](?:[ .]\d\d){4}")
#: Said right before a number: it is none of a person's / it is one.
_OF_SOMETHING_ELSE: Final = re.compile(
    r"\b(?:(?:l'|dell'|all'|nell')?ordin[ei]|order|tracking|spedizione|pratica|ticket|fattura|invoice|bolletta|contratto|"
    r"contract|polizza|policy|codice|code|ref\w{0,7}|rif\w{0,9}|cliente|customer|account|conto|"
    r"prenotazione|booking|reservation|pacco|parcel|articolo|item|serial\w{0,3}|matricola|isbn|ean|"
    r"tessera|card|p\.? ?iva|vat|€|euro|eur|£|\$)"
    r"[ \w.:°#-]{0,14}$",
    re.IGNORECASE,
)
_ANNOUNCED: Final = re.compile(
    r"\b(?:tel\w{0,6}|cell\w{0,6}|mobile|phone|recapito|(?:ri)?chiam\w{0,5}|whatsapp|call|ring|"
    r"reach|(?:mio|my) num\w{0,4}|fisso|sms)\b[ \w.:'’-]{0,16}$",
    re.IGNORECASE,
)
_LOOK_BACK: Final = 32
_MONEY: Final = re.compile(r"(?:[,.]\d|\s?(?:€|euro\b|eur\b|£|\$|%))", re.IGNORECASE)


def phone_end(text: str, candidate: re.Match[str]) -> int | None:
    """Return where the number at the beginning of a candidate ends, or None where it is none.

    The candidate may be a number and what follows it, so its groups are tried from the longest
    row of them to the shortest.
    """
    start = candidate.start()
    before = text[max(start - _LOOK_BACK, 0) : start]
    announced, other = _last(_ANNOUNCED, before), _last(_OF_SOMETHING_ELSE, before)
    # The word nearer to the number says what it is.
    is_announced, is_other = announced > other, other > announced
    for group in reversed(list(_GROUP.finditer(text, start, candidate.end()))):
        said = text[start : group.end()]
        if group.end() < len(text) and (text[group.end()].isdigit() or text[group.end()] == "_"):
            continue
        if _MONEY.match(text, group.end()):
            continue
        if _is_phone(said, announced=is_announced, other=is_other):
            return group.end()
    return None


def _last(words: re.Pattern[str], before: str) -> int:
    """Return where the last of such words begins that reaches to the end; -1 without one."""
    found = words.search(before)
    last = -1
    while found is not None:
        last = found.start()
        found = words.search(before, last + 1)
    return last


def _is_phone(said: str, *, announced: bool, other: bool) -> bool:
    digits = re.sub(r"\D", "", said)
    if _DATE.match(said):
        return False
    if _INTERNATIONAL.match(said):
        return 9 <= len(digits) <= 15 and (said[0] == "+" or not other)
    if other:
        return False
    if _AMERICAN.fullmatch(said) or _FRENCH.fullmatch(said):
        return True
    if len(digits) == 10 and _MOBILE.fullmatch(digits):
        return said[0] == "3" and len(_GROUP.findall(said)[0]) in (3, 10)
    if 8 <= len(digits) <= 11 and _LANDLINE.fullmatch(said):
        return True
    if 9 <= len(digits) <= 11 and _LANDLINE_DIGITS.fullmatch(said):
        return True
    return announced and 7 <= len(digits) <= 11 and "." not in said and said[0] != "("
