"""A journey map: phases across, lanes down, and in each cell what was computed or is believed."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal

from percorso.explain.problem import Problem
from percorso.metrics.definitions import SIGNIFICANT
from percorso.text.results import Quote
from percorso.touchpoints import Belief
from percorso.vocabulary import Estimate, Phase

PHASES: Final = tuple(str(each) for each in Phase)

Lane = Literal[
    "doing",
    "touchpoints",
    "experience",
    "effort",
    "emotions",
    "pains",
    "quotes",
    "needs",
    "opportunities",
    "owner",
]
LANES: Final[tuple[Lane, ...]] = (
    "doing", "touchpoints", "experience", "effort", "emotions", "pains", "quotes", "needs",
    "opportunities", "owner",
)  # fmt: skip

#: What an item says; its ``key`` names of what, its ``figure`` how much:
#: ``did``       customers who did something of the kind ``key``, of those in the phase (percent);
#: ``passed``    customers who passed the touchpoint ``key``, of those in the phase (percent);
#: ``score``     the score ``key`` of the answers about the phase;
#: ``stands_out`` the score ``measure`` at the touchpoint ``key``, which differs from elsewhere;
#: ``sentiment`` positive less negative texts about the phase (points from -100 to 100);
#: ``again``     tries begun again at the touchpoint ``key`` (percent);
#: ``given_up``  tries given up at the touchpoint ``key`` (percent);
#: ``emotion``   texts about the phase that show the emotion ``key`` (percent);
#: ``kept``      promises made in the phase that were kept (percent);
#: ``problem``   the problem with the id ``key``;
#: ``need``      texts about the phase that ask for the unmet need ``key`` (percent);
#: ``move``      customers whose next step was the touchpoint ``key`` went on more often, or less
#:               (percent points, adjusted);
#: ``mend``      the problem ``key`` weighs most of those in the phase;
#: ``owner``     the department ``key`` owns touchpoints of the phase;
#: ``strategy``  what the company wrote under ``key`` (tone, message ...) for the phase;
#: ``promise``   what is promised at the touchpoint ``key``;
#: ``belief``    the belief with the id ``key``.
What = Literal[
    "did",
    "passed",
    "score",
    "stands_out",
    "sentiment",
    "again",
    "given_up",
    "emotion",
    "kept",
    "problem",
    "need",
    "move",
    "mend",
    "owner",
    "strategy",
    "promise",
    "belief",
]

#: ``computed`` from the log; ``belief``: what people hold to be true; ``written``: what the
#: company itself decided (an owner, a promise, a strategy), which data can neither show nor deny.
Basis = Literal["computed", "belief", "written"]


class Standing(StrEnum):
    """What data say of a belief."""

    CONFIRMED = "confirmed"
    DENIED = "denied"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Tested:
    """A difference that was tested; ``p_adjusted`` is corrected for all tests of its question."""

    difference: Estimate
    p_value: float
    p_adjusted: float = 1.0

    @property
    def real(self) -> bool:
        """Say whether this is more than chance."""
        return self.difference.shown and self.p_adjusted <= SIGNIFICANT


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing in a cell of the map; see ``What``.

    ``customers`` stand behind it, ``n`` interactions, answers, texts, tries or promises. ``rest``
    is this minus the other phases (of ``stands_out``: the other touchpoints; of tries: the like
    ones), ``change`` this minus the map it is held against. ``text`` is what was written by hand.
    ``touchpoint`` is where it is, where that is not ``key``.
    """

    phase: str
    lane: Lane
    what: What
    key: str
    basis: Basis = "computed"
    figure: Estimate | None = None
    customers: int = 0
    n: int = 0
    measure: str = ""
    rest: Tested | None = None
    change: Tested | None = None
    text: str = ""
    touchpoint: str = ""
    standing: Standing | None = None

    @property
    def name(self) -> tuple[str, ...]:
        """What tells it from others of the map, and finds it in another one."""
        return self.phase, self.lane, self.what, self.key, self.measure


@dataclass(frozen=True, slots=True)
class Column:
    """A phase: its customers, of all on the map, and how that differs from the other map.

    ``customers`` is 0 where they are fewer than 5.
    """

    phase: str
    customers: int
    share: Estimate
    change: Tested | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """A belief, what data say of it, and the comparison that says so.

    ``here`` is the measure where the belief says, ``there`` in the rest; the difference is here
    minus there. ``reason`` is why nothing could be said: ``no_claim``, ``few`` or ``unknown``.
    """

    belief: Belief
    standing: Standing
    here: Estimate | None = None
    there: Estimate | None = None
    difference: Estimate | None = None
    p_confirmed: float = 1.0
    p_denied: float = 1.0
    least: float = 0.0
    reason: Literal["", "no_claim", "few", "unknown"] = ""


@dataclass(frozen=True, slots=True)
class JourneyMap:
    """A map of the customers of a selection.

    ``metrics`` are those answered, the one that says most of the experience first. ``problems``
    and ``beliefs`` are what items refer to; ``needs`` names the unmet needs by their ids, and
    ``places`` is the phase in which most customers meet each touchpoint of the log first.
    ``quotes`` are the words of customers by phase, masked. ``texts`` were read, ``last`` is the
    log's last moment.
    """

    customers: int
    interactions: int
    columns: tuple[Column, ...]
    items: tuple[Item, ...]
    metrics: tuple[str, ...]
    problems: tuple[Problem, ...]
    needs: dict[str, str]
    places: dict[str, str]
    texts: int
    compared: bool = False
    last: datetime | None = None
    beliefs: tuple[Judged, ...] = ()
    quotes: dict[str, tuple[Quote, ...]] = field(default_factory=dict)

    @classmethod
    def empty(cls) -> "JourneyMap":
        """Return the map of a log that holds nothing."""
        nobody = Estimate.hidden(0, "wilson")
        columns = tuple(Column(phase, 0, nobody) for phase in PHASES)
        return cls(0, 0, columns, (), (), (), {}, {}, 0)

    def cell(self, phase: str, lane: Lane) -> tuple[Item, ...]:
        """Return what stands in a cell, in order."""
        return tuple(each for each in self.items if (each.phase, each.lane) == (phase, lane))

    def score(self, phase: str, metric: str) -> Item | None:
        """Return a phase's score."""
        return next(
            (
                each
                for each in self.items
                if (each.phase, each.what, each.key) == (phase, "score", metric)
            ),
            None,
        )

    def sentiment(self, phase: str) -> Item | None:
        """Return how the texts about a phase sound."""
        found = (each for each in self.items if (each.phase, each.what) == (phase, "sentiment"))
        return next(found, None)

    def problem(self, key: str) -> Problem | None:
        return next((each for each in self.problems if each.id == key), None)

    def belief(self, key: str) -> Judged | None:
        return next((each for each in self.beliefs if each.belief.id == key), None)

    def changed(self) -> Iterator[Item]:
        """Yield what differs from the other map beyond chance."""
        return (each for each in self.items if each.change is not None and each.change.real)
