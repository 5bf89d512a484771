"""What the pages of touchpoints ask of the registry and of the log.

Answers of the log are kept: see percorso.app.results. They stand on the names and phases of the
registry too, and on nothing else that is written there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from percorso.app import company, results
from percorso.app.filters import Scope, scope
from percorso.journey_map.consistency import Consistency, consistency
from percorso.journey_map.touchpoints import Coverage, Traffic, cover, found
from percorso.touchpoints import Belief, Registry, Touchpoint, TouchpointError, called

if TYPE_CHECKING:
    from percorso.log import Log
    from percorso.log.selection import Selection

#: Of so many interactions touchpoints are compared while the page is asked for.
AT_ONCE: Final = 200_000
#: The part of the log that pages show where nobody chose one.
WHOLE: Final = {"period": "all"}


@dataclass(frozen=True, slots=True)
class Kept:
    """The registry as it is; ``problem`` says why it cannot be read, where somebody broke it."""

    touchpoints: tuple[Touchpoint, ...] = ()
    beliefs: tuple[Belief, ...] = ()
    problem: str = ""

    def of(self, id_: str) -> tuple[Belief, ...]:
        """Return what is believed of customers at a touchpoint."""
        return tuple(each for each in self.beliefs if each.touchpoint == id_)

    def find(self, id_: str) -> Touchpoint | None:
        return next((each for each in self.touchpoints if each.id == id_), None)


@dataclass(frozen=True, slots=True)
class Seen:
    """The touchpoints of the log, or of a part of it."""

    rows: tuple[Traffic, ...]

    def of(self, key: str) -> Traffic | None:
        """Return what happened at a touchpoint, by its id or what else is its key."""
        return next((each for each in self.rows if each.key == key), None)


def kept() -> Kept:
    """Return the registry."""
    registry = Registry(company.workspace())
    try:
        return Kept(registry.all(), registry.beliefs())
    except TouchpointError as error:
        return Kept(problem=str(error))


def seen(log: "Log", touchpoints: Sequence[Touchpoint]) -> Seen:
    """Return the touchpoints of the whole log, those of the registry by its names."""
    if log.summary().interactions == 0:
        return Seen(())
    by_name = _seen(log, ())
    rows = {each.name: called(touchpoints, each.name) for each in by_name.rows}
    ids = [each.id for each in rows.values() if each]
    if len({*ids}) < len(ids):
        # Of several names one touchpoint: its customers cannot be added up.
        return _seen(log, touchpoints)
    return Seen(tuple(_described(each, rows[each.name]) for each in by_name.rows))


def _seen(log: "Log", touchpoints: Sequence[Touchpoint]) -> Seen:
    key = _called(touchpoints)
    return results.result(
        log, "touchpoints", _with_texts(log, key), Seen, lambda: Seen(found(log, touchpoints))
    )


def _called(touchpoints: Sequence[Touchpoint]) -> list[tuple[object, ...]]:
    return [(each.id, each.name, each.seen_as) for each in touchpoints]


def seen_in(
    log: "Log", selection: "Selection", key: object, touchpoints: Sequence[Touchpoint]
) -> Seen:
    """Return what happened at the touchpoints in a selection; ``key`` tells it from others."""
    if not selection:
        return seen(log, touchpoints)
    return results.result(
        log,
        "touchpoints of a part",
        _with_texts(log, (key, _called(touchpoints))),
        Seen,
        lambda: Seen(found(log, touchpoints, selection)),
    )


def _described(given: Traffic, touchpoint: Touchpoint | None) -> Traffic:
    return replace(given, id=touchpoint.id, name=touchpoint.name) if touchpoint else given


def coverage(log: "Log", touchpoints: Sequence[Touchpoint]) -> Coverage:
    """Return what the registry leaves open."""
    return cover(seen(log, touchpoints).rows, touchpoints)


def compared(asked: Scope, touchpoints: Sequence[Touchpoint]) -> Consistency:
    """Return how alike the touchpoints are in a part of the log."""
    return compared_in(asked.log, asked.selection, asked.key, touchpoints)


def at_hand(asked: Scope, touchpoints: Sequence[Touchpoint]) -> bool:
    """Say whether the comparison is kept already, or the log so small that nobody waits."""
    if asked.summary.interactions <= AT_ONCE:
        return True
    key = _with_texts(asked.log, _compared_by(asked.key, touchpoints))
    return results.known(asked.log, "consistency", key)


def _compared_by(key: object, touchpoints: Sequence[Touchpoint]) -> object:
    return key, [(each.id, each.name, each.seen_as, each.phases) for each in touchpoints]


def compared_in(
    log: "Log", selection: "Selection", key: object, touchpoints: Sequence[Touchpoint]
) -> Consistency:
    """Return the same of a selection; ``key`` tells it from others."""
    return results.result(
        log,
        "consistency",
        _with_texts(log, _compared_by(key, touchpoints)),
        Consistency,
        lambda: consistency(log, touchpoints, selection),
    )


def whole(log: "Log") -> Scope:
    """Return what pages are about where nobody chose anything."""
    return scope(log, WHOLE)


def prepare(log: "Log") -> None:
    """Work out what the pages show where nobody chose anything."""
    usual = whole(log)
    registry = kept()
    if not usual.empty and not registry.problem:
        seen(log, registry.touchpoints)
        compared(usual, registry.touchpoints)


def _with_texts(log: "Log", key: object) -> tuple[object, str]:
    """Return a key that changes with what was read in texts too."""
    from percorso.text import joined

    return key, joined.standing_on(log)
