"""Tables kept beside the log: what was worked out about single interactions, and takes long.

A table has one row an interaction (``id``, the ``customer`` it is stored under, and columns of its
own) and lies in the log's buckets in ``derived/beside/<name>``. It can be made again from the log
at the cost of time, so that a table which cannot be read is thrown away. Erasing a customer takes
their rows out of every table here, whatever its name.
"""

import shutil
from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from percorso.i18n import gettext as _
from percorso.log.appending import new_batch, sync_files
from percorso.log.commits import (
    Snapshot,
    StoredFile,
    commit,
    create_table,
    exists,
    has_newer,
    read_snapshot,
    stored,
)
from percorso.log.errors import LogError
from percorso.log.lock import exclusive
from percorso.log.schema import BUCKETS, bucket_of
from percorso.log.state import digest
from percorso.log.upkeep import RETENTION, buckets_of, mark_removed, scattered, sweep

if TYPE_CHECKING:
    from deltalake import DeltaTable

    from percorso.log.table import Log

FOLDER: Final = "beside"
#: Held by the one who writes to any of the tables; taken after the log's, where both are.
LOCK: Final = "beside.lock"
KEYS: Final = (pa.field("id", pa.string()), pa.field("customer", pa.string()))
_WAIT: Final = 120.0
#: Bytes of one of the files that an append makes of many, at most.
_MOST_BYTES: Final = 64 * 2**20


