"""Small SQLite files of the workspace: opened in one way, whole, and without what was deleted."""

import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

#: How long one waits for another process, in seconds.
_PATIENCE: Final = 30
#: How long whoever deletes something waits for those who read, in seconds.
_READERS_S: Final = 2.0


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


def empty_journal(database: sqlite3.Connection, patience_s: float | None = None) -> bool:
    """Write what the journal holds into the file, and empty it; say whether that could be done.

    Only then are the bytes of what was deleted gone. It cannot be done while somebody reads what
    was there before, which is waited for; and not within a transaction.
    """
    [(before,)] = database.execute("PRAGMA busy_timeout").fetchall()
    patience = _READERS_S if patience_s is None else patience_s
    database.execute(f"PRAGMA busy_timeout = {round(patience * 1000)}")
    try:
        [(busy, *_pages)] = database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        database.execute(f"PRAGMA busy_timeout = {before}")
    return not busy


def still_read(files: Iterable[Path], patience_s: float) -> tuple[Path, ...]:
    """Empty the journals of files; return those where somebody reads what was deleted.

    All together are waited for as long as that. A file that is no database is passed over.
    """
    until = time.monotonic() + patience_s
    found = []
    for each in files:
        address = f"{each.resolve().as_uri()}?mode=rw"
        try:
            with closing(sqlite3.connect(address, uri=True, isolation_level=None)) as database:
                emptied = empty_journal(database, max(until - time.monotonic(), 0.0))
        except sqlite3.OperationalError:
            emptied = not each.exists()
        except sqlite3.DatabaseError:
            continue
        if not emptied:
            found.append(each)
    return tuple(found)


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
