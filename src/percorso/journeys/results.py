"""What journey questions answer with.

All shares are percents from 0 to 100. All times are hours. Scores are on the log's main scale (the
one with the most answers), as answered. Graphs and variants are complete, so that they can be
compared and computed with; ``shown`` leaves out what fewer than 5 customers stand behind, and is
what pages and reports show.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from percorso.estimation import MIN_SHOWN
from percorso.vocabulary import Estimate


@dataclass(frozen=True, slots=True)
class Node:
    """A touchpoint: how often it was passed, by how many customers, and how they scored after.

    ``score`` is the mean of the first answers on the main scale given at or after the step, at
    most 30 days later; each answer counts once for a touchpoint.
    """

    touchpoint: str
    count: int
    customers: int
    score: Estimate | None


@dataclass(frozen=True, slots=True)
class Edge:
    """A transition: ``target`` came directly after ``source`` in a customer's journey.

    ``median_hours`` and ``p90_hours`` are exact quantiles of the time between the two (linear
    interpolation). ``score_after`` is as a node's, counted from the arrival.
    """

    source: str
    target: str
    count: int
    customers: int
    median_hours: float
    p90_hours: float
    score_after: Estimate | None


@dataclass(frozen=True, slots=True)
class JourneyGraph:
    """The directly-follows graph: nodes and edges by falling count, and where journeys begin, end.

    ``starts`` and ``ends`` count customers by the touchpoint of their first and last step, and
    are in falling order. ``scale`` is the main scale, None where the log holds no answers or
    scores were not asked for.
    """

    customers: int
    steps: int
    scale: str | None
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    starts: dict[str, int]
    ends: dict[str, int]

    @property
    def shown(self) -> "JourneyGraph":
        """The graph without nodes, edges, starts and ends of fewer than 5 customers."""
        return JourneyGraph(
            self.customers,
            self.steps,
            self.scale,
            tuple(each for each in self.nodes if each.customers >= MIN_SHOWN),
            tuple(each for each in self.edges if each.customers >= MIN_SHOWN),
            {name: count for name, count in self.starts.items() if count >= MIN_SHOWN},
            {name: count for name, count in self.ends.items() if count >= MIN_SHOWN},
        )


@dataclass(frozen=True, slots=True)
class Variant:
    """A journey, step by step, that ``customers`` made exactly so; ``share`` of all, in percent."""

    steps: tuple[str, ...]
    customers: int
    share: float


@dataclass(frozen=True, slots=True)
class Variants:
    """The different journeys there are, the most frequent first (``rows`` may be the first few)."""

    customers: int
    distinct: int
    rows: tuple[Variant, ...]

    @property
    def shown(self) -> "Variants":
        """The variants made by 5 customers or more."""
        rows = tuple(each for each in self.rows if each.customers >= MIN_SHOWN)
        return Variants(self.customers, self.distinct, rows)


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """A step of a funnel and the customers who reached it.

    ``share`` is of those who reached the first step, ``step_share`` of those who reached the step
    before (None on the first). ``median_hours`` is from the first step to this one (None on the
    first, and where fewer than 5 reached it).
    """

    touchpoint: str
    customers: int
    share: Estimate
    step_share: Estimate | None
    median_hours: float | None


@dataclass(frozen=True, slots=True)
class Funnel:
    """Ordered steps within a time: who began, who got how far.

    ``customers`` have a journey at all. ``open`` are customers short of the last step whose time
    was not yet over at the end of the log (or of the period): they may still get there.
    """

    customers: int
    within_hours: float | None
    open: int
    steps: tuple[FunnelStep, ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """A touchpoint as a place where journeys stop.

    ``customers`` passed here and either went on or have stopped (those still within the usual
    wait are left out); ``stopped`` of them took their last step here and have been idle for more
    than ``idle_hours``, which nine in ten who went on from here did not exceed. ``share`` is
    stopped of customers.
    """

    touchpoint: str
    customers: int
    stopped: int
    share: Estimate
    idle_hours: float


@dataclass(frozen=True, slots=True)
class Stops:
    """Where customers stop, the most stopped first, as of ``as_of``."""

    as_of: datetime | None
    customers: int
    stopped: int
    rows: tuple[Stop, ...]


@dataclass(frozen=True, slots=True)
class Loop:
    """The same touchpoint twice or more in a row.

    ``share`` is of the customers who passed it; ``median_hours`` is between two in a row.
    """

    touchpoint: str
    count: int
    customers: int
    share: Estimate
    median_hours: float


@dataclass(frozen=True, slots=True)
class BackAndForth:
    """From ``touchpoint`` to ``via`` and straight back. ``share`` is of those who went to via."""

    touchpoint: str
    via: str
    count: int
    customers: int
    share: Estimate
    median_hours: float


@dataclass(frozen=True, slots=True)
class Wait:
    """A transition that takes some customers far longer than is typical for it.

    A wait is long where it exceeds both ``long_hours`` (three times the median of the transition)
    and an hour. ``share`` is of the customers who made the transition; ``lost_hours`` sums what
    the long waits took beyond the median.
    """

    source: str
    target: str
    count: int
    customers: int
    share: Estimate
    typical_hours: float
    long_hours: float
    lost_hours: float


@dataclass(frozen=True, slots=True)
class Friction:
    """What goes in circles and what takes too long; each list begins with the most customers."""

    customers: int
    loops: tuple[Loop, ...]
    back_and_forth: tuple[BackAndForth, ...]
    waits: tuple[Wait, ...]


Ideal = Literal["promoters", "value", "advocates"]
IdealKind = Literal["start", "step", "transition"]


@dataclass(frozen=True, slots=True)
class IdealStep:
    """A step or transition in the journeys of ideal customers against those of the others.

    ``step`` holds one touchpoint, or two for a transition. ``ideal_share`` and ``other_share`` are
    percents of each group, ``difference`` is the first minus the second in points with its 95%
    interval, ``effect`` is Cohen's h, ``p_adjusted`` is corrected over everything tested.
    """

    step: tuple[str, ...]
    kind: IdealKind
    ideal_customers: int
    other_customers: int
    ideal_share: float
    other_share: float
    difference: Estimate
    effect: float
    p_value: float
    p_adjusted: float

    @property
    def significant(self) -> bool:
        return self.p_adjusted < 0.05


@dataclass(frozen=True, slots=True)
class IdealPath:
    """What sets ideal customers apart: significant rows first, then by strength of the effect.

    ``scale`` is the one whose answers made promoters promoters; None for others who are ideal,
    and where nobody answered.
    """

    chosen_by: Ideal
    ideal: int
    others: int
    tested: int
    rows: tuple[IdealStep, ...]
    scale: str | None = None

    @property
    def significant(self) -> tuple[IdealStep, ...]:
        return tuple(each for each in self.rows if each.significant)
