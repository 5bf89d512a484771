"""What was imported, when, by whom, with what outcome."""

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

from percorso.intake.model import ImportRecord, ImportResult, Skipped
from percorso.intake.scratch import is_running
from percorso.workspace import Workspace

_TABLE: Final = """
CREATE TABLE IF NOT EXISTS imports (
    id TEXT PRIMARY KEY,
    started_at TEXT NOT NULL,
    finished_at TEXT,
    status TEXT NOT NULL,
    process INTEGER NOT NULL,
    who TEXT NOT NULL,
    recipe TEXT NOT NULL,
    files TEXT NOT NULL,
    outcome TEXT NOT NULL DEFAULT '{}',
    plan TEXT NOT NULL DEFAULT '{}'
)
"""


class History:
    """The import history of a workspace: a small SQLite file, written by the intake alone."""

    def __init__(self, workspace: Workspace) -> None:
        self._path = workspace.path / "imports.sqlite"

    def list(self, limit: int = 50, offset: int = 0) -> tuple[ImportRecord, ...]:
        """Return the imports, latest first."""
        if not self._path.exists():
            return ()
        with self._open() as connection:
            rows = connection.execute(
                "SELECT * FROM imports ORDER BY started_at DESC, id LIMIT ? OFFSET ?",
                (limit, offset),
            ).fetchall()
        return tuple(_record(row) for row in rows)

    def get(self, import_id: str) -> ImportRecord | None:
        """Return one import, or nothing where there is none of that id."""
        row = self._row(import_id)
        return _record(row) if row else None

    def plan(self, import_id: str) -> dict[str, Any]:
        """Return what is needed to read a row of that import again; empty where it is unknown."""
        row = self._row(import_id)
        return dict(json.loads(row["plan"])) if row else {}

    def begin(self, import_id: str, *, who: str, recipe: str, files: tuple[str, ...]) -> None:
        """Note that an import has begun."""
        with self._open() as connection:
            connection.execute(
                "INSERT INTO imports (id, started_at, status, process, who, recipe, files)"
                " VALUES (?, ?, 'running', ?, ?, ?, ?)",
                (
                    import_id,
                    datetime.now(UTC).isoformat(),
                    os.getpid(),
                    who,
                    recipe,
                    json.dumps(files),
                ),
            )

    def remember(self, import_id: str, plan: dict[str, Any]) -> None:
        """Keep what is needed to read a row of this import again."""
        with self._open() as connection:
            connection.execute(
                "UPDATE imports SET plan = ? WHERE id = ?", (json.dumps(plan), import_id)
            )

    def new_keys(self, keys: Sequence[str]) -> set[str]:
        """Return those of the keys of quarantined rows that no earlier import had."""
        with self._open() as connection:
            known = {
                key
                for start in range(0, len(keys), 500)
                for (key,) in connection.execute(
                    "SELECT key FROM quarantined WHERE key IN"
                    f" ({', '.join('?' * len(keys[start : start + 500]))})",
                    keys[start : start + 500],
                )
            }
        return set(keys) - known

    def keep_keys(self, keys: Iterable[str]) -> None:
        """Note the keys of rows that are in quarantine now."""
        with self._open() as connection:
            connection.executemany(
                "INSERT OR IGNORE INTO quarantined (key) VALUES (?)", ((key,) for key in keys)
            )

    def finish(self, result: ImportResult) -> None:
        """Note how an import ended."""
        outcome = {
            "rows_read": result.rows_read,
            "added": result.added,
            "duplicates": result.duplicates,
            "quarantined": result.quarantined,
            "skipped": [asdict(each) for each in result.skipped],
            "notes": result.notes,
        }
        self._end(result.import_id, "done", outcome)

    def fail(self, import_id: str, error: str) -> None:
        """Note that an import was given up, and why."""
        self._end(import_id, "failed", {"error": error})

    def _end(self, import_id: str, status: str, outcome: dict[str, Any]) -> None:
        with self._open() as connection:
            connection.execute(
                "UPDATE imports SET status = ?, finished_at = ?, outcome = ? WHERE id = ?",
                (status, datetime.now(UTC).isoformat(), json.dumps(outcome), import_id),
            )

    def _row(self, import_id: str) -> sqlite3.Row | None:
        if not self._path.exists():
            return None
        with self._open() as connection:
            row: sqlite3.Row | None = connection.execute(
                "SELECT * FROM imports WHERE id = ?", (import_id,)
            ).fetchone()
        return row

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=30)) as connection, connection:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(_TABLE)
            connection.execute("CREATE TABLE IF NOT EXISTS quarantined (key TEXT PRIMARY KEY)")
            yield connection


def _record(row: sqlite3.Row) -> ImportRecord:
    outcome = json.loads(row["outcome"])
    status = row["status"]
    if status == "running" and not is_running(row["process"]):
        status = "interrupted"
    return ImportRecord(
        id=row["id"],
        started_at=datetime.fromisoformat(row["started_at"]),
        finished_at=datetime.fromisoformat(row["finished_at"]) if row["finished_at"] else None,
        status=status,
        who=row["who"],
        recipe=row["recipe"],
        files=tuple(json.loads(row["files"])),
        rows_read=outcome.get("rows_read", 0),
        added=outcome.get("added", 0),
        duplicates=outcome.get("duplicates", 0),
        quarantined=outcome.get("quarantined", 0),
        skipped=tuple(Skipped(**each) for each in outcome.get("skipped", ())),
        notes=tuple(outcome.get("notes", ())),
        error=outcome.get("error", ""),
    )
