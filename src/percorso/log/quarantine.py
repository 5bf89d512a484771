"""Rows that could not be accepted, with the reason, until somebody mends or discards them."""

import dataclasses
import json
import re
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, closing
from datetime import UTC, datetime
from typing import Any, Final, Literal, get_args

import msgspec

from percorso.durable_database import changing, connect, empty_journal
from percorso.i18n import gettext as _
from percorso.log.errors import LogError
from percorso.vocabulary import Phrase
from percorso.workspace import Workspace

Status = Literal["waiting", "replayed", "discarded"]

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS quarantined (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    import_id TEXT NOT NULL,
    file TEXT NOT NULL,
    row INTEGER NOT NULL,
    field TEXT NOT NULL,
    rule TEXT NOT NULL,
    value TEXT NOT NULL,
    raw TEXT NOT NULL,
    recipe TEXT NOT NULL,
    status TEXT NOT NULL,
    at INTEGER NOT NULL,
    UNIQUE (import_id, file, row, field, rule)
) STRICT;
CREATE INDEX IF NOT EXISTS quarantined_by_status ON quarantined (status, id);
CREATE INDEX IF NOT EXISTS quarantined_by_import ON quarantined (import_id, id);
"""
#: Rows of a status with the same thing wrong as the row of a number.
_ALIKE: Final = (
    "status = ? AND (file, field, rule) = (SELECT file, field, rule FROM quarantined WHERE id = ?)"
)
_COLUMNS: Final = "id, import_id, file, row, field, rule, value, raw, recipe, status, at"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """A row that broke a rule.

    ``file`` and ``row`` say where it was (``row`` as a person counts, the first line being 1),
    ``field``, ``rule`` and ``value`` why it could not be accepted, ``raw`` holds the row as it
    was read, ``recipe`` is the one it was read with. ``at`` is when that was, in UTC. ``id`` is
    given by the quarantine (0 before).
    """

    import_id: str
    file: str
    row: int
    field: str
    rule: Phrase
    value: str
    raw: Mapping[str, Any]
    recipe: str = ""
    id: int = 0
    status: Status = "waiting"
    at: datetime = dataclasses.field(default_factory=lambda: datetime.now(UTC))


@dataclasses.dataclass(frozen=True, slots=True)
class Group:
    """Rows of a file with the same thing wrong.

    ``number`` is that of its first row and names the group; ``value`` is what that row holds;
    ``rows`` says how many there are.
    """

    number: int
    file: str
    field: str
    rule: Phrase
    value: str
    rows: int


class Quarantine:
    """The quarantine of a workspace, in SQLite; what it was given is on the disk on return."""

    def __init__(self, workspace: Workspace) -> None:
        self._file = workspace.quarantine

    def add(self, rows: Iterable[Quarantined]) -> int:
        """Keep rows, all or none, and return how many were new.

        The same rule broken by the same row of the same import is kept once, so that an import
        that is taken up again does not repeat it.
        """
        with self._change() as database:
            before = database.total_changes
            database.executemany(
                "INSERT OR IGNORE INTO quarantined (import_id, file, row, field, rule, value, "
                "raw, recipe, status, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (_as_record(each) for each in rows),
            )
            return database.total_changes - before

    def list(
        self,
        status: Status | None = None,
        limit: int = 100,
        offset: int = 0,
        import_id: str | None = None,
    ) -> tuple[Quarantined, ...]:
        """Return rows, the oldest first."""
        where, values = _where(status, import_id)
        with closing(self._connect()) as database:
            found = database.execute(
                f"SELECT {_COLUMNS} FROM quarantined {where} ORDER BY id LIMIT ? OFFSET ?",
                (*values, limit, offset),
            )
            return tuple(_as_row(record) for record in found)

    def count(self, status: Status | None = None, import_id: str | None = None) -> int:
        """Return how many rows there are, each counted once however many rules it broke."""
        where, values = _where(status, import_id)
        with closing(self._connect()) as database:
            counted = database.execute(
                f"SELECT count(*) FROM (SELECT DISTINCT import_id, file, row "
                f"FROM quarantined {where})",
                values,
            )
            return int(counted.fetchone()[0])

    def get(self, number: int) -> Quarantined:
        """Return one row. Raises LogError where there is none of that number."""
        with closing(self._connect()) as database:
            record = database.execute(
                f"SELECT {_COLUMNS} FROM quarantined WHERE id = ?", (number,)
            ).fetchone()
        if record is None:
            raise LogError(_("There is no row %s in the quarantine.") % number)
        return _as_row(record)

    def siblings(self, number: int) -> tuple[Quarantined, ...]:
        """Return all that was found wrong with the row of the file that ``number`` is about."""
        row = self.get(number)
        with closing(self._connect()) as database:
            found = database.execute(
                f"SELECT {_COLUMNS} FROM quarantined WHERE import_id = ? AND file = ? "
                f"AND row = ? ORDER BY id",
                (row.import_id, row.file, row.row),
            )
            return tuple(_as_row(record) for record in found)

    def groups(self, status: Status, limit: int, offset: int = 0) -> tuple[Group, ...]:
        """Return the rows put together by file, field and rule, the most first."""
        with closing(self._connect()) as database:
            # Beside min(id), the value is that of the same row.
            found = database.execute(
                "SELECT min(id), file, field, rule, value, count(*) FROM quarantined "
                "WHERE status = ? GROUP BY file, field, rule ORDER BY 6 DESC, 1 LIMIT ? OFFSET ?",
                (status, limit, offset),
            )
            return tuple(
                Group(number, file, field, _read_rule(rule), value, rows)
                for number, file, field, rule, value, rows in found
            )

    def group(self, number: int, status: Status) -> Group:
        """Return the group of a row, whatever became of the row itself. Raises LogError."""
        row = self.get(number)
        with closing(self._connect()) as database:
            rows = database.execute(
                f"SELECT count(*) FROM quarantined WHERE {_ALIKE}", (status, number)
            ).fetchone()[0]
        return Group(number, row.file, row.field, row.rule, row.value, rows)

    def alike(
        self, number: int, status: Status, limit: int, offset: int = 0
    ) -> tuple[Quarantined, ...]:
        """Return the rows of a row's group, the oldest first."""
        with closing(self._connect()) as database:
            found = database.execute(
                f"SELECT {_COLUMNS} FROM quarantined WHERE {_ALIKE} ORDER BY id LIMIT ? OFFSET ?",
                (status, number, limit, offset),
            )
            return tuple(_as_row(record) for record in found)

    def discard_alike(self, number: int) -> int:
        """Discard all that waits of a row's group, at once, and return how many rows it were."""
        with self._change() as database:
            rows = database.execute(
                f"SELECT count(*) FROM quarantined WHERE {_ALIKE}", ("waiting", number)
            ).fetchone()[0]
            database.execute(
                "UPDATE quarantined SET status = 'discarded' WHERE status = 'waiting' "
                "AND (import_id, file, row) IN "
                f"(SELECT import_id, file, row FROM quarantined WHERE {_ALIKE})",
                ("waiting", number),
            )
            return int(rows)

    def mend(self, number: int, values: Mapping[str, Any]) -> Quarantined:
        """Put ``values`` in the place of what was read, and return the mended row.

        The row waits on until it was replayed. Raises LogError where it does not wait any more.
        """
        row = self._waiting(number)
        raw = json.dumps({**row.raw, **values}, ensure_ascii=False, default=str)
        self._update_siblings(row, "raw", raw)
        return self.get(number)

    def replayed(self, number: int) -> None:
        """Say that the row, as mended, entered the log."""
        self._update_siblings(self._waiting(number), "status", "replayed")

    def discard(self, number: int) -> None:
        """Say that the row is not wanted. It stays to be seen, and is not counted as waiting."""
        self._update_siblings(self._waiting(number), "status", "discarded")

    def erase(self, references: Iterable[str]) -> int:
        """Remove, for good, the rows that name one of these customers; return how many.

        Counted as ``count`` does. A row is looked at whatever became of it, and in all that was
        read of it: it may have waited because its customer could not be told. In doubt it goes:
        the file it came from has it still. The bytes are gone from the disk too.
        """
        if not self._file.exists():
            return 0
        names = _Names(references)
        gone: list[int] = []
        rows: set[tuple[str, str, int]] = set()
        with self._change() as database:
            for number, *where, field, value, raw in database.execute(
                "SELECT id, import_id, file, row, field, value, raw FROM quarantined"
            ):
                if names.are_in(json.loads(raw), value, taken_apart=bool(field)):
                    gone.append(number)
                    rows.add(tuple(where))
            database.executemany("DELETE FROM quarantined WHERE id = ?", [(n,) for n in gone])
        if gone:
            with closing(self._connect()) as database:
                empty_journal(database)
        return len(rows)

    def count_before(self, at: datetime) -> int:
        """Return how many rows were put here before a time."""
        if not self._file.exists():
            return 0
        with closing(self._connect()) as database:
            found = database.execute(
                "SELECT count(*) FROM (SELECT DISTINCT import_id, file, row FROM quarantined "
                "WHERE at < ?)",
                (int(at.timestamp() * 1_000_000),),
            )
            return int(found.fetchone()[0])

    def erase_before(self, at: datetime) -> int:
        """Remove, for good, the rows that were put here before a time; return how many."""
        gone = self.count_before(at)
        if gone:
            with self._change() as database:
                database.execute(
                    "DELETE FROM quarantined WHERE at < ?", (int(at.timestamp() * 1_000_000),)
                )
            with closing(self._connect()) as database:
                empty_journal(database)
        return gone

    def naming(self, references: Iterable[str]) -> tuple[Quarantined, ...]:
        """Return the rows that name one of these customers: those ``erase`` would remove."""
        if not self._file.exists():
            return ()
        names = _Names(references)
        with closing(self._connect()) as database:
            found = map(
                _as_row, database.execute(f"SELECT {_COLUMNS} FROM quarantined ORDER BY id")
            )
            return tuple(
                each
                for each in found
                if names.are_in(each.raw, each.value, taken_apart=bool(each.field))
            )

    def _waiting(self, number: int) -> Quarantined:
        row = self.get(number)
        if row.status == "waiting":
            return row
        words = (
            _("Row %(row)s of %(file)s is not waiting any more: it was discarded.")
            if row.status == "discarded"
            else _("Row %(row)s of %(file)s is not waiting any more: it is in the log.")
        )
        raise LogError(words % {"row": row.row, "file": row.file})

    def _update_siblings(self, row: Quarantined, column: str, value: str) -> None:
        with self._change() as database:
            database.execute(
                f"UPDATE quarantined SET {column} = ? WHERE import_id = ? AND file = ? "
                f"AND row = ? AND status = 'waiting'",
                (value, row.import_id, row.file, row.row),
            )

    def _change(self) -> AbstractContextManager[sqlite3.Connection]:
        return changing(self._file, "quarantined", _TABLES)

    def _connect(self) -> sqlite3.Connection:
        return connect(self._file, "quarantined", _TABLES)


