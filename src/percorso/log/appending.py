"""Rows into the log: each id once, one commit for all of them."""

import contextlib
import shutil
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from percorso.log.commits import Snapshot, StoredFile
from percorso.log.durable import sync
from percorso.log.errors import LogBusyError
from percorso.log.known_ids import Hashes, KnownIds, distinct, is_in
from percorso.log.lock import exclusive
from percorso.log.schema import BUCKETS
from percorso.log.staging import Staging, leave_out
from percorso.log.writing import MAX_BYTES, MAX_ROWS, write_sorted

#: Candidates compared by their ids at once: bounds memory when a whole log comes a second time.
_COMPARED: Final = 2_000_000
_WORKERS: Final = 2
#: Held while folders to gather in are made, and while those that nobody holds are removed.
_MAKING: Final = "append.lock"
_WAIT: Final = 60.0
#: Rows of a bucket up to which two are written at once.
_SMALL: Final = 131_072


@contextlib.contextmanager
def staging(temporary: Path) -> Iterator[Staging]:
    """Give a place to gather rows in, gone afterwards, however this ends."""
    folder = temporary / f"append-{uuid.uuid4().hex}"
    try:
        with contextlib.ExitStack() as alive:
            temporary.mkdir(parents=True, exist_ok=True)
            # A folder that is not locked yet looks like one whose maker died.
            with exclusive(temporary / _MAKING, _WAIT):
                folder.mkdir()
                alive.enter_context(exclusive(folder / "alive", timeout=0))
            yield Staging(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def clear_abandoned(temporary: Path) -> bool:
    """Remove what processes that died left; say whether there was any."""
    found = False
    if not temporary.exists():
        return found
    with exclusive(temporary / _MAKING, _WAIT):
        for folder in temporary.glob("append-*"):
            with contextlib.suppress(LogBusyError, FileNotFoundError):
                with exclusive(folder / "alive", timeout=0):
                    shutil.rmtree(folder, ignore_errors=True)
                found = True
    return found


def repeated_rows(staged: Staging, known: KnownIds, snapshot: Snapshot) -> NDArray[np.int64]:
    """Return the numbers, sorted, of the rows whose id came earlier, in the log or among them."""
    hashes = staged.hashes()
    twice = hashes[1:][hashes[1:] == hashes[:-1]]
    candidates = distinct([twice, known.hits(snapshot, hashes)])
    found = [
        _compare(staged, known, snapshot, candidates[start : start + _COMPARED])
        for start in range(0, len(candidates), _COMPARED)
    ]
    return np.sort(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)


def _compare(
    staged: Staging, known: KnownIds, snapshot: Snapshot, candidates: Hashes
) -> NDArray[np.int64]:
    """Return the repeated rows among those whose id has one of these hashes."""
    parts = [
        chunk.filter(pa.array(is_in(chunk["hash"].to_numpy(), candidates)))
        for bucket in range(BUCKETS)
        for chunk in staged.chunks(bucket, ["id", "row", "hash"])
    ]
    rows = pa.concat_tables(parts).sort_by("row")
    number = rows["row"].to_numpy()
    ids: Any = rows["id"].combine_chunks()
    # A dictionary is in the order in which its words came: an old code is a repetition.
    codes = ids.dictionary_encode().indices.to_numpy()
    repeated = np.zeros(len(codes), dtype=bool)
    repeated[1:] = codes[1:] <= np.maximum.accumulate(codes)[:-1]
    in_log = pa.compute.is_in(ids, value_set=known.ids(snapshot, candidates))
    return number[repeated | in_log.to_numpy(zero_copy_only=False)]  # type: ignore[no-any-return]


def write_files(
    staged: Staging, without: NDArray[np.int64], folder: Path, batch: str
) -> list[StoredFile]:
    """Write what was staged, but for the rows numbered ``without``; on the disk when it returns."""

    def write(bucket: int) -> list[StoredFile]:
        return [
            write_sorted(rows, folder, bucket, f"{batch}.{number}")
            for number, rows in enumerate(_portions(staged, bucket, without))
        ]

    # Two buckets at once only where they are small: each is held about three times while sorted.
    workers = _WORKERS if staged.rows <= BUCKETS * _SMALL else 1
    with ThreadPoolExecutor(workers) as pool:
        files = [each for written in pool.map(write, range(BUCKETS)) for each in written]
    sync_files(folder, files)
    return files


def sync_files(folder: Path, files: list[StoredFile]) -> None:
    paths = [folder / each.path for each in files]
    sync([*paths, *{path.parent for path in paths}, folder])


def _portions(staged: Staging, bucket: int, without: NDArray[np.int64]) -> Iterator[pa.Table]:
    """Yield the rows of a bucket that are to be written, as many at once as fit one file."""
    gathered: list[pa.Table] = []
    rows = size = 0
    for chunk in staged.chunks(bucket):
        kept = leave_out(chunk, without)
        if rows and (rows + kept.num_rows > MAX_ROWS or size + kept.nbytes > MAX_BYTES):
            yield pa.concat_tables(gathered)
            gathered, rows, size = [], 0, 0
        gathered.append(kept)
        rows += kept.num_rows
        size += kept.nbytes
    if rows:
        yield pa.concat_tables(gathered)


def new_batch() -> str:
    return uuid.uuid4().hex
