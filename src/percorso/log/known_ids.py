"""Which ids are in the log already: the sorted hashes of the ids of each commit.

Kept in ``derived/ids``, one file a commit; whatever is missing there is made again from the log.
A hash that is found only makes an id a candidate: the ids themselves decide.

Many merges share a file, so that few have to be looked into. It begins with the number of merges
whose hashes it holds and a mark of each: one that is older than the log is not taken for whole.
"""

import contextlib
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from percorso.log.commits import Snapshot, StoredFile
from percorso.log.durable import sync
from percorso.log.hashing import hash64

Hashes = NDArray[np.uint64]
#: How the names of batches begin whose files were merged from others.
MERGED: Final = "m"
#: Hashes from which a batch of merged files is full.
_MOST_MERGED: Final = 1_000_000
#: Hashes of a batch up to which it is looked for among others like it: live events make many.
_SMALL: Final = 131_072


class KnownIds:
    """The ids of the log in ``log``, by the hashes kept in ``folder``."""

    def __init__(self, folder: Path, log: Path) -> None:
        self._folder = folder
        self._log = log
        self._beginnings = Beginnings()

    def hits(self, snapshot: Snapshot, hashes: Hashes) -> Hashes:
        """Return those of the sorted ``hashes`` that are in the log, sorted, each once."""
        batches = _batches(snapshot)
        small = {batch: files for batch, files in batches.items() if _is_small(batch, files)}
        found = [
            _common(self._of(batch, files), hashes)
            for batch, files in batches.items()
            if batch not in small
        ]
        few = self._beginnings.like(hashes, small, lambda batch: self._of(batch, small[batch]))
        if len(few):
            found += [_common(self._of(batch, files), few) for batch, files in small.items()]
        return distinct(found)

    def ids(self, snapshot: Snapshot, hashes: Hashes) -> "pa.ChunkedArray[Any]":
        """Return the ids in the log whose hash is one of the sorted ``hashes``."""
        chunks: list[pa.Array[Any]] = []
        for batch, files in _batches(snapshot).items():
            if len(_common(self._of(batch, files), hashes)):
                for ids, hashed in self._read(files):
                    chunks.extend(ids.filter(pa.array(is_in(hashed, hashes))).chunks)
        return pa.chunked_array(chunks, pa.string())

    def store(self, batch: str, hashes: Hashes) -> None:
        """Keep the sorted hashes of the files of a commit."""
        self._write(batch, [], hashes)

    def store_merged(
        self, snapshot: Snapshot, batch: str, merge: str, hashes: list[Hashes]
    ) -> None:
        """Keep the hashes of one more merge of a batch: see ``batch_with_room``."""
        files = _batches(snapshot).get(batch)
        before = distinct([]) if files is None else self._of(batch, files)
        marks = {_mark(merge), *(_marks(files) if files else ())}
        self._write(batch, sorted(marks), distinct([before, *hashes]))

    def batch_with_room(self, snapshot: Snapshot) -> str | None:
        """Return a batch of merged files that one more merge may join."""
        for batch, files in _batches(snapshot).items():
            if batch.startswith(MERGED) and sum(each.rows for each in files) < _MOST_MERGED:
                return batch
        return None

    def tidy(self, snapshot: Snapshot) -> None:
        """Throw away what belongs to no file any more."""
        batches = _batches(snapshot)
        for file in self._folder.glob("*"):
            if file.suffix != ".u64" or file.stem not in batches:
                file.unlink(missing_ok=True)

    def _of(self, batch: str, files: list[StoredFile]) -> Hashes:
        rows = sum(each.rows for each in files)
        marks = _marks(files)
        with contextlib.suppress(OSError, ValueError, IndexError):
            stored: Hashes = np.memmap(self._folder / f"{batch}.u64", dtype=np.uint64, mode="r")
            begin = 1 + int(stored[0]) if batch.startswith(MERGED) else 0
            # More is well: an erasure or a compaction took some of the rows away since.
            if len(stored) - begin >= rows and marks <= set(stored[1:begin].tolist()):
                return stored[begin:]
        hashes = np.sort(np.concatenate([hashed for _, hashed in self._read(files)]))
        self._write(batch, sorted(marks), hashes)
        return hashes

    def _write(self, batch: str, marks: list[int], hashes: Hashes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        unfinished = self._folder / f"{batch}.tmp"
        with unfinished.open("wb") as writing:
            if batch.startswith(MERGED):
                np.array([len(marks), *marks], dtype=np.uint64).tofile(writing)
            hashes.tofile(writing)
        sync([unfinished])
        unfinished.rename(self._folder / f"{batch}.u64")
        sync([self._folder])

    def _read(self, files: list[StoredFile]) -> Iterator[tuple["pa.ChunkedArray[Any]", Hashes]]:
        import pyarrow.parquet as pq

        for each in files:
            ids = pq.ParquetFile(self._log / each.path).read(columns=["id"])["id"]
            yield ids.cast(pa.string()), hash64(ids)


class Beginnings:
    """The first halves of the hashes of many small batches, in a few sorted arrays.

    What begins like none of them is in none of the batches: one search in place of one a batch.
    """

    def __init__(self) -> None:
        #: Each with the batches that are in it; the longest first.
        self._runs: list[tuple[set[str], NDArray[np.uint32]]] = []

    def like(self, hashes: Hashes, batches: Collection[str], of: Callable[[str], Hashes]) -> Hashes:
        """Return those of the hashes that begin like one of a batch; ``of`` gives a batch's."""
        self._keep(batches, of)
        begin = _beginnings(hashes)
        found = np.zeros(len(hashes), dtype=bool)
        for _, run in self._runs:
            found |= _is_one_of(begin, run)
        return np.asarray(hashes[found])

    def _keep(self, batches: Collection[str], of: Callable[[str], Hashes]) -> None:
        """Have the runs hold these batches, and not much that is of others."""
        there = set(batches)
        self._runs = [each for each in self._runs if 2 * len(each[0] & there) >= len(each[0])]
        held = {batch for own, _ in self._runs for batch in own}
        for batch in there - held:
            run = ({batch}, _beginnings(of(batch)))
            # Two of about the same length become one: there are never many.
            while self._runs and len(self._runs[-1][1]) < 2 * len(run[1]):
                own, longer = self._runs.pop()
                run = (own | run[0], np.sort(np.concatenate([longer, run[1]]), kind="stable"))
            self._runs.append(run)


def _beginnings(hashes: Hashes) -> NDArray[np.uint32]:
    return (hashes >> np.uint64(32)).astype(np.uint32)


def _is_small(batch: str, files: list[StoredFile]) -> bool:
    return not batch.startswith(MERGED) and sum(each.rows for each in files) <= _SMALL


def is_in(values: Hashes, hashes: Hashes) -> NDArray[np.bool_]:
    """Say for each value whether it is one of the sorted ``hashes``."""
    return _is_one_of(values, hashes)


def _is_one_of(values: NDArray[Any], known: NDArray[Any]) -> NDArray[np.bool_]:
    if len(known) == 0:
        return np.zeros(len(values), dtype=bool)
    place = np.minimum(np.searchsorted(known, values), len(known) - 1)
    return np.asarray(known[place] == values)


def distinct(parts: list[Hashes]) -> Hashes:
    """Return what is in any of the arrays, sorted, each once.

    NumPy's own unique goes by a hash table, which takes many times as long as its sort.
    """
    if not parts:
        return np.empty(0, dtype=np.uint64)
    hashes = np.sort(np.concatenate(parts))
    first = np.ones(len(hashes), dtype=bool)
    first[1:] = hashes[1:] != hashes[:-1]
    return np.asarray(hashes[first])


def _common(these: Hashes, those: Hashes) -> Hashes:
    """Return what two sorted arrays have in common, by looking the fewer up among the more."""
    few, many = sorted((these, those), key=len)
    return few[is_in(few, many)]


def _mark(merge: str) -> int:
    return int(merge[:16], 16)


def _marks(files: list[StoredFile]) -> set[int]:
    """Return the marks of the merges that made these files."""
    return {_mark(each.merge) for each in files if each.merge}


def _batches(snapshot: Snapshot) -> dict[str, list[StoredFile]]:
    batches: dict[str, list[StoredFile]] = {}
    for each in snapshot.files:
        batches.setdefault(each.batch, []).append(each)
    return batches
