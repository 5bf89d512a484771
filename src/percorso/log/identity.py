"""Which references belong to which customer.

The log keeps the reference it was given. Here is said that a reference belongs to a customer, who
is known by another reference; answers follow, the log is not rewritten, and it can be taken back.
"""

import sqlite3
from collections.abc import Iterable
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Final

from percorso.i18n import gettext as _
from percorso.log.database import changing, connect
from percorso.log.errors import LogError

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS belongs (reference TEXT PRIMARY KEY, customer TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS version (number INTEGER NOT NULL) STRICT;
INSERT INTO version SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM version);
"""


class Identity:
    """The table of references, in SQLite. Each method is a transaction of its own."""

    def __init__(self, file: Path) -> None:
        self._file = file

    @property
    def version(self) -> int:
        """A number that grows by one with each change; 0 where there was none."""
        if not self._file.exists():
            return 0
        with closing(self._connect()) as database:
            return int(database.execute("SELECT number FROM version").fetchone()[0])

    def merge(self, reference: str, customer: str) -> bool:
        """Say that ``reference`` belongs to ``customer``; return whether that is news.

        Whatever belonged to ``reference`` comes along. A reference that belonged to somebody else
        moves. Where ``customer`` belongs to ``reference`` already, they are one customer as it
        is. Raises LogError where a name is empty or both are the same.
        """
        for name in (reference, customer):
            if not name.strip():
                raise LogError(_("A customer's reference must not be empty."))
        if reference == customer:
            raise LogError(_("%s cannot be merged with itself.") % reference)
        with self._open() as database:
            links = _links(database)
            if links.get(reference) == customer or reference in _path(links, customer):
                return False
            database.execute(
                "INSERT INTO belongs VALUES (?, ?) "
                "ON CONFLICT (reference) DO UPDATE SET customer = excluded.customer",
                (reference, customer),
            )
            _count(database)
        return True

    def unmerge(self, reference: str) -> bool:
        """Take back that ``reference`` belongs to somebody; return whether it did."""
        if not self._file.exists():
            return False
        with self._open() as database:
            cursor = database.execute("DELETE FROM belongs WHERE reference = ?", (reference,))
            if cursor.rowcount:
                _count(database)
            return bool(cursor.rowcount)

    def customers(self) -> dict[str, str]:
        """Return reference -> customer, for every reference that belongs to another; chains end."""
        if not self._file.exists():
            return {}
        with closing(self._connect()) as database:
            links = _links(database)
        return {reference: _end(links, reference) for reference in links}

    def customer_of(self, reference: str) -> str:
        return self.customers().get(reference, reference)

    def references_of(self, customer: str) -> tuple[str, ...]:
        """Return every reference of the customer that ``customer`` belongs to, sorted."""
        customers = self.customers()
        end = customers.get(customer, customer)
        return tuple(sorted({end, *(each for each, its in customers.items() if its == end)}))

    def forget(self, references: Iterable[str]) -> None:
        """Remove references for good: from the file too, not only from the answers."""
        if not self._file.exists():
            return
        names = list(references)
        with self._open() as database:
            removed = database.executemany(
                "DELETE FROM belongs WHERE ? IN (reference, customer)", [(name,) for name in names]
            ).rowcount
            if removed:
                _count(database)
        with closing(self._connect()) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _open(self) -> AbstractContextManager[sqlite3.Connection]:
        return changing(self._file, "version", _TABLES)

    def _connect(self) -> sqlite3.Connection:
        return connect(self._file, "version", _TABLES)


def _links(database: sqlite3.Connection) -> dict[str, str]:
    return dict(database.execute("SELECT reference, customer FROM belongs"))


def _path(links: dict[str, str], reference: str) -> list[str]:
    """Return the reference and all that it belongs to, each once, the nearest first."""
    path = [reference]
    while (following := links.get(path[-1])) is not None and following not in path:
        path.append(following)
    return path


def _end(links: dict[str, str], reference: str) -> str:
    """Follow the links to the last; in a ring, which merge() never makes, to the first by name."""
    path = _path(links, reference)
    following = links.get(path[-1])
    return path[-1] if following is None else min(path[path.index(following) :])


def _count(database: sqlite3.Connection) -> None:
    database.execute("UPDATE version SET number = number + 1")
