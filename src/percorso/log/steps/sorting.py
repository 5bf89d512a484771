"""Putting rows into the order of the index, and merging new rows into rows in that order."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from percorso.log.steps.bucket_file import ROW_COLUMNS, Bucket

if TYPE_CHECKING:
    import pyarrow as pa

Int64 = npt.NDArray[np.int64]
UInt64 = npt.NDArray[np.uint64]

_NO_LETTERS: Final = np.empty(0, np.uint8)


class TieError(Exception):
    """Rows agree in customer, at and received_at: only their ids can order them."""


@dataclass(frozen=True, slots=True)
class Unsorted:
    """Rows as read: ``customer`` is a position in ``names``, which are distinct and ascending.

    Every name has a row. ``columns`` are those of ROW_COLUMNS. Names and ids are large_string;
    ``ids`` are needed only where rows tie otherwise.
    """

    names: "pa.Array[Any]"
    customer: Int64
    columns: dict[str, npt.NDArray[Any]]
    ids: "pa.Array[Any] | None" = None


def sort(rows: Unsorted) -> Bucket:
    """Return the rows in order. Raises TieError where it takes ids that were not given."""
    (keys,) = _keys((rows.customer, rows.columns["at"]))
    order = np.argsort(keys)
    _order_ties(order, keys, rows)
    counts = np.bincount(rows.customer, minlength=len(rows.names))
    columns = {name: rows.columns[name].take(order) for name in ROW_COLUMNS}
    return _bucket(rows.names, counts, columns)


def merge(old: Bucket, new: Bucket) -> Bucket:
    """Return both together. Raises TieError where an old and a new row tie.

    Only the new rows look for their places; the old ones are copied in the order they have.
    """
    names, of_old, of_new = _united(old.customers, new.customers)
    old_keys, new_keys = _keys(
        (np.repeat(of_old, np.diff(old.offsets)), old.at),
        (np.repeat(of_new, np.diff(new.offsets)), new.at),
    )
    places = np.searchsorted(old_keys, new_keys, side="left")
    ends = np.searchsorted(old_keys, new_keys, side="right")
    for row in np.flatnonzero(ends > places):
        places[row] += _place(new.received[row], old.received[places[row] : ends[row]])
    counts = np.zeros(len(names), np.int64)
    counts[of_old] += np.diff(old.offsets)
    counts[of_new] += np.diff(new.offsets)
    columns = {
        name: np.insert(getattr(old, name), places, getattr(new, name)) for name in ROW_COLUMNS
    }
    return _bucket(names, counts, columns)


def _keys(*parts: tuple[Int64, Int64]) -> list[UInt64]:
    """Return for each (customer, at) one number that sorts as the pair does, over all parts."""
    everything = [at for _, at in parts if len(at)]
    if not everything:
        return [np.empty(0, np.uint64) for _ in parts]
    least = min(int(at.min()) for at in everything)
    span = max(int(at.max()) for at in everything) - least
    customers = max(int(customer.max()) for customer, _ in parts if len(customer))
    if customers.bit_length() + span.bit_length() <= 64:
        return [_packed(customer, at - least, span.bit_length()) for customer, at in parts]
    # A span of centuries: the places of the times among themselves take fewer bits.
    distinct = np.sort(np.concatenate(everything))
    distinct = distinct[np.append(True, distinct[1:] != distinct[:-1])]
    bits = len(distinct).bit_length()
    return [_packed(customer, np.searchsorted(distinct, at), bits) for customer, at in parts]


def _packed(high: Int64, low: Int64, bits: int) -> UInt64:
    return high.astype(np.uint64) << np.uint64(bits) | low.astype(np.uint64)


def _order_ties(order: Int64, keys: UInt64, rows: Unsorted) -> None:
    """Put rows of one customer at one time in the order of received_at and id, in place."""
    in_order = keys.take(order)
    same = np.append(in_order[1:] == in_order[:-1], False)
    if not same.any():
        return
    tied = same.copy()
    tied[1:] |= same[:-1]
    places = np.flatnonzero(tied)
    candidates = order[places]
    received = rows.columns["received"][candidates]
    key = keys[candidates]
    by_time = np.lexsort((received, key))
    key, received = key[by_time], received[by_time]
    if np.any((key[1:] == key[:-1]) & (received[1:] == received[:-1])):
        if rows.ids is None:
            raise TieError
        by_time = np.lexsort(
            (_ranks(rows.ids, candidates), rows.columns["received"][candidates], keys[candidates])
        )
    order[places] = candidates[by_time]


def _ranks(ids: "pa.Array[Any]", rows: Int64) -> Int64:
    """Return the place of each of the ids in their order (by bytes)."""
    import pyarrow.compute as pc

    order = pc.array_sort_indices(ids.take(rows)).to_numpy()
    ranks = np.empty(len(order), np.int64)
    ranks[order] = np.arange(len(order))
    return ranks


def _place(received: np.int64, among: Int64) -> int:
    place = int(np.searchsorted(among, received))
    if place < len(among) and among[place] == received:
        raise TieError
    return place


def _united(old: "pa.Array[Any]", new: "pa.Array[Any]") -> tuple["pa.Array[Any]", Int64, Int64]:
    """Return the names of both in order, and where each of the old and of the new is in them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    known = pc.is_in(new, value_set=old)
    together = pa.concat_arrays([old, new.filter(pc.invert(known))])
    order = pc.array_sort_indices(together)
    names = together.take(order)
    return names, _positions(old, names), _positions(new, names)


def _positions(values: "pa.Array[Any]", names: "pa.Array[Any]") -> Int64:
    import pyarrow.compute as pc

    found: Int64 = pc.index_in(values, value_set=names).to_numpy().astype(np.int64)
    return found


def _bucket(names: "pa.Array[Any]", counts: Int64, columns: dict[str, npt.NDArray[Any]]) -> Bucket:
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts, dtype=np.int64)])
    _, starts, letters = names.buffers()
    if not len(names) or starts is None:
        return Bucket(**columns, offsets=offsets, name_offsets=offsets, names=_NO_LETTERS)
    # The array may be cut out of a longer one: its names begin where its first name does.
    at = np.frombuffer(memoryview(starts), np.int64, len(names) + 1, names.offset * 8)
    text = np.frombuffer(memoryview(letters), np.uint8) if letters is not None else _NO_LETTERS
    return Bucket(**columns, offsets=offsets, name_offsets=at - at[0], names=text[at[0] : at[-1]])
