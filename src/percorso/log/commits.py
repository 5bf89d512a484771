"""The Delta table of the log: made, opened, mended, and changed by whole commits.

``deltalake`` writes a commit but never asks the disk to keep it. Here files are flushed before
the commit that names them, and the commit before anybody is told of it.
"""

import contextlib
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from percorso.i18n import gettext as _
from percorso.log.durable import sync
from percorso.log.errors import LogError
from percorso.log.schema import SCHEMA, bucket_in, partition_in
from percorso.log.standing import LIVE

if TYPE_CHECKING:
    from deltalake import DeltaTable

_BUCKET: Final = pa.field("bucket", pa.int32())
#: Columns whose least and greatest values are written into the commits, which outlive a file: only
#: of times, so that no customer's name is left there after an erasure.
_BOUNDED: Final = "at"
_ATTEMPTS: Final = 5
#: Of the name of a merged file: batch, merge, number, "parquet".
_PARTS_OF_MERGED: Final = 4


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A Parquet file of the log: its path below the log's folder, bucket, rows, bytes, times."""

    path: str
    bucket: int
    rows: int
    size: int
    first: datetime | None
    last: datetime | None

    @property
    def batch(self) -> str:
        """The part of the name that the files of one commit share, or those of several merges."""
        return Path(self.path).name.partition(".")[0]

    @property
    def merge(self) -> str:
        """The part of the name that the files of one merge share; empty where it is of none."""
        parts = Path(self.path).name.split(".")
        return parts[1] if len(parts) == _PARTS_OF_MERGED else ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The log at one version."""

    version: int
    files: tuple[StoredFile, ...] = field(repr=False)

    @property
    def rows(self) -> int:
        return sum(each.rows for each in self.files)

    def of(self, bucket: int | None) -> tuple[StoredFile, ...]:
        if bucket is None:
            return self.files
        return tuple(each for each in self.files if each.bucket == bucket)


def stored(schema: pa.Schema) -> pa.Schema:
    """Return the columns of a table as they are stored: with the bucket, which is in the path."""
    return schema.append(_BUCKET)


def create_table(folder: Path, name: str = "interactions", schema: pa.Schema = SCHEMA) -> None:
    """Make the empty table, and see that it is on the disk."""
    from deltalake import DeltaTable

    folder.mkdir(parents=True, exist_ok=True)
    bounded = (
        {"delta.dataSkippingStatsColumns": _BOUNDED}
        if _BOUNDED in schema.names
        else {"delta.dataSkippingNumIndexedCols": "0"}
    )
    DeltaTable.create(
        str(folder),
        stored(schema),
        mode="ignore",
        partition_by=["bucket"],
        name=name,
        configuration={**bounded, "delta.checkpointInterval": "50"},
    )
    _sync_entries(folder, from_version=0)
    sync([folder, folder.parent])


def exists(folder: Path) -> bool:
    return (folder / "_delta_log").is_dir() and any((folder / "_delta_log").iterdir())


def open_table(folder: Path) -> "DeltaTable":
    """Open the table. Raises LogError where the folder holds something else."""
    from deltalake import DeltaTable
    from deltalake.exceptions import DeltaError

    try:
        table = DeltaTable(str(folder))
    except (DeltaError, OSError, ValueError) as error:
        raise LogError(
            _("The log at {folder} cannot be opened: {error}").format(folder=folder, error=error)
        ) from error
    columns = [each.name for each in table.schema().fields]
    missing = [name for name in stored(SCHEMA).names if name not in columns]
    if missing:
        raise LogError(
            _("{folder} is not an interaction log: it has no column {name!r}.").format(
                folder=folder, name=missing[0]
            )
        )
    return table


def has_newer(folder: Path, version: int) -> bool:
    """Say, without reading anything, whether there is a commit after ``version``."""
    return (folder / "_delta_log" / f"{version + 1:020}.json").exists()


def read_snapshot(table: "DeltaTable", before: Snapshot | None = None) -> Snapshot:
    """Return the files of the version the handle stands at, in the order of their buckets.

    What ``before`` says of files is taken over: it never changes, and few are new.
    """
    known = {} if before is None else {each.path: each for each in before.files}
    actions = pa.table(table.get_add_actions(flatten=True))
    paths: list[Any] = actions["path"].to_pylist()
    new = [number for number, path in enumerate(paths) if path not in known]
    for row in actions.take(new).to_pylist() if new else ():
        known[row["path"]] = StoredFile(
            path=row["path"],
            bucket=bucket_in(row["path"]),
            rows=int(row["num_records"]),
            size=int(row["size_bytes"]),
            first=_utc(row.get("min.at")),
            last=_utc(row.get("max.at")),
        )
    files = sorted((known[path] for path in paths), key=lambda each: (each.bucket, each.path))
    return Snapshot(table.version(), tuple(files))


def _utc(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    return None


def commit(
    folder: Path,
    table: "DeltaTable",
    *,
    added: Iterable[StoredFile],
    removed: Iterable[StoredFile] = (),
    changes_data: bool = True,
    live: bool = False,
    schema: pa.Schema = SCHEMA,
) -> None:
    """Swap files in one commit, on the disk when this returns; ``table`` then stands at it.

    The files that are added must be on the disk already. For ``live`` see ``log.standing``. Tries
    again where another program committed at the same moment. Raises LogError, with nothing
    changed, where that goes on.
    """
    from deltalake import CommitProperties
    from deltalake.exceptions import CommitFailedError

    properties = CommitProperties(custom_metadata=LIVE) if live else None
    actions = _actions(added, removed, changes_data=changes_data)
    for attempt in range(_ATTEMPTS):
        before = table.version()
        try:
            table.create_write_transaction(
                actions,
                "append",
                stored(schema),
                partition_by=["bucket"],
                commit_properties=properties,
            )
            break
        except CommitFailedError as error:
            if attempt == _ATTEMPTS - 1:
                raise LogError(
                    _("The log at {folder} could not be written: {error}").format(
                        folder=folder, error=error
                    )
                ) from error
            time.sleep(0.05 * 2**attempt)
            table.update_incremental()
    table.update_incremental()
    _sync_entries(folder, from_version=before)


def _actions(
    added: Iterable[StoredFile], removed: Iterable[StoredFile], *, changes_data: bool
) -> list[Any]:
    from deltalake.transaction import AddAction, RemoveAction

    now = int(time.time() * 1000)
    actions: list[Any] = [
        AddAction(
            path=each.path,
            size=each.size,
            partition_values={"bucket": partition_in(each.path)},
            modification_time=now,
            data_change=changes_data,
            stats=_stats(each),
        )
        for each in added
    ]
    actions.extend(
        RemoveAction(
            path=each.path,
            data_change=changes_data,
            deletion_timestamp=now,
            size=each.size,
            partition_values={"bucket": partition_in(each.path)},
        )
        for each in removed
    )
    return actions


def _stats(file: StoredFile) -> str:
    def text(value: datetime) -> str:
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    known: dict[str, Any] = {"numRecords": file.rows}
    if file.first is not None and file.last is not None:
        known["minValues"] = {_BOUNDED: text(file.first)}
        known["maxValues"] = {_BOUNDED: text(file.last)}
        known["nullCount"] = {_BOUNDED: 0}
    return json.dumps(known)


def _sync_entries(folder: Path, from_version: int) -> None:
    """Flush the commits (and checkpoints) from a version on, and their folder."""
    log = folder / "_delta_log"
    recent = [
        each
        for each in log.iterdir()
        if each.name[:20].isdigit() and int(each.name[:20]) >= from_version
    ]
    last_checkpoint = log / "_last_checkpoint"
    with contextlib.suppress(FileNotFoundError):
        sync([*recent, *([last_checkpoint] if last_checkpoint.exists() else []), log])


def mend(folder: Path) -> bool:
    """Set aside what a power cut left torn at the end of the log; say whether there was any.

    A commit is acknowledged after it is on the disk, so that a torn one was never acknowledged.
    A torn checkpoint repeats what the commits say. Call it with the writer's lock held.
    """
    import pyarrow.parquet as pq

    log = folder / "_delta_log"
    torn = False
    entries = sorted(log.glob("*.json"))
    if entries and not _is_whole(entries[-1]):
        entries[-1].rename(entries[-1].with_suffix(".torn"))
        torn = True
    for checkpoint in sorted(log.glob("*.checkpoint*.parquet"))[-1:]:
        try:
            pq.read_metadata(checkpoint)
        except (pa.ArrowInvalid, OSError):
            checkpoint.rename(checkpoint.with_suffix(".torn"))
            (log / "_last_checkpoint").unlink(missing_ok=True)
            torn = True
    if torn:
        sync([log])
    return torn


def _is_whole(entry: Path) -> bool:
    lines = entry.read_bytes().splitlines()
    try:
        return bool(lines) and all(isinstance(json.loads(line), dict) for line in lines)
    except ValueError:
        return False
