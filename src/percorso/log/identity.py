"""Which references belong to which customer: the store of who was joined with whom, and why.

The log keeps the reference it was given. That two references are one customer is a *join*: a row
of its own (see ``log.joins``), with its kind, its strength, its evidence, when and who. Answers
follow the joins that stand, the log is not rewritten, and a join that is undone leaves every answer
as it was before it. What people said stays beside, and the questions that wait for them.

``percorso.identity`` finds the joins; here they are kept.
"""

import sqlite3
import threading
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from percorso.durable_database import changing, connect, empty_journal
from percorso.i18n import gettext as _
from percorso.log import join_tables as tables
from percorso.log.errors import LogError
from percorso.log.join_tables import STANDS
from percorso.log.joins import PERSON, Answer, Changes, Join, Pair, Question, in_order

if TYPE_CHECKING:
    import pyarrow as pa


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
            return tables.said_at(database)

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
                return tables.together(database, together_with)
            where = ""
            if numbers is not None:
                tables.want(database, numbers)
                where = "AND number IN (SELECT name FROM wanted)"
            return tables.joins(database, f"{STANDS} {where} ORDER BY number")

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
                    f"evidence ->> 'value' FROM joins WHERE {STANDS} ORDER BY number"
                ).fetchall()
        columns = zip(*records, strict=True) if records else ((),) * len(types)
        arrays = zip(columns, types.values(), strict=True)
        return pa.Table.from_arrays([pa.array(list(c), t) for c, t in arrays], names=list(types))

    def history(self, references: Iterable[str]) -> tuple[Join, ...]:
        """Return every join that names one of the references, those undone too, oldest first."""
        if not self._file.exists():
            return ()
        with closing(self._connect()) as database:
            tables.want(database, references)
            return tables.joins(
                database,
                "reference IN (SELECT name FROM wanted) "
                "OR customer IN (SELECT name FROM wanted) ORDER BY number",
            )

    def since(self, number: int, limit: int = 1000) -> tuple[Join, ...]:
        """Return the joins with a number above ``number``, oldest first; undone ones too."""
        if not self._file.exists():
            return ()
        with closing(self._connect()) as database:
            return tables.joins(database, "number > ? ORDER BY number LIMIT ?", (number, limit))

    def answers(self, references: Iterable[str] | None = None) -> tuple[Answer, ...]:
        """Return what people said and counts still: of all, or where a reference is named."""
        if not self._file.exists():
            return ()
        columns = "one, other, same, at, who FROM answers WHERE withdrawn_at IS NULL"
        with closing(self._connect()) as database:
            if references is None:
                records = database.execute(f"SELECT {columns} ORDER BY number").fetchall()
            else:
                tables.want(database, references)
                records = database.execute(
                    f"SELECT {columns} AND (one IN (SELECT name FROM wanted) "
                    "OR other IN (SELECT name FROM wanted)) ORDER BY number"
                ).fetchall()
        return tuple(tables.answer(record) for record in records)

    def questions(self, about: str | None = None) -> tuple[Question, ...]:
        """Return the questions that wait, the most probable first; ``about`` one reference."""
        if not self._file.exists():
            return ()
        where, values = ("WHERE ? IN (one, other)", [about]) if about else ("", [])
        with closing(self._connect()) as database:
            records = database.execute(
                f"SELECT one, other, strength, evidence, at FROM questions {where} "
                "ORDER BY strength DESC, one, other",
                values,
            ).fetchall()
        return tuple(tables.question(record) for record in records)

    def question(self, pair: Pair) -> Question | None:
        """Return the question about two references, if it waits."""
        one, other = in_order(*pair)
        return next((each for each in self.questions(about=one) if each.other == other), None)

    def count(self) -> dict[str, int]:
        """Return how many joins of each kind stand, and under ``questions`` how many wait."""
        if not self._file.exists():
            return {"questions": 0}
        with closing(self._connect()) as database:
            kinds = database.execute(f"SELECT kind, count(*) FROM joins WHERE {STANDS} GROUP BY 1")
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
            standing = tables.outgoing(database, reference)
            if any(each.customer == customer for each in standing):
                return False
            if tables.yields(database, customer, reference):
                return False
            moved = [each.number for each in standing if each.kind == PERSON]
            # Undoing the move brings them back.
            evidence = {"moved_from": moved}
            tables.write(
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
            standing = tables.outgoing(database, reference)
            found = [(each.pair, False) for each in standing if each.kind != PERSON]
            undo = [each.number for each in standing]
            tables.write(database, Changes(undo=undo, answers=found), who)
        return bool(undo)

    def change(self, changes: Changes, *, who: str, as_of: int | None = None) -> bool:
        """Make several changes at once, all or none; say whether they were made.

        They are not where ``as_of`` names a version and somebody said something since.
        """
        with self._open() as database:
            if as_of is not None and tables.said_at(database) != as_of:
                return False
            tables.write(database, changes, who)
        return True

    def forget(self, references: Iterable[str]) -> None:
        """Remove references for good: from the file too, not only from the answers."""
        if not self._file.exists():
            return
        with self._open() as database:
            tables.want(database, references)
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
                tables.count_change(database)
        self._table = None
        with closing(self._connect()) as database:
            empty_journal(database)

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
                query = f"SELECT reference, customer FROM joins WHERE {STANDS}"
                records = database.execute(query).fetchall()
        columns = zip(*records, strict=True) if records else ((), ())
        one, other = (pa.array(list(each), pa.large_string()) for each in columns)
        return one, other

    def _open(self) -> AbstractContextManager[sqlite3.Connection]:
        return changing(self._file, "joins", tables.TABLES)

    def _connect(self) -> sqlite3.Connection:
        return connect(self._file, "joins", tables.TABLES)


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
