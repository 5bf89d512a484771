"""A stable 64-bit hash of text, over millions of values at once.

DuckDB's and Python's own hashes change between releases or runs; buckets are for the life of a
log, so their hash is ours. It reads eight bytes at a time and ends with the finaliser of
MurmurHash3 (Appleby, public domain). It is not a cryptographic hash: equal hashes make two ids
candidates for being equal, never equal.
"""

from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

_MULTIPLIER: Final = np.uint64(0x9E3779B97F4A7C15)
_FIRST: Final = np.uint64(0xFF51AFD7ED558CCD)
_SECOND: Final = np.uint64(0xC4CEB9FE1A85EC53)
#: Keeps the first n bytes of a little-endian word, n from 0 to 8.
_KEEP: Final = np.array([(1 << (8 * n)) - 1 for n in range(9)], dtype=np.uint64)

#: Texts hashed at once: few enough to stay in the processor's caches, twice as fast.
_BLOCK: Final = 16_384


def hash64(values: "pa.Array[Any] | pa.ChunkedArray[Any]") -> NDArray[np.uint64]:
    """Return the hash of each text (UTF-8 bytes; null counts as empty)."""
    if isinstance(values, pa.ChunkedArray):
        if values.num_chunks == 0:
            return np.empty(0, dtype=np.uint64)
        return np.concatenate([hash64(chunk) for chunk in values.chunks])
    if isinstance(values, pa.DictionaryArray):
        codes = values.indices.to_numpy(zero_copy_only=False)
        return np.asarray(hash64(values.dictionary)[codes])
    texts = values if values.type == pa.string() else values.cast(pa.string())
    parts = [_hash(texts.slice(start, _BLOCK)) for start in range(0, len(texts), _BLOCK)]
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.uint64)


def _hash(values: "pa.Array[Any]") -> NDArray[np.uint64]:
    count = len(values)
    _, offsets_buffer, text_buffer = values.buffers()
    offsets = _view(offsets_buffer, np.int32, count + 1, values.offset * 4)
    first, last = int(offsets[0]), int(offsets[-1])
    # Eight bytes of padding, so that a whole word can be read at the last character.
    text = np.zeros(last - first + 8, dtype=np.uint8)
    if last > first:
        text[:-8] = _view(text_buffer, np.uint8, last - first, first)
    words: NDArray[np.uint64] = np.ndarray((last - first + 1,), "<u8", text, strides=(1,))
    begin = offsets[:-1].astype(np.int64) - first
    left = np.diff(offsets).astype(np.int64)
    state = left.astype(np.uint64) * _MULTIPLIER
    rows = np.flatnonzero(left > 0)
    while len(rows):
        word = words[begin[rows]] & _KEEP[np.minimum(left[rows], 8)]
        state[rows] = _mix(state[rows] ^ word)
        begin[rows] += 8
        left[rows] -= 8
        rows = rows[left[rows] > 0]
    return _finish(state)


def _view(buffer: Any, kind: Any, count: int, offset: int) -> NDArray[Any]:
    return np.frombuffer(buffer, kind, count, offset)


def _mix(state: NDArray[np.uint64]) -> NDArray[np.uint64]:
    state = state * _MULTIPLIER
    return state ^ (state >> np.uint64(29))


def _finish(state: NDArray[np.uint64]) -> NDArray[np.uint64]:
    state = (state ^ (state >> np.uint64(33))) * _FIRST
    state = (state ^ (state >> np.uint64(33))) * _SECOND
    return state ^ (state >> np.uint64(33))