class Beside:
    """One table beside the log. Threads and processes may share it; readers need no lock."""

    def __init__(self, log: "Log", name: str, columns: pa.Schema) -> None:
        """``columns`` are those besides ``id`` and ``customer``."""
        self._log = log
        self._name = name
        self._folder = log.workspace.derived / FOLDER / name
        self.schema = pa.schema([*KEYS, *(each.with_nullable(True) for each in columns)])
        self._opened: tuple[DeltaTable, Snapshot] | None = None  # what _snapshot() stands on

    # Reading

    @property
    def state(self) -> str:
        """A name for what is in the table now: another one whenever a row changed."""
        return digest(*(each.path for each in self._snapshot().files))

    def count(self) -> int:
        """Return how many rows there are."""
        return sum(each.rows for each in self._snapshot().files)

    def read(
        self, columns: Sequence[str] | None = None, bucket: int | None = None, where: Any = None
    ) -> pa.Table:
        """Return rows, of one bucket or of all; ``where`` is an expression of Arrow's datasets."""
        import pyarrow.dataset as ds

        dataset = ds.dataset(self._paths(bucket), schema=self.schema, format="parquet")
        return dataset.to_table(columns=list(columns) if columns else None, filter=where)

    def of(self, ids: Sequence[str], columns: Sequence[str] | None = None) -> pa.Table:
        """Return the rows of these interactions, in no order; some may have none."""
        import pyarrow.dataset as ds

        return self.read(columns, where=ds.field("id").isin(pa.array(list(ids), pa.string())))

    def sql(self) -> str | None:
        """Return the SQL that reads the table as it is now; None where it has no rows."""
        from percorso.log.engine import parquet

        paths = self._paths(None)
        return parquet(paths) if paths else None

    def _paths(self, bucket: int | None) -> list[str]:
        return [str(self._folder / each.path) for each in self._snapshot().of(bucket)]

    def _snapshot(self) -> Snapshot:
        """Return the files the table has now; none where it was not made yet."""
        opened = self._current()
        return opened[1] if opened is not None else Snapshot(-1, ())

    def _current(self) -> "tuple[DeltaTable, Snapshot] | None":
        """Return the table as it is now; None where there is none, or none that can be used."""
        if not exists(self._folder):
            self._opened = None
            return None
        # Looked at once: another thread may let go of it, or open a later one, at any moment.
        opened = self._opened
        if opened is not None:
            snapshot = opened[1]
            if not has_newer(self._folder, snapshot.version) and _is_there(self._folder, snapshot):
                return opened
        found = _open(self._folder)
        if found is None or _columns(found) != set(stored(self.schema).names):
            return None
        self._opened = opened = (found, read_snapshot(found))
        return opened

    # Writing

    def append(self, rows: pa.Table, log_version: int) -> int:
        """Add rows, in the place of those with the same ids; on the disk when this returns.

        ``log_version`` is that of the log the rows were worked out from: where the log changed
        since, rows whose interaction is in it no more are left out. Returns how many were added.
        """
        with exclusive(self._log.workspace.path / LOCK, _WAIT):
            rows = rows.select(self.schema.names).cast(self.schema)
            if self._log.version != log_version:
                rows = self._still_there(rows)
            if rows.num_rows:
                table = self._ready()
                new, old = self._replacing(rows)
                self._commit(table, new, old)
                self._compact(table)
        return rows.num_rows

    def _ready(self) -> "DeltaTable":
        """See that the table is there, with these columns, and can be read."""
        opened = self._current()
        if opened is None:
            if self._folder.exists():
                shutil.rmtree(self._folder)
            create_table(self._folder, self._name, self.schema)
            opened = self._current()
        if opened is None:
            raise _cannot_open(self._folder, _("it is not there"))
        return opened[0]

    def _still_there(self, rows: pa.Table) -> pa.Table:
        kept = [
            part.filter(pa.compute.is_in(part["id"], value_set=_ids(self._log, bucket)))
            for bucket, part in _by_bucket(rows)
        ]
        return pa.concat_tables([*kept, rows.slice(0, 0)])

    def _replacing(self, rows: pa.Table) -> tuple[list[StoredFile], list[StoredFile]]:
        """Write rows, and the files that hold any of their ids without these; return new, old."""
        batch = new_batch()
        new: list[StoredFile] = []
        old: list[StoredFile] = []
        for bucket, part in _by_bucket(rows):
            for number, file in enumerate(self._snapshot().of(bucket)):
                kept = _without(self._folder / file.path, "id", part["id"])
                if kept is None:
                    continue
                old.append(file)
                if kept.num_rows:
                    new.append(_write(kept, self._folder, bucket, f"{batch}.{number}"))
            new.append(_write(part, self._folder, bucket, f"{batch}.new"))
        sync_files(self._folder, new)
        return new, old

    def _commit(self, table: "DeltaTable", new: list[StoredFile], old: list[StoredFile]) -> None:
        commit(self._folder, table, added=new, removed=old, schema=self.schema)
        mark_removed(self._folder, old)
        self._opened = (table, read_snapshot(table))

    def _compact(self, table: "DeltaTable") -> None:
        """Make fewer files where they became many, and delete what nobody reads any more."""
        old = scattered(self._snapshot(), most_bytes=_MOST_BYTES)
        if not old:
            return
        batch = new_batch()
        new: list[StoredFile] = []
        for bucket in sorted({each.bucket for each in old}):
            for number, files in enumerate(_portions([f for f in old if f.bucket == bucket])):
                rows = pa.concat_tables([_read(self._folder / each.path) for each in files])
                new.append(_write(rows, self._folder, bucket, f"{batch}.{number}"))
        sync_files(self._folder, new)
        self._commit(table, new, old)
        sweep(self._folder, self._snapshot(), RETENTION)


def erase(log: "Log", references: Collection[str], ids: Any = None) -> int:
    """Take the rows stored under these references out of every table; return how many.

    With ``ids`` only the rows of these interactions. Their bytes are in no file when this
    returns. A table that cannot be read goes as a whole.
    """
    gone = 0
    folder = log.workspace.derived / FOLDER
    if not folder.is_dir():
        return 0
    with exclusive(log.workspace.path / LOCK, _WAIT):
        for each in sorted(folder.iterdir()):
            table = _open(each) if exists(each) else None
            if table is None:
                shutil.rmtree(each)
            else:
                gone += _erase(each, table, references, ids)
    return gone


