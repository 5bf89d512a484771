"""The tables of joins, answers and questions, and what is asked of them and written into them.

Each function works on an open connection to the database that ``Identity`` keeps.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from percorso.log.joins import Answer, Changes, Join, Question, in_order

TABLES: Final = """
CREATE TABLE IF NOT EXISTS joins (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    reference TEXT NOT NULL,
    customer TEXT NOT NULL,
    kind TEXT NOT NULL,
    strength REAL NOT NULL,
    evidence TEXT NOT NULL,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    undone_at INTEGER,
    undone_by TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX IF NOT EXISTS joins_of_reference ON joins (reference);
CREATE INDEX IF NOT EXISTS joins_of_customer ON joins (customer);
CREATE TABLE IF NOT EXISTS answers (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    one TEXT NOT NULL,
    other TEXT NOT NULL,
    same INTEGER NOT NULL,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    withdrawn_at INTEGER
) STRICT;
CREATE INDEX IF NOT EXISTS answers_of_one ON answers (one);
CREATE INDEX IF NOT EXISTS answers_of_other ON answers (other);
CREATE TABLE IF NOT EXISTS questions (
    one TEXT NOT NULL,
    other TEXT NOT NULL,
    strength REAL NOT NULL,
    evidence TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (one, other)
) STRICT;
CREATE INDEX IF NOT EXISTS questions_of_other ON questions (other);
CREATE TABLE IF NOT EXISTS version (number INTEGER NOT NULL) STRICT;
INSERT INTO version SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM version);
CREATE TABLE IF NOT EXISTS store (id TEXT NOT NULL) STRICT;
INSERT INTO store SELECT lower(hex(randomblob(8))) WHERE NOT EXISTS (SELECT 1 FROM store);
-- Merges of releases that kept no more of them than their names.
CREATE TABLE IF NOT EXISTS belongs (reference TEXT PRIMARY KEY, customer TEXT NOT NULL) STRICT;
INSERT INTO joins (reference, customer, kind, strength, evidence, at, who)
    SELECT reference, customer, 'person', 1.0, '{}', unixepoch() * 1000000, '' FROM belongs;
DROP TABLE belongs;
"""
_COLUMNS: Final = (
    "number, reference, customer, kind, strength, evidence, at, who, undone_at, undone_by"
)
STANDS: Final = "undone_at IS NULL"
#: All references that hang together with those in the table ``wanted``.
_TOGETHER: Final = f"""
WITH RECURSIVE together(name) AS (
    SELECT name FROM wanted
    UNION SELECT j.customer FROM together t JOIN joins j ON j.reference = t.name AND j.{STANDS}
    UNION SELECT j.reference FROM together t JOIN joins j ON j.customer = t.name AND j.{STANDS}
)
"""


def want(database: sqlite3.Connection, names: Iterable[Any]) -> None:
    """Put names into the table ``wanted``, which is this connection's alone and in memory."""
    database.execute("PRAGMA temp_store = MEMORY")
    database.execute("CREATE TEMP TABLE IF NOT EXISTS wanted (name PRIMARY KEY) WITHOUT ROWID")
    database.execute("DELETE FROM wanted")
    database.executemany("INSERT OR IGNORE INTO wanted VALUES (?)", ((each,) for each in names))


def joins(database: sqlite3.Connection, which: str, values: Sequence[Any] = ()) -> tuple[Join, ...]:
    """Return the joins that fit ``which``: a condition, then an order and a limit maybe."""
    return _joins(database, f"SELECT {_COLUMNS} FROM joins WHERE {which}", values)


def together(database: sqlite3.Connection, names: Iterable[str]) -> tuple[Join, ...]:
    """Return the joins that stand of all that hang together with the names."""
    want(database, names)
    which = f"{STANDS} AND reference IN (SELECT name FROM together) ORDER BY number"
    return _joins(database, f"{_TOGETHER} SELECT {_COLUMNS} FROM joins WHERE {which}", ())


def _joins(database: sqlite3.Connection, query: str, values: Sequence[Any]) -> tuple[Join, ...]:
    return tuple(_join(record) for record in database.execute(query, values))


def _join(record: tuple[Any, ...]) -> Join:
    number, reference, customer, kind, strength, evidence, at, who, undone_at, undone_by = record
    return Join(
        number=number,
        reference=reference,
        customer=customer,
        kind=kind,
        strength=strength,
        evidence=json.loads(evidence),
        at=_moment(at),
        who=who,
        undone_at=None if undone_at is None else _moment(undone_at),
        undone_by=undone_by,
    )


