"""How sources are: what has come from each, and when."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from django.utils import timezone

from percorso.app.inbox import inbox
from percorso.app.sources import mapping, queries
from percorso.app.sources.arrivals import as_time
from percorso.app.sources.queries import SourceInfo
from percorso.live import Seen

#: The source of what people of the company write down themselves.
STAFF: Final = "staff"
#: Source -> events and rejected ones, of the last 24 hours.
Lately = dict[str, tuple[int, int]]
_QUIET_AFTER: Final = timedelta(days=1)
_LATE_AFTER: Final = timedelta(minutes=1)


class Health(StrEnum):
    """How a source is."""

    NEW = "new"  # nothing has come yet
    ARRIVES = "arrives"
    QUIET = "quiet"  # nothing for a day
    REJECTED = "rejected"  # most of what came in the last day was rejected
    NO_KEY = "no_key"  # none of its keys works
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Line:
    """A source with what came from it. ``info`` is None for what people write down.

    ``events`` and ``rejected`` are of all its life, ``lately`` and ``lately_rejected`` of the last
    24 hours.
    """

    name: str
    info: SourceInfo | None
    health: Health
    events: int
    rejected: int
    lately: int
    lately_rejected: int
    first_at: datetime | None
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class State:
    """How it stands as a whole: how many events wait, since when, and how many were rejected.

    ``rules`` says what is wrong with the mapping rules; empty where nothing is.
    """

    waiting: int
    waiting_since: datetime | None
    late: bool
    rejected: int
    unmapped: int
    rules: str


def lines() -> tuple[Line, ...]:
    """Return every source, closed ones last, and what people write down. Raises InboxError."""
    seen, lately = _came()
    found = [_line(each.name, each, seen, lately) for each in queries.sources()]
    if STAFF in seen and not any(each.name == STAFF for each in found):
        found.append(_line(STAFF, None, seen, lately))
    return tuple(sorted(found, key=lambda each: (each.health == Health.CLOSED, each.name)))


def line(name: str) -> Line | None:
    """Return one source; None where there is no such source."""
    found = queries.source(name)
    return None if found is None else _line(name, found, *_came())


def state() -> State:
    """Return how the inbox is. Raises InboxError."""
    box = inbox()
    oldest = box.oldest_waiting()
    since = None if oldest is None else as_time(oldest)
    late = since is not None and timezone.now() - since > _LATE_AFTER
    return State(
        box.depth(), since, late, box.rejected_count(), box.unmapped_count(), mapping.trouble()
    )


def _came() -> tuple[dict[str, Seen], Lately]:
    """Return what each source has sent, and of that what came in the last 24 hours."""
    since = timezone.now() - _QUIET_AFTER
    return inbox().seen(), inbox().seen_since(int(since.timestamp() * 1e6))


def _line(name: str, info: SourceInfo | None, seen: dict[str, Seen], lately: Lately) -> Line:
    came = seen.get(name)
    events, rejected = lately.get(name, (0, 0))
    last_at = as_time(came.last_at) if came else None
    return Line(
        name=name,
        info=info,
        health=_health(info, last_at, rejected * 2 > events),
        events=came.events if came else 0,
        rejected=came.rejected if came else 0,
        lately=events,
        lately_rejected=rejected,
        first_at=as_time(came.first_at) if came else None,
        last_at=last_at,
    )


def _health(info: SourceInfo | None, last_at: datetime | None, rejected: bool) -> Health:  # noqa: FBT001 - most of it was, lately
    if info is not None and info.closed_at is not None:
        return Health.CLOSED
    if info is not None and not any(key.works for key in info.keys):
        return Health.NO_KEY
    if last_at is None:
        return Health.NEW
    if timezone.now() - last_at > _QUIET_AFTER:
        return Health.QUIET
    return Health.REJECTED if rejected else Health.ARRIVES
