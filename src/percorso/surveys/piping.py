"""Fills what is known of a customer into the words of a survey.

    Hello {first_name|there}, how was your visit to {shop|our shop}?

A gap names a fact and, after a bar, what is said where the fact is not known. Braces that are
meant as such are doubled. What comes out is plain text, to be escaped where it is shown.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from percorso.surveys.words import clean

#: The facts of a person; a survey that is anonymous may not say them.
PERSONAL: Final = ("first_name", "last_name", "name")
#: What may be known when somebody is asked. ``company`` always is.
FACTS: Final = (*PERSONAL, "company", "shop", "touchpoint", "product", "order", "agent", "date")
ALWAYS_KNOWN: Final = ("company",)
#: A longer fact is none that belongs in a sentence.
LONGEST: Final = 80
_PIECES: Final = re.compile(r"\{\{|\}\}|\{([^{}|]*)(?:\|([^{}]*))?\}|[{}]")
#: A name with an address in it is somebody's advertisement, and mail programs make a link of it.
_ADDRESS: Final = re.compile(r"://|www\.|@|\w\.[a-z]{2,}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Gap:
    """A gap in a text: the fact, what is said in its place, and where it begins, from 0.

    ``fallback`` is None where none is given. ``fact`` is None where a brace stands alone.
    """

    fact: str | None
    fallback: str | None
    at: int


def gaps(text: str) -> Iterator[Gap]:
    """Yield the gaps of a text, and the braces that are none."""
    for found in _PIECES.finditer(text):
        if found[0] in ("{{", "}}"):
            continue
        fact = found[1].strip() if found[1] is not None else None
        yield Gap(fact, found[2], found.start())


def fill(text: str, facts: Mapping[str, str]) -> str:
    """Return the text with its gaps filled. A fact that is not fit to be said is not known.

    Each gap is filled once: braces in a fact are characters like others.
    """
    return _PIECES.sub(lambda found: _filled(found, facts), text)


def _filled(found: re.Match[str], facts: Mapping[str, str]) -> str:
    if found[0] in ("{{", "}}"):
        return found[0][0]
    if found[1] is None:
        return found[0]
    name = found[1].strip()
    # The company chose its name itself: it may be an address, or long.
    said = clean(facts.get(name, "")) if name in ALWAYS_KNOWN else _fit(facts.get(name, ""))
    return said or (found[2] or "").strip()


def _fit(fact: object) -> str:
    """Return a fact as it can be said; empty where it cannot: too long, or with an address."""
    if not isinstance(fact, str) or len(fact) > 10 * LONGEST:
        return ""
    said = clean(fact)
    return "" if len(said) > LONGEST or _ADDRESS.search(said) else said
