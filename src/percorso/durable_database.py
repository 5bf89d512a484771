"""Small SQLite files of the workspace: opened in one way, whole, and without what was deleted."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

#: How long one waits for another process, in seconds.
_PATIENCE: Final = 30


def connect(file: Path, table: str, tables: str) -> sqlite3.Connection:
    """Open a file, and make its ``tables`` (SQL) where ``table`` is not there yet.

    What is committed is on the disk on return; what is deleted is overwritten.
    """
    database = sqlite3.connect(file, timeout=_PATIENCE, isolation_level=None)
    database.execute("PRAGMA synchronous = FULL")
    database.execute("PRAGMA secure_delete = ON")
    if not database.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone():
        _write_ahead(database)
        database.executescript(f"BEGIN IMMEDIATE; {tables} COMMIT;")
    return database


@contextmanager
def changing(file: Path, table: str, tables: str) -> Iterator[sqlite3.Connection]:
    """Open a file for one transaction: all of it is kept, or nothing where an error comes."""
    with closing(connect(file, table, tables)) as database, database:
        database.execute("BEGIN IMMEDIATE")
        yield database


def _write_ahead(database: sqlite3.Connection) -> None:
    """Have a new file keep a write-ahead log.

    Where two processes open it for the first time together SQLite does not wait here, whatever the
    timeout: each would wait for the other.
    """
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            database.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return
