"""The vectors of the log's texts: kept beside it, computed where they are missing."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from percorso.log.schema import BUCKETS
from percorso.text import kept

if TYPE_CHECKING:
    from percorso.log import Log
    from percorso.text.embedding import Embedder

Vectors = NDArray[np.float32]

#: Vectors computed, and kept, at once.
_AT_ONCE: Final = 512


def vectors(log: "Log", ids: Sequence[str]) -> Vectors:
    """Return the vectors of these texts, shape (ids, dimensions), computing those not kept yet.

    Each is of length 1, kept to 16 bits; that of an id without a text is all 0. They are of the
    embedder that was chosen (``embedding.choose``). What was computed is kept as it goes.
    """
    encoded: Any = pa.array(ids, pa.string()).dictionary_encode()
    result = np.zeros((len(encoded.dictionary), 0), np.float32)
    for rows, some in in_parts(log, encoded.dictionary):
        if not result.shape[1]:
            result = np.zeros((len(result), some.shape[1]), np.float32)
        result[rows] = some
    return result if len(result) == len(ids) else result[encoded.indices.to_numpy()]


def in_parts(log: "Log", ids: Any) -> Iterator[tuple[NDArray[np.int64], Vectors]]:
    """Yield the vectors of texts, and their places in ``ids``, an array of different ones.

    The same as :func:`vectors`, a bucket of the log at a time, of those that have a text.
    """
    from percorso.text.embedding import choose

    embedder = choose()
    _compute(log, embedder, _missing(log, embedder.name, ids))
    for bucket in range(BUCKETS):
        known, matrix = _read(log, embedder.name, bucket, ids)
        if len(known):
            yield pa.compute.index_in(known, value_set=ids).to_numpy().astype(np.int64), matrix


def nearest(log: "Log", meaning: str) -> tuple[list[str], Vectors]:
    """Return the ids of all texts with a vector, and the cosine of each to ``meaning`` (-1..1)."""
    from percorso.text.embedding import choose

    embedder = choose()
    asked = embedder.embed([meaning])[0]
    ids: list[str] = []
    parts: list[Vectors] = [np.zeros(0, np.float32)]
    for bucket in range(BUCKETS):
        known, matrix = _read(log, embedder.name, bucket)
        if len(known):
            ids += known.to_pylist()
            parts.append(matrix @ asked)
    return ids, np.concatenate(parts)


def keep(log: "Log", rows: pa.Table, found: Vectors, model: str, log_version: int) -> None:
    """Keep the vectors of texts; ``rows`` has their id and customer, in the same order."""
    halves = np.ascontiguousarray(found.astype("<f2"))
    width = halves.shape[1] * halves.itemsize
    stored: Any = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(width), len(halves), [None, pa.py_buffer(halves.tobytes())]
    )
    columns = pa.table({"vector": stored.cast(pa.binary())})
    kept.vectors(log).append(kept.rows_of(rows, model, columns), log_version)


def _compute(log: "Log", embedder: "Embedder", ids: Any) -> None:
    """Compute and keep the vectors of these texts."""
    import pyarrow.dataset as ds

    if not len(ids):
        return
    version = log.version
    wanted = ds.field("id").isin(ids)
    for batch in log.read(["id", "customer", "text"], where=wanted & kept.is_said_by_customers()):
        for start in range(0, batch.num_rows, _AT_ONCE):
            part = pa.Table.from_batches([batch.slice(start, _AT_ONCE)])
            texts: list[Any] = part["text"].to_pylist()
            found = embedder.embed(texts)
            keep(log, part, found, embedder.name, version)


def _missing(log: "Log", model: str, ids: Any) -> Any:
    """Return those of the ids that have no vector of this model."""
    import pyarrow.dataset as ds

    found: Any = kept.vectors(log).read(["id"], where=ds.field("model") == model)["id"]
    return ids.filter(pa.compute.invert(pa.compute.is_in(ids, value_set=found.combine_chunks())))


def _read(log: "Log", model: str, bucket: int, ids: Any = None) -> tuple[Any, Vectors]:
    """Return the ids and vectors that are kept in a bucket, of all or of these ids."""
    import pyarrow.dataset as ds

    condition = ds.field("model") == model
    if ids is not None:
        condition &= ds.field("id").isin(ids)
    rows = kept.vectors(log).read(["id", "vector"], bucket, condition)
    if rows.num_rows == 0:
        return pa.array([], pa.string()), np.zeros((0, 0), np.float32)
    stored: Any = rows["vector"].combine_chunks()
    halves = stored.cast(pa.binary(len(stored[0].as_py())))
    matrix = np.frombuffer(halves.buffers()[1], "<f2").reshape(-1, halves.type.byte_width // 2)
    here = matrix[halves.offset : halves.offset + len(halves)]
    known: Any = rows["id"].combine_chunks()
    return known, here.astype(np.float32)
