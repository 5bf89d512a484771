"""The journeys a question is about: the steps of a bucket's customers that a selection keeps.

What a selection does to journeys: ``since``, ``until``, ``channels`` and ``kinds`` keep steps (a
journey is what is left of it, and its steps follow each other directly where what lay between was
left out); ``touchpoints`` keep the journeys that pass at least one of them, whole; ``segments``
keep the journeys of their customers; ``phases`` and ``properties`` keep the journeys of customers
with at least one interaction in such a phase, or with such properties, in the period.
"""

import os
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np
import numpy.typing as npt

from percorso.log.segments import standing_on
from percorso.log.steps import Bucket, StepsIndex, as_microseconds
from percorso.vocabulary import CHANNELS, KINDS, SCALES

if TYPE_CHECKING:
    from percorso.log.selection import Selection

#: NumPy lets other threads run while it sorts and gathers.
WORKERS: Final = min(os.cpu_count() or 1, 4)

_BLOCK: Final = 1 << 16

#: Selections whose customers are remembered, per version of the index.
_MOST_KEPT: Final = 64

Result = TypeVar("Result")
Bools = npt.NDArray[np.bool_]
Int64 = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Walks:
    """Journeys of customers of one bucket, one after the other, by time within each.

    Journey ``i`` has the steps from ``offsets[i]`` up to ``offsets[i + 1]``, one at least.
    ``customers`` are the positions of the customers in the bucket, None where all are here (in
    blocks: None where all of the bucket were).
    """

    bucket: int
    touchpoint: npt.NDArray[np.uint16]
    at: Int64
    kind: npt.NDArray[np.uint8]
    scale: npt.NDArray[np.uint8]
    score: npt.NDArray[np.float32]
    offsets: Int64
    customers: Int64 | None

    @property
    def first(self) -> Int64:
        """The row of each journey's first step."""
        return self.offsets[:-1]

    @property
    def last(self) -> Int64:
        """The row of each journey's last step."""
        return self.offsets[1:] - 1

    def journey_of_steps(self) -> npt.NDArray[np.int32]:
        """Return the number of the journey of each step."""
        return np.repeat(np.arange(len(self.offsets) - 1, dtype=np.int32), np.diff(self.offsets))

    def blocks(self) -> "Iterator[Walks]":
        """Yield the journeys in blocks of some 65,000 steps, which a processor's cache holds."""
        begin, last = 0, len(self.offsets) - 1
        while begin < last:
            until = self.offsets[begin] + _BLOCK
            end = max(int(np.searchsorted(self.offsets, until, side="right")) - 1, begin + 1)
            rows = slice(int(self.offsets[begin]), int(self.offsets[end]))
            yield Walks(
                self.bucket,
                self.touchpoint[rows],
                self.at[rows],
                self.kind[rows],
                self.scale[rows],
                self.score[rows],
                self.offsets[begin : end + 1] - self.offsets[begin],
                None if self.customers is None else self.customers[begin:end],
            )
            begin = end

    def keep(self, steps: Bools) -> "Walks":
        """Return what is left where only the marked steps are kept."""
        left = np.add.reduceat(steps, self.first, dtype=np.int64)
        some = left > 0
        customers = np.arange(len(some)) if self.customers is None else self.customers
        return Walks(
            self.bucket,
            self.touchpoint[steps],
            self.at[steps],
            self.kind[steps],
            self.scale[steps],
            self.score[steps],
            np.concatenate([np.zeros(1, np.int64), np.cumsum(left[some])]),
            customers[some],
        )

    def keep_journeys(self, journeys: Bools) -> "Walks":
        """Return the journeys that are marked."""
        return self.keep(np.repeat(journeys, np.diff(self.offsets)))

    def passing(self, touchpoints: Bools) -> Bools:
        """Say of each journey whether it passes a touchpoint whose code is marked."""
        return np.logical_or.reduceat(touchpoints[self.touchpoint], self.first)


def each_bucket(
    index: StepsIndex, selection: "Selection | None", ask: Callable[[Walks], Result]
) -> list[Result]:
    """Ask every bucket that has journeys left after the selection, several at a time."""
    choose = _chooser(index, selection)

    def answer(number: int) -> Result | None:
        walks = choose(number)
        return ask(walks) if len(walks.offsets) > 1 else None

    with ThreadPoolExecutor(WORKERS) as pool:
        answers = list(pool.map(answer, range(len(index.buckets))))
    return [each for each in answers if each is not None]


