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
from percorso.text.shadows import shadows

Kind = Literal["email", "phone", "fiscal_code", "iban", "card", "name"]
#: No piece that is looked for is longer, but for addresses that nobody has.
_NEAR: Final = 200
#: Kind, beginning and end.
_Piece = tuple[Kind, int, int]
#: Looks for one kind in a text on one line, and in the same with its lines.
_Look = Callable[[str, str], Iterable[_Piece]]

_LOCAL: Final = r"(?<![\w.%+-])[\w.%+-]{1,64}+"
_DOMAIN: Final = r"(?:[\w-]{1,63}+\.){1,8}[^\W\d_]{2,24}"
#: Ends of addresses that are no words, so that "at" and "dot" between words are an address's.
_ENDING: Final = r"(?:com|org|net|info|edu|gov|eu|it|uk|fr|de|es|pt|ch|io)(?!\w)"
_EMAIL: Final = re.compile(
    rf"{_LOCAL}(?:@ ?| @ ){_DOMAIN}"
    # As it is said aloud: "mario punto rossi chiocciola example punto org".
    r"|(?<!\w)[\w.%+-]{1,64}+(?: (?:punto|dot) [\w-]{1,40}+)?"
    r"(?: chiocciola | ?[(\[{<](?:at|chiocciola)[)\]}>] ?)"
    r"[\w-]{1,63}+(?: ?(?:\.| punto | dot |[(\[{<](?:dot|punto)[)\]}>]) ?[\w-]{1,40}+){1,4}",
    re.IGNORECASE,
)
#: "mario dot rossi at example dot org".
_EMAIL_IN_WORDS: Final = re.compile(
    rf"{_LOCAL}(?: dot [\w-]{{1,40}}+)? at (?:[\w-]{{1,63}}+ dot ){{1,4}}{_ENDING}", re.IGNORECASE
)
_DIGIT: Final = re.compile(r"\d")
_SAID: Final = re.compile(r"@|chiocciola|[(\[{<]at[)\]}>]", re.IGNORECASE)
_DOT: Final = re.compile(" dot ", re.IGNORECASE)
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

    It is looked for in the text as its reader sees it (``shadows``). Where two readings overlap
    the surer one stays: an address before an account, a card, a fiscal code, a telephone number,
    a name.
    """
    taken = bytearray(len(text))
    found: list[PersonalData] = []
    for shadow in shadows(text):
        for kind, first, last in _pieces(shadow.text):
            start, end = shadow.place(first, last)
            if 1 not in taken[start:end]:
                taken[start:end] = b"\1" * (end - start)
                found.append(PersonalData(kind, start, end))
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


def mask_beginning(text: str, most: int) -> tuple[str, Callable[[int], int]]:
    """Return at most ``most`` characters of a text masked, and what gives the places in them.

    No more is looked at than twice as many. What is near the cut is left out: half an address is
    not told to be one.
    """
    looked_at = text[: 2 * most + _NEAR]
    masked, place = mask_and_place(looked_at)
    if len(looked_at) < len(text):
        masked = masked[:-_NEAR]
    shown = masked[:most] if len(text) > most else masked
    return shown, lambda at: min(place(at), len(shown))


def mask_many(texts: Iterable[str], sign: str | None = None) -> list[str]:
    """Return each text masked, with ``sign`` in the place of each piece where one is given."""
    words = _words()
    if sign is not None:
        words = dict.fromkeys(words, sign)
    return [_masked(text, find(text), words) for text in texts]


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


def _pieces(lines: str) -> Iterator[_Piece]:
    """Yield what is found, kind by kind, the surest kind first, without overlaps."""
    looks: list[_Look] = []
    if _SAID.search(lines):
        # Twice: of two addresses with nothing between them, one is hidden first.
        looks += (lambda text, _lines: _matches(_EMAIL, text),) * 2
    if _DOT.search(lines):
        looks.append(lambda text, _lines: _matches(_EMAIL_IN_WORDS, text))
    if _DIGIT.search(lines):
        looks += _NUMBERS
    # On a page a new line is a space.
    text = lines.replace("\n", " ")
    for look in looks:
        found = list(look(text, lines))
        yield from found
        if found:
            # What was found is hidden, or it would hide what begins in its middle.
            lines, text = _hidden(lines, found), _hidden(text, found)
    for start, end in find_names(lines):
        yield "name", start, end


def _hidden(text: str, found: Iterable[_Piece]) -> str:
    """Return the text with what was found made a sign that no pattern knows."""
    parts: list[str] = []
    at = 0
    for _kind, start, end in found:
        parts += (text[at:start], "\0" * (end - start))
        at = end
    return "".join([*parts, text[at:]])


def _matches(pattern: re.Pattern[str], text: str) -> Iterator[_Piece]:
    for found in pattern.finditer(text):
        yield "email", found.start(), found.end()


def _checked(
    kind: Kind, text: str, beginning: re.Pattern[str], end_of: Callable[[str, int], int | None]
) -> Iterator[_Piece]:
    at = 0
    while (begun := beginning.search(text, at)) is not None:
        end = end_of(text, begun.start())
        if end is not None:
            yield kind, begun.start(), end
        at = end or begun.start() + 1


def _vat_numbers(text: str) -> Iterator[_Piece]:
    for eleven in _ELEVEN.finditer(text):
        start = eleven.start()
        announced = _VAT.search(text, max(start - 32, 0), start) is not None
        end = vat_number_end(text, start, announced=announced)
        if end is not None:
            country = start - 2 if text[max(start - 2, 0) : start].upper() == "IT" else start
            yield "fiscal_code", country, end


def _phones(text: str, lines: str) -> Iterator[_Piece]:
    at = 0
    while (candidate := CANDIDATE.search(text, at)) is not None:
        end = phone_end(text, candidate, lines)
        if end is not None:
            yield "phone", candidate.start(), end
        # A candidate that is none may hold one further on: go on after its first digits.
        at = end or candidate.end(1)


#: What is told by digits.
_NUMBERS: Final[tuple[_Look, ...]] = (
    lambda text, _lines: _checked("iban", text, _IBAN, iban_end),
    lambda text, _lines: _checked("card", text, _CARD, card_end),
    lambda text, _lines: _checked("fiscal_code", text, _FISCAL_CODE, fiscal_code_end),
    lambda text, _lines: _vat_numbers(text),
    _phones,
)
