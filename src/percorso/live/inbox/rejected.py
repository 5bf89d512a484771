"""Rejected events as they lie in their table."""

from typing import Any, Final

import msgspec

from percorso.live.received import Rejected
from percorso.vocabulary import Phrase

COLUMNS: Final = "id, source, call, received_at, body, reason, field, value"


def as_record(place: str, rejected: Rejected, now: int) -> tuple[Any, ...]:
    """Return what is written of an event that was rejected, whose place tells it from others."""
    return (
        place,
        rejected.source,
        rejected.call,
        rejected.received_at,
        rejected.body,
        msgspec.json.encode(rejected.reason).decode(),
        rejected.field,
        rejected.value[:200],
        now,
    )


def as_rejected(row: tuple[Any, ...]) -> Rejected:
    """Return what stands in the COLUMNS of a row."""
    number, source, call, received_at, body, reason, field, value = row
    phrase = msgspec.json.decode(reason, type=Phrase)
    return Rejected(source, call, received_at, bytes(body), phrase, field, value, number)
