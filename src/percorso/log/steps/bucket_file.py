"""One customer bucket of the steps index as one file of columns, written once and memory-mapped.

The columns lie one after the other, each beginning on a 64-byte boundary. How long they are
follows from the numbers of rows, customers and name bytes, which the manifest holds; the file
itself has no header.
"""

import mmap
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pyarrow as pa

ALIGNMENT: Final = 64

#: Column -> its type. One value a row, except the last three (see ``_lengths``).
COLUMNS: Final[dict[str, type[np.generic]]] = {
    "at": np.int64,
    "received": np.int64,
    "score": np.float32,
    "touchpoint": np.uint16,
    "kind": np.uint8,
    "channel": np.uint8,
    "scale": np.uint8,
    "offsets": np.int64,
    "name_offsets": np.int64,
    "names": np.uint8,
}
ROW_COLUMNS: Final = ("at", "received", "score", "touchpoint", "kind", "channel", "scale")


@dataclass(frozen=True, slots=True)
class Size:
    """How much a bucket holds: what is needed to find its columns in the file."""

    rows: int
    customers: int
    name_bytes: int


@dataclass(frozen=True)
class Bucket:
    """The steps of the customers of one bucket, by (canonical customer, at, received_at, id).

    ``at`` and ``received`` are microseconds since 1970 (UTC); ``touchpoint`` is a code of the
    index's dictionary; ``kind`` and ``channel`` are positions in KINDS and CHANNELS; ``scale`` is
    1 + the position in SCALES, 0 where there is no score; ``score`` is NaN there. Customer ``i``
    has the rows from ``offsets[i]`` up to ``offsets[i + 1]``, one at least.
    """

    at: npt.NDArray[np.int64]
    received: npt.NDArray[np.int64]
    score: npt.NDArray[np.float32]
    touchpoint: npt.NDArray[np.uint16]
    kind: npt.NDArray[np.uint8]
    channel: npt.NDArray[np.uint8]
    scale: npt.NDArray[np.uint8]
    offsets: npt.NDArray[np.int64]
    name_offsets: npt.NDArray[np.int64]
    names: npt.NDArray[np.uint8]

    @property
    def size(self) -> Size:
        return Size(len(self.at), len(self.offsets) - 1, len(self.names))

    @cached_property
    def customers(self) -> "pa.Array[Any]":
        """The customers' canonical names (large_string), in ascending order of their bytes."""
        import pyarrow as pa

        buffers = [None, pa.py_buffer(self.name_offsets.data), pa.py_buffer(self.names.data)]
        return pa.Array.from_buffers(pa.large_string(), self.size.customers, buffers)


def write(bucket: Bucket, path: Path) -> None:
    """Write the bucket to a new file and see it onto the disk."""
    with path.open("xb") as file:
        for (name, _), (start, _) in zip(COLUMNS.items(), _places(bucket.size), strict=True):
            file.write(b"\0" * (start - file.tell()))
            file.write(np.ascontiguousarray(getattr(bucket, name)).data)
        file.flush()
        os.fsync(file.fileno())


def read(path: Path, size: Size) -> Bucket:
    """Map the file. Raises FileNotFoundError, or ValueError where its length is not as it must."""
    with path.open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    columns: dict[str, Any] = {}
    for (name, dtype), (start, length) in zip(COLUMNS.items(), _places(size), strict=True):
        columns[name] = np.frombuffer(mapped, dtype, length, start)
    return Bucket(**columns)


def _places(size: Size) -> Iterator[tuple[int, int]]:
    """Yield where each column starts, in bytes, and how many values it has."""
    start = 0
    for name, dtype in COLUMNS.items():
        length = _length(name, size)
        yield start, length
        end = start + length * np.dtype(dtype).itemsize
        start = -(-end // ALIGNMENT) * ALIGNMENT


def _length(column: str, size: Size) -> int:
    if column in ROW_COLUMNS:
        return size.rows
    return size.name_bytes if column == "names" else size.customers + 1
