"""Which references belong to which customer: the store of who was joined with whom, and why.

The log keeps the reference it was given. That two references are one customer is a *join*: a row
of its own, with its kind, its strength, its evidence, when and who. Answers follow the joins that
stand, the log is not rewritten, and a join that is undone leaves every answer as it was before it.
What people said stays beside, and the questions that wait for them.

``percorso.identity`` finds the joins; here they are kept.
"""

import json
import sqlite3
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from percorso.i18n import gettext as _
from percorso.log.database import changing, connect
from percorso.log.errors import LogError

if TYPE_CHECKING:
    import pyarrow as pa

_TABLES: Final = """
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
_JOIN: Final = (
    "number, reference, customer, kind, strength, evidence, at, who, undone_at, undone_by"
)
_STANDS: Final = "undone_at IS NULL"
#: All references that hang together with those in the table ``wanted``.
_TOGETHER: Final = f"""
WITH RECURSIVE together(name) AS (
    SELECT name FROM wanted
    UNION SELECT j.customer FROM together t JOIN joins j ON j.reference = t.name AND j.{_STANDS}
    UNION SELECT j.reference FROM together t JOIN joins j ON j.customer = t.name AND j.{_STANDS}
)
"""

#: Kinds of joins: by a value that is equal, by likeness, by a person's word.
EXACT: Final = "exact"
PROBABLE: Final = "probable"
PERSON: Final = "person"

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """That ``reference`` and ``customer`` are one customer, and why.

    ``kind`` is EXACT, PROBABLE or PERSON; ``strength`` is the probability, from 0 to 1, that it is
    so. ``evidence`` is what JSON can hold. ``undone_at`` is None while the join stands.
    """

    reference: str
    customer: str
    kind: str = PERSON
    strength: float = 1.0
    evidence: Mapping[str, Any] = field(default_factory=dict)
    who: str = ""
    at: datetime | None = None
    number: int = 0
    undone_at: datetime | None = None
    undone_by: str = ""

    @property
    def pair(self) -> Pair:
        return in_order(self.reference, self.customer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a person said of two references: that they are the same customer, or two."""

    one: str
    other: str
    same: bool
    at: datetime
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Two references that may be one customer, with the probability and its evidence."""

    one: str
    other: str
    strength: float
    evidence: Mapping[str, Any]
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What changes in one transaction. ``undo`` are numbers of joins.

    ``answers`` are pairs with whether they are the same; what was said of a pair before no longer
    counts. ``withdraw`` are pairs of which nothing counts any more. ``questions`` replaces the
    questions about ``asked_of`` (None: all), where given.
    """

    add: Sequence[Join] = ()
    undo: Sequence[int] = ()
    answers: Sequence[tuple[Pair, bool]] = ()
    withdraw: Sequence[Pair] = ()
    questions: Sequence[Question] | None = None
    asked_of: Sequence[str] | None = None
    settled: Sequence[Pair] = ()