def answer(record: tuple[Any, ...]) -> Answer:
    """Return an answer of its columns one, other, same, at, who."""
    one, other, same, at, who = record
    return Answer(one=one, other=other, same=bool(same), at=_moment(at), who=who)


def question(record: tuple[Any, ...]) -> Question:
    """Return a question of its columns one, other, strength, evidence, at."""
    one, other, strength, evidence, at = record
    return Question(
        one=one, other=other, strength=strength, evidence=json.loads(evidence), at=_moment(at)
    )


def outgoing(database: sqlite3.Connection, reference: str) -> tuple[Join, ...]:
    """Return the joins that stand by which the reference belongs to somebody."""
    return joins(database, f"{STANDS} AND reference = ?", (reference,))


def yields(database: sqlite3.Connection, reference: str, customer: str) -> bool:
    """Say whether ``reference`` yields its name to ``customer``, be it over others."""
    found = database.execute(
        f"""WITH RECURSIVE path(name) AS (
            VALUES (?)
            UNION SELECT j.customer FROM path p JOIN joins j
                ON j.reference = p.name AND j.{STANDS})
        SELECT 1 FROM path WHERE name = ?""",
        (reference, customer),
    )
    return found.fetchone() is not None


def write(database: sqlite3.Connection, changes: Changes, who: str) -> None:
    """Write the changes, and count them where they change who belongs to whom."""
    now = int(datetime.now(UTC).timestamp() * 1_000_000)
    undone = database.executemany(
        f"UPDATE joins SET undone_at = ?, undone_by = ? WHERE number = ? AND {STANDS}",
        [(now, who, number) for number in changes.undo],
    ).rowcount
    database.executemany(
        "INSERT INTO joins (reference, customer, kind, strength, evidence, at, who) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (_values(each, who, now) for each in changes.add),
    )
    pairs = [*(pair for pair, _same in changes.answers), *changes.withdraw]
    database.executemany(
        "UPDATE answers SET withdrawn_at = ? WHERE one = ? AND other = ? AND withdrawn_at IS NULL",
        [(now, *pair) for pair in pairs],
    )
    database.executemany(
        "INSERT INTO answers (one, other, same, at, who) VALUES (?, ?, ?, ?, ?)",
        [(*pair, int(same), now, who) for pair, same in changes.answers],
    )
    _write_questions(database, changes, now)
    if changes.add or undone > 0:
        count_change(database)


def _write_questions(database: sqlite3.Connection, changes: Changes, now: int) -> None:
    if changes.questions is not None:
        if changes.asked_of is None:
            database.execute("DELETE FROM questions")
        else:
            want(database, changes.asked_of)
            database.execute(
                "DELETE FROM questions WHERE one IN (SELECT name FROM wanted) "
                "OR other IN (SELECT name FROM wanted)"
            )
        database.executemany(
            "INSERT OR REPLACE INTO questions VALUES (?, ?, ?, ?, ?)",
            [
                (*in_order(each.one, each.other), each.strength, _as_json(each.evidence), now)
                for each in changes.questions
            ],
        )
    settled = [*changes.settled, *(pair for pair, _same in changes.answers)]
    database.executemany("DELETE FROM questions WHERE one = ? AND other = ?", settled)


def _values(join: Join, who: str, now: int) -> tuple[Any, ...]:
    at = now if join.at is None else int(join.at.timestamp() * 1_000_000)
    evidence = _as_json(join.evidence)
    return (
        join.reference,
        join.customer,
        join.kind,
        join.strength,
        evidence,
        at,
        join.who or who,
    )


def _as_json(evidence: Mapping[str, Any]) -> str:
    return json.dumps(evidence, ensure_ascii=False, separators=(",", ":"))


def _moment(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds / 1_000_000, UTC)


def said_at(database: sqlite3.Connection) -> int:
    """Return a number that grows with every join, undoing and answer."""
    [number] = database.execute(
        "SELECT (SELECT number FROM version) + (SELECT count(*) FROM answers)"
    ).fetchone()
    return int(number)


def count_change(database: sqlite3.Connection) -> None:
    database.execute("UPDATE version SET number = number + 1")