class _Names:
    """What a customer is called: the references, and what stands after their ``email:``.

    A name that tells by itself (an address, a telephone number) is looked for within texts. One
    that may as well be a score or a quantity (``user:42``) must be a whole cell, and of a row that
    was taken apart, the customer's.
    """

    def __init__(self, references: Iterable[str]) -> None:
        whole = {each.casefold() for each in references}
        bare = {each.partition(":")[2] or each for each in whole}
        self._cells = whole | bare
        telling = whole | {each for each in bare if "@" in each or each.startswith("+")}
        words = "|".join(re.escape(each) for each in sorted(telling))
        self._telling = re.compile(rf"(?<![\w@.+-])(?:{words})(?![\w@-]|\.\w)")

    def are_in(self, raw: Mapping[str, Any], value: str, *, taken_apart: bool) -> bool:
        cells = {str(name): str(cell).casefold() for name, cell in raw.items() if cell is not None}
        if any(self._telling.search(each) for each in (*cells.values(), value.casefold())):
            return True
        if taken_apart:
            return cells.get("customer", "").strip() in self._cells
        return any(part in self._cells for cell in cells.values() for part in _parts(cell))


def _parts(cell: str) -> list[str]:
    """Return a cell, or the cells of a line that could not be taken apart, without their marks."""
    return [each.strip(" \t\r\n\"'") for each in (cell, *re.split(r"[,;\t|]", cell))]


