"""Promises: what the company said it would do, by when, and how one sees that it did."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Fate(StrEnum):
    """What became of a promise, as of a moment."""

    KEPT = "kept"
    LATE = "late"
    UNMET = "unmet"
    OPEN = "open"
    WITHDRAWN = "withdrawn"

    @property
    def broken(self) -> bool:
        return self in (Fate.LATE, Fate.UNMET)


@dataclass(frozen=True, slots=True)
class PromiseType:
    """A type of promise, named by ``name`` of the promise interaction.

    It is fulfilled by the first interaction about the same thing, not before the promise, whose
    kind is one of ``fulfilled_by`` (and whose direction is ``direction``, where that is given).
    """

    name: str
    fulfilled_by: tuple[str, ...]
    direction: str | None = None


#: A promise whose name is not here is fulfilled by a ``fulfilment`` of the same name.
PROMISES: Final[dict[str, PromiseType]] = {
    each.name: each
    for each in (
        PromiseType("delivery", ("delivery", "pickup")),
        PromiseType("shipment", ("shipment",)),
        PromiseType("answer", ("message", "call", "resolution"), direction="out"),
        PromiseType("resolution", ("resolution",)),
        PromiseType("refund", ("refund",)),
    )
}
