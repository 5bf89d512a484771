"""The ledger of contacts: who is to be written to, who was, who waits, and why not.

One transaction decides and writes down, before anybody sends: whoever asks at the same time, in
another process too, waits for it and then finds it. So nothing goes out twice and no limit is
passed, whenever a process dies. It is kept in ``contacts.sqlite``.
"""

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

import msgspec

from percorso.contacts import words
from percorso.contacts.budget_file import as_toml
from percorso.contacts.deciding import decide
from percorso.contacts.model import Budget, Contact, ContactPurpose, Decision, Wish, in_utc
from percorso.durable_database import changing, connect
from percorso.vocabulary import Phrase
from percorso.workspace import Workspace

State = Literal["waiting", "reserved", "sent", "failed", "never"]
#: How many of those that wait are weighed at once; the rest is when it is asked next.
MOST_AT_ONCE: Final = 5000

#: ``at`` is when a message went out, or was reserved; ``until`` when a waiting one is weighed again
#: (NULL: whenever), or how long a reservation lasts. ``attempt`` counts reservations. A person who
#: was erased is NULL. All times are microseconds of UTC.
_TABLES: Final = """
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
_RANK: Final = "priority DESC, wanted_at, wish"
#: One of those that ``_listed`` gives. SQLite ends a text of JSON at its first NUL, so that one
#: travels as ``%00``.
_AMONG: Final = "IN (SELECT replace(replace(value, '%00', char(0)), '%25', '%') FROM json_each(?))"
#: The wish that a reservation is of.
_RESERVED_AS: Final = "number = ? AND attempt = ?"
#: Wishes that nothing more becomes of, and nothing did since a time.
_OVER: Final = "state IN ('sent', 'failed', 'never') AND max(decided_at, coalesce(at, 0)) < ?"
_WRITE: Final = """
INSERT INTO wishes (wish, person, purpose, campaign, wanted_at, expires_at, priority, state,
    attempt, at, until, reason, decided_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (wish) DO UPDATE SET state = excluded.state,
    attempt = attempt + excluded.attempt, at = excluded.at, until = excluded.until,
    reason = excluded.reason, decided_at = excluded.decided_at
RETURNING number, attempt
"""
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
    until when a reserved one may be sent. ``reason`` is as of ``decided_at``. ``wish`` and
    ``person`` are empty where the person was erased.
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


#: Says, of references, which are of one person: groups, each with the one they are known by now
#: first. What it leaves out stands for itself.
Same = Callable[[Collection[str]], Iterable[Sequence[str]]]


class Ledger:
    """The ledger of a workspace. What a method wrote is on the disk when it returns."""

    def __init__(self, workspace: Workspace) -> None:
        self._file = workspace.contacts

    def settle(
        self,
        wishes: Iterable[Wish],
        budget: Budget,
        now: datetime,
        *,
        same: Same | None = None,
        elsewhere: Iterable[Contact] = (),
    ) -> tuple[Decision, ...]:
        """Decide wishes and write down what is decided; what is to be sent is reserved.

        With them are weighed those that waited and whose time has come, and those that want the
        same persons: their decisions come after those of the wishes given. A wish whose id is known
        stays what it was when it was given first, and is decided again only while it waits. Of
        persons who were known by several references all contacts count: ``same`` tells which.
        ``elsewhere`` are contacts that the ledger does not know of, such as calls: those of these
        persons, and everybody's of the last day. Nobody else writes meanwhile: some thousands take
        a second or two. Raises ValueError where two wishes have one id.
        """
        with self._change() as database:
            return _settled(database, list(wishes), budget, in_utc(now), same, elsewhere)

    def foresee(
        self,
        wishes: Iterable[Wish],
        budget: Budget,
        now: datetime,
        *,
        same: Same | None = None,
        elsewhere: Iterable[Contact] = (),
    ) -> tuple[Decision, ...]:
        """Return what ``settle`` would decide now, and write nothing down.

        Reservations in what it returns are nobody's.
        """
        with closing(self._connect()) as database:
            database.execute("BEGIN IMMEDIATE")
            try:
                return _settled(database, list(wishes), budget, in_utc(now), same, elsewhere)
            finally:
                database.execute("ROLLBACK")

    def due(self, now: datetime) -> frozenset[str]:
        """Return the persons of whom a wish waits whose time to be weighed again has come."""
        rows = self._ask(
            f"WHERE state = 'waiting' AND (until IS NULL OR until <= ?) ORDER BY {_RANK} "
            f"LIMIT {MOST_AT_ONCE}",
            _number(now),
        )
        return frozenset(each.entry.person for each in rows)

    def known(self, wishes: Collection[str]) -> frozenset[str]:
        """Return the ids of those wishes that are in the ledger already."""
        rows = self._ask(f"WHERE wish {_AMONG}", _listed(wishes))
        return frozenset(each.entry.wish for each in rows)

    def withdraw(self, beginning: str, why: Phrase, now: datetime) -> int:
        """Say that the wishes which wait, and whose ids begin so, are over; return how many."""
        with self._change() as database:
            return database.execute(
                "UPDATE wishes SET state = 'never', until = NULL, reason = ?, decided_at = ? "
                "WHERE state = 'waiting' AND substr(wish, 1, ?) = ?",
                (_stored(why), _number(now), len(beginning), beginning),
            ).rowcount

    def decline(self, wishes: Iterable[tuple[Wish, Phrase]], now: datetime) -> None:
        """Write down that wishes are over, and why, in words: no consent, not among the chosen.

        What is on its way or was sent stays as it is.
        """
        with self._change() as database:
            for wish, why in wishes:
                known = _by_wish(database, [wish.id]).get(wish.id)
                if known is None or known.entry.state == "waiting":
                    _written(database, Decision(wish, "never", None, why), now)

    def reserved(self) -> tuple[Reservation, ...]:
        """Return what is to be sent, and was not yet said to be sent or failed, oldest first."""
        rows = self._ask("WHERE state = 'reserved' ORDER BY number")
        return tuple(
            Reservation(each.reservation, each.wish, each.entry.at, each.entry.until)
            for each in rows
            if each.entry.at is not None and each.entry.until is not None
        )

    def sent(self, reservation: str, at: datetime) -> bool:
        """Write down that a message went out, and return whether it was not known yet.

        It counts even where the reservation had been given back.
        """
        with self._change() as database:
            changed = database.execute(
                "UPDATE wishes SET state = 'sent', at = max(?, coalesce(at, 0)), until = NULL, "
                f"reason = ?, decided_at = ? WHERE {_RESERVED_AS} "
                "AND state <> 'sent' RETURNING person",
                (_number(at), _stored(words.IS_SENT), _number(at), *_parts(reservation)),
            ).fetchall()
            _weigh_others(database, changed, reservation)
            return bool(changed)

    def failed(
        self, reservation: str, why: Phrase, now: datetime, *, again: datetime | None = None
    ) -> bool:
        """Give a reservation back of which surely nothing went out; it does not count any more.

        The wish waits until ``again``, or is over. Returns whether there was such a reservation.
        """
        state, until = ("failed", None) if again is None else ("waiting", _number(again))
        with self._change() as database:
            changed = database.execute(
                "UPDATE wishes SET state = ?, at = NULL, until = ?, reason = ?, decided_at = ?, "
                f"wanted_at = max(wanted_at, coalesce(?, 0)) WHERE {_RESERVED_AS} "
                "AND state = 'reserved' RETURNING person",
                (state, until, _stored(why), _number(now), until, *_parts(reservation)),
            ).fetchall()
            _weigh_others(database, changed, reservation)
            return bool(changed)

    def record(
        self, campaign: str, state: State | None = None, limit: int = 100, offset: int = 0
    ) -> tuple[Entry, ...]:
        """Return what became of the wishes of a campaign, in the order they came."""
        rows = self._ask(
            "WHERE campaign = ? AND state = coalesce(?, state) ORDER BY number LIMIT ? OFFSET ?",
            campaign,
            state,
            limit,
            offset,
        )
        return tuple(each.entry for each in rows)

    def latest(
        self,
        *,
        campaign: str | None = None,
        state: State | None = None,
        people: Collection[str] | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> tuple[Entry, ...]:
        """Return what became of wishes, the last to come first.

        Of all campaigns or one, in any state or one, and of anybody or those ``people``.
        """
        rows = self._ask(
            "WHERE campaign = coalesce(?, campaign) AND state = coalesce(?, state) "
            f"AND (? IS NULL OR person {_AMONG}) ORDER BY number DESC LIMIT ? OFFSET ?",
            campaign,
            state,
            None if people is None else 1,
            _listed(people or ()),
            limit,
            offset,
        )
        return tuple(each.entry for each in rows)

    def overview(self) -> Mapping[str, Mapping[str, int]]:
        """Return how many wishes are in each state, by campaign."""
        if not self._file.exists():
            return {}
        with closing(self._connect()) as database:
            found = database.execute(
                "SELECT campaign, state, count(*) FROM wishes GROUP BY 1, 2 ORDER BY 1, 2"
            ).fetchall()
        counts: dict[str, dict[str, int]] = {}
        for campaign, state, n in found:
            counts.setdefault(campaign, {})[state] = n
        return counts

    def counts(self, campaign: str) -> Mapping[str, int]:
        """Return how many wishes of a campaign are in each state that any is in."""
        if not self._file.exists():
            return {}
        with closing(self._connect()) as database:
            found = database.execute(
                "SELECT state, count(*) FROM wishes WHERE campaign = ? GROUP BY state", (campaign,)
            )
            return dict(found.fetchall())

    def history(self, references: Iterable[str]) -> tuple[Contact, ...]:
        """Return the contacts of a person, by all their references, the oldest first."""
        rows = self._ask(
            f"WHERE person {_AMONG} AND state IN ('reserved', 'sent') ORDER BY at, number",
            _listed(references),
        )
        return tuple(_contact(each.entry) for each in rows)

    def redate(self, now: datetime) -> int:
        """Say that what is dated later than now happened now, and return how much that was.

        For when the clock had been wrong: what it dated years ahead would count until then.
        """
        with self._change() as database:
            return database.execute(
                "UPDATE wishes SET at = ? WHERE at > ?", (_number(now), _number(now))
            ).rowcount

    def erase(self, references: Iterable[str], now: datetime) -> int:
        """Take a person out, and return of how many wishes.

        Of what was sent, or may just be, the time stays, without them: it counts for the company.
        """
        if not self._file.exists():
            return 0
        listed = _listed(references)
        with self._change() as database:
            emptied = database.execute(
                "UPDATE wishes SET wish = NULL, person = NULL, state = 'sent', until = NULL, "
                "wanted_at = 0, expires_at = 0, priority = 0, reason = ?, "
                "at = CASE state WHEN 'reserved' THEN max(at, ?) ELSE at END "
                f"WHERE person {_AMONG} AND state IN ('reserved', 'sent')",
                (_stored(words.IS_SENT), _number(now), listed),
            ).rowcount
            gone = database.execute(f"DELETE FROM wishes WHERE person {_AMONG}", (listed,)).rowcount
        with closing(self._connect()) as database:
            database.execute("VACUUM")
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return emptied + gone

    def over_before(self, before: datetime) -> int:
        """Return how many wishes were over by then: sent, failed, or not to be sent."""
        if not self._file.exists():
            return 0
        with closing(self._connect()) as database:
            query = f"SELECT count(*) FROM wishes WHERE {_OVER}"
            return int(database.execute(query, (_number(before),)).fetchone()[0])

    def forget_before(self, before: datetime) -> int:
        """Forget what was over by then, and return how much that was.

        What is forgotten does not count any more: the caller sees that no limit reaches so far back
        (``Budget.longest``).
        """
        if not self._file.exists():
            return 0
        with self._change() as database:
            return database.execute(
                f"DELETE FROM wishes WHERE {_OVER}", (_number(before),)
            ).rowcount

    def _ask(self, rest: str, *values: Any) -> "list[_Row]":
        if not self._file.exists():
            return []
        with closing(self._connect()) as database:
            return _rows(database, rest, *values)

    def _connect(self) -> sqlite3.Connection:
        return connect(self._file, "weighed_by", _TABLES)

    def _change(self) -> AbstractContextManager[sqlite3.Connection]:
        return changing(self._file, "weighed_by", _TABLES)


@dataclass(frozen=True, slots=True)
class _Row:
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


def _settled(
    database: sqlite3.Connection,
    given: list[Wish],
    budget: Budget,
    now: datetime,
    same: Same | None,
    elsewhere: Iterable[Contact],
) -> tuple[Decision, ...]:
    """Decide wishes and write down what is decided, in the transaction of the caller."""
    if len({each.id for each in given}) < len(given):
        raise ValueError("Two wishes have one id.")
    _note_budget(database, budget)
    known = _by_wish(database, [each.id for each in given])
    new = [each for each in given if each.id not in known]
    waiting = [each for each in known.values() if each.entry.state == "waiting"]
    due = _waiting(database, "until IS NULL OR until <= ?", _number(now), f"LIMIT {MOST_AT_ONCE}")
    wanted = _unlike([*new, *(each.wish for each in (*waiting, *due))])
    names = _names({each.person for each in wanted}, same)
    listed = _listed(names)
    others = _waiting(database, f"person {_AMONG}", listed)
    weighed = _unlike([*wanted, *(each.wish for each in others)])
    decided = decide(
        [replace(each, person=names[each.person]) for each in weighed],
        _renamed((*_history(database, listed, now), *elsewhere), names),
        budget,
        now,
    )
    # Each is kept under the reference it was wished for: a join may be taken back.
    written = {
        wish.id: _written(database, replace(each, wish=wish), now)
        for wish, each in zip(weighed, decided, strict=True)
    }
    first = {
        each.id: written.pop(each.id) if each.id in written else _standing(known[each.id])
        for each in given
    }
    return (*first.values(), *written.values())


def _rows(database: sqlite3.Connection, rest: str, *values: Any) -> list[_Row]:
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
) -> _Row:
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
    )
    times = _time(wanted_at), _time(expires_at)
    return _Row(entry, *times, priority, f"{number}.{attempt}")


def _waiting(database: sqlite3.Connection, which: str, value: Any, rest: str = "") -> list[_Row]:
    return _rows(database, f"WHERE state = 'waiting' AND ({which}) ORDER BY {_RANK} {rest}", value)


def _by_wish(database: sqlite3.Connection, ids: list[str]) -> dict[str, _Row]:
    rows = _rows(database, f"WHERE wish {_AMONG}", _listed(ids))
    return {each.entry.wish: each for each in rows}


def _history(database: sqlite3.Connection, people: str, now: datetime) -> list[Contact]:
    """Return the contacts of some people, and everybody's that the company's limits count."""
    lately = _number(now - timedelta(days=1))
    # Three queries that an index answers each: of one query SQLite reads all that was ever sent.
    rows = (
        *_rows(database, f"WHERE person {_AMONG} AND state IN ('sent', 'reserved')", people),
        *_rows(database, "WHERE at > ? AND state IN ('sent', 'reserved')", lately),
        *_rows(database, "WHERE state = 'reserved'"),
    )
    return [_contact(each.entry) for each in {each.reservation: each for each in rows}.values()]


def _contact(entry: Entry) -> Contact:
    at = entry.at or entry.decided_at
    return Contact(entry.person, entry.purpose, entry.campaign, at, entry.state == "reserved")


def _note_budget(database: sqlite3.Connection, budget: Budget) -> None:
    """Have all that waits weighed again where the budget is not the one before."""
    said = f"{budget.zone}\n{as_toml(budget)}"
    found = database.execute("SELECT budget FROM weighed_by").fetchone()
    if found != (said,):
        database.execute("INSERT OR REPLACE INTO weighed_by (one, budget) VALUES (1, ?)", (said,))
        database.execute("UPDATE wishes SET until = NULL WHERE state = 'waiting'")


def _weigh_others(database: sqlite3.Connection, people: list[tuple[str]], reservation: str) -> None:
    """Have what gave way to a reservation weighed again: now it is known what became of it."""
    for (person,) in people:
        database.execute(
            f"UPDATE wishes SET until = NULL WHERE person = ? AND NOT ({_RESERVED_AS}) "
            "AND state = 'waiting'",
            (person, *_parts(reservation)),
        )


def _names(references: Collection[str], same: Same | None) -> dict[str, str]:
    """Return every reference these persons were known by, and the one they are known by now."""
    groups = same(references) if same is not None and references else ()
    names = {each: group[0] for group in groups for each in group}
    return {**{each: each for each in references}, **names}


def _renamed(contacts: Iterable[Contact], names: Mapping[str, str]) -> Iterable[Contact]:
    for each in contacts:
        yield replace(each, person=names.get(each.person, each.person))


def _unlike(wishes: Iterable[Wish]) -> list[Wish]:
    """Return each wish once."""
    return list(dict.fromkeys(wishes))


def _written(database: sqlite3.Connection, decision: Decision, now: datetime) -> Decision:
    """Write a decision down, and return it with its reservation."""
    wish, is_sent = decision.wish, decision.outcome == "send"
    state = {"send": "reserved", "wait": "waiting", "never": "never"}[decision.outcome]
    number, attempt = database.execute(
        _WRITE,
        (
            wish.id,
            wish.person,
            wish.purpose,
            wish.campaign,
            _number(wish.wanted_at),
            _number(wish.expires_at),
            wish.priority,
            state,
            int(is_sent),
            _number(now) if is_sent else None,
            None if decision.until is None else _number(decision.until),
            _stored(decision.reason),
            _number(now),
        ),
    ).fetchone()
    return replace(decision, reservation=f"{number}.{attempt}") if is_sent else decision


def _standing(row: _Row) -> Decision:
    """Return what was decided before, to whoever wishes the same again."""
    entry = row.entry
    if entry.state == "reserved":
        return Decision(row.wish, "wait", entry.until, words.IS_RESERVED)
    return Decision(row.wish, "never", None, entry.reason)


def _listed(texts: Iterable[str]) -> str:
    """Return texts as a query that asks for _AMONG takes them."""
    return json.dumps([each.replace("%", "%25").replace("\0", "%00") for each in sorted(texts)])


def _stored(phrase: Phrase) -> str:
    return msgspec.json.encode(phrase).decode()


def _parts(reservation: str) -> tuple[int, int]:
    number, _dot, attempt = reservation.partition(".")
    return int(number), int(attempt)


def _number(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _time(number: int) -> datetime:
    return _EPOCH + number * _MICROSECOND
