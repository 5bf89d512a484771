"""Variants: journeys that are the same, step by step, and how many customers made each."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from percorso.journeys.grouping import changes, ranges
from percorso.journeys.results import Variant, Variants
from percorso.journeys.walks import Int64, Walks, each_bucket
from percorso.log.hashing import hash64
from percorso.log.steps import StepsIndex

if TYPE_CHECKING:
    from percorso.log.selection import Selection

UInt64 = npt.NDArray[np.uint64]

#: Any odd number has an inverse among the numbers of 64 bits.
_BASE: Final = 0x9E3779B97F4A7C15
_INVERSE: Final = pow(_BASE, -1, 1 << 64)
#: Steps compared at a time, so that memory stays flat.
_AT_ONCE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class _Journeys:
    """Journeys: touchpoints one after the other, where each begins, its length and hash."""

    steps: npt.NDArray[np.uint16]
    starts: Int64
    lengths: Int64
    hashes: UInt64

    def steps_of(self, journey: int) -> npt.NDArray[np.uint16]:
        return self.steps[self.starts[journey] : self.starts[journey] + self.lengths[journey]]


def variants(
    index: StepsIndex, selection: "Selection | None" = None, limit: int | None = None
) -> Variants:
    """Return the different journeys, the most frequent first, at most ``limit`` of them.

    Two journeys are the same variant where they have the same touchpoints in the same order,
    whatever the times. Journeys are gathered by a hash of 64 bits and their length, and compared
    step by step with one of their variant: a hash that misleads changes nothing. Among equally
    frequent ones the shorter come first.
    """
    journeys = _all_journeys(index, selection)
    examples, counts = _gathered(journeys)
    customers = len(journeys.starts)
    rows = [
        Variant(
            tuple(index.touchpoints[code] for code in journeys.steps_of(examples[number])),
            int(counts[number]),
            100 * int(counts[number]) / customers,
        )
        for number in _most_frequent(counts, journeys.lengths[examples], limit)
    ]
    return Variants(customers, len(counts), tuple(rows))


def _all_journeys(index: StepsIndex, selection: "Selection | None") -> _Journeys:
    # The name's hash, not its code, which depends on what came into the log first: so that the
    # same journeys always come in the same order.
    words = hash64(pa.array(index.touchpoints, pa.string()))
    longest = max((len(bucket.at) for bucket in index.buckets), default=0)
    powers, inverses = _powers(_BASE, longest), _powers(_INVERSE, longest)

    def hashed(walks: Walks) -> _Journeys:
        value = words[walks.touchpoint] * powers[: len(walks.at)]
        sums = np.add.reduceat(value, walks.first) * inverses[walks.first]
        return _Journeys(walks.touchpoint, walks.first, np.diff(walks.offsets), sums)

    parts = each_bucket(index, selection, hashed)
    if not parts:
        nothing = np.empty(0, np.int64)
        return _Journeys(np.empty(0, np.uint16), nothing, nothing, np.empty(0, np.uint64))
    before = np.cumsum([0, *(len(part.steps) for part in parts[:-1])])
    return _Journeys(
        np.concatenate([part.steps for part in parts]),
        np.concatenate([part.starts + start for part, start in zip(parts, before, strict=True)]),
        np.concatenate([part.lengths for part in parts]),
        np.concatenate([part.hashes for part in parts]),
    )


def _powers(base: int, count: int) -> UInt64:
    """Return base ** i for i from 0 on, modulo 2 ** 64."""
    factors = np.full(count, base, np.uint64)
    factors[:1] = 1
    return np.cumprod(factors, dtype=np.uint64)


def _gathered(journeys: _Journeys) -> tuple[Int64, Int64]:
    """Return for each variant one journey that made it, and how many did."""
    if not len(journeys.starts):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    order = np.argsort(journeys.hashes)
    ordered = journeys.hashes[order]
    first = changes(ordered)
    examples = order[first]
    variant = np.cumsum(first) - 1
    other = np.flatnonzero(~first)
    misled = other[~_same(journeys, order[other], examples[variant[other]])]
    found: dict[bytes, int] = {}
    more: list[int] = []
    for place in misled:
        journey = int(order[place])
        steps = journeys.steps_of(journey).tobytes()
        if steps not in found:
            found[steps] = len(examples) + len(more)
            more.append(journey)
        variant[place] = found[steps]
    return np.append(examples, np.array(more, np.int64)), np.bincount(variant)


def _same(journeys: _Journeys, some: Int64, others: Int64) -> npt.NDArray[np.bool_]:
    """Say pair by pair whether two journeys have the same steps."""
    same: npt.NDArray[np.bool_] = journeys.lengths[some] == journeys.lengths[others]
    pairs = np.flatnonzero(same)
    chunk = np.cumsum(journeys.lengths[some[pairs]]) // _AT_ONCE
    for part in np.split(pairs, np.flatnonzero(np.diff(chunk)) + 1):
        if len(part):
            same[part] = _same_at_once(journeys, some[part], others[part])
    return same


def _same_at_once(journeys: _Journeys, some: Int64, others: Int64) -> npt.NDArray[np.bool_]:
    lengths = journeys.lengths[some]
    here = ranges(journeys.starts[some], lengths)
    there = here + np.repeat(journeys.starts[others] - journeys.starts[some], lengths)
    different = journeys.steps[here] != journeys.steps[there]
    differences = np.add.reduceat(different, np.cumsum(lengths) - lengths, dtype=np.int64)
    same: npt.NDArray[np.bool_] = differences == 0
    return same


def _most_frequent(counts: Int64, lengths: Int64, limit: int | None) -> Int64:
    if not len(counts):
        return counts
    # Falling count, then rising length, as one number.
    key = (counts.max() - counts) * (lengths.max() + 1) + lengths
    order: Int64 = np.argsort(key, kind="stable")
    return order[:limit]
