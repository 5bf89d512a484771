"""Small SQLite files of the workspace: opened in one way, whole and private on the disk."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path


def connect(file: Path, table: str, tables: str) -> sqlite3.Connection:
    """Open a file, and make its ``tables`` (SQL) where ``table`` is not there yet.

    What is committed is on the disk on return; what is deleted is overwritten.
    """
    database = sqlite3.connect(file, timeout=30, isolation_level=None)
    database.execute("PRAGMA synchronous = FULL")
    database.execute("PRAGMA secure_delete = ON")
    if not database.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone():
        database.execute("PRAGMA journal_mode = WAL")
        database.executescript(f"BEGIN IMMEDIATE; {tables} COMMIT;")
    return database


@contextmanager
def changing(file: Path, table: str, tables: str) -> Iterator[sqlite3.Connection]:
    """Open a file for one transaction: all of it is kept, or nothing where an error comes."""
    with closing(connect(file, table, tables)) as database, database:
        database.execute("BEGIN IMMEDIATE")
        yield database
