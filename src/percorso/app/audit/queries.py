"""Reading the trail."""

from dataclasses import dataclass
from datetime import datetime

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


def trail(limit: int, offset: int) -> Trail:
    """Return ``limit`` lines from ``offset``."""
    entries = Entry.objects.all()[offset : offset + limit]
    lines = tuple(
        Line(each.at, each.actor_name, str(ACTIONS.get(each.action, each.action)), each.subject)
        for each in entries
    )
    return Trail(lines, Entry.objects.count())
