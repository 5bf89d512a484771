"""What people said, after looking, about what was worked out of an interaction.

That cannot be made again, so it lies in a SQLite file of its own and is on the disk on return.
Everything said is kept, with who said it and when; of one thing the last word counts.
"""

import dataclasses
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Any, Final

from percorso.durable_database import changing, connect, empty_journal
from percorso.workspace import Workspace

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS said (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    customer TEXT NOT NULL,
    field TEXT NOT NULL,
    value TEXT NOT NULL,
    was TEXT NOT NULL,
    model TEXT NOT NULL,
    who TEXT NOT NULL,
    at INTEGER NOT NULL,
    withdrawn_by TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS said_of ON said (id, field, number);
CREATE INDEX IF NOT EXISTS said_of_customer ON said (customer);
CREATE TABLE IF NOT EXISTS version (number INTEGER NOT NULL) STRICT;
INSERT INTO version SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM version);
"""
_COLUMNS: Final = "id, customer, field, value, was, model, who, at, number"
_LAST: Final = (
    "number IN (SELECT max(number) FROM said WHERE withdrawn_by IS NULL GROUP BY id, field)"
)
_STANDS: Final = "number = ? AND withdrawn_by IS NULL"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """That ``field`` of the interaction ``id`` is ``value``; the ``model`` had it that it ``was``.

    ``customer`` is the reference the interaction is stored under. Values are what JSON can hold.
    ``number`` tells it from all else that was said, once it is kept.
    """

    id: str
    customer: str
    field: str
    value: Any
    was: Any
    model: str
    who: str
    at: datetime
    number: int = dataclasses.field(default=0, compare=False)

    @property
    def right(self) -> bool:
        """Say whether the model was right."""
        return bool(self.value == self.was)


class Corrected:
    """All that people said, of a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._file = workspace.corrections

    @property
    def version(self) -> int:
        """A number that grows with each change; 0 where nothing was ever said."""
        if not self._file.exists():
            return 0
        with closing(self._connect()) as database:
            return int(database.execute("SELECT number FROM version").fetchone()[0])

    def add(self, said: Sequence[Said]) -> tuple[Said, ...]:
        """Keep what somebody said, all of it or, where that fails, nothing; return it numbered."""
        numbers: list[int] = []
        with changing(self._file, "version", _TABLES) as database:
            for each in said:
                written = (json.dumps(it, ensure_ascii=False) for it in (each.value, each.was))
                at = int(each.at.timestamp() * 1_000_000)
                values = (each.id, each.customer, each.field, *written, each.model, each.who, at)
                done = database.execute(
                    f"INSERT INTO said ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)", values
                )
                numbers.append(int(done.lastrowid or 0))
            database.execute("UPDATE version SET number = number + ?", (len(numbers),))
        return tuple(
            dataclasses.replace(each, number=number)
            for each, number in zip(said, numbers, strict=True)
        )

    def last(self) -> Iterator[Said]:
        """Yield the last word about each field of each interaction, in the order they came."""
        return self._select(f"WHERE {_LAST} ORDER BY number")

    def withdraw(self, id_: str, field: str, who: str, number: int | None = None) -> bool:
        """Let a word about a field no longer count: the one of this number, or the last.

        Says whether there was one that counted.
        """
        if not self._file.exists():
            return False
        which, values = (_LAST, ()) if number is None else (_STANDS, (number,))
        with changing(self._file, "version", _TABLES) as database:
            found = database.execute(
                f"UPDATE said SET withdrawn_by = ? WHERE id = ? AND field = ? AND {which}",
                (who, id_, field, *values),
            ).rowcount
            database.execute("UPDATE version SET number = number + ?", (found,))
        return bool(found)

    def erase(self, references: Iterable[str]) -> int:
        """Remove what was said about these customers' interactions, for good; return how much."""
        return self._erase("customer", references)

    def erase_ids(self, ids: Iterable[str]) -> int:
        """Remove what was said about these interactions, for good; return how much."""
        return self._erase("id", ids)

    def _erase(self, column: str, values: Iterable[str]) -> int:
        if not self._file.exists():
            return 0
        names = [(each,) for each in values]
        with changing(self._file, "version", _TABLES) as database:
            gone = database.executemany(f"DELETE FROM said WHERE {column} = ?", names).rowcount
            if gone:
                database.execute("UPDATE version SET number = number + 1")
        with closing(self._connect()) as database:
            empty_journal(database)
        return gone

    def _select(self, where: str, *values: Any) -> Iterator[Said]:
        if not self._file.exists():
            return
        with closing(self._connect()) as database:
            for record in database.execute(f"SELECT {_COLUMNS} FROM said {where}", values):
                yield _as_said(record)

    def _connect(self) -> sqlite3.Connection:
        return connect(self._file, "version", _TABLES)


def _as_said(record: tuple[Any, ...]) -> Said:
    values = dict(zip(_COLUMNS.split(", "), record, strict=True))
    for name in ("value", "was"):
        values[name] = json.loads(values[name])
    values["at"] = datetime.fromtimestamp(values["at"] / 1_000_000, UTC)
    return Said(**values)
