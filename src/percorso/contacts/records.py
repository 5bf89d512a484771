"""What the ledger's file holds: a row for each wish, and what became of it."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal, get_args

import msgspec

from percorso.contacts.model import Contact, ContactPurpose, Wish
from percorso.vocabulary import Phrase

State = Literal["waiting", "reserved", "sent", "failed", "never"]
STATES: Final[tuple[State, ...]] = get_args(State)

#: ``at`` is when a message went out, or was reserved; ``until`` when a waiting one is weighed again
#: (NULL: whenever), or how long a reservation lasts. ``attempt`` counts reservations. A person who
#: was erased is NULL. All times are microseconds of UTC.
TABLES: Final = """
CREATE TABLE IF NOT EXISTS wishes (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    wish TEXT UNIQUE,
    person TEXT,
    purpose TEXT NOT NULL,
    campaign TEXT NOT NULL,
    wanted_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    state TEXT NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0,
    at INTEGER,
    until INTEGER,
    reason TEXT NOT NULL,
    decided_at INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS wishes_by_person ON wishes (person, state);
CREATE INDEX IF NOT EXISTS wishes_by_state ON wishes (state, until);
CREATE INDEX IF NOT EXISTS wishes_by_time ON wishes (at) WHERE state IN ('sent', 'reserved');
CREATE INDEX IF NOT EXISTS wishes_by_campaign ON wishes (campaign, state, number);
CREATE UNIQUE INDEX IF NOT EXISTS one_on_its_way ON wishes (campaign, person)
    WHERE state = 'reserved' AND purpose = 'survey';
CREATE TABLE IF NOT EXISTS weighed_by (
    one INTEGER PRIMARY KEY CHECK (one = 1), budget TEXT NOT NULL
) STRICT;
"""
_COLUMNS: Final = (
    "wish, person, purpose, campaign, wanted_at, expires_at, priority, state, at, until, reason, "
    "decided_at, number, attempt"
)
#: One of those that ``as_list`` gives. SQLite ends a text of JSON at its first NUL, so that one
#: travels as ``%00``.
AMONG: Final = "IN (SELECT replace(replace(value, '%00', char(0)), '%25', '%') FROM json_each(?))"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Reservation:
    """A wish that is to be sent, once: after ``reserved_at``, and not at ``until`` or later."""

    id: str
    wish: Wish
    reserved_at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of a wish.

    ``at`` is when it was sent or reserved. ``until`` is when a waiting one is weighed again, or
    until when a reserved one may be sent. ``reason`` is as of ``decided_at``. ``number`` counts
    wishes as they came. ``wish`` and ``person`` are empty where the person was erased.
    """

    wish: str
    person: str
    purpose: ContactPurpose
    campaign: str
    state: State
    at: datetime | None
    until: datetime | None
    reason: Phrase
    decided_at: datetime
    number: int


@dataclass(frozen=True, slots=True)
class Row:
    entry: Entry
    wanted_at: datetime
    expires_at: datetime
    priority: int
    reservation: str

    @property
    def wish(self) -> Wish:
        entry = self.entry
        return Wish(
            entry.wish,
            entry.person,
            entry.purpose,
            entry.campaign,
            self.wanted_at,
            self.expires_at,
            self.priority,
        )


def find(database: sqlite3.Connection, rest: str, *values: Any) -> list[Row]:
    found = database.execute(f"SELECT {_COLUMNS} FROM wishes {rest}", values)
    return [_row(*each) for each in found]


def _row(
    wish: str | None,
    person: str | None,
    purpose: ContactPurpose,
    campaign: str,
    wanted_at: int,
    expires_at: int,
    priority: int,
    state: State,
    at: int | None,
    until: int | None,
    reason: str,
    decided_at: int,
    number: int,
    attempt: int,
) -> Row:
    entry = Entry(
        wish or "",
        person or "",
        purpose,
        campaign,
        state,
        None if at is None else _time(at),
        None if until is None else _time(until),
        msgspec.json.decode(reason, type=Phrase),
        _time(decided_at),
        number,
    )
    times = _time(wanted_at), _time(expires_at)
    return Row(entry, *times, priority, f"{number}.{attempt}")


def contact_of(entry: Entry) -> Contact:
    at = entry.at or entry.decided_at
    return Contact(entry.person, entry.purpose, entry.campaign, at, entry.state == "reserved")


def as_list(texts: Iterable[str]) -> str:
    """Return texts as a query that asks for AMONG takes them."""
    return json.dumps([each.replace("%", "%25").replace("\0", "%00") for each in sorted(texts)])


def as_text(phrase: Phrase) -> str:
    return msgspec.json.encode(phrase).decode()


def parts_of(reservation: str) -> tuple[int, int]:
    number, _dot, attempt = reservation.partition(".")
    return int(number), int(attempt)


def as_number(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _time(number: int) -> datetime:
    return _EPOCH + number * _MICROSECOND
