"""The tracking API of Segment: what a request may hold, and the events in it."""

from percorso.live.segment.door import inflate, key_of, measure
from percorso.live.segment.events import Event
from percorso.live.segment.protocol import (
    ADDRESSES,
    CALLS,
    MOST_CONTEXT,
    MOST_EVENT,
    MOST_EVENTS,
    MOST_MESSAGE_ID,
    MOST_NAME,
    MOST_REQUEST,
    UNREADABLE,
    RefusedError,
    UnfitError,
)
from percorso.live.segment.reading import context_size, parts, read

__all__ = [
    "ADDRESSES",
    "CALLS",
    "MOST_CONTEXT",
    "MOST_EVENT",
    "MOST_EVENTS",
    "MOST_MESSAGE_ID",
    "MOST_NAME",
    "MOST_REQUEST",
    "UNREADABLE",
    "Event",
    "RefusedError",
    "UnfitError",
    "context_size",
    "inflate",
    "key_of",
    "measure",
    "parts",
    "read",
]