class Identity:
    """The store, in SQLite. Each method is a transaction of its own."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._mutex = threading.Lock()
        self._table: tuple[tuple[str, int], pa.Table] | None = None

    # Reading

    @property
    def version(self) -> int:
        """A number that grows by one with each change of who belongs to whom; 0 at first."""
        return self._key()[1]

    @property
    def said_at(self) -> int:
        """A number that grows with every change and every answer; see ``change``."""
        if not self._file.exists():
            return 0
        with closing(self._connect()) as database:
            return _said_at(database)

    def table(self) -> "pa.Table":
        """Return ``reference`` and ``customer`` for each reference that goes by another's name.

        See ``belonging``. Worked out once a version; both columns are large_string.
        """
        from percorso.log.belonging import belonging

        key = self._key()
        with self._mutex:
            if self._table is not None and self._table[0] == key:
                return self._table[1]
            references, customers = self._pairs()
            table = belonging(references, customers)
            # A change meanwhile may be in it or not.
            if self._key() == key:
                self._table = (key, table)
            return table

    def customers(self) -> dict[str, str]:
        """Return reference -> customer, for every reference that goes by another's name."""
        return _as_dict(self.table())

    def customer_of(self, reference: str) -> str:
        """Return the customer that a reference belongs to: itself where it was not joined."""
        joins = self.joins(together_with=[reference])
        return _belonging(joins).get(reference, reference)

    def references_of(self, customer: str) -> tuple[str, ...]:
        """Return every reference of the customer that ``customer`` belongs to, sorted."""
        joins = self.joins(together_with=[customer])
        return tuple(sorted({customer, *(name for each in joins for name in each.pair)}))

    def joins(
        self,
        *,
        together_with: Iterable[str] | None = None,
        numbers: Iterable[int] | None = None,
    ) -> tuple[Join, ...]:
        """Return the joins that stand, in the order they came.

        All of them, or those of all that hang together with the references ``together_with``, or
        those of these ``numbers``.
        """
        if not self._file.exists():
            return ()
        with closing(self._connect()) as database:
            if together_with is not None:
                _want(database, together_with)
                return _joins(
                    database,
                    f"{_TOGETHER} SELECT {_JOIN} FROM joins WHERE {_STANDS} "
                    "AND reference IN (SELECT name FROM together) ORDER BY number",
                )
            where = ""
            if numbers is not None:
                _want(database, numbers)
                where = "AND number IN (SELECT name FROM wanted)"
            query = f"SELECT {_JOIN} FROM joins WHERE {_STANDS} {where} ORDER BY number"
            return _joins(database, query)

    def standing(self) -> "pa.Table":
        """Return the joins that stand as columns, for those who look at all of them.

        number, reference, customer, kind, strength, and of exact joins field and value.
        """
        import pyarrow as pa

        types = {
            "number": pa.int64(),
            "reference": pa.string(),
            "customer": pa.string(),
            "kind": pa.string(),
            "strength": pa.float64(),
            "field": pa.string(),
            "value": pa.string(),
        }
        records: list[tuple[Any, ...]] = []
        if self._file.exists():
            with closing(self._connect()) as database:
                records = database.execute(
                    "SELECT number, reference, customer, kind, strength, evidence ->> 'field', "
                    f"evidence ->> 'value' FROM joins WHERE {_STANDS} ORDER BY number"
                ).fetchall()
        columns = zip(*records, strict=True) if records else ((),) * len(types)
        arrays = zip(columns, types.values(), strict=True)
        return pa.Table.from_arrays([pa.array(list(c), t) for c, t in arrays], names=list(types))

    def history(self, references: Iterable[str]) -> tuple[Join, ...]:
        """Return every join that names one of the references, those undone too, oldest first."""
        if not self._file.exists():
            return ()
        with closing(self._connect()) as database:
            _want(database, references)
            return _joins(
                database,
                f"SELECT {_JOIN} FROM joins WHERE reference IN (SELECT name FROM wanted) "
                "OR customer IN (SELECT name FROM wanted) ORDER BY number",
            )

    def since(self, number: int, limit: int = 1000) -> tuple[Join, ...]:
        """Return the joins with a number above ``number``, oldest first; undone ones too."""
        if not self._file.exists():
            return ()
        with closing(self._connect()) as database:
            return _joins(
                database,
                f"SELECT {_JOIN} FROM joins WHERE number > ? ORDER BY number LIMIT ?",
                (number, limit),
            )

    def answers(self, references: Iterable[str] | None = None) -> tuple[Answer, ...]:
        """Return what people said and counts still: of all, or where a reference is named."""
        if not self._file.exists():
            return ()
        columns = "one, other, same, at, who FROM answers WHERE withdrawn_at IS NULL"
        with closing(self._connect()) as database:
            if references is None:
                records = database.execute(f"SELECT {columns} ORDER BY number").fetchall()
            else:
                _want(database, references)
                records = database.execute(
                    f"SELECT {columns} AND (one IN (SELECT name FROM wanted) "
                    "OR other IN (SELECT name FROM wanted)) ORDER BY number"
                ).fetchall()
        return tuple(
            Answer(one=one, other=other, same=bool(same), at=_moment(at), who=who)
            for one, other, same, at, who in records
        )

    def questions(self, limit: int | None = None, about: str | None = None) -> tuple[Question, ...]:
        """Return the questions that wait, the most probable first; ``about`` one reference."""
        if not self._file.exists():
            return ()
        where, values = ("WHERE ? IN (one, other)", [about]) if about else ("", [])
        with closing(self._connect()) as database:
            records = database.execute(
                f"SELECT one, other, strength, evidence, at FROM questions {where} "
                "ORDER BY strength DESC, one, other LIMIT ?",
                (*values, -1 if limit is None else limit),
            ).fetchall()
        return tuple(_question(record) for record in records)

    def question(self, pair: Pair) -> Question | None:
        """Return the question about two references, if it waits."""
        one, other = in_order(*pair)
        return next((each for each in self.questions(about=one) if each.other == other), None)

    def count(self) -> dict[str, int]:
        """Return how many joins of each kind stand, and under ``questions`` how many wait."""
        if not self._file.exists():
            return {"questions": 0}
        with closing(self._connect()) as database:
            kinds = database.execute(f"SELECT kind, count(*) FROM joins WHERE {_STANDS} GROUP BY 1")
            [waiting] = database.execute("SELECT count(*) FROM questions").fetchone()
            return {**dict(kinds.fetchall()), "questions": waiting}

    # Writing

    def merge(self, reference: str, customer: str, *, who: str = "") -> bool:
        """Say that ``reference`` belongs to ``customer``; return whether that is news.

        It is a person's word. Whatever belonged to ``reference`` comes along. A reference that a
        person had merged with somebody else moves. Where ``customer`` belongs to ``reference``
        already, they are one customer as it is. Raises LogError where a name is empty or both are
        the same.
        """
        for name in (reference, customer):
            if not name.strip():
                raise LogError(_("A customer's reference must not be empty."))
        if reference == customer:
            raise LogError(_("%s cannot be merged with itself.") % reference)
        with self._open() as database:
            standing = _outgoing(database, reference)
            if any(each.customer == customer for each in standing):
                return False
            if _yields(database, customer, reference):
                return False
            moved = [each.number for each in standing if each.kind == PERSON]
            # Undoing the move brings them back.
            evidence = {"moved_from": moved}
            _write(
                database,
                Changes(
                    add=[
                        Join(
                            reference=reference,
                            customer=customer,
                            evidence=evidence if moved else {},
                        )
                    ],
                    undo=moved,
                    withdraw=[in_order(reference, customer)],
                    settled=[in_order(reference, customer)],
                ),
                who,
            )
        return True

    def unmerge(self, reference: str, *, who: str = "") -> bool:
        """Take back that ``reference`` belongs to somebody; return whether it did.

        What joined it by evidence is taken back as a person's word, which no later search for
        joins overrules.
        """
        if not self._file.exists():
            return False
        with self._open() as database:
            standing = _outgoing(database, reference)
            found = [(each.pair, False) for each in standing if each.kind != PERSON]
            undo = [each.number for each in standing]
            _write(database, Changes(undo=undo, answers=found), who)
        return bool(undo)

    def change(self, changes: Changes, *, who: str, as_of: int | None = None) -> bool:
        """Make several changes at once, all or none; say whether they were made.

        They are not where ``as_of`` names a version and somebody said something since.
        """
        with self._open() as database:
            if as_of is not None and _said_at(database) != as_of:
                return False
            _write(database, changes, who)
        return True

    def forget(self, references: Iterable[str]) -> None:
        """Remove references for good: from the file too, not only from the answers."""
        if not self._file.exists():
            return
        with self._open() as database:
            _want(database, references)
            joins, _answers, _questions = (
                database.execute(
                    f"DELETE FROM {table} WHERE {one} IN (SELECT name FROM wanted) "
                    f"OR {other} IN (SELECT name FROM wanted)"
                ).rowcount
                for table, one, other in (
                    ("joins", "reference", "customer"),
                    ("answers", "one", "other"),
                    ("questions", "one", "other"),
                )
            )
            if joins:
                _count(database)
        self._table = None
        with closing(self._connect()) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _key(self) -> tuple[str, int]:
        """Return the store's own name and its version: a store made anew counts from 0 again."""
        if not self._file.exists():
            return "", 0
        with closing(self._connect()) as database:
            store, number = database.execute(
                "SELECT (SELECT id FROM store), (SELECT number FROM version)"
            ).fetchone()
            return store, number

    def _pairs(self) -> "tuple[pa.Array[Any], pa.Array[Any]]":
        import pyarrow as pa

        records: list[tuple[str, str]] = []
        if self._file.exists():
            with closing(self._connect()) as database:
                query = f"SELECT reference, customer FROM joins WHERE {_STANDS}"
                records = database.execute(query).fetchall()
        columns = zip(*records, strict=True) if records else ((), ())
        one, other = (pa.array(list(each), pa.large_string()) for each in columns)
        return one, other

    def _open(self) -> AbstractContextManager[sqlite3.Connection]:
        return changing(self._file, "joins", _TABLES)

    def _connect(self) -> sqlite3.Connection:
        return connect(self._file, "joins", _TABLES)


