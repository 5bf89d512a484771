"""Words by the letters inside them: every run of some letters has a row in a table of weights.

Rows are told by CRC-32, worked out for all runs of all words at once.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]


def _table() -> NDArray[np.uint32]:
    """Return what each byte does to a CRC-32 (polynomial 0xEDB88320, reflected)."""
    table = np.arange(256, dtype=np.uint32)
    for _bit in range(8):
        table = np.where(table & 1, np.uint32(0xEDB88320) ^ (table >> 1), table >> 1)
    return table


_TABLE: Final = _table()


def runs(
    words: Sequence[str], lengths: Sequence[int], size: int, *, whole: bool
) -> tuple[Rows, Rows]:
    """Return the row (below ``size``) of each run of letters, and the place of its word.

    Runs have so many letters, ``<`` and ``>`` counted, which stand at the beginning and end of a
    word; ``<`` by itself is none. A run that is all of a word counts where ``whole``.
    """
    edged = "".join(f"<{word}>" for word in words).encode("utf-8", "replace").decode()
    letters = np.frombuffer(edged.encode("utf-32-le"), np.uint32)
    data = np.frombuffer(edged.encode(), np.uint8)
    widths = 1 + (letters >= 0x80) + (letters >= 0x800) + (letters >= 0x10000)
    bounds = np.concatenate([[0], np.cumsum(widths)])
    sizes = np.fromiter(map(len, words), np.int64, len(words)) + 2
    owner = np.repeat(np.arange(len(words)), sizes)
    left = np.cumsum(sizes)[owner] - np.arange(len(letters))  # letters to the end of the word
    is_first = left == sizes[owner]
    rows, owners = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for length in lengths:
        counts = left >= length
        if length == 1:
            counts &= ~is_first
        elif not whole:
            counts &= ~(is_first & (left == length))
        starts = np.flatnonzero(counts)
        found = _crc(data, bounds[starts], bounds[starts + length])
        rows.append((found % np.uint32(size)).astype(np.int64))
        owners.append(owner[starts])
    return np.concatenate(rows), np.concatenate(owners)


def _crc(data: NDArray[np.uint8], starts: Rows, ends: Rows) -> NDArray[np.uint32]:
    """Return the CRC-32 of each part of ``data``."""
    found = np.full(len(starts), 0xFFFFFFFF, np.uint32)
    lengths = ends - starts
    last = len(data) - 1
    for step in range(int(lengths.max(initial=0))):
        byte = data[np.minimum(starts + step, last)]
        moved = _TABLE[(found ^ byte) & np.uint32(0xFF)] ^ (found >> np.uint32(8))
        found = np.where(step < lengths, moved, found)
    return ~found