def _erase(folder: Path, table: "DeltaTable", references: Collection[str], ids: Any) -> int:
    snapshot = read_snapshot(table)
    names = pa.array(sorted(references), pa.string())
    column, values = ("customer", names) if ids is None else ("id", ids)
    batch = new_batch()
    new: list[StoredFile] = []
    old: list[StoredFile] = []
    gone = 0
    schema = None
    buckets = buckets_of(names)
    for bucket in buckets:
        for number, file in enumerate(snapshot.of(bucket)):
            kept = _without(folder / file.path, column, values)
            if kept is None:
                continue
            old.append(file)
            gone += file.rows - kept.num_rows
            schema = kept.schema
            if kept.num_rows:
                new.append(_write(kept, folder, bucket, f"{batch}.{number}"))
    if schema is not None:
        sync_files(folder, new)
        commit(folder, table, added=new, removed=old, schema=schema)
        snapshot = read_snapshot(table)
    sweep(folder, snapshot, timedelta(0), buckets)
    return gone


def _open(folder: Path) -> "DeltaTable | None":
    """Open a table; None where it is broken or gone, as after a power cut.

    Raises LogError where it may be whole and only cannot be read now: it is not to be thrown away
    because a disk is slow, a file may not be read or too many are open.
    """
    from deltalake import DeltaTable
    from deltalake.exceptions import DeltaError

    try:
        try:
            return DeltaTable(str(folder))
        except DeltaError:
            # It says so, too, where the system did not let it read.
            _read_through(folder / "_delta_log")
            return DeltaTable(str(folder))
    except (DeltaError, FileNotFoundError, ValueError):
        return None
    except OSError as error:
        raise _cannot_open(folder, str(error)) from error


def _read_through(folder: Path) -> None:
    """Read the files of a folder to see that the system lets us. Raises OSError."""
    for each in folder.iterdir():
        if each.is_file():
            each.read_bytes()


def _cannot_open(folder: Path, why: str) -> LogError:
    return LogError(
        _("The table at {folder} cannot be opened: {error}").format(folder=folder, error=why)
    )


def _columns(table: "DeltaTable") -> set[str]:
    return {each.name for each in table.schema().fields}


def _is_there(folder: Path, snapshot: Snapshot) -> bool:
    """Say whether the table is still the one that was opened: it may be thrown away meanwhile."""
    return not snapshot.files or (folder / snapshot.files[0].path).exists()


def _by_bucket(rows: pa.Table) -> Iterator[tuple[int, pa.Table]]:
    buckets = bucket_of(rows["customer"]).to_numpy()
    for bucket in range(BUCKETS):
        part = rows.filter(pa.array(buckets == bucket))
        if part.num_rows:
            yield bucket, part


def _ids(log: "Log", bucket: int) -> Any:
    return log.read(["id"], bucket).read_all()["id"].combine_chunks()


def _without(file: Path, column: str, values: Any) -> pa.Table | None:
    """Return the rows of a file whose ``column`` is none of the values; None where all are."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(file) as opened:
        found: Any = opened.read(columns=[column])[column]
        is_theirs: Any = pa.compute.is_in(found, value_set=_combined(values))
        if not pa.compute.any(is_theirs).as_py():
            return None
        return opened.read().filter(pa.compute.invert(is_theirs))


def _combined(values: Any) -> Any:
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values


def _read(file: Path) -> pa.Table:
    import pyarrow.parquet as pq

    with pq.ParquetFile(file) as opened:
        return opened.read()


def _write(rows: pa.Table, folder: Path, bucket: int, batch: str) -> StoredFile:
    """Write rows of one bucket to a Parquet file below ``folder``; not flushed."""
    import pyarrow.parquet as pq

    path = f"bucket={bucket}/{batch}.parquet"
    file = folder / path
    file.parent.mkdir(exist_ok=True)
    pq.write_table(rows, file, compression="zstd", compression_level=1, store_schema=False)
    return StoredFile(path, bucket, rows.num_rows, file.stat().st_size, None, None)


def _portions(files: list[StoredFile]) -> Iterator[list[StoredFile]]:
    """Yield files in portions whose rows fit one."""
    gathered: list[StoredFile] = []
    for file in files:
        if gathered and sum(each.size for each in gathered) + file.size > _MOST_BYTES:
            yield gathered
            gathered = []
        gathered.append(file)
    if gathered:
        yield gathered
