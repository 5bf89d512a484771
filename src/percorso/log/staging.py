"""Rows on their way into the log: gathered by bucket, in memory first, on disk when they are many.

Rows are numbered in the order they come, so that of rows with one id the first can be kept.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from percorso.log.errors import LogError
from percorso.log.hashing import hash64
from percorso.log.schema import BUCKETS, REPEATED, SCHEMA
from percorso.vocabulary import FIELDS

#: Bytes held in memory before they go to disk.
IN_MEMORY: Final = 192 * 2**20
#: Rows taken at once: enough to spread over the buckets, few enough to stay in the caches.
_BATCH: Final = 131_072
_BATCH_BYTES: Final = 64 * 2**20
_WORKERS: Final = 2

_REQUIRED: Final = tuple(each.name for each in FIELDS if each.required)
_INDEX: Final = pa.dictionary(pa.int32(), pa.string())
#: As SCHEMA, with dictionaries, the number of the row and the hash of its id.
STAGED: Final = pa.schema(
    [
        *(pa.field(f.name, _INDEX if f.name in REPEATED else f.type) for f in SCHEMA),
        pa.field("row", pa.int64()),
        pa.field("hash", pa.uint64()),
    ]
)


class Staging:
    """Rows by bucket, in ``folder`` where memory does not do."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pending: list[list[pa.Table]] = [[] for _ in range(BUCKETS)]
        self._pending_bytes = 0
        self._spilled: list[list[Path]] = [[] for _ in range(BUCKETS)]
        self.rows = 0

    def add(self, tables: Iterable[pa.Table]) -> None:
        """Take rows with the columns of SCHEMA. Raises LogError where a required one is empty."""
        with ThreadPoolExecutor(_WORKERS) as pool:
            waiting: deque[Future[list[pa.Table]]] = deque()
            for portion in _portions(tables):
                waiting.append(pool.submit(_by_bucket, portion, self.rows))
                self.rows += portion.num_rows
                if len(waiting) > _WORKERS:
                    self._keep(waiting.popleft().result())
            for each in waiting:
                self._keep(each.result())

    def _keep(self, tables: list[pa.Table]) -> None:
        for pending, table in zip(self._pending, tables, strict=True):
            if table.num_rows:
                pending.append(table)
                self._pending_bytes += table.nbytes
        if self._pending_bytes > IN_MEMORY:
            self._spill()

    def _spill(self) -> None:
        options = pa.ipc.IpcWriteOptions(compression="lz4", unify_dictionaries=True)
        for bucket, tables in enumerate(self._pending):
            if not tables:
                continue
            file = self._folder / f"{bucket:02d}-{len(self._spilled[bucket]):05d}.arrow"
            whole = pa.concat_tables(tables).unify_dictionaries().combine_chunks()
            with pa.ipc.new_file(str(file), STAGED, options=options) as writer:
                writer.write_table(whole)
            self._spilled[bucket].append(file)
            tables.clear()
        self._pending_bytes = 0

    def chunks(self, bucket: int, columns: list[str] | None = None) -> Iterator[pa.Table]:
        """Yield the rows of a bucket, a part at a time, in the order they came."""
        fields = None if columns is None else [STAGED.get_field_index(name) for name in columns]
        options = pa.ipc.IpcReadOptions(included_fields=fields)
        for file in self._spilled[bucket]:
            with pa.ipc.open_file(str(file), options=options) as reader:
                yield reader.read_all()
        if self._pending[bucket]:
            table = pa.concat_tables(self._pending[bucket])
            yield table if columns is None else table.select(columns)

    def hashes(self, without: NDArray[np.int64] | None = None) -> NDArray[np.uint64]:
        """Return the hashes of the ids, sorted; of all rows, or but for some by their numbers."""
        columns = ["hash"] if without is None else ["hash", "row"]
        # Filled and sorted in place: of many rows, each copy would weigh more than all the rest.
        found = np.empty(self.rows, dtype=np.uint64)
        end = 0
        for bucket in range(BUCKETS):
            for chunk in self.chunks(bucket, columns):
                kept = chunk if without is None else leave_out(chunk, without)
                found[end : end + kept.num_rows] = kept["hash"].to_numpy()
                end += kept.num_rows
        found = found[:end]
        found.sort()
        return found


def leave_out(chunk: pa.Table, rows: NDArray[np.int64]) -> pa.Table:
    """Return a staged chunk without the rows of these (sorted) numbers."""
    if len(rows) == 0:
        return chunk
    number = chunk["row"].to_numpy()
    place = np.minimum(np.searchsorted(rows, number), len(rows) - 1)
    return chunk.filter(pa.array(rows[place] != number))


def _portions(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Yield the rows a portion at a time: few at once where they are long."""
    for table in tables:
        portions = max(1, -(-table.num_rows // _BATCH), table.nbytes // _BATCH_BYTES)
        size = max(1, -(-table.num_rows // portions))
        for start in range(0, table.num_rows, size):
            yield table.slice(start, size)


def _by_bucket(rows: pa.Table, first_row: int) -> list[pa.Table]:
    """Return the rows as they are staged, one table a bucket."""
    staged = _as_staged(rows, first_row)
    buckets = (hash64(staged["customer"]) % BUCKETS).astype(np.uint8)
    ends = np.cumsum(np.bincount(buckets, minlength=BUCKETS)).tolist()
    staged = staged.take(np.argsort(buckets, kind="stable"))
    return [staged.slice(start, end - start) for start, end in zip([0, *ends], ends, strict=False)]


def _as_staged(rows: pa.Table, first_row: int) -> pa.Table:
    columns: list[Any] = []
    for each in SCHEMA:
        column = rows[each.name]
        if each.name in REPEATED:
            if not pa.types.is_dictionary(column.type):
                column = column.cast(pa.string()).dictionary_encode()
            columns.append(column.cast(_INDEX))
        else:
            columns.append(column.cast(each.type))
    for name in _REQUIRED:
        if rows[name].null_count:
            raise LogError(f"{name} must be given in every row; {rows[name].null_count} lack it.")
    ids = columns[0]
    columns.append(pa.array(np.arange(first_row, first_row + rows.num_rows, dtype=np.int64)))
    columns.append(pa.array(hash64(ids)))
    return pa.Table.from_arrays(columns, schema=STAGED).combine_chunks()