def _where(status: str | None, import_id: str | None) -> tuple[str, tuple[str, ...]]:
    if status is not None and status not in get_args(Status):
        raise LogError(
            _("Status must be one of: %(known)s, not %(status)r.")
            % {"known": ", ".join(get_args(Status)), "status": status}
        )
    given = {"status": status, "import_id": import_id}
    conditions = [f"{column} = ?" for column, value in given.items() if value is not None]
    values = tuple(value for value in given.values() if value is not None)
    return ("WHERE " + " AND ".join(conditions) if conditions else ""), values


def _as_record(row: Quarantined) -> tuple[Any, ...]:
    return (
        row.import_id,
        row.file,
        row.row,
        row.field,
        _stored(row.rule),
        _storable(row.value),
        _storable(json.dumps(dict(row.raw), ensure_ascii=False, default=str)),
        row.recipe,
        row.status,
        int(row.at.timestamp() * 1_000_000),
    )


def _storable(text: str) -> str:
    """Return text that SQLite can hold: lone surrogates, of broken files, are written out."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _stored(rule: Phrase) -> str:
    """Return a rule as its words in English, or as JSON where values are filled into them."""
    return json.dumps(msgspec.to_builtins(rule)) if rule.values else _storable(rule.message)


def _read_rule(stored: str) -> Phrase:
    if not stored.startswith("{"):
        return Phrase(stored)
    return msgspec.convert(json.loads(stored), Phrase)


def _as_row(record: tuple[Any, ...]) -> Quarantined:
    values = dict(zip(_COLUMNS.split(", "), record, strict=True))
    values["rule"] = _read_rule(values["rule"])
    values["raw"] = json.loads(values["raw"])
    values["at"] = datetime.fromtimestamp(values["at"] / 1_000_000, UTC)
    return Quarantined(**values)
