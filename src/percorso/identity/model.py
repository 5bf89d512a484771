"""What the search for joins takes and gives: plain values, and the error that says what to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from percorso.log import LogError

#: Which facts can make a join by being equal, and how sure that is by itself: the probability that
#: two references which share such a value are one person. These are the house's judgement, not
#: measurements; docs/concepts/identity.md says what stands behind each.
STRENGTHS: Final[Mapping[str, float]] = {
    "link": 0.999,
    "fiscal_code": 0.998,
    "card": 0.99,
    "email": 0.98,
    "phone": 0.95,
    "order": 0.93,
}

#: Every fact that is read: those above, and what is only compared.
FIELDS: Final = (
    *STRENGTHS,
    "first_name",
    "last_name",
    "birth_date",
    "street",
    "postal_code",
    "city",
)


class IdentityError(LogError):
    """Who is who cannot be said that way. Says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Fact:
    """That the customer's ``field`` is ``value``, as ``reference`` gave it at ``at``.

    ``shown`` is as given; ``value`` is what is compared. ``id`` is the interaction that said so,
    empty where the reference itself does (``email:ada@example.org``).
    """

    field: str
    value: str
    shown: str
    reference: str
    source: str
    at: datetime | None
    id: str


@dataclass(frozen=True, slots=True)
class Weight:
    """One step of a waterfall: what speaks for, or against, two references being one customer.

    ``weight`` is in bits: log2 of how many times as often this is seen among two references of
    one customer as among two of different ones. Weights add up; the first, ``field`` "prior", is
    log2 of the odds before anything was compared. ``one`` and ``other`` are what was compared.
    """

    field: str
    level: str
    one: str
    other: str
    weight: float


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a search did: joins made and taken back, questions waiting, and the seconds it took."""

    joined: int = 0
    undone: int = 0
    to_ask: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the company chose, in ``identity.toml``.

    ``most`` is the number of references, browsers apart, that may share a value and still be one
    customer; more, and the value joins nobody. ``most_browsers`` is the same for browsers.
    ``same_numbers`` are groups of sources that number their orders together.
    ``never`` are values that join nobody: e-mails, domains (``@example.org``), phones, cards.
    ``exact`` are the fields that join by being equal. ``join_above`` and ``ask_above`` are
    probabilities: from the first on, likeness joins; from the second on, a person is asked.
    """

    country: str = "IT"
    exact: tuple[str, ...] = tuple(STRENGTHS)
    probable: bool = True
    join_above: float = 0.95
    ask_above: float = 0.5
    most: Mapping[str, int] = field(
        default_factory=lambda: {
            "link": 1000,
            "fiscal_code": 20,
            "card": 8,
            "email": 8,
            "phone": 5,
            "order": 3,
        }
    )
    most_browsers: int = 50
    never: tuple[str, ...] = ()
    same_numbers: tuple[tuple[str, ...], ...] = ()
