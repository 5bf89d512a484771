"""Counting and exact quantiles by group, over several buckets, in linear passes."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from percorso.journeys.walks import WORKERS, Int64

Floats = npt.NDArray[np.float64]

#: Groups under this size are sorted all at once rather than one by one.
_SMALL: Final = 64


@dataclass(frozen=True, slots=True)
class Groups:
    """Rows gathered by code: ``order`` lists the rows code after code, in row order within each.

    ``codes`` are those that occur, ascending; the rows of ``codes[i]`` are
    ``order[bounds[i]:bounds[i + 1]]``.
    """

    order: Int64
    codes: Int64
    bounds: Int64

    @property
    def counts(self) -> Int64:
        return np.diff(self.bounds)

    def distinct(self, values: npt.NDArray[Any]) -> Int64:
        """Return how many distinct ``values`` each group has; they must not fall within one."""
        return np.add.reduceat(self.firsts(values), self.bounds[:-1], dtype=np.int64)

    def firsts(self, values: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
        """Mark, in ``order``, the first row of each run of equal values within a group."""
        return self.firsts_of(values.take(self.order))

    def firsts_of(self, ordered: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
        """Do the same with values that are in the order of ``order`` already."""
        first = changes(ordered)
        first[self.bounds[:-1]] = True
        return first


@dataclass(frozen=True, slots=True)
class Tally:
    """What was found of each code: sums that add up over parts, and single values.

    ``codes`` are ascending. ``sums`` has a row for each thing summed and a column for each code.
    The values of ``codes[i]`` are ``values[bounds[i]:bounds[i + 1]]``, in no order.
    """

    codes: Int64
    bounds: Int64
    sums: Floats
    values: Int64


def join(parts: Sequence[Tally]) -> Tally:
    """Put tallies of several parts together (one at least)."""
    codes = union(parts)
    places = [np.searchsorted(codes, part.codes) for part in parts]
    sums = np.zeros((len(parts[0].sums), len(codes)))
    counts = np.zeros(len(codes), np.int64)
    for part, place in zip(parts, places, strict=True):
        sums[:, place] += part.sums
        counts[place] += np.diff(part.bounds)
    bounds = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    values = np.empty(bounds[-1], np.int64)
    free = bounds[:-1].copy()
    for part, place in zip(parts, places, strict=True):
        lengths = np.diff(part.bounds)
        values[ranges(free[place], lengths)] = part.values
        free[place] += lengths
    return Tally(codes, bounds, sums, values)


def group(
    codes: npt.NDArray[np.unsignedinteger[Any]], bound: int, leave_out: int | None = None
) -> Groups:
    """Gather rows by code; all codes lie under ``bound``.

    Rows of the code ``leave_out`` are dropped; it must be greater than all others.
    """
    # Code and row as one number: sorting it is stable, and faster than sorting rows by code.
    keys, bits = pack(codes, bound, np.arange(len(codes), dtype=np.uint32), len(codes))
    keys.sort()
    if leave_out is not None:
        keys = keys[: np.searchsorted(keys, keys.dtype.type(leave_out << bits))]
    order = low_bits(keys, bits)
    keys >>= keys.dtype.type(bits)
    if not len(keys):
        return Groups(order, np.empty(0, np.int64), np.zeros(1, np.int64))
    starts = np.flatnonzero(keys[1:] != keys[:-1]) + 1
    bounds = np.concatenate([[0], starts, [len(keys)]])
    return Groups(order, keys[bounds[:-1]].astype(np.int64), bounds)


def pack(
    codes: npt.NDArray[Any], bound: int, others: npt.NDArray[Any], other_bound: int
) -> tuple[Any, int]:
    """Return each code and other number as one unsigned number, and the bits of the other."""
    bits = max(other_bound - 1, 1).bit_length()
    narrow = (bound - 1).bit_length() + bits <= 32
    keys: Any = codes.astype(np.uint32 if narrow else np.uint64)
    keys <<= keys.dtype.type(bits)
    keys |= others.astype(keys.dtype, copy=False)
    return keys, bits


def low_bits(keys: Any, bits: int) -> Int64:
    """Return the other numbers of packed ones."""
    numbers: Int64 = (keys & keys.dtype.type((1 << bits) - 1)).astype(np.int64)
    return numbers


def union(parts: Sequence[Groups | Tally]) -> Int64:
    """Return the codes that occur in any part, ascending."""
    if not parts:
        return np.empty(0, np.int64)
    codes = np.sort(np.concatenate([part.codes for part in parts]))
    return codes[changes(codes)]


def changes(ordered: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Mark the first of each run of equal values (NumPy's own ``unique`` takes far longer)."""
    first = np.ones(len(ordered), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return first


def total(codes: Int64, parts: Sequence[tuple[Groups, npt.NDArray[Any]]]) -> npt.NDArray[Any]:
    """Add up, code by code, what each part has for each of its groups."""
    dtype = parts[0][1].dtype if parts else np.dtype(np.int64)
    result = np.zeros(len(codes), dtype)
    for groups, values in parts:
        result[np.searchsorted(codes, groups.codes)] += values
    return result


def sum_of(counts: Sequence[Int64], size: int) -> Int64:
    """Add up counts that have one place for each of ``size`` codes."""
    result = np.zeros(size, np.int64)
    for each in counts:
        result += each
    return result


def quantiles(
    codes: Int64, parts: Sequence[tuple[Groups | Tally, Int64]], wanted: Sequence[float]
) -> Floats:
    """Return the exact quantiles of each code's values over all parts, a row for each code.

    The values of a part are code after code, within the part's ``bounds``. Between two values the
    quantile is interpolated linearly. Every code must have a value.
    """
    begin = np.zeros((len(codes), len(parts)), np.int64)
    end = np.zeros((len(codes), len(parts)), np.int64)
    for number, (groups, _) in enumerate(parts):
        places = np.searchsorted(codes, groups.codes)
        begin[places, number] = groups.bounds[:-1]
        end[places, number] = groups.bounds[1:]
    values = [each for _, each in parts]
    counts = (end - begin).sum(axis=1)
    result = np.empty((len(codes), len(wanted)))
    few = np.flatnonzero(counts < _SMALL)
    many = np.flatnonzero(counts >= _SMALL)
    share = np.asarray(wanted)

    def fill(rows: Int64) -> None:
        for row, starts, stops in zip(
            rows.tolist(), begin[rows].tolist(), end[rows].tolist(), strict=True
        ):
            together = np.concatenate(
                [each[a:b] for each, a, b in zip(values, starts, stops, strict=True) if a < b]
            )
            together.sort()
            result[row] = _pick(together, 0, len(together), share)

    with ThreadPoolExecutor(WORKERS) as pool:
        for _ in pool.map(fill, [many[start::WORKERS] for start in range(WORKERS)]):
            pass
    if len(few):
        result[few] = _quantiles_at_once(values, begin[few], end[few], share)
    return result


def _quantiles_at_once(values: list[Int64], begin: Int64, end: Int64, share: Floats) -> Floats:
    groups, gathered = [], []
    for number, each in enumerate(values):
        lengths = end[:, number] - begin[:, number]
        groups.append(np.repeat(np.arange(len(lengths)), lengths))
        gathered.append(each[ranges(begin[:, number], lengths)])
    group_of, value = np.concatenate(groups), np.concatenate(gathered)
    ordered = value[np.lexsort((value, group_of))]
    counts = np.bincount(group_of, minlength=len(begin))
    starts = np.cumsum(counts) - counts
    return _pick(ordered, starts[:, None], counts[:, None], share)


def _pick(ordered: Int64, start: Any, count: Any, share: Floats) -> Floats:
    """Return quantiles of ``ordered[start:start + count]`` by linear interpolation."""
    place = (count - 1) * share
    below = np.floor(place).astype(np.int64)
    above = np.minimum(below + 1, count - 1)
    low, high = ordered[start + below], ordered[start + above]
    found: Floats = low + (high - low) * (place - below)
    return found


def ranges(starts: Int64, lengths: Int64) -> Int64:
    """Return the numbers from each start on, as many as its length, one range after the other."""
    before = np.cumsum(lengths) - lengths
    return np.repeat(starts - before, lengths) + np.arange(int(lengths.sum()))
