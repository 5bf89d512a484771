"""Reading the trail."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from percorso.app.audit.models import Entry
from percorso.app.audit.words import ACTIONS


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the trail; ``actor`` is empty where the machine did it."""

    at: datetime
    actor: str
    action: str
    subject: str


@dataclass(frozen=True, slots=True)
class Trail:
    """A page of the trail, newest first."""

    lines: tuple[Line, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for: words, an action or a group of them, days, keys of a customer."""

    words: str = ""
    action: str = ""
    since: date | None = None
    until: date | None = None
    keys: Sequence[str] = ()


def trail(asked: Asked, zone: ZoneInfo, limit: int, offset: int) -> Trail:
    """Return ``limit`` lines from ``offset`` of what was asked for."""
    found = _found(asked, zone)
    return Trail(tuple(map(_line, found[offset : offset + limit])), found.count())


def all_lines(asked: Asked, zone: ZoneInfo) -> Iterator[Line]:
    """Yield every line of what was asked for, newest first."""
    for each in _found(asked, zone).iterator(chunk_size=2000):
        yield _line(each)


def actions() -> tuple[tuple[str, str], ...]:
    """Return the actions that are in the trail, each with its words, in their order."""
    names = Entry.objects.order_by().values_list("action", flat=True).distinct()
    return tuple(
        sorted(((each, _words(each)) for each in names), key=lambda each: each[1].casefold())
    )


def _found(asked: Asked, zone: ZoneInfo) -> QuerySet[Entry]:
    found = Entry.objects.all()
    for word in asked.words.split():
        said = [name for name, words in ACTIONS.items() if word.casefold() in str(words).casefold()]
        found = found.filter(
            Q(actor_name__icontains=word) | Q(subject__icontains=word) | Q(action__in=said)
        )
    if asked.action:
        found = found.filter(action=asked.action)
    if asked.since:
        found = found.filter(at__gte=_midnight(asked.since, zone))
    if asked.until:
        found = found.filter(at__lt=_midnight(asked.until + timedelta(days=1), zone))
    if asked.keys:
        about = Q()
        for key in asked.keys:
            about |= Q(subject__contains=key)
        found = found.filter(about)
    return found


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def _line(entry: Entry) -> Line:
    return Line(entry.at, entry.actor_name, _words(entry.action), entry.subject)


def _words(action: str) -> str:
    return str(ACTIONS.get(action, action))
