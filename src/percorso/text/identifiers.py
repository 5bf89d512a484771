"""Numbers and codes that identify a person, each with the check that it carries.

Each function is given a text and a place where a candidate begins, and looks at no more than some
forty characters from there.
"""

from typing import Final

#: Length of an IBAN -> the countries whose IBANs have it. Source: SWIFT, IBAN Registry.
_IBANS: Final = {
    15: "NO",
    16: "BE",
    18: "DK FI FO GL NL",
    19: "MK SI",
    20: "AT BA EE KZ LT LU XK",
    21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA",
    23: "AE GI IL IQ TL",
    24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "PT ST",
    26: "IS TR",
    27: "FR GR IT MC MR SM",
    28: "AL AZ BY CY DO GT HU LB PL SV",
    29: "BR EG PS QA UA",
    30: "JO KW MU",
    31: "MT SC",
    32: "LC",
}
_IBAN_LENGTHS: Final[dict[str, int]] = {
    country: length for length, countries in _IBANS.items() for country in countries.split()
}

#: First digits of payment cards, as a range, and the lengths that go with them.
_CARDS: Final = (
    ((34, 34), (15,)),
    ((37, 37), (15,)),
    ((300, 305), (14,)),
    ((36, 36), (14,)),
    ((38, 39), (14,)),
    ((4, 4), (16, 13, 19)),
    ((51, 55), (16,)),
    ((2221, 2720), (16,)),
    ((6011, 6011), (16,)),
    ((644, 659), (16,)),
    ((3528, 3589), (16,)),
    ((62, 62), (16, 19)),
    ((50, 50), (16,)),
    ((56, 58), (16,)),
    ((63, 63), (16,)),
    ((67, 67), (16,)),
)

#: Offices of the provinces in an Italian VAT number's eighth to tenth digit.
_OFFICES: Final = frozenset({*range(1, 101), 120, 121, 888, 999})

_MONTHS: Final = frozenset("ABCDEHLMPRST")
#: Digits of a fiscal code; where two people would share one, digits become letters.
_DIGITS: Final = frozenset("0123456789LMNPQRSTUV")
#: Values of the characters in odd places. Source: decree of 23 December 1976.
_ODD: Final = dict(
    zip(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        (
            *(1, 0, 5, 7, 9, 13, 15, 17, 19, 21),
            *(1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22),
            *(25, 24, 23),
        ),
        strict=True,
    )
)
_CODE_LENGTH: Final = 16


def iban_end(text: str, start: int) -> int | None:
    """Return where the IBAN that begins at ``start`` ends, or None. ISO 13616: mod 97 is 1."""
    length = _IBAN_LENGTHS.get(text[start : start + 2].upper())
    if length is None:
        return None
    end, code = _run(text, start, length)
    # Letters that follow at once are the next word: the length and the check are sure enough.
    if len(code) < length or text[end : end + 1].isdecimal():
        return None
    moved = code[4:] + code[:4]
    return end if int("".join(str(int(each, 36)) for each in moved)) % 97 == 1 else None


def card_end(text: str, start: int) -> int | None:
    """Return where the payment card number that begins at ``start`` ends, or None. Luhn."""
    issuer = text[start : start + 4]
    if len(issuer) < 4 or not _decimal(issuer):
        return None
    for (low, high), lengths in _CARDS:
        if not low <= int(issuer[: len(str(low))]) <= high:
            continue
        for length in lengths:
            end, digits = _run(text, start, length)
            whole = len(digits) == length and digits.isdecimal() and not _goes_on(text, end)
            if whole and luhn(digits):
                return end
    return None


def fiscal_code_end(text: str, start: int) -> int | None:
    """Return where the fiscal code of a person that begins at ``start`` ends, or None."""
    end, code = _run(text, start, _CODE_LENGTH)
    if len(code) < _CODE_LENGTH or _goes_on(text, end):
        return None
    letters = code[:6] + code[11] + code[15]
    digits = code[6:8] + code[9:11] + code[12:15]
    if not letters.isalpha() or code[8] not in _MONTHS or not _DIGITS.issuperset(digits):
        return None
    odd = sum(_ODD[each] for each in code[0:15:2])
    even = sum(int(each, 36) - 10 if each.isalpha() else int(each) for each in code[1:15:2])
    return end if ord(code[15]) - ord("A") == (odd + even) % 26 else None


def vat_number_end(text: str, start: int, *, announced: bool) -> int | None:
    """Return where the Italian VAT number that begins at ``start`` ends, or None.

    Eleven digits in a row with the right check digit; unless it is ``announced`` by the words
    before it, also with an office that exists (else one number in ten would do).
    """
    digits = text[start : start + 11]
    if len(digits) < 11 or not _decimal(digits) or _goes_on(text, start + 11):
        return None
    if not luhn(digits) or digits == "0" * 11:
        return None
    return start + 11 if announced or int(digits[7:10]) in _OFFICES else None


def luhn(digits: str) -> bool:
    """Say whether the last digit is the check digit of the others. Source: ISO/IEC 7812-1."""
    doubled = (2 * int(each) for each in digits[-2::-2])
    return (sum(map(int, digits[::-2])) + sum(each // 10 + each % 10 for each in doubled)) % 10 == 0


def _run(text: str, start: int, length: int) -> tuple[int, str]:
    """Return the end of the next ``length`` letters and digits, and them in capitals.

    Between two of them one separator may stand.
    """
    found: list[str] = []
    at = start
    while at < len(text) and len(found) < length:
        each = text[at]
        if each.isascii() and each.isalnum():
            found.append(each)
        elif not (found and each in " -" and text[at - 1] not in " -"):
            break
        at += 1
    return at, "".join(found).upper()


def _goes_on(text: str, end: int) -> bool:
    return end < len(text) and (text[end].isalnum() or text[end] == "_")


def _decimal(text: str) -> bool:
    return text.isascii() and text.isdecimal()
