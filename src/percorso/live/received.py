"""What was received and waits to enter the log, and what of it could not."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import msgspec

from percorso.vocabulary import Phrase

#: Microseconds of an hour: what comes from a source is counted by the hour too.
HOUR_US: Final = 3_600_000_000


class Received(msgspec.Struct, frozen=True):
    """One request as it came: the unit that is acknowledged.

    ``source`` is the name of the source whose key it carried. ``call`` is the method of the
    tracking API: ``batch``, whose ``body`` holds many events, or ``identify``, ``track``, ``page``,
    ``screen``, ``group``, ``alias``, whose body is one event; or ``event``: one that was put back
    by itself, which says which it is; or ``rows``, rows of the log made here (``live.ready_rows``).
    After an ``@`` stands the id that an event had which carried none itself, and was put back
    (``event@1767225600000000.1.0.3``). ``received_at`` counts microseconds since 1970, UTC.
    ``body`` is JSON in UTF-8, uncompressed. ``events`` says how many events it holds.
    """

    source: str
    call: str
    received_at: int
    body: bytes
    events: int = 1


@dataclass(frozen=True, slots=True)
class Batch:
    """What was taken from the inbox, in the order it came, and the place where it ends."""

    received: tuple[Received, ...]
    #: For each: the number of the inbox's row it lies in, and its place in that row.
    places: tuple[tuple[int, int], ...]
    last: int

    @property
    def events(self) -> int:
        return sum(each.events for each in self.received)

    def portions(self, events: int) -> "Iterator[Batch]":
        """Yield the batch in parts of so many events, or of one request that has more."""
        start = counted = 0
        for number, each in enumerate(self.received):
            if counted and counted + each.events > events:
                yield self._part(start, number)
                start, counted = number, 0
            counted += each.events
        yield self._part(start, len(self.received))

    def halves(self) -> "tuple[Batch, Batch]":
        """Return the batch in two; each ends where the whole does."""
        middle = len(self.received) // 2
        return self._part(0, middle), self._part(middle, len(self.received))

    def _part(self, start: int, end: int) -> "Batch":
        return Batch(self.received[start:end], self.places[start:end], self.last)


@dataclass(frozen=True, slots=True)
class Rejected:
    """An event that did not enter the log, with the reason, until somebody replays or discards it.

    ``reason`` is a rule of the protocol, or of the log where ``field`` names a field of it.
    ``body`` is the event as it came (JSON in UTF-8). ``id`` is given by the inbox (0 before).
    """

    source: str
    call: str
    received_at: int
    body: bytes
    reason: Phrase
    field: str = ""
    value: str = ""
    id: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """What a source has sent so far: since when, until when (microseconds), how many events."""

    source: str
    first_at: int
    last_at: int
    events: int
    rejected: int


@dataclass(frozen=True, slots=True)
class Unmapped:
    """Events of one name that no mapping rule knows: they are in the log as ``other``."""

    source: str
    call: str
    name: str
    events: int
    first_at: int
    last_at: int
    example: bytes