def _chooser(index: StepsIndex, selection: "Selection | None") -> Callable[[int], Walks]:
    if not selection:
        return lambda number: _whole(number, index.buckets[number])
    chosen = selection
    customers = _customers(index, chosen)
    touchpoints = _marked(index.touchpoints, chosen.touchpoints)

    def choose(number: int) -> Walks:
        bucket = index.buckets[number]
        walks = _whole(number, bucket)
        steps = _steps(bucket, chosen)
        if customers is not None and len(walks.offsets) > 1:
            by_customer = np.repeat(customers[number], np.diff(bucket.offsets))
            steps = by_customer if steps is None else steps & by_customer
        if steps is not None and len(walks.offsets) > 1:
            walks = walks.keep(steps)
        if touchpoints is not None and len(walks.offsets) > 1:
            walks = walks.keep_journeys(walks.passing(touchpoints))
        return walks

    return choose


def _whole(number: int, bucket: Bucket) -> Walks:
    return Walks(
        number,
        bucket.touchpoint,
        bucket.at,
        bucket.kind,
        bucket.scale,
        bucket.score,
        bucket.offsets,
        None,
    )


def _steps(bucket: Bucket, selection: "Selection") -> Bools | None:
    """Say of each step whether it is kept; None where all are."""
    marks = []
    if selection.since is not None:
        marks.append(bucket.at >= as_microseconds(selection.since))
    if selection.until is not None:
        marks.append(bucket.at < as_microseconds(selection.until))
    channels = _marked(tuple(CHANNELS), selection.channels)
    if channels is not None:
        marks.append(channels[bucket.channel])
    kinds = _marked(tuple(KINDS), selection.kinds)
    if kinds is not None:
        marks.append(kinds[bucket.kind])
    return np.logical_and.reduce(marks) if marks else None


def _marked(names: tuple[str, ...], wanted: Collection[str] | None) -> Bools | None:
    """Mark the codes whose names are wanted; None where nothing is asked."""
    if not wanted:
        return None
    return np.array([name in wanted for name in names] or [False], bool)


def _customers(index: StepsIndex, selection: "Selection") -> list[Bools] | None:
    """Mark in each bucket the customers that segments, phases and properties keep."""
    marks = []
    if selection.segments:
        segments = type(selection)(segments=selection.segments)
        # The rule of a saved segment can change while the log does not.
        rules = standing_on(index.log, lambda name: name in segments.segments)
        marks.append(_kept(index, (segments, rules), lambda: segments.customers(index.log)))
    if selection.phases or selection.properties:
        rows = replace(selection, segments=(), touchpoints=(), channels=(), kinds=())
        # The rules of phases can change while the log does not.
        key = (rows, index.log.phase_rules() if rows.phases else None)
        marks.append(_kept(index, key, lambda: _customers_with(index, rows)))
    if not marks:
        return None
    return [np.logical_and.reduce(masks) for masks in zip(*marks, strict=True)]


def _kept(index: StepsIndex, key: Hashable, find: Callable[[], Any]) -> list[Bools]:
    if key not in index.kept:
        if len(index.kept) >= _MOST_KEPT:
            index.kept.clear()
        index.kept[key] = mark_customers(index, find())
    masks: list[Bools] = index.kept[key]
    return masks


def mark_customers(index: StepsIndex, names: Any) -> list[Bools]:
    """Mark in each bucket the customers with these canonical names (an Arrow array or strings)."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not isinstance(names, pa.Array | pa.ChunkedArray):
        names = pa.array(list(names), pa.large_string())
    values = names.cast(pa.large_string())
    return [
        pc.is_in(bucket.customers, value_set=values).to_numpy(zero_copy_only=False)
        for bucket in index.buckets
    ]


def _customers_with(index: StepsIndex, selection: "Selection") -> Any:
    from percorso.log.moments import moments

    table = selection.apply(index.log, moments(index.log))
    return table.select("customer").distinct().to_pyarrow().column("customer")


def scale_code(scale: str) -> int:
    """Return the code an answer on the scale has in the index."""
    return list(SCALES).index(scale) + 1


def names_of(index: StepsIndex, counts: Int64) -> Mapping[str, int]:
    """Return touchpoint -> count, where there is any, by falling count and then by name."""
    found = [(index.touchpoints[code], int(counts[code])) for code in np.flatnonzero(counts)]
    return dict(sorted(found, key=lambda each: (-each[1], each[0])))
