"""Listening live: events from websites and systems, kept safely, and drained into the log."""

from percorso.live.errors import InboxError, InboxFullError, LiveError
from percorso.live.received import Batch, Received, Rejected, Seen, Unmapped

__all__ = [
    "Batch",
    "InboxError",
    "InboxFullError",
    "LiveError",
    "Received",
    "Rejected",
    "Seen",
    "Unmapped",
]
