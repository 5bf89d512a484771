"""Parquet files of one bucket, sorted by customer and time."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from percorso.log.commits import StoredFile
from percorso.log.schema import SCHEMA, TIME

#: Rows of one sorted file at most: bounds memory, and what an erasure rewrites.
MAX_ROWS: Final = 262_144
#: The same in bytes of memory: Arrow's texts end at 2 GB a column.
MAX_BYTES: Final = 128 * 2**20
_ROW_GROUP: Final = 131_072
#: Rows up to which a file is soon merged with others: packing it well takes longer than it saves.
_PASSING: Final = 16_384
#: Columns with values that many rows share (typed loosely: the stubs know a bool only).
_DICTIONARIES: Final[Any] = [
    name for name in SCHEMA.names if name not in ("id", "at", "received_at", "text", "about")
]
#: Columns whose least and greatest value let a reader skip rows; others' cost more than they save.
_BOUNDED: Final[Any] = ["at", "customer", "kind", "scale"]


def order_of(rows: pa.Table) -> NDArray[np.int64]:
    """Return the order of the log: by (customer, at, received_at, id)."""
    encoded: Any = rows["customer"].combine_chunks().dictionary_encode()
    names = encoded.dictionary
    rank = np.empty(len(names), dtype=np.int64)
    rank[pa.compute.sort_indices(names).to_numpy()] = np.arange(len(names))
    customer = rank[encoded.indices.to_numpy()]
    at = _microseconds(rows["at"])
    received = _microseconds(rows["received_at"])
    order = np.lexsort((received, at, customer))
    if _has_ties(customer[order], at[order], received[order]):
        ids = pa.compute.rank(rows["id"], tiebreaker="first").to_numpy()
        order = np.lexsort((ids, received, at, customer))
    return order


def _microseconds(times: Any) -> NDArray[np.int64]:
    return times.combine_chunks().cast(pa.int64()).to_numpy()  # type: ignore[no-any-return]


def _has_ties(*keys: NDArray[np.int64]) -> bool:
    same = np.ones(max(len(keys[0]) - 1, 0), dtype=bool)
    for key in keys:
        same &= key[1:] == key[:-1]
    return bool(same.any())


def write_sorted(rows: pa.Table, folder: Path, bucket: int, batch: str) -> StoredFile:
    """Sort rows of one bucket and write them to a Parquet file below ``folder``; not flushed."""
    import pyarrow.parquet as pq

    rows = rows.select(SCHEMA.names).unify_dictionaries().combine_chunks()
    rows = rows.take(order_of(rows))
    path = f"bucket={bucket}/{batch}.parquet"
    file = folder / path
    file.parent.mkdir(exist_ok=True)
    pq.write_table(
        rows,
        file,
        compression="snappy" if rows.num_rows < _PASSING else "zstd",
        compression_level=None if rows.num_rows < _PASSING else 1,
        use_dictionary=_DICTIONARIES,
        row_group_size=_ROW_GROUP,
        write_batch_size=65_536,
        store_schema=False,
        write_statistics=_BOUNDED,
    )
    times = pa.compute.min_max(rows["at"])
    return StoredFile(
        path=path,
        bucket=bucket,
        rows=rows.num_rows,
        size=file.stat().st_size,
        first=_as_time(times["min"]),
        last=_as_time(times["max"]),
    )


def _as_time(value: Any) -> datetime:
    return datetime.fromtimestamp(value.cast(TIME).value / 1e6, UTC)
