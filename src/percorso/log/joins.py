"""A join: that two references are one customer, and why; what people said of it, and were asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

#: Kinds of joins: by a value that is equal, by likeness, by a person's word.
EXACT: Final = "exact"
PROBABLE: Final = "probable"
PERSON: Final = "person"

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """That ``reference`` and ``customer`` are one customer, and why.

    ``kind`` is EXACT, PROBABLE or PERSON; ``strength`` is the probability, from 0 to 1, that it is
    so. ``evidence`` is what JSON can hold. ``undone_at`` is None while the join stands.
    """

    reference: str
    customer: str
    kind: str = PERSON
    strength: float = 1.0
    evidence: Mapping[str, Any] = field(default_factory=dict)
    who: str = ""
    at: datetime | None = None
    number: int = 0
    undone_at: datetime | None = None
    undone_by: str = ""

    @property
    def pair(self) -> Pair:
        return in_order(self.reference, self.customer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a person said of two references: that they are the same customer, or two."""

    one: str
    other: str
    same: bool
    at: datetime
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Two references that may be one customer, with the probability and its evidence."""

    one: str
    other: str
    strength: float
    evidence: Mapping[str, Any]
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What changes in one transaction. ``undo`` are numbers of joins.

    ``answers`` are pairs with whether they are the same; what was said of a pair before no longer
    counts. ``withdraw`` are pairs of which nothing counts any more. ``questions`` replaces the
    questions about ``asked_of`` (None: all), where given.
    """

    add: Sequence[Join] = ()
    undo: Sequence[int] = ()
    answers: Sequence[tuple[Pair, bool]] = ()
    withdraw: Sequence[Pair] = ()
    questions: Sequence[Question] | None = None
    asked_of: Sequence[str] | None = None
    settled: Sequence[Pair] = ()


def in_order(one: str, other: str) -> Pair:
    """Return two references as the pair they are kept as."""
    return (one, other) if one < other else (other, one)