def in_order(one: str, other: str) -> Pair:
    """Return two references as the pair they are kept as."""
    return (one, other) if one < other else (other, one)


def _belonging(joins: Sequence[Join]) -> dict[str, str]:
    import pyarrow as pa

    from percorso.log.belonging import belonging

    if not joins:
        return {}
    table = belonging(
        pa.array([each.reference for each in joins], pa.large_string()),
        pa.array([each.customer for each in joins], pa.large_string()),
    )
    return _as_dict(table)


def _as_dict(table: "pa.Table") -> dict[str, str]:
    references: list[Any] = table["reference"].to_pylist()
    return dict(zip(references, table["customer"].to_pylist(), strict=True))


def _want(database: sqlite3.Connection, names: Iterable[Any]) -> None:
    """Put names into the table ``wanted``, which is this connection's alone and in memory."""
    database.execute("PRAGMA temp_store = MEMORY")
    database.execute("CREATE TEMP TABLE IF NOT EXISTS wanted (name PRIMARY KEY) WITHOUT ROWID")
    database.execute("DELETE FROM wanted")
    database.executemany("INSERT OR IGNORE INTO wanted VALUES (?)", ((each,) for each in names))


def _joins(
    database: sqlite3.Connection, query: str, values: Sequence[Any] = ()
) -> tuple[Join, ...]:
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


