"""Making a map: what each part computes, put together and corrected together."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

from percorso.explain.problem import Problem
from percorso.journey_map import beliefs as believed
from percorso.journey_map import doing, feeling, moving, troubles
from percorso.journey_map.counting import holm
from percorso.journey_map.material import Material
from percorso.journey_map.model import LANES, PHASES, Item, JourneyMap, Judged, Lane
from percorso.text.results import Quote
from percorso.touchpoints import Registry, Touchpoint, called

if TYPE_CHECKING:
    from percorso.log import Log
    from percorso.log.selection import Selection

#: Items whose ``rest`` is the other phases; the others' were corrected where they were found.
_BY_PHASE: Final = ("score", "sentiment", "emotion", "kept")

#: So many of each kind are shown in a phase; ``tries`` are those begun again or given up.
_ROOM: Final = {"did": 4, "passed": 4, "emotion": 3, "need": 3, "stands_out": 3, "tries": 3}
_SAME_ROOM: Final = {"again": "tries", "given_up": "tries"}


def build(
    log: "Log",
    registry: Registry,
    selection: "Selection | None" = None,
    against: "Selection | None" = None,
    *,
    problems: Sequence[Problem] | None = None,
) -> JourneyMap:
    """Return the journey map of a selection, with what the registry says and people believe.

    ``against`` is another selection, of another period or of other customers: everything on the
    map is held against it, each difference this minus that, and all of them corrected together by
    Holm's method. Whether phases differ from one another is corrected likewise. ``problems`` are
    those of the selection, where they were looked for already. The phases a selection picks out
    are left aside: a map has all of them. Raises TouchpointError where the registry's file cannot
    be read, and SelectionError.
    """
    return build_from(Material(log), registry, selection, against, problems=problems)


def build_from(
    material: Material,
    registry: Registry,
    selection: "Selection | None" = None,
    against: "Selection | None" = None,
    *,
    problems: Sequence[Problem] | None = None,
) -> JourneyMap:
    """Return the journey map that ``build`` does, from what was counted for others already."""
    found = compute(material, selection, against, problems=problems)
    judged = believed.judge(material, registry.beliefs(), believed.only_period(selection))
    segments = () if selection is None else selection.segments
    said = quotes(material, selection)
    return replace(annotated(found, registry.all(), judged, segments), quotes=said)


def quotes(
    material: Material, selection: "Selection | None" = None
) -> dict[str, tuple[Quote, ...]]:
    """Return what customers wrote, by phase, masked in the current language."""
    return feeling.quotes(material.log, material.heard(_all_phases(selection)))


def compute(
    material: Material,
    selection: "Selection | None" = None,
    against: "Selection | None" = None,
    *,
    problems: Sequence[Problem] | None = None,
) -> JourneyMap:
    """Return what of a map the log alone tells; see ``build``. It has no quotes."""
    selection, against = (_all_phases(each) for each in (selection, against))
    log, index, places = material.log, material.index(), material.places()
    if problems is None:
        from percorso.explain import problems as find

        problems = find(log, index, selection)
    compared = against is not None
    now, other = material.done(selection), material.done(against) if compared else None
    heard, heard_there = material.heard(selection), material.heard(against) if compared else None
    needs, names = feeling.needs(log, heard, heard_there)
    scores = feeling.scores(
        material.tallies(selection), material.tallies(against) if compared else {}
    )
    items = [
        *doing.items(now, other),
        *scores,
        *feeling.words(heard, heard_there),
        *feeling.standing_out(log, selection, against, places),
        *troubles.tries(
            index,
            material.tries(selection),
            material.tries(against) if compared else None,
            places,
        ),
        *troubles.promises(material.kept(selection), material.kept(against) if compared else None),
        *troubles.problems(problems, places),
        *needs,
        *moving.items(moving.next_steps(log, _whole_time(selection))),
    ]
    columns = doing.columns(now, other)
    # All that might be shown is corrected for: what is shown was chosen by the same figures.
    changes = holm([*(each.change for each in columns), *(each.change for each in items)])
    rests = holm([each.rest if each.what in _BY_PHASE else None for each in items])
    return JourneyMap(
        customers=now.customers,
        interactions=now.interactions,
        columns=tuple(
            replace(each, change=change)
            for each, change in zip(columns, changes[: len(columns)], strict=True)
        ),
        items=tuple(
            _in_order(
                _most(
                    replace(each, change=change, rest=rest or each.rest)
                    for each, change, rest in zip(
                        items, changes[len(columns) :], rests, strict=True
                    )
                )
            )
        ),
        metrics=feeling.most_telling(scores),
        problems=tuple(problems),
        needs=names,
        places=places,
        texts=len(heard),
        compared=compared,
        last=index.last,
    )


def annotated(
    given: JourneyMap,
    touchpoints: Sequence[Touchpoint],
    judged: Sequence[Judged],
    segments: Sequence[str] = (),
) -> JourneyMap:
    """Return a map with what the company wrote, and what people believe, in its cells.

    ``segments`` are those of its persona: beliefs about others are left out.
    """
    items = (
        *given.items,
        *written(touchpoints, given.places),
        *believed.items(judged, touchpoints, given.places, segments),
    )
    return replace(given, items=tuple(_in_order(items)), beliefs=tuple(judged))


def written(touchpoints: Sequence[Touchpoint], places: dict[str, str]) -> list[Item]:
    """Return what the company wrote of the touchpoints of each phase: owner, promise, strategy.

    A touchpoint is in the phases it is meant for; one that is meant for none in that where most
    customers meet it first.
    """
    found: list[Item] = []
    by_phase: dict[str, list[Touchpoint]] = {phase: [] for phase in PHASES}
    seen: dict[str, str] = {}
    for name, phase in sorted(places.items()):
        there = called(touchpoints, name)
        if there is not None:
            seen.setdefault(there.id, phase)
    for each in touchpoints:
        phases = [str(phase) for phase in each.phases] or [seen.get(each.id, "")]
        for one in phases:
            if one in by_phase:
                by_phase[one].append(each)
    for phase, here in by_phase.items():
        owners: dict[str, list[str]] = {}
        for each in here:
            if each.owner:
                owners.setdefault(each.owner, []).append(each.name)
            if each.promise:
                found.append(_note(phase, "touchpoints", "promise", each.name, each.promise))
            strategy = each.strategy_for(phase)
            found += [
                _note(phase, "opportunities", "strategy", name, text, each.name)
                for name in ("objective", "message", "moves_on")
                if (text := getattr(strategy, name))
            ]
        found += [
            _note(phase, "owner", "owner", owner, ", ".join(names))
            for owner, names in owners.items()
        ]
    return found


def _note(
    phase: str,
    lane: Lane,
    what: Literal["promise", "strategy", "owner"],
    key: str,
    text: str,
    touchpoint: str = "",
) -> Item:
    return Item(
        phase=phase, lane=lane, what=what, key=key, basis="written", text=text,
        touchpoint=touchpoint,
    )  # fmt: skip


def _most(items: Iterable[Item]) -> list[Item]:
    """Return the first items of each kind in each phase, as many as a cell holds."""
    kept: list[Item] = []
    seen: Counter[tuple[str, str]] = Counter()
    for each in items:
        kind = _SAME_ROOM.get(each.what, each.what)
        seen[each.phase, kind] += 1
        if kind not in _ROOM or seen[each.phase, kind] <= _ROOM[kind]:
            kept.append(each)
    return kept


def _in_order(items: Iterable[Item]) -> list[Item]:
    """Return items lane by lane and phase by phase; in a cell they stay as they came."""
    phases = {phase: place for place, phase in enumerate((*PHASES, ""))}
    return sorted(items, key=lambda each: (LANES.index(each.lane), phases[each.phase]))


def _whole_time(selection: "Selection | None") -> "Selection | None":
    """Return a selection without its beginning: who goes on shows over months, not weeks."""
    return None if selection is None else replace(selection, since=None)


def _all_phases(selection: "Selection | None") -> "Selection | None":
    return None if selection is None else replace(selection, phases=())
