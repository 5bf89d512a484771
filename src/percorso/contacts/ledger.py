"""The ledger of contacts: who is to be written to, who was, who waits, and why not.

One transaction decides and writes down, before anybody sends: whoever asks at the same time, in
another process too, waits for it and then finds it. So nothing goes out twice and no limit is
passed, whenever a process dies. It is kept in ``contacts.sqlite``.
"""

import sqlite3
from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractContextManager, closing
from datetime import datetime
from typing import Any, Final

from percorso.contacts import words
from percorso.contacts.model import Budget, Contact, Decision, Wish, in_utc
from percorso.contacts.records import (
    AMONG,
    TABLES,
    Entry,
    Reservation,
    Row,
    State,
    as_list,
    as_number,
    as_text,
    contact_of,
    find,
    parts_of,
)
from percorso.contacts.settling import MOST_AT_ONCE, RANK, Same, by_wish, settle, write_down
from percorso.durable_database import changing, connect, empty_journal
from percorso.vocabulary import Phrase
from percorso.workspace import Workspace

#: Beyond every entry's number. A plain bound: the entries beyond it are not read.
_END: Final = 2**63 - 1
#: The wish that a reservation is of.
_RESERVED_AS: Final = "number = ? AND attempt = ?"
#: Wishes that nothing more becomes of, and nothing did since a time.
_OVER: Final = "state IN ('sent', 'failed', 'never') AND max(decided_at, coalesce(at, 0)) < ?"


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
            return settle(database, list(wishes), budget, in_utc(now), same, elsewhere)

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
                return settle(database, list(wishes), budget, in_utc(now), same, elsewhere)
            finally:
                database.execute("ROLLBACK")

    def due(self, now: datetime) -> frozenset[str]:
        """Return the persons of whom a wish waits whose time to be weighed again has come."""
        rows = self._ask(
            f"WHERE state = 'waiting' AND (until IS NULL OR until <= ?) ORDER BY {RANK} "
            f"LIMIT {MOST_AT_ONCE}",
            as_number(now),
        )
        return frozenset(each.entry.person for each in rows)

    def of(self, wishes: Collection[str]) -> tuple[Entry, ...]:
        """Return what became of those wishes that are in the ledger, by their ids."""
        return tuple(each.entry for each in self._ask(f"WHERE wish {AMONG}", as_list(wishes)))

    def known(self, wishes: Collection[str]) -> frozenset[str]:
        """Return the ids of those wishes that are in the ledger already."""
        return frozenset(each.wish for each in self.of(wishes))

    def withdraw(self, beginning: str, why: Phrase, now: datetime) -> int:
        """Say that the wishes which wait, and whose ids begin so, are over; return how many."""
        with self._change() as database:
            return database.execute(
                "UPDATE wishes SET state = 'never', until = NULL, reason = ?, decided_at = ? "
                "WHERE state = 'waiting' AND substr(wish, 1, ?) = ?",
                (as_text(why), as_number(now), len(beginning), beginning),
            ).rowcount

    def decline(self, wishes: Iterable[tuple[Wish, Phrase]], now: datetime) -> None:
        """Write down that wishes are over, and why, in words: no consent, not among the chosen.

        What is on its way or was sent stays as it is.
        """
        with self._change() as database:
            for wish, why in wishes:
                known = by_wish(database, [wish.id]).get(wish.id)
                if known is None or known.entry.state == "waiting":
                    write_down(database, Decision(wish, "never", None, why), now)

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
                (as_number(at), as_text(words.IS_SENT), as_number(at), *parts_of(reservation)),
            ).fetchall()
            _weigh_others(database, changed, reservation)
            return bool(changed)

    def failed(
        self, reservation: str, why: Phrase, now: datetime, *, again: datetime | None = None
    ) -> bool:
        """Give a reservation back of which surely nothing went out; it does not count any more.

        The wish waits until ``again``, or is over. Returns whether there was such a reservation.
        """
        state, until = ("failed", None) if again is None else ("waiting", as_number(again))
        with self._change() as database:
            changed = database.execute(
                "UPDATE wishes SET state = ?, at = NULL, until = ?, reason = ?, decided_at = ?, "
                f"wanted_at = max(wanted_at, coalesce(?, 0)) WHERE {_RESERVED_AS} "
                "AND state = 'reserved' RETURNING person",
                (state, until, as_text(why), as_number(now), until, *parts_of(reservation)),
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
        since: datetime | None = None,
        until: datetime | None = None,
        before: int | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> tuple[Entry, ...]:
        """Return what became of wishes, the last to come first.

        Of all campaigns or one, in any state or one, and of anybody or those ``people``; decided
        at ``since`` or later, and before ``until``. ``before`` is the number of an entry: only
        those that came before it, however many came since.
        """
        rows = self._ask(
            "WHERE campaign = coalesce(?, campaign) AND state = coalesce(?, state) "
            f"AND (? IS NULL OR person {AMONG}) AND decided_at >= coalesce(?, decided_at) "
            "AND decided_at < coalesce(?, decided_at + 1) AND number < ? "
            "ORDER BY number DESC LIMIT ? OFFSET ?",
            campaign,
            state,
            None if people is None else 1,
            as_list(people or ()),
            None if since is None else as_number(since),
            None if until is None else as_number(until),
            _END if before is None else before,
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
            f"WHERE person {AMONG} AND state IN ('reserved', 'sent') ORDER BY at, number",
            as_list(references),
        )
        return tuple(contact_of(each.entry) for each in rows)

    def redate(self, now: datetime) -> int:
        """Say that what is dated later than now happened now, and return how much that was.

        For when the clock had been wrong: what it dated years ahead would count until then.
        """
        with self._change() as database:
            return database.execute(
                "UPDATE wishes SET at = ? WHERE at > ?", (as_number(now), as_number(now))
            ).rowcount

    def erase(self, references: Iterable[str], now: datetime) -> int:
        """Take a person out, and return of how many wishes.

        Of what was sent, or may just be, the time stays, without them: it counts for the company.
        """
        if not self._file.exists():
            return 0
        listed = as_list(references)
        with self._change() as database:
            emptied = database.execute(
                "UPDATE wishes SET wish = NULL, person = NULL, state = 'sent', until = NULL, "
                "wanted_at = 0, expires_at = 0, priority = 0, reason = ?, "
                "at = CASE state WHEN 'reserved' THEN max(at, ?) ELSE at END "
                f"WHERE person {AMONG} AND state IN ('reserved', 'sent')",
                (as_text(words.IS_SENT), as_number(now), listed),
            ).rowcount
            gone = database.execute(f"DELETE FROM wishes WHERE person {AMONG}", (listed,)).rowcount
        with closing(self._connect()) as database:
            database.execute("VACUUM")
            empty_journal(database)
        return emptied + gone

    def over_before(self, before: datetime) -> int:
        """Return how many wishes were over by then: sent, failed, or not to be sent."""
        if not self._file.exists():
            return 0
        with closing(self._connect()) as database:
            query = f"SELECT count(*) FROM wishes WHERE {_OVER}"
            return int(database.execute(query, (as_number(before),)).fetchone()[0])

    def forget_before(self, before: datetime) -> int:
        """Forget what was over by then, and return how much that was.

        What is forgotten does not count any more: the caller sees that no limit reaches so far back
        (``Budget.longest``).
        """
        if not self._file.exists():
            return 0
        with self._change() as database:
            return database.execute(
                f"DELETE FROM wishes WHERE {_OVER}", (as_number(before),)
            ).rowcount

    def _ask(self, rest: str, *values: Any) -> "list[Row]":
        if not self._file.exists():
            return []
        with closing(self._connect()) as database:
            return find(database, rest, *values)

    def _connect(self) -> sqlite3.Connection:
        return connect(self._file, "weighed_by", TABLES)

    def _change(self) -> AbstractContextManager[sqlite3.Connection]:
        return changing(self._file, "weighed_by", TABLES)


def _weigh_others(database: sqlite3.Connection, people: list[tuple[str]], reservation: str) -> None:
    """Have what gave way to a reservation weighed again: now it is known what became of it."""
    for (person,) in people:
        database.execute(
            f"UPDATE wishes SET until = NULL WHERE person = ? AND NOT ({_RESERVED_AS}) "
            "AND state = 'waiting'",
            (person, *parts_of(reservation)),
        )
