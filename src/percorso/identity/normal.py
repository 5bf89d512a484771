"""Values as they are compared: one way to write an e-mail, a phone, a name, a street.

Every function takes what somebody typed and returns what is compared, or None where it is no such
thing. They never raise: what cannot be read joins nobody.
"""

import re
import unicodedata
from functools import cache, lru_cache
from typing import Final

_EMAIL: Final = re.compile(r"[^\s@<>,;:\"()\[\]]{1,64}@[a-z0-9.-]{1,190}\.[a-z0-9-]{2,24}")
#: Providers whose addresses are the same with and without dots.
_DOTLESS: Final = ("gmail.com", "googlemail.com")
_PHONE_MARKS: Final = re.compile(r"[\s().\-/]+")
#: An Italian mobile number, the commonest by far: read without asking the library.
_MOBILE: Final = re.compile(r"(?:\+39|0039)?(3\d{8,9})")
_FISCAL: Final = re.compile(
    r"[A-Z]{6}[0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]"
)
_NOT_LETTERS: Final = re.compile(r"[^a-z ]+")
_SPACES: Final = re.compile(r"\s+")
_TITLE_WORDS: Final = """
sig sigg signor signora signorina sigra dott dottor dottore dottssa dottoressa dr drssa prof
professor professore profssa professoressa avv avvocato ing ingegner arch architetto rag geom
spett gent gentile egr egregio mr mrs ms miss
"""
_TITLES: Final = frozenset(_TITLE_WORDS.split())
#: Titles that are family names as well, unless they stand before one.
_NAMES_TOO: Final = frozenset({"gentile"})
#: Words that belong to the family name that follows.
_PARTICLE_WORDS: Final = "de di del della dei degli da dal dalla la lo li le van von"
_PARTICLES: Final = frozenset(_PARTICLE_WORDS.split())

_STREETS: Final = {
    "v": "via",
    "vle": "viale",
    "vl": "viale",
    "pza": "piazza",
    "pzza": "piazza",
    "pzz": "piazza",
    "p": "piazza",
    "pzle": "piazzale",
    "ple": "piazzale",
    "ple pzle": "piazzale",
    "cso": "corso",
    "c": "corso",
    "lgo": "largo",
    "vlo": "vicolo",
    "vic": "vicolo",
    "str": "strada",
    "loc": "localita",
    "fraz": "frazione",
    "ctr": "contrada",
    "cda": "contrada",
    "lungot": "lungotevere",
}
_KINDS_OF_STREET: Final = frozenset(_STREETS.values()) | {"calle", "salita", "vico", "street"}
#: What people leave out of, or shorten in, a street's name.
_TITLES_OF_STREETS: Final = {
    "s": "san",
    "santo": "san",
    "santa": "san",
    "sant": "san",
    "f lli": "fratelli",
    "flli": "fratelli",
    "gen": "generale",
    "mons": "monsignor",
    "ss": "santi",
    "g": "",
    "a": "",
    "c": "",
    "l": "",
    "v": "",
    "e": "",
    "m": "",
    "f": "",
    "n": "",
    "giuseppe": "",
    "guglielmo": "",
    "alessandro": "",
    "camillo": "",
    "vittorio": "vittorio",
}
_NUMBER: Final = re.compile(
    r"(?:,|\bn\.?°?|\bnr\.?|\bnum\.?|\bcivico|°|\s)\s*(\d{1,4})\s*(?:[/\- ]?\s*([a-z])(?![a-z]))?",
    re.IGNORECASE,
)
_INSIDE: Final = re.compile(
    r"\b(int|interno|scala|sc|piano|p\.?t|palazzina|pal|c/o|presso|snc)\b.*", re.IGNORECASE
)


@cache
def _fold(letter: str) -> str:
    return "".join(
        each for each in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(each)
    )


def plain(text: str) -> str:
    """Return text in small letters, without accents, apostrophes and marks, single-spaced."""
    text = text.casefold()
    if not text.isascii():
        text = "".join(_fold(each) for each in text)
    text = text.replace("'", "").replace("’", "").replace("`", "")
    return _SPACES.sub(" ", _NOT_LETTERS.sub(" ", text)).strip()


