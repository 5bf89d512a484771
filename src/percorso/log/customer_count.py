"""How many customers the log names, kept up with its commits.

To count them anew means to read the reference of every row; under live events somebody asks again
every second. So the references are kept, as sorted 64-bit hashes, and of each commit only what came
is read. Two references with one hash would count as one: among ten million, one log in 370,000 has
such a pair.
"""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from percorso.log.hashing import hash64
from percorso.log.known_ids import Hashes, distinct, is_in
from percorso.log.schema import BUCKETS
from percorso.log.steps.changes import Change, find_changes
from percorso.vocabulary.references import PASSING

if TYPE_CHECKING:
    from percorso.log.commits import Snapshot
    from percorso.log.identity import Identity


@dataclass(slots=True)
class _Bucket:
    """The references in some files: those of customers, and those who were there once."""

    files: set[str] = field(default_factory=set)
    named: Hashes = field(default_factory=lambda: distinct([]))
    passing: Hashes = field(default_factory=lambda: distinct([]))

    def add(self, names: "pa.Array[Any]") -> None:
        passes: Any = pc.starts_with(names, PASSING)
        self.named = distinct([self.named, hash64(names.filter(pc.invert(passes)))])
        self.passing = distinct([self.passing, hash64(names.filter(passes))])


class CustomerCount:
    """Counts the customers of the log in a folder. One object may be used by several threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._mutex = threading.Lock()
        self._version = -1
        self._buckets = [_Bucket() for _ in range(BUCKETS)]

    def of(self, snapshot: "Snapshot", identity: "Identity") -> int:
        """Return how many customers have a row, after merges.

        Those who were there once and cannot be known again (``PASSING``) are none.
        """
        with self._mutex:
            self._keep_up(snapshot)
            merged = identity.table()
            if not merged.num_rows:
                # A reference is in one bucket only.
                return sum(len(each.named) for each in self._buckets)
            named = distinct([each.named for each in self._buckets])
            passing = distinct([each.passing for each in self._buckets])
        yields, names = (_texts(merged[each]) for each in ("reference", "customer"))
        of_reference, of_customer = hash64(yields), hash64(names)
        present = is_in(of_reference, named)
        counts = pc.invert(pc.starts_with(names, PASSING)).to_numpy(zero_copy_only=False)
        belongs_to = of_customer[(present | is_in(of_reference, passing)) & counts]
        others = np.count_nonzero(~is_in(distinct([belongs_to]), named))
        return len(named) - int(np.count_nonzero(present)) + int(others)

    def _keep_up(self, snapshot: "Snapshot") -> None:
        now = [{each.path for each in snapshot.of(bucket)} for bucket in range(BUCKETS)]
        known = [each.files for each in self._buckets]
        if self._version < 0:
            changes = [Change(rewritten=True)] * BUCKETS
        elif now == known:
            return
        else:
            changes = find_changes(self._folder, self._version, snapshot.version, known, now)
        for number, change in enumerate(changes):
            bucket = _Bucket() if change.rewritten else self._buckets[number]
            came = sorted(now[number]) if change.rewritten else change.added
            if came:
                bucket.add(_references(self._folder / each for each in came))
            bucket.files = now[number]
            self._buckets[number] = bucket
        self._version = snapshot.version


def _references(files: Iterable[Path]) -> "pa.Array[Any]":
    """Return the different references in some files."""
    import pyarrow.parquet as pq

    found: list[pa.Array[Any]] = []
    for each in files:
        with pq.ParquetFile(each, read_dictionary=["customer"]) as stored:
            for batch in stored.iter_batches(columns=["customer"], use_threads=False):
                words: Any = batch.column(0)
                found.append(_texts(words.dictionary))
    return pa.concat_arrays(found) if found else pa.array([], pa.string())


def _texts(values: Any) -> "pa.Array[Any]":
    whole = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    return whole.cast(pa.string())
