"""The columns of the log, and which bucket a customer's rows lie in.

The Arrow schema follows ``vocabulary.FIELDS``: one column a field, in that order. ``properties``
is JSON text. The stored table has one column more, ``bucket``, which it is partitioned by.
"""

import json
from collections.abc import Iterable
from datetime import UTC
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from percorso.log.hashing import hash64
from percorso.vocabulary import FIELDS, Interaction

if TYPE_CHECKING:
    from collections.abc import Mapping

#: A customer's whole history is in one bucket: erasure and journeys go bucket by bucket. Few, since
#: each commit writes a file to each. Any divisor of what it was for older files can be read with
#: them, see ``bucket_in``.
BUCKETS: Final = 8

TIME: Final = pa.timestamp("us", tz="UTC")

_TYPES: Final[dict[str, pa.DataType]] = {
    "text": pa.string(),
    "json": pa.string(),
    "time": TIME,
    "number": pa.float64(),
}

SCHEMA: Final = pa.schema([pa.field(each.name, _TYPES[each.type]) for each in FIELDS])

#: Columns with few different values: kept as dictionaries while rows are moved about.
REPEATED: Final = (
    "kind",
    "name",
    "touchpoint",
    "channel",
    "direction",
    "scale",
    "language",
    "currency",
    "source",
)


def bucket_of(customers: "pa.Array[Any] | pa.ChunkedArray[Any]") -> "pa.Array[Any]":
    """Return the bucket, 0 to 7, of each customer reference.

    The same reference has the same hash on every machine and in every release.
    """
    buckets: pa.Array[Any] = pa.array((hash64(customers) % BUCKETS).astype("int32"))
    return buckets


def partition_in(path: str) -> str:
    """Return the bucket that a file was written for, by its path below the table: ``bucket=3/...``.

    That of an older file is another number than the bucket its rows are of now: see ``bucket_in``.
    """
    return path.removeprefix("bucket=").partition("/")[0]


def bucket_in(path: str) -> int:
    """Return the bucket that the rows of a file are of, by its path below the table.

    Files that were written when there were 32 buckets count for the one that their rows are of now.
    """
    return int(partition_in(path)) % BUCKETS


def as_table(interactions: Iterable[Interaction]) -> pa.Table:
    """Return interactions as an Arrow table with the columns of SCHEMA."""
    rows = list(interactions)
    return pa.Table.from_arrays(
        [
            pa.array([_value(row, each.name, each.type) for row in rows], _TYPES[each.type])
            for each in FIELDS
        ],
        schema=SCHEMA,
    )


def _value(interaction: Interaction, name: str, kind: str) -> Any:
    value = getattr(interaction, name)
    if kind == "time" and value is not None:
        return value.astimezone(UTC)
    if kind == "json":
        return as_json(value)
    return value


def as_json(properties: "Mapping[str, Any]") -> str | None:
    """Return properties as the log stores them: compact JSON text, nothing where there are none."""
    if not properties:
        return None
    return json.dumps(properties, ensure_ascii=False, separators=(",", ":"), default=str)