def email(text: str) -> str | None:
    """Return an e-mail in small letters, without what follows a plus; dots go where they may."""
    text = text.strip().casefold().removeprefix("mailto:")
    if not _EMAIL.fullmatch(text):
        return None
    local, _, domain = text.rpartition("@")
    local = local.partition("+")[0] or local
    if domain in _DOTLESS:
        local, domain = local.replace(".", "") or local, "gmail.com"
    return f"{local}@{domain}"


@lru_cache(maxsize=100_000)
def phone(text: str, country: str) -> str | None:
    """Return a phone number as E.164 (ITU-T), read as one of ``country`` where it says none."""
    text = _PHONE_MARKS.sub("", text)
    if country == "IT" and (mobile := _MOBILE.fullmatch(text)):
        return "+39" + mobile[1]
    if not 6 <= sum(each.isdigit() for each in text) <= 17:
        return None
    import phonenumbers

    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def mobile(text: str, country: str) -> str | None:
    """Return a telephone number as ``phone`` does, where it can be nothing else.

    That is one with its country, or a valid mobile number: eight digits may be a customer's number.
    """
    number = phone(text, country)
    if number is None or text.strip().startswith(("+", "00")):
        return number
    import phonenumbers as numbers

    read = numbers.parse(number)
    kinds = (numbers.PhoneNumberType.MOBILE, numbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
    return number if numbers.number_type(read) in kinds else None


def fiscal_code(text: str) -> str | None:
    """Return an Italian fiscal code whose check letter is right (decree of 23 December 1976)."""
    text = _PHONE_MARKS.sub("", text).upper()
    if not text.isascii() or not _FISCAL.fullmatch(text):
        return None
    total = sum(
        _ODD[each] if place % 2 == 0 else _EVEN[each] for place, each in enumerate(text[:15])
    )
    return text if text[15] == chr(ord("A") + total % 26) else None


_ODD_VALUES: Final = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21)
_ODD: Final = {
    **{str(digit): value for digit, value in enumerate(_ODD_VALUES)},
    **dict(
        zip(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
            (*_ODD_VALUES, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23),
            strict=True,
        )
    ),
}
_EVEN: Final = {
    **{str(digit): digit for digit in range(10)},
    **{chr(ord("A") + number): number for number in range(26)},
}


def card(text: str) -> str | None:
    """Return the number of a loyalty card: letters and digits, at least four of them."""
    text = re.sub(r"[^A-Z0-9]+", "", text.upper())
    return text if len(text) >= 4 and any(each.isdigit() for each in text) else None


def order(text: str) -> str | None:
    """Return an order's number, as in ``about``."""
    text = text.strip().casefold().removeprefix("order:").strip()
    return text or None


def given_name(text: str) -> str | None:
    """Return a given name: its words, titles left out."""
    return _words(text)


def family_name(text: str) -> str | None:
    """Return a family name as one word: De Luca, D'Angelo and DELUCA, DANGELO are alike."""
    words = _words(text)
    return words.replace(" ", "") if words else None


@lru_cache(maxsize=100_000)
def given_key(name: str) -> str:
    """Return the name that a given name counts as: Beppe and Pino are Giuseppe."""
    from percorso.identity.names import known

    first = name.partition(" ")[0]
    joined = name.replace(" ", "")
    return known().get(joined) or known().get(first) or first


@lru_cache(maxsize=100_000)
def is_given_name(name: str) -> bool:
    """Say whether this is a given name that is known, or a short form of one."""
    from percorso.identity.names import known

    return name.replace(" ", "") in known() or name.partition(" ")[0] in known()