def _question(record: tuple[Any, ...]) -> Question:
    one, other, strength, evidence, at = record
    return Question(
        one=one, other=other, strength=strength, evidence=json.loads(evidence), at=_moment(at)
    )


def _outgoing(database: sqlite3.Connection, reference: str) -> tuple[Join, ...]:
    query = f"SELECT {_JOIN} FROM joins WHERE {_STANDS} AND reference = ?"
    return _joins(database, query, (reference,))


def _yields(database: sqlite3.Connection, reference: str, customer: str) -> bool:
    """Say whether ``reference`` yields its name to ``customer``, be it over others."""
    found = database.execute(
        f"""WITH RECURSIVE path(name) AS (
            VALUES (?)
            UNION SELECT j.customer FROM path p JOIN joins j
                ON j.reference = p.name AND j.{_STANDS})
        SELECT 1 FROM path WHERE name = ?""",
        (reference, customer),
    )
    return found.fetchone() is not None


def _write(database: sqlite3.Connection, changes: Changes, who: str) -> None:
    now = int(datetime.now(UTC).timestamp() * 1_000_000)
    undone = database.executemany(
        f"UPDATE joins SET undone_at = ?, undone_by = ? WHERE number = ? AND {_STANDS}",
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
        _count(database)


def _write_questions(database: sqlite3.Connection, changes: Changes, now: int) -> None:
    if changes.questions is not None:
        if changes.asked_of is None:
            database.execute("DELETE FROM questions")
        else:
            _want(database, changes.asked_of)
            database.execute(
                "DELETE FROM questions WHERE one IN (SELECT name FROM wanted) "
                "OR other IN (SELECT name FROM wanted)"
            )
        database.executemany(
            "INSERT OR REPLACE INTO questions VALUES (?, ?, ?, ?, ?)",
            [
                (*in_order(each.one, each.other), each.strength, as_json(each.evidence), now)
                for each in changes.questions
            ],
        )
    settled = [*changes.settled, *(pair for pair, _same in changes.answers)]
    database.executemany("DELETE FROM questions WHERE one = ? AND other = ?", settled)


def _values(join: Join, who: str, now: int) -> tuple[Any, ...]:
    at = now if join.at is None else int(join.at.timestamp() * 1_000_000)
    evidence = as_json(join.evidence)
    return (
        join.reference,
        join.customer,
        join.kind,
        join.strength,
        evidence,
        at,
        join.who or who,
    )


def as_json(evidence: Mapping[str, Any]) -> str:
    return json.dumps(evidence, ensure_ascii=False, separators=(",", ":"))


def _moment(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds / 1_000_000, UTC)


def _said_at(database: sqlite3.Connection) -> int:
    """Return a number that grows with every join, undoing and answer."""
    [number] = database.execute(
        "SELECT (SELECT number FROM version) + (SELECT count(*) FROM answers)"
    ).fetchone()
    return int(number)


def _count(database: sqlite3.Connection) -> None:
    database.execute("UPDATE version SET number = number + 1")
