"""What problems are looked for in: answers and where they came from, and things that were tried.

Both are read from the steps index in one pass over the journeys.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from percorso.journeys.walks import Walks, each_bucket
from percorso.log.steps import StepsIndex, as_microseconds
from percorso.vocabulary import KINDS

if TYPE_CHECKING:
    from percorso.log.selection import Selection

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.floating[Any]]
Flags = npt.NDArray[np.bool_]
Columns = tuple[npt.NDArray[Any], ...]

HOUR: Final = 3_600_000_000
DAY: Final = 24 * HOUR

_KINDS: Final = tuple(KINDS)
#: What customers say is no move from one place to another.
SAID: Final = ("answer", "review")
_SAID: Final = np.array([kind in SAID for kind in _KINDS])
#: An answer is laid to the way somebody came for so long.
_WAY: Final = 30 * DAY


@dataclass(frozen=True, slots=True)
class Family:
    """Kinds of steps with which a customer tries one thing; to have to do them again is trouble.

    Steps of these kinds at one touchpoint, each at most ``within`` after the one before, are one
    try. It succeeds with a step of a kind in ``goal`` at most ``patience`` after it; where
    ``goal`` is empty, giving up is not looked at. Only touchpoints of one family are compared.
    """

    name: str
    kinds: tuple[str, ...]
    within: int
    goal: tuple[str, ...] = ()
    patience: int = 0


FAMILIES: Final = (
    Family("buying", ("cart", "checkout"), DAY, ("order", "payment"), 3 * DAY),
    Family("searching", ("search",), HOUR // 2),
    Family("entering", ("signup", "login"), DAY),
    Family("asking", ("ticket", "call"), 7 * DAY),
    Family("process", ("step",), 365 * DAY),
)


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers with a score. ``source`` is the touchpoint they came from, -1 where from none.

    ``customer`` is a number over all buckets of the index; ``at`` is microseconds (UTC); ``scale``
    is the index's code; touchpoints are codes.
    """

    customer: Ints
    at: Ints
    touchpoint: Ints
    scale: Ints
    score: Floats
    source: Ints

    def where(self, chosen: Flags) -> "Answers":
        return Answers(
            *(
                getattr(self, name)[chosen]
                for name in ("customer", "at", "touchpoint", "scale", "score", "source")
            )
        )


@dataclass(frozen=True, slots=True)
class Tries:
    """Things tried: at which touchpoint, of which family, begun again or not, given up or not.

    ``at`` is when it was begun, in microseconds (UTC). ``stopped`` is -1 where it cannot be said
    (the log ends too soon, or the family has no goal).
    """

    customer: Ints
    at: Ints
    touchpoint: Ints
    family: Ints
    repeated: Flags
    stopped: Ints


def customer_bases(index: StepsIndex) -> Ints:
    """Return what is added to a customer's position in its bucket to number all customers."""
    sizes = [len(bucket.offsets) - 1 for bucket in index.buckets]
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


def gather(index: StepsIndex, selection: "Selection | None") -> tuple[Answers, Tries]:
    """Read the answers and the tries of the journeys that the selection keeps."""
    bases = customer_bases(index)
    end = max((int(bucket.at.max()) for bucket in index.buckets if len(bucket.at)), default=0)
    if selection is not None and selection.until is not None:
        end = min(end, as_microseconds(selection.until))

    def read(walks: Walks) -> tuple[Columns, Columns]:
        people = walks.customers
        numbers = np.arange(len(walks.offsets) - 1) if people is None else people
        names = (numbers + bases[walks.bucket]).astype(np.int64)
        journey = walks.journey_of_steps()
        return _answers(walks, journey, names), _tries(walks, journey, names, end)

    parts = each_bucket(index, selection, read)
    answers = _joined([part[0] for part in parts], 6)
    customer, at, place, family, repeated, stopped = _joined([part[1] for part in parts], 6)
    # Where nobody ever gets there, the goal is simply not in the log.
    stopped = stopped if bool((stopped == 0).any()) else np.full(len(stopped), -1)
    return Answers(*answers), Tries(customer, at, place, family, repeated.astype(bool), stopped)


def _joined(parts: Sequence[Columns], columns: int) -> Columns:
    if not parts:
        return tuple(np.empty(0, np.int64) for _ in range(columns))
    return tuple(np.concatenate([part[place] for part in parts]) for place in range(columns))


def _answers(walks: Walks, journey: npt.NDArray[np.int32], names: Ints) -> Columns:
    rows = np.flatnonzero(walks.scale > 0)
    touchpoint = walks.touchpoint[rows].astype(np.int64)
    return (
        names[journey[rows]],
        walks.at[rows],
        touchpoint,
        walks.scale[rows].astype(np.int64),
        walks.score[rows].astype(np.float64),
        _sources(walks, journey, rows, touchpoint),
    )


