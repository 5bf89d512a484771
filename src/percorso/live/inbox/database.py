"""Where the inbox lies: a SQLite file, or PostgreSQL. Both are asked in the same words."""

import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from percorso.durable_database import empty_journal
from percorso.live.errors import InboxError, LiveError
from percorso.vocabulary import N_, Phrase

#: ``arrived`` is read up to ``drained.up_to``; what lies before is kept for a while. Numbers only
#: rise, because the mark tells by them what was drained: SQLite gives one more than the highest
#: there is, so that the newest row is never deleted. No index and no AUTOINCREMENT: each would be
#: a page more to write before every acknowledgement.
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS arrived (
    number {number}, at BIGINT NOT NULL, events BIGINT NOT NULL, size BIGINT NOT NULL,
    requests {bytes} NOT NULL
);
CREATE TABLE IF NOT EXISTS drained (
    one BIGINT PRIMARY KEY, up_to BIGINT NOT NULL, at BIGINT NOT NULL
);
INSERT INTO drained (one, up_to, at) VALUES (1, 0, 0) ON CONFLICT DO NOTHING;
CREATE TABLE IF NOT EXISTS rejected (
    id {number}, place TEXT NOT NULL UNIQUE, source TEXT NOT NULL, call TEXT NOT NULL,
    received_at BIGINT NOT NULL, body {bytes} NOT NULL, reason TEXT NOT NULL, field TEXT NOT NULL,
    value TEXT NOT NULL, status TEXT NOT NULL, at BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS rejected_by_status ON rejected (status, id);
CREATE TABLE IF NOT EXISTS seen (
    source TEXT PRIMARY KEY, first_at BIGINT NOT NULL, last_at BIGINT NOT NULL,
    events BIGINT NOT NULL, rejected BIGINT NOT NULL
);
CREATE TABLE IF NOT EXISTS unmapped (
    source TEXT NOT NULL, call TEXT NOT NULL, name TEXT NOT NULL, events BIGINT NOT NULL,
    first_at BIGINT NOT NULL, last_at BIGINT NOT NULL, example {bytes} NOT NULL,
    PRIMARY KEY (source, call, name)
);
CREATE TABLE IF NOT EXISTS touchpoints (name TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS seen_hourly (
    source TEXT NOT NULL, hour BIGINT NOT NULL, events BIGINT NOT NULL, rejected BIGINT NOT NULL,
    PRIMARY KEY (source, hour)
)
"""
#: Bytes of a page of SQLite, and of its journal.
_PAGE: Final = 16_384
_JOURNAL: Final = 64 * 2**20
_ADD: Final = "INSERT INTO arrived (at, events, size, requests) VALUES (?, ?, ?, ?)"
#: The number of PostgreSQL's lock that whoever writes to ``arrived`` holds: numbers must become
#: visible in their order, or the mark would pass over one that comes late.
_LOCK: Final = 7_214_906_001


NO_PSYCOPG: Final = Phrase(
    N_(
        "PERCORSO_INBOX_URL names PostgreSQL, and psycopg is not installed. "
        "Install percorso[postgresql]."
    )
)


class Connection(Protocol):
    """One connection. It is not for sharing between threads."""

    def ask(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query. Its gaps are question marks."""

    def many(self, sql: str, values: Sequence[Sequence[Any]]) -> None:
        """Run a statement for each of the values."""

    def add(self, rows: Sequence[tuple[int, int, int, bytes]]) -> None:
        """Add rows to ``arrived``, on the disk when this returns."""

    def change(self) -> Any:
        """Return a context: one transaction, on the disk at its end, or nothing of it."""

    def tidy(self) -> None:
        """Overwrite what was deleted, on the disk too."""

    def close(self) -> None: ...


class SQLite:
    """The inbox in a file."""

    def __init__(self, file: Path) -> None:
        try:
            self._open(file)
        except sqlite3.Error as error:
            raise _cannot_open(file, error) from error

    def _open(self, file: Path) -> None:
        self._database = sqlite3.connect(
            file, timeout=30, isolation_level=None, check_same_thread=False
        )
        self._database.execute("PRAGMA synchronous = FULL")
        self._database.execute(f"PRAGMA wal_autocheckpoint = {_JOURNAL // 2 // _PAGE}")
        self._database.execute(f"PRAGMA journal_size_limit = {_JOURNAL}")
        if not self.ask("SELECT 1 FROM sqlite_master WHERE name = 'seen_hourly'"):
            # Rows are large: each is written, read and let go of in two thirds of the time.
            self._database.execute(f"PRAGMA page_size = {_PAGE}")
            self._database.execute("PRAGMA journal_mode = WAL")
            tables = _TABLES.format(number="INTEGER PRIMARY KEY", bytes="BLOB")
            self._database.executescript(f"BEGIN IMMEDIATE; {tables}; COMMIT;")

    def ask(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self._database.execute(sql, values).fetchall()

    def many(self, sql: str, values: Sequence[Sequence[Any]]) -> None:
        self._database.executemany(sql, values)

    def add(self, rows: Sequence[tuple[int, int, int, bytes]]) -> None:
        if len(rows) == 1:
            # By itself a statement is a transaction: one call, in which others can run.
            self._database.execute(_ADD, rows[0])
            return
        with self.change():
            self._database.executemany(_ADD, rows)

    @contextmanager
    def change(self) -> Iterator[None]:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._database.execute("COMMIT")
        except BaseException:
            # A full disk may have ended the transaction by itself.
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            raise

    def tidy(self) -> None:
        self._database.execute("VACUUM")
        empty_journal(self._database)

    def close(self) -> None:
        self._database.close()


class PostgreSQL:
    """The inbox in a database of PostgreSQL (``percorso[postgresql]``)."""

    def __init__(self, url: str) -> None:
        try:
            import psycopg
        except ImportError as error:
            raise LiveError(NO_PSYCOPG) from error
        try:
            self._database = psycopg.connect(url, autocommit=True, connect_timeout=10)
            self._make_tables()
        except psycopg.Error as error:
            raise _cannot_open(urlsplit(url).hostname, error) from error

    def _make_tables(self) -> None:
        if not self.ask("SELECT 1 FROM pg_tables WHERE tablename = 'seen_hourly'"):
            tables = _TABLES.format(
                number="BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY", bytes="BYTEA"
            )
            with self.change():
                self._database.execute(tables.encode())

    def ask(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        cursor = self._database.execute(sql.replace("?", "%s").encode(), values)
        return [] if cursor.description is None else cursor.fetchall()

    def many(self, sql: str, values: Sequence[Sequence[Any]]) -> None:
        with self._database.cursor() as cursor:
            cursor.executemany(sql.replace("?", "%s").encode(), values)

    def add(self, rows: Sequence[tuple[int, int, int, bytes]]) -> None:
        with self.change():
            self.many(_ADD, rows)

    @contextmanager
    def change(self) -> Iterator[None]:
        with self._database.transaction():
            self._database.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            yield

    def tidy(self) -> None:
        for table in ("arrived", "rejected", "unmapped"):
            self._database.execute(f"VACUUM FULL {table}".encode())

    def close(self) -> None:
        self._database.close()


def connect(place: Path | str) -> Connection:
    """Connect to the inbox in a file, or at an address. Raises InboxError that says why not."""
    return SQLite(place) if isinstance(place, Path) else PostgreSQL(place)


def _cannot_open(where: Path | str | None, error: Exception) -> InboxError:
    given = {"where": str(where), "error": str(error)}
    return InboxError(Phrase(N_("The inbox {where} cannot be opened: {error}"), given))


def errors() -> tuple[type[Exception], ...]:
    """Return what a database raises when it cannot do what it was asked."""
    known: tuple[type[Exception], ...] = (InboxError, sqlite3.Error, OSError)
    psycopg = sys.modules.get("psycopg")
    return (*known, psycopg.Error) if psycopg else known


def is_address(url: str) -> bool:
    """Say whether this is the address of a PostgreSQL database."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("postgresql", "postgres") and bool(parts.hostname and parts.path[1:])
