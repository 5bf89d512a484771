"""Reading every text of the log once, and keeping what was read beside it.

Texts are read in batches, each kept before the next is begun: whatever ends the work, it goes on
where it was. What an earlier model read is read again, and stays until then.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from percorso.log.schema import BUCKETS
from percorso.text import kept, vectors

if TYPE_CHECKING:
    from percorso.log import Log
    from percorso.text.reading import Path
    from percorso.text.readings import Readings

#: Texts, and characters, of a batch at most.
BATCH: Final = 4096
_CHARACTERS: Final = 4_000_000

#: Called with the texts read and those there are to read; what it raises ends the work.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Enriched:
    """What was done: texts read now, texts read before, seconds, the version of the model.

    ``waiting`` texts are still to read.
    """

    read: int
    already: int
    seconds: float
    model: str
    waiting: int


def enrich(
    log: "Log",
    *,
    path: "Path" = "auto",
    on_progress: Progress | None = None,
    limit: int | None = None,
    at_once: int = BATCH,
) -> Enriched:
    """Read the texts that the present model has not read yet, ``limit`` of them at most.

    ``at_once`` are read, and then kept, together. ``auto`` goes by the size of a batch: see
    ``text.read``.
    """
    from percorso.text.model import MODEL

    begun = time.monotonic()
    there, waiting = _count(log)
    to_read = waiting if limit is None else min(limit, waiting)
    done = 0
    version = log.version
    for batch in _batches(log, to_read, at_once):
        _read(log, batch, path, version)
        done += batch.num_rows
        if on_progress is not None:
            on_progress(done, to_read)
    already = there - waiting
    return Enriched(done, already, time.monotonic() - begun, MODEL.version, waiting - done)


def pending(log: "Log") -> int:
    """Return how many texts the present model has not read yet."""
    return _count(log)[1]


def _count(log: "Log") -> tuple[int, int]:
    """Return how many texts there are, and how many of them were not read by this model."""
    texts = waiting = 0
    for bucket in range(BUCKETS):
        read = _read_ids(log, bucket)
        for rows in _texts(log, bucket, ["id"]):
            texts += rows.num_rows
            waiting += rows.num_rows - _sum(_is_in(rows, read))
    return texts, waiting


def _batches(log: "Log", limit: int, most: int) -> Iterator[pa.Table]:
    """Yield texts that were not read, with their id and customer, a batch at a time."""
    gathered: list[pa.Table] = []
    rows = characters = 0
    for bucket in range(BUCKETS):
        if limit <= 0:
            break
        read = _read_ids(log, bucket)
        for found in _texts(log, bucket, ["id", "customer", "text"]):
            waiting = found.filter(pa.compute.invert(_is_in(found, read))).slice(0, limit)
            limit -= waiting.num_rows
            for part in _cut(waiting, most):
                size = part["text"].nbytes
                if rows and (rows + part.num_rows > most or characters + size > _CHARACTERS):
                    yield pa.concat_tables(gathered)
                    gathered, rows, characters = [], 0, 0
                gathered.append(part)
                rows += part.num_rows
                characters += size
    if rows:
        yield pa.concat_tables(gathered)


def _cut(rows: pa.Table, most: int) -> Iterator[pa.Table]:
    """Yield a table in parts of ``most`` rows, and of few where they are long."""
    size = max(most // 16, 1) if rows["text"].nbytes > _CHARACTERS else most
    for start in range(0, rows.num_rows, size):
        yield rows.slice(start, size)


def _texts(log: "Log", bucket: int, columns: list[str]) -> Iterator[pa.Table]:
    """Yield the texts of a bucket that customers wrote."""
    for batch in log.read(columns, bucket, kept.is_said_by_customers()):
        if batch.num_rows:
            yield pa.Table.from_batches([batch])


def _read_ids(log: "Log", bucket: int) -> Any:
    """Return the ids of the texts of a bucket that the present model has read."""
    import pyarrow.dataset as ds

    from percorso.text.model import MODEL

    by_model = ds.field("model") == MODEL.version
    found = kept.readings(log).read(["id"], bucket, by_model)
    return found["id"].combine_chunks()


def _is_in(rows: pa.Table, ids: Any) -> Any:
    return pa.compute.is_in(rows["id"], value_set=ids)


def _sum(values: Any) -> int:
    return int(pa.compute.sum(values).as_py() or 0)


def _read(log: "Log", batch: pa.Table, path: "Path", log_version: int) -> None:
    """Read a batch, each text once however often it is there, and keep what was read."""
    from percorso.text.model import MODEL
    from percorso.text.reading import read

    encoded: Any = batch["text"].combine_chunks().dictionary_encode()
    which = encoded.indices.to_numpy()
    found = read(encoded.dictionary.to_pylist(), path=path)
    columns = found.as_table().take(which)
    rows = kept.rows_of(batch, MODEL.version, columns)
    # The vectors first: a text that counts as read has all that came of reading it.
    _keep_vectors(log, batch, which, found, log_version)
    kept.readings(log).append(rows, log_version)


def _keep_vectors(
    log: "Log", batch: pa.Table, which: NDArray[np.int32], found: "Readings", log_version: int
) -> None:
    """Keep the vectors that were computed on the way, where they are of the chosen embedder."""
    from percorso.text.embedding import choose
    from percorso.text.model import MODEL

    if choose().name != MODEL.embedder:
        return
    place = np.full(len(found), -1)
    place[found.embedded] = np.arange(len(found.embedded))
    rows = np.flatnonzero(place[which] >= 0)
    if len(rows):
        computed = found.vectors[place[which[rows]]]
        vectors.keep(log, batch.take(rows), computed, MODEL.embedder, log_version)
