"""What the pages of the maps ask of the log. Answers are kept: see percorso.app.results.

What people write on a map changes more often than what is computed for it: it is put on at each
asking, and only what data say of beliefs is worked out again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from percorso import journey_map
from percorso.app import results
from percorso.app.filters import Scope, scope
from percorso.app.problems import queries as problem_queries
from percorso.i18n import current_language, in_language
from percorso.journey_map import JourneyMap, Judged, Material, PhaseSteps
from percorso.log.state import digest
from percorso.text.results import Quote
from percorso.touchpoints import Registry, TouchpointError
from percorso.workspace import LANGUAGES

if TYPE_CHECKING:
    from percorso.log import Log
    from percorso.log.selection import Selection

_YEAR: Final = timedelta(days=364)
#: Changes with what maps hide: what an earlier program kept is not shown.
_EDITION: Final = 2


@dataclass(frozen=True, slots=True)
class Against:
    """What a map is held against: ``before``, ``year`` or ``segment``, or nothing."""

    kind: str = ""
    segment: str = ""

    @classmethod
    def of(cls, given: str, segment: str = "") -> "Against":
        """Read it from the address."""
        if segment:
            return cls("segment", segment)
        return cls(given) if given in ("before", "year") else cls()


@dataclass(frozen=True, slots=True)
class Quoted:
    """What customers wrote, by phase."""

    of: dict[str, tuple[Quote, ...]]


@dataclass(frozen=True, slots=True)
class JudgedBeliefs:
    """What data say of the beliefs."""

    rows: tuple[Judged, ...]


@dataclass(frozen=True, slots=True)
class Steps:
    """The next steps of each phase."""

    rows: tuple[PhaseSteps, ...]


def of_all_phases(asked: Scope) -> Scope:
    """Return the same question without the phase it picks out: a map has all of them."""
    return replace(asked, chosen=replace(asked.chosen, phase=""))


def other_selection(asked: Scope, against: Against) -> "Selection | None":
    """Return what a map is held against; None where nothing, or where the log is too short."""
    if against.kind == "segment":
        return replace(asked, chosen=replace(asked.chosen, segment=against.segment)).selection
    now = asked.spans.now
    if against.kind == "before":
        compared = asked.spans.compared
        return None if compared is None else asked.chosen.selection(compared.before)
    if against.kind == "year" and now.since is not None and now.until is not None:
        first = asked.summary.first
        past = replace(now, since=now.since - _YEAR, until=now.until - _YEAR)
        if first is not None and past.since is not None and first < past.since:
            return asked.chosen.selection(past)
    return None


def shown(asked: Scope, against: Against, material: Material | None = None) -> JourneyMap:
    """Return the map of a part of the log; without what is written while it cannot be read.

    Who shows several maps at once gives them one ``material`` to be counted from.
    """
    material = material or Material(asked.log)
    found = replace(computed(asked, against, material), quotes=quotes(asked, material))
    segments = (asked.chosen.segment,) if asked.chosen.segment else ()
    try:
        touchpoints, beliefs = Registry(asked.log.workspace).all(), judged(asked, material)
    except TouchpointError:
        return found
    return journey_map.annotated(found, touchpoints, beliefs, segments)


def two(one: Scope, other: Scope) -> tuple[JourneyMap, JourneyMap]:
    """Return the maps of two personas, the first held against the other."""
    material = Material(one.log)
    against = Against("segment", other.chosen.segment)
    return shown(one, against, material), shown(other, Against(), material)


def computed(asked: Scope, against: Against, material: Material) -> JourneyMap:
    """Return what of a map the log alone tells."""
    asked = of_all_phases(asked)
    other = other_selection(asked, against)

    def compute() -> JourneyMap:
        found = problem_queries.problems(asked)
        return journey_map.compute(material, asked.selection, other, problems=found)

    return results.result(asked.log, "map", _key(asked, other), JourneyMap, compute)


def known(asked: Scope, against: Against) -> bool:
    """Say whether a map was worked out already: it takes seconds where the log is large."""
    asked = of_all_phases(asked)
    return results.known(asked.log, "map", _key(asked, other_selection(asked, against)))


def _key(asked: Scope, other: "Selection | None") -> tuple[object, ...]:
    return (_EDITION, asked.key, other, journey_map.texts_state(asked.log))


def quotes(asked: Scope, material: Material) -> dict[str, tuple[Quote, ...]]:
    """Return what customers wrote, by phase; masked in the reader's language."""
    asked = of_all_phases(asked)

    def compute() -> Quoted:
        return Quoted(journey_map.quotes(material, asked.selection))

    key = (asked.key, current_language(), journey_map.texts_state(asked.log))
    return results.result(asked.log, "map-quotes", key, Quoted, compute).of


def judged(asked: Scope, material: Material | None = None) -> tuple[Judged, ...]:
    """Return what data of the period say of every belief. Raises TouchpointError."""
    from percorso.log.selection import Selection

    registry = Registry(asked.log.workspace)
    beliefs = registry.beliefs()
    if not beliefs:
        return ()
    span = asked.spans.now
    period = Selection(since=span.since, until=span.until)

    def compute() -> JudgedBeliefs:
        return JudgedBeliefs(journey_map.judge(material or asked.log, beliefs, period))

    file = asked.log.workspace.touchpoints
    written = file.read_bytes() if file.is_file() else b""
    key = (span, digest(written), _segments_asked(asked), journey_map.texts_state(asked.log))
    return results.result(asked.log, "map-beliefs", key, JudgedBeliefs, compute).rows


def _segments_asked(asked: Scope) -> tuple[str, ...]:
    """Return the segments that claims name: their rules are no part of the beliefs' file."""
    claims = (each.claim for each in Registry(asked.log.workspace).beliefs())
    found = (value for each in claims if each for name, value in each.where if name == "segment")
    return tuple(sorted(set(found)))


def steps(asked: Scope) -> tuple[PhaseSteps, ...]:
    """Return which next steps go with going on, phase by phase."""
    asked = of_all_phases(asked)

    def compute() -> Steps:
        return Steps(journey_map.next_steps(asked.log, asked.selection))

    return results.result(asked.log, "map-steps", asked.key, Steps, compute).rows


def problem_with_the_registry(log: "Log") -> str:
    """Return what is wrong with the file of touchpoints; empty where nothing is."""
    try:
        Registry(log.workspace).all()
    except TouchpointError as error:
        return str(error)
    return ""


def names_of_touchpoints(log: "Log") -> Mapping[str, str]:
    """Return what the company's touchpoints are called, by their ids; none where unreadable."""
    try:
        return {each.id: each.name for each in Registry(log.workspace).all()}
    except TouchpointError:
        return {}


def prepare(log: "Log") -> None:
    """Work out what the page shows where nobody chose anything."""
    usual = scope(log, {})
    if usual.empty:
        return
    material = Material(log)
    computed(usual, Against(), material)
    steps(usual.whole_time())
    for language in LANGUAGES:
        with in_language(language):
            quotes(usual, material)
    if not problem_with_the_registry(log):
        judged(usual, material)