def _sources(walks: Walks, journey: npt.NDArray[np.int32], rows: Ints, touchpoint: Ints) -> Ints:
    """Return the touchpoint from which each answer's touchpoint was reached."""
    moves = np.flatnonzero(~_SAID[walks.kind])
    if len(moves) == 0 or len(rows) == 0:
        return np.full(len(rows), -1)
    place = walks.touchpoint[moves].astype(np.int64)
    same = journey[moves[1:]] == journey[moves[:-1]]
    arrives = np.concatenate([[True], ~same | (place[1:] != place[:-1])])
    before = np.concatenate([[-1], np.where(same, place[:-1], -1)])
    run = np.cumsum(arrives) - 1
    source_of_run = before[arrives]
    last = np.searchsorted(moves, rows, side="right") - 1
    known = last >= 0
    last = np.maximum(last, 0)
    known &= journey[moves[last]] == journey[rows]
    known &= walks.at[rows] - walks.at[moves[last]] <= _WAY
    source = np.where(place[last] == touchpoint, source_of_run[run[last]], place[last])
    return np.where(known, source, -1)


def _tries(walks: Walks, journey: npt.NDArray[np.int32], names: Ints, end: int) -> Columns:
    found: list[Columns] = []
    for number, family in enumerate(FAMILIES):
        rows = np.flatnonzero(_marks(family.kinds)[walks.kind])
        if len(rows) == 0:
            continue
        goals = np.flatnonzero(_marks(family.goal)[walks.kind])
        place, at = walks.touchpoint[rows], walks.at[rows]
        reached = np.searchsorted(goals, rows)
        new = np.concatenate(
            [
                [True],
                (journey[rows[1:]] != journey[rows[:-1]])
                | (place[1:] != place[:-1])
                | (at[1:] - at[:-1] > family.within)
                | (reached[1:] != reached[:-1]),
            ]
        )
        first = np.flatnonzero(new)
        last = np.concatenate([first[1:], [len(rows)]]) - 1
        bits = np.left_shift(1, _positions(family.kinds)[walks.kind[rows]])
        kinds = np.bitwise_count(np.bitwise_or.reduceat(bits, first))
        stopped = _stopped(walks, journey, family, rows[last], goals, end)
        found.append(
            (
                names[journey[rows[first]]],
                at[first],
                place[first].astype(np.int64),
                np.full(len(first), number),
                (last - first + 1) > kinds,
                stopped,
            )
        )
    return _joined(found, 6)


def _stopped(
    walks: Walks,
    journey: npt.NDArray[np.int32],
    family: Family,
    last: Ints,
    goals: Ints,
    end: int,
) -> Ints:
    """Say of each try, by its last row, whether it was given up: 1, 0, or -1 for unknown."""
    if not family.goal:
        return np.full(len(last), -1)
    patience = walks.at[last] + family.patience
    if len(goals):
        following = np.searchsorted(goals, last)
        there = following < len(goals)
        goal = goals[np.minimum(following, len(goals) - 1)]
        reached = there & (journey[goal] == journey[last]) & (walks.at[goal] <= patience)
    else:
        reached = np.zeros(len(last), bool)
    return np.where(reached, 0, np.where(patience <= end, 1, -1))


def _marks(kinds: tuple[str, ...]) -> Flags:
    return np.array([kind in kinds for kind in _KINDS])


def _positions(kinds: tuple[str, ...]) -> Ints:
    return np.array([kinds.index(kind) if kind in kinds else 0 for kind in _KINDS])


def customers_at(index: StepsIndex, selection: "Selection | None", touchpoint: int) -> int:
    """Return how many customers passed a touchpoint (and did more there than answer)."""

    def count(walks: Walks) -> int:
        here = (walks.touchpoint == touchpoint) & ~_SAID[walks.kind]
        return int(np.logical_or.reduceat(here, walks.first).sum())

    return sum(each_bucket(index, selection, count))


def customers_between(
    index: StepsIndex, selection: "Selection | None", source: int, target: int
) -> int:
    """Return how many customers went from one touchpoint directly to another."""

    def count(walks: Walks) -> int:
        journey = walks.journey_of_steps()
        moves = np.flatnonzero(~_SAID[walks.kind])
        place, of = walks.touchpoint[moves], journey[moves]
        went = (place[:-1] == source) & (place[1:] == target) & (of[1:] == of[:-1])
        return len(np.unique(of[1:][went]))

    return sum(each_bucket(index, selection, count))
