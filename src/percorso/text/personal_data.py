"""Personal data in a text: found, and masked before the text is shown or leaves the machine.

What is found and how well: ``docs/concepts/personal-data.md``. Time grows with the length of the
text, whatever is in it: each pattern begins at few places and looks no farther than some forty
characters.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from percorso.i18n import gettext as _
from percorso.text.identifiers import card_end, fiscal_code_end, iban_end, vat_number_end
from percorso.text.names import find_names
from percorso.text.phones import CANDIDATE, phone_end

Kind = Literal["email", "phone", "fiscal_code", "iban", "card", "name"]

#: An address, or one as it is said aloud: "mario punto rossi chiocciola example punto org".
_EMAIL: Final = re.compile(
    r"(?<![\w.%+-])[\w.%+-]{1,64}+@(?:[\w-]{1,63}+\.){1,8}[^\W\d_]{2,24}"
    r"|(?<!\w)[\w.%+-]{1,64}+(?: (?:punto|dot) [\w-]{1,40}+)?"
    r"(?: chiocciola | ?[(\[]at[)\]] ?)"
    r"[\w-]{1,63}+(?: ?(?:\.| punto | dot |[(\[]dot[)\]]) ?[\w-]{1,40}+){1,4}",
    re.IGNORECASE,
)
_DIGIT: Final = re.compile(r"\d")
_SAID: Final = re.compile(r"@|chiocciola|[(\[]at[)\]]", re.IGNORECASE)
_IBAN: Final = re.compile(r"(?<![^\W_])[A-Za-z]{2}\d\d(?=[ -]?[A-Za-z0-9])")
_FISCAL_CODE: Final = re.compile(
    r"(?<![^\W_])[A-Za-z]{3} ?[A-Za-z]{3} ?[0-9L-NP-Vl-np-v]{2}[A-Za-z](?=[0-9L-NP-Vl-np-v])"
)
_ELEVEN: Final = re.compile(r"(?<![\d.,+-])(?<![^\W\d_]{3})\d{11}(?!\d)")
_VAT: Final = re.compile(
    r"(?:p\.? ?iva|partita iva|vat(?: number| no\.?)?|c\.? ?f\.?|codice fiscale)[ :.n°-]{0,5}"
    r"(?:it ?)?$",
    re.IGNORECASE,
)
_CARD: Final = re.compile(r"(?<![\w+])[2-6]\d{3}[ -]?\d")


@dataclass(frozen=True, slots=True)
class PersonalData:
    """A piece of personal data: ``text[start:end]``, counted in characters."""

    kind: Kind
    start: int
    end: int


def find(text: str) -> tuple[PersonalData, ...]:
    """Return the personal data of a text in order, without overlaps.

    Where two readings overlap the surer one stays: an address before an account, a card, a fiscal
    code, a telephone number, a name.
    """
    taken = bytearray(len(text))
    found: list[PersonalData] = []
    for each in _candidates(text):
        if 1 not in taken[each.start : each.end]:
            taken[each.start : each.end] = b"\1" * (each.end - each.start)
            found.append(each)
    return tuple(sorted(found, key=lambda each: each.start))


def mask(text: str) -> str:
    """Return the text with ``[e-mail]`` and such, in the current language, for what it held."""
    return _masked(text, find(text), _words())


def mask_and_place(text: str) -> tuple[str, Callable[[int], int]]:
    """Return a text masked, and a function from a place in the text to that in the masked one."""
    found = find(text)
    words = _words()

    def place(at: int) -> int:
        moved = at
        for each in found:
            if each.start < at:
                moved += each.start + len(words[each.kind]) - min(at, each.end)
        return moved

    return _masked(text, found, words), place


def mask_many(texts: Iterable[str]) -> list[str]:
    """Return each text masked."""
    words = _words()
    return [_masked(text, find(text), words) for text in texts]


def word(kind: Kind) -> str:
    """Return what stands in the place of a piece, such as ``[e-mail]``, in the current language."""
    return _words()[kind]


def _words() -> dict[Kind, str]:
    return {
        "email": _("[e-mail]"),
        "phone": _("[phone]"),
        "fiscal_code": _("[fiscal code]"),
        "iban": _("[IBAN]"),
        "card": _("[card]"),
        "name": _("[name]"),
    }


def _masked(text: str, found: tuple[PersonalData, ...], words: dict[Kind, str]) -> str:
    parts: list[str] = []
    at = 0
    for each in found:
        parts += (text[at : each.start], words[each.kind])
        at = each.end
    return "".join([*parts, text[at:]]) if parts else text


def _candidates(text: str) -> Iterator[PersonalData]:
    """Yield what is found, kind by kind, the surest kind first."""
    if _SAID.search(text):
        for found in _EMAIL.finditer(text):
            yield PersonalData("email", found.start(), found.end())
    if _DIGIT.search(text):
        yield from _checked("iban", text, _IBAN, iban_end)
        yield from _checked("card", text, _CARD, card_end)
        yield from _checked("fiscal_code", text, _FISCAL_CODE, fiscal_code_end)
        yield from _vat_numbers(text)
        yield from _phones(text)
    for start, end in find_names(text):
        yield PersonalData("name", start, end)


def _checked(
    kind: Kind, text: str, beginning: re.Pattern[str], end_of: Callable[[str, int], int | None]
) -> Iterator[PersonalData]:
    for begun in beginning.finditer(text):
        end = end_of(text, begun.start())
        if end is not None:
            yield PersonalData(kind, begun.start(), end)


def _vat_numbers(text: str) -> Iterator[PersonalData]:
    for eleven in _ELEVEN.finditer(text):
        start = eleven.start()
        announced = _VAT.search(text, max(start - 32, 0), start) is not None
        end = vat_number_end(text, start, announced=announced)
        if end is not None:
            country = start - 2 if text[max(start - 2, 0) : start].upper() == "IT" else start
            yield PersonalData("fiscal_code", country, end)


def _phones(text: str) -> Iterator[PersonalData]:
    at = 0
    while (candidate := CANDIDATE.search(text, at)) is not None:
        end = phone_end(text, candidate)
        if end is not None:
            yield PersonalData("phone", candidate.start(), end)
        # A candidate that is none may hold one further on: go on after its first digits.
        at = end or candidate.end(1)
