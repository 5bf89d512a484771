"""Deciding wishes and writing down what is decided, in one transaction of the ledger's file."""

import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from percorso.contacts import words
from percorso.contacts.budget_file import as_toml
from percorso.contacts.deciding import decide
from percorso.contacts.model import Budget, Contact, Decision, Wish
from percorso.contacts.records import (
    AMONG,
    Row,
    as_list,
    as_number,
    as_text,
    contact_of,
    find,
)

#: How many of those that wait are weighed at once; the rest is when it is asked next.
MOST_AT_ONCE: Final = 5000
RANK: Final = "priority DESC, wanted_at, wish"
_WRITE: Final = """
INSERT INTO wishes (wish, person, purpose, campaign, wanted_at, expires_at, priority, state,
    attempt, at, until, reason, decided_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (wish) DO UPDATE SET state = excluded.state,
    attempt = attempt + excluded.attempt, at = excluded.at, until = excluded.until,
    reason = excluded.reason, decided_at = excluded.decided_at
RETURNING number, attempt
"""

#: Says, of references, which are of one person: groups, each with the one they are known by now
#: first. What it leaves out stands for itself.
Same = Callable[[Collection[str]], Iterable[Sequence[str]]]


def settle(
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
    known = by_wish(database, [each.id for each in given])
    new = [each for each in given if each.id not in known]
    waiting = [each for each in known.values() if each.entry.state == "waiting"]
    due = _waiting(database, "until IS NULL OR until <= ?", as_number(now), f"LIMIT {MOST_AT_ONCE}")
    wanted = _unlike([*new, *(each.wish for each in (*waiting, *due))])
    names = _names({each.person for each in wanted}, same)
    listed = as_list(names)
    others = _waiting(database, f"person {AMONG}", listed)
    weighed = _unlike([*wanted, *(each.wish for each in others)])
    decided = decide(
        [replace(each, person=names[each.person]) for each in weighed],
        _renamed((*_history(database, listed, now), *elsewhere), names),
        budget,
        now,
    )
    # Each is kept under the reference it was wished for: a join may be taken back.
    written = {
        wish.id: write_down(database, replace(each, wish=wish), now)
        for wish, each in zip(weighed, decided, strict=True)
    }
    first = {
        each.id: written.pop(each.id) if each.id in written else _standing(known[each.id])
        for each in given
    }
    return (*first.values(), *written.values())


def _waiting(database: sqlite3.Connection, which: str, value: Any, rest: str = "") -> list[Row]:
    return find(database, f"WHERE state = 'waiting' AND ({which}) ORDER BY {RANK} {rest}", value)


def by_wish(database: sqlite3.Connection, ids: list[str]) -> dict[str, Row]:
    rows = find(database, f"WHERE wish {AMONG}", as_list(ids))
    return {each.entry.wish: each for each in rows}


def _history(database: sqlite3.Connection, people: str, now: datetime) -> list[Contact]:
    """Return the contacts of some people, and everybody's that the company's limits count."""
    lately = as_number(now - timedelta(days=1))
    # Three queries that an index answers each: of one query SQLite reads all that was ever sent.
    rows = (
        *find(database, f"WHERE person {AMONG} AND state IN ('sent', 'reserved')", people),
        *find(database, "WHERE at > ? AND state IN ('sent', 'reserved')", lately),
        *find(database, "WHERE state = 'reserved'"),
    )
    return [contact_of(each.entry) for each in {each.reservation: each for each in rows}.values()]


def _note_budget(database: sqlite3.Connection, budget: Budget) -> None:
    """Have all that waits weighed again where the budget is not the one before."""
    said = f"{budget.zone}\n{as_toml(budget)}"
    found = database.execute("SELECT budget FROM weighed_by").fetchone()
    if found != (said,):
        database.execute("INSERT OR REPLACE INTO weighed_by (one, budget) VALUES (1, ?)", (said,))
        database.execute("UPDATE wishes SET until = NULL WHERE state = 'waiting'")


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


def write_down(database: sqlite3.Connection, decision: Decision, now: datetime) -> Decision:
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
            as_number(wish.wanted_at),
            as_number(wish.expires_at),
            wish.priority,
            state,
            int(is_sent),
            as_number(now) if is_sent else None,
            None if decision.until is None else as_number(decision.until),
            as_text(decision.reason),
            as_number(now),
        ),
    ).fetchone()
    return replace(decision, reservation=f"{number}.{attempt}") if is_sent else decision


def _standing(row: Row) -> Decision:
    """Return what was decided before, to whoever wishes the same again."""
    entry = row.entry
    if entry.state == "reserved":
        return Decision(row.wish, "wait", entry.until, words.IS_RESERVED)
    return Decision(row.wish, "never", None, entry.reason)
