"""How sources are: what has come from each, and when."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from django.utils import timezone

from percorso.app.sources import queries
from percorso.app.sources.arrivals import as_time, inbox
from percorso.app.sources.queries import SourceInfo
from percorso.live import Seen

#: The source of what people of the company write down themselves.
STAFF: Final = "staff"
_QUIET_AFTER: Final = timedelta(days=1)
_LATE_AFTER: Final = timedelta(minutes=1)


class Health(StrEnum):
    """How a source is."""

    NEW = "new"  # nothing has come yet
    ARRIVES = "arrives"
    QUIET = "quiet"  # nothing for a day
    REJECTED = "rejected"  # most of what came was rejected
    NO_KEY = "no_key"  # none of its keys works
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Line:
    """A source with what came from it. ``info`` is None for what people write down."""

    name: str
    info: SourceInfo | None
    health: Health
    events: int
    rejected: int
    first_at: datetime | None
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class State:
    """How it stands as a whole: how many events wait, since when, and how many were rejected."""

    waiting: int
    waiting_since: datetime | None
    late: bool
    rejected: int
    unmapped: int


def lines() -> tuple[Line, ...]:
    """Return every source, closed ones last, and what people write down. Raises InboxError."""
    seen = inbox().seen()
    found = [_line(each.name, each, seen) for each in queries.sources()]
    if STAFF in seen and not any(each.name == STAFF for each in found):
        found.append(_line(STAFF, None, seen))
    return tuple(sorted(found, key=lambda each: (each.health == Health.CLOSED, each.name)))


def line(name: str) -> Line | None:
    """Return one source; None where there is no such source."""
    found = queries.source(name)
    return None if found is None else _line(name, found, inbox().seen())


def state() -> State:
    """Return how the inbox is. Raises InboxError."""
    box = inbox()
    oldest = box.oldest_waiting()
    since = None if oldest is None else as_time(oldest)
    late = since is not None and timezone.now() - since > _LATE_AFTER
    return State(box.depth(), since, late, box.rejected_count(), len(box.unmapped()))


def _line(name: str, info: SourceInfo | None, seen: dict[str, Seen]) -> Line:
    came = seen.get(name)
    last_at = as_time(came.last_at) if came else None
    return Line(
        name=name,
        info=info,
        health=_health(info, came, last_at),
        events=came.events if came else 0,
        rejected=came.rejected if came else 0,
        first_at=as_time(came.first_at) if came else None,
        last_at=last_at,
    )


def _health(info: SourceInfo | None, came: Seen | None, last_at: datetime | None) -> Health:
    if info is not None and info.closed_at is not None:
        return Health.CLOSED
    if info is not None and not any(key.works for key in info.keys):
        return Health.NO_KEY
    if came is None or last_at is None:
        return Health.NEW
    if came.rejected * 2 > came.events:
        return Health.REJECTED
    return Health.QUIET if timezone.now() - last_at > _QUIET_AFTER else Health.ARRIVES
