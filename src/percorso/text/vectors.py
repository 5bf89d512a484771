"""The vectors of the log's texts: kept beside it, computed where they are missing."""

from collections.abc import Sequence
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
    import pyarrow.dataset as ds

    from percorso.text.embedding import choose

    embedder = choose()
    there = _kept_ids(log, embedder.name)
    _compute(log, embedder, [each for each in dict.fromkeys(ids) if each not in there])
    wanted = ds.field("id").isin(pa.array(list(ids), pa.string()))
    known, matrix = _read(log, embedder.name, where=wanted)
    place = {id_: row for row, id_ in enumerate(known)}
    result = np.zeros((len(ids), matrix.shape[1]), np.float32)
    rows = np.array([place.get(each, -1) for each in ids], np.int64)
    result[rows >= 0] = matrix[rows[rows >= 0]]
    return result


def nearest(log: "Log", meaning: str) -> tuple[list[str], Vectors]:
    """Return the ids of all texts with a vector, and the cosine of each to ``meaning`` (-1..1)."""
    from percorso.text.embedding import choose

    embedder = choose()
    asked = embedder.embed([meaning])[0]
    ids: list[str] = []
    parts: list[Vectors] = [np.zeros(0, np.float32)]
    for bucket in range(BUCKETS):
        some, matrix = _read(log, embedder.name, bucket)
        if some:
            ids += some
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


def _compute(log: "Log", embedder: "Embedder", ids: list[str]) -> None:
    """Compute and keep the vectors of these texts."""
    import pyarrow.dataset as ds

    if not ids:
        return
    version = log.version
    wanted = ds.field("id").isin(pa.array(ids, pa.string()))
    for batch in log.read(["id", "customer", "text"], where=wanted & kept.is_said_by_customers()):
        for start in range(0, batch.num_rows, _AT_ONCE):
            part = pa.Table.from_batches([batch.slice(start, _AT_ONCE)])
            texts: list[Any] = part["text"].to_pylist()
            found = embedder.embed(texts)
            keep(log, part, found, embedder.name, version)


def _kept_ids(log: "Log", model: str) -> set[str]:
    import pyarrow.dataset as ds

    found = kept.vectors(log).read(["id"], where=ds.field("model") == model)
    ids: list[Any] = found["id"].to_pylist()
    return set(ids)


def _read(
    log: "Log", model: str, bucket: int | None = None, where: Any = None
) -> tuple[list[str], Vectors]:
    """Return the ids and vectors that are kept, of one bucket or of all."""
    import pyarrow.dataset as ds

    by_model = ds.field("model") == model
    condition = by_model if where is None else by_model & where
    rows = kept.vectors(log).read(["id", "vector"], bucket, condition)
    if rows.num_rows == 0:
        return [], np.zeros((0, 0), np.float32)
    ids: list[Any] = rows["id"].to_pylist()
    stored: list[Any] = rows["vector"].to_pylist()
    matrix = np.frombuffer(b"".join(stored), "<f2").reshape(len(ids), -1)
    return ids, matrix.astype(np.float32)
