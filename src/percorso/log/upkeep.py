"""Keeping the table well: fewer files, customers gone for good, no leftovers.

All of it is done with the writer's lock held, and each change is one commit.
"""

import os
import time
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from percorso.log.appending import new_batch, sync_files
from percorso.log.commits import Snapshot, StoredFile
from percorso.log.durable import sync
from percorso.log.hashing import hash64
from percorso.log.known_ids import MERGED, Hashes, KnownIds
from percorso.log.schema import BUCKETS, REPEATED, SCHEMA, TIME, bucket_in, bucket_of
from percorso.log.writing import MAX_BYTES, MAX_ROWS, write_sorted

#: Files of at least so many rows are left as they are, and no more rows than make one are merged at
#: once: that bounds memory.
_LARGE: Final = MAX_ROWS // 2
#: Files of fewer rows than the first number (and of no earlier line) are merged once a bucket has
#: as many of them as the second: a row of a stream of small appends is written again twice.
_TIERS: Final = ((MAX_ROWS // 16, 24), (MAX_ROWS // 2, 4))
_WORKERS: Final = 2
#: Readers that began before a compaction have so long to finish.
RETENTION: Final = timedelta(hours=1)


def small(snapshot: Snapshot) -> list[StoredFile]:
    """Return the small files of buckets that have two or more of them."""
    found: list[StoredFile] = []
    for bucket in range(BUCKETS):
        files = [each for each in snapshot.of(bucket) if each.rows < _LARGE]
        if len(files) > 1:
            found.extend(files)
    return found


def scattered(
    snapshot: Snapshot, most: int = BUCKETS, most_bytes: int = MAX_BYTES, patience: int = 1
) -> list[StoredFile]:
    """Return the files of about the same size of which a bucket has many, as many as fit one file.

    Of ``most`` buckets, those that have the most files: who must not wait long has them merged a
    few at a time, or, with ``patience``, not before there are so many times as many.
    ``most_bytes`` is what a file may hold: one that is half full stays as it is.
    """
    found: list[list[StoredFile]] = []
    for bucket in range(BUCKETS):
        at_least = 0
        for below, many in _TIERS:
            files = [
                each
                for each in snapshot.of(bucket)
                if at_least <= each.rows < below and each.size < most_bytes // 2
            ]
            at_least = below
            if len(files) >= many * patience:
                found.append(files)
                break
    found.sort(key=len, reverse=True)
    return [each for files in found[:most] for each in _first(files, _LARGE)]


def _first(files: list[StoredFile], rows: int) -> list[StoredFile]:
    """Return the first files until they hold so many rows; two at least."""
    ends = list(accumulate(each.rows for each in files))
    return files[: max(2, bisect_left(ends, rows) + 1)]


def merge_files(
    folder: Path, snapshot: Snapshot, old: list[StoredFile], known: KnownIds
) -> list[StoredFile]:
    """Write files again as few sorted ones a bucket; return the new ones.

    What is new is on the disk, but not committed yet.
    """
    batch = known.batch_with_room(snapshot) or MERGED + new_batch()
    merge = new_batch()

    def merged_of(bucket: int) -> list[tuple[StoredFile, Hashes]]:
        files = [each for each in old if each.bucket == bucket]
        return [
            (write_sorted(rows, folder, bucket, f"{batch}.{merge}.{number}"), hash64(rows["id"]))
            for number, rows in enumerate(_portions(folder, files))
        ]

    buckets = sorted({each.bucket for each in old})
    # Two at once only where they are small, as ``appending.write_files`` does.
    workers = _WORKERS if sum(each.rows for each in old) <= len(buckets) * _LARGE else 1
    with ThreadPoolExecutor(workers) as pool:
        merged = [each for found in pool.map(merged_of, buckets) for each in found]
    new = [file for file, _ in merged]
    sync_files(folder, new)
    known.store_merged(snapshot, batch, merge, [hashes for _, hashes in merged])
    return new


#: Says of rows (the columns LOOKED_AT) which are chosen: a boolean array.
Chooser = Callable[[pa.Table], Any]
LOOKED_AT: Final = ["id", "customer", "kind", "at", "received_at"]


@dataclass(frozen=True, slots=True)
class Parted:
    """Files written again without the rows that were chosen, and those rows.

    The new files are on the disk, but not committed yet. ``chosen`` has the columns asked for.
    """

    new: list[StoredFile]
    old: list[StoredFile]
    chosen: pa.Table


def of_customers(
    references: Collection[str], received_until: datetime | None = None
) -> tuple[Chooser, list[int]]:
    """Return what chooses the rows of these references, and the buckets they may lie in."""
    names = pa.array(sorted(references), pa.string())

    def choose(rows: pa.Table) -> Any:
        theirs: Any = pa.compute.is_in(rows["customer"], value_set=names)
        if received_until is None:
            return theirs
        until: Any = pa.scalar(received_until, TIME)
        return pa.compute.and_(theirs, pa.compute.less_equal(rows["received_at"], until))

    return choose, buckets_of(names)


def without(
    folder: Path,
    snapshot: Snapshot,
    choose: Chooser,
    buckets: Iterable[int],
    columns: Collection[str],
) -> Parted:
    """Write the files that hold rows which are chosen again without them; return ``columns``."""
    batch = new_batch()
    new: list[StoredFile] = []
    old: list[StoredFile] = []
    schema = pa.schema([SCHEMA.field(name) for name in columns])
    gone: list[pa.Table] = [schema.empty_table()]
    for bucket in buckets:
        for number, file in enumerate(snapshot.of(bucket)):
            parts = _parted(folder / file.path, choose)
            if parts is None:
                continue
            kept, chosen = parts
            old.append(file)
            gone.append(chosen.select(schema.names).cast(schema))
            if kept.num_rows:
                new.append(write_sorted(kept, folder, bucket, f"{batch}.{number}"))
    sync_files(folder, new)
    return Parted(new, old, pa.concat_tables(gone))


def buckets_of(references: Any) -> list[int]:
    return sorted({int(each) for each in bucket_of(references).to_numpy()})


def _parted(file: Path, choose: Chooser) -> tuple[pa.Table, pa.Table] | None:
    """Return the rows of a file that stay and those that are chosen; None where none are."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(file) as stored:
        is_chosen: Any = choose(stored.read(columns=LOOKED_AT))
        if not pa.compute.any(is_chosen).as_py():
            return None
        # Not as dictionaries: words that only these rows had would stay in them, and in the file.
        rows = stored.read()
    return rows.filter(pa.compute.invert(is_chosen)), rows.filter(is_chosen)


def _read(file: Path) -> pa.Table:
    import pyarrow.parquet as pq

    with pq.ParquetFile(file, read_dictionary=list(REPEATED)) as stored:
        # By itself: it is small, and there are many.
        return stored.read(use_threads=False)


def _portions(folder: Path, files: list[StoredFile]) -> Iterator[pa.Table]:
    """Yield the rows of files in portions that fit one file."""
    gathered: list[pa.Table] = []
    held = size = 0
    for file in files:
        rows = _read(folder / file.path)
        if gathered and (held + rows.num_rows > MAX_ROWS or size + rows.nbytes > MAX_BYTES):
            yield pa.concat_tables(gathered)
            gathered, held, size = [], 0, 0
        gathered.append(rows)
        held += rows.num_rows
        size += rows.nbytes
    if gathered:
        yield pa.concat_tables(gathered)


def mark_removed(folder: Path, files: Iterable[StoredFile]) -> None:
    """Note on files that left the table when they did, for ``sweep`` to count from."""
    for each in files:
        os.utime(folder / each.path)


def sweep(
    folder: Path,
    snapshot: Snapshot,
    retention: timedelta = RETENTION,
    buckets: Iterable[int] = range(BUCKETS),
) -> int:
    """Delete files of buckets that are not in the table; return how many.

    That is what compactions and erasures replaced, and what a writer that died left. Files that
    are younger than ``retention`` stay for readers who hold an earlier version.
    """
    live = {each.path for each in snapshot.files}
    oldest_kept = time.time() - retention.total_seconds()
    deleted: list[Path] = []
    wanted = set(buckets)
    for file in folder.glob("bucket=*/*"):
        path = f"{file.parent.name}/{file.name}"
        if path in live or bucket_in(path) not in wanted:
            continue
        # Without a retention all go, whatever a clock that was put back says of them.
        if not retention or file.stat().st_mtime <= oldest_kept:
            file.unlink()
            deleted.append(file)
    sync({file.parent for file in deleted})
    return len(deleted)