def both_names(text: str) -> tuple[str | None, str | None]:
    """Split a whole name into given and family name.

    Known given names at its beginning are the given name; where there are none there but at its
    end, the family name came first. Otherwise the first word is the given name.
    """
    from percorso.identity.names import known

    words = (_words(text) or "").split()
    if not words:
        return None, None
    if len(words) == 1:
        return (words[0], None) if words[0] in known() else (None, words[0])
    if words[0] not in known() and words[-1] in known() and words[0] not in _PARTICLES:
        return words[-1], "".join(words[:-1])
    if words[0] in _PARTICLES and words[-1] in known():
        return words[-1], "".join(words[:-1])
    given = 1
    while given < len(words) - 1 and words[given] in known():
        given += 1
    return " ".join(words[:given]), "".join(words[given:])


def _words(text: str) -> str | None:
    words = plain(text.replace(".", "")).split()
    kept = [
        each
        for place, each in enumerate(words)
        if each not in _TITLES or (each in _NAMES_TOO and (place > 0 or len(words) == 1))
    ]
    return " ".join(kept) or None


def birth_date(text: str) -> str | None:
    """Return a day as 1980-03-31, from that or from 31/3/1980; None for what is no day."""
    text = text.strip()
    if found := re.match(r"(\d{4})-(\d{1,2})-(\d{1,2})", text):
        year, month, day = (int(each) for each in found.groups())
    elif found := re.fullmatch(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})", text):
        day, month, year = (int(each) for each in found.groups())
    else:
        return None
    if not (1880 <= year <= 2100 and 1 <= month <= 12 and 1 <= day <= 31):
        return None
    # Where a form wants a day and has none, it is often the first of a round year.
    return None if (year, month, day) in _NO_DAYS else f"{year:04}-{month:02}-{day:02}"


_NO_DAYS: Final = ((1900, 1, 1), (1970, 1, 1), (2000, 1, 1), (1901, 1, 1))


def postal_code(text: str) -> str | None:
    """Return a postal code without spaces; an Italian one has five digits."""
    text = re.sub(r"[^A-Z0-9]+", "", text.upper()).removeprefix("I")
    return text if 3 <= len(text) <= 10 and any(each.isdigit() for each in text) else None


def city(text: str) -> str | None:
    return plain(text).replace(" ", "") or None


@lru_cache(maxsize=100_000)
def street(text: str) -> str | None:
    """Return a street as ``name|number``: what kind of street it is, people mix up.

    ``V.le Monza, 12/B`` and ``viale Monza n. 12 b`` are both ``monza|12b``; without a number,
    ``monza|``. Where nothing but the kind of street stands before a number, it is of the name:
    ``via 4 Novembre`` and ``via IV Novembre`` are both ``ivnovembre|``.
    """
    text = _INSIDE.sub("", text.casefold())
    houses = [each for each in _NUMBER.finditer(text) if _names(text[: each.start()])]
    found = houses[-1] if houses else None
    number = f"{int(found[1])}{(found[2] or '').lower()}" if found else ""
    name = text[: found.start()] if found else text
    words = _words_of_street(_ARABIC.sub(lambda each: _roman(int(each[0])), name))
    words = words[1:] if words and words[0] in _KINDS_OF_STREET and len(words) > 1 else words
    shortened = [_TITLES_OF_STREETS.get(each, each) for each in words[:-1]] + words[-1:]
    joined = "".join(shortened)
    return f"{joined}|{number}" if joined else None


def _words_of_street(text: str) -> list[str]:
    words = plain(text.replace(".", "")).split()
    return [_STREETS.get(words[0], words[0]), *words[1:]] if words else []


def _names(text: str) -> bool:
    """Say whether there is a name in this beginning of a street, beside what kind it is."""
    kinds = _KINDS_OF_STREET | _PARTICLES
    return any(each not in kinds for each in _words_of_street(text))


def _roman(number: int) -> str:
    """Return a number in Roman numerals, as streets are named for days and kings."""
    written = ""
    for value, numeral in _NUMERALS:
        count, number = divmod(number, value)
        written += numeral * count
    return written


_ARABIC: Final = re.compile(r"\d{1,4}")
_NUMERALS: Final = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
    (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
