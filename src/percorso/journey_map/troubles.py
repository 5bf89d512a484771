"""What is hard for customers, and what goes wrong: tries, promises, problems."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from percorso.estimation import MIN_SHOWN, adjust
from percorso.explain.comparisons import trials
from percorso.explain.material import FAMILIES, Tries
from percorso.explain.problem import Problem
from percorso.journey_map.counting import Shares
from percorso.journey_map.model import PHASES, Item, Tested
from percorso.log.fates import fates
from percorso.vocabulary import Fate

if TYPE_CHECKING:
    from percorso.log import Log
    from percorso.log.selection import Selection
    from percorso.log.steps import StepsIndex

#: Trouble of fewer tries, in percent, is not told.
_LEAST: Final = 1.0
Flags = NDArray[np.bool_]
_BROKEN: Final = (str(Fate.LATE), str(Fate.UNMET))


@dataclass(frozen=True, slots=True)
class Kept:
    """Promises made in each phase: the shares kept, and how many met a kept, and a broken, one."""

    shares: Shares
    met: NDArray[np.int64]

    def may_tell(self, phase: int) -> bool:
        """Say whether a share tells of no fewer than 5 who met a kept, or a broken, promise."""
        kept, broken = self.met[phase]
        return bool(kept >= MIN_SHOWN and (broken == 0 or broken >= MIN_SHOWN))


def tries(
    index: "StepsIndex", now: Tries, other: Tries | None, places: dict[str, str]
) -> list[Item]:
    """Return how often customers begin again, or give up, at the touchpoints of each phase.

    What is worse than at like touchpoints comes first (corrected together, Benjamini-Hochberg).
    """
    known = _tested_tries(now)
    found: list[Item] = []
    for number in range(len(FAMILIES)):
        for what, kind in (("again", "repeated"), ("given_up", "stopped")):
            mine, theirs = _shares(now, number, kind), _shares(other, number, kind)
            if mine is None:
                continue
            hit, hit_there = _hit(now, number, kind), _hit(other, number, kind)
            for place in np.flatnonzero(hit >= MIN_SHOWN).tolist():
                name = index.touchpoints[place]
                estimate = mine.estimate(place)
                if name not in places or (estimate.value or 0.0) < _LEAST:
                    continue
                # A difference from what few do there would tell how many they are.
                told = place >= len(hit_there) or not 0 < hit_there[place] < MIN_SHOWN
                found.append(
                    Item(
                        phase=places[name],
                        lane="effort",
                        what="again" if what == "again" else "given_up",
                        key=name,
                        figure=estimate,
                        customers=mine.customers(place),
                        n=mine.n(place),
                        rest=known.get((kind, place, number)),
                        change=_lasting(mine, theirs, place) if told else None,
                    )
                )
    found.sort(key=lambda each: (not _worse(each), -(each.figure.value or 0) if each.figure else 0))
    return found


def _tested_tries(tries: Tries) -> dict[tuple[str, int, int], Tested]:
    """Return each touchpoint against the like ones, by kind, touchpoint and number of the family.

    ``trials`` tests what is begun again and what is given up, family by family.
    """
    tests = [(test, place // 2) for place, family in enumerate(trials(tries)) for test in family]
    corrected = adjust([each.p_value for each, _ in tests]).tolist() if tests else []
    return {
        (each.kind, each.place, number): Tested(each.comparison.difference, each.p_value, p)
        for (each, number), p in zip(tests, corrected, strict=True)
    }


def _shares(tries: Tries | None, family: int, kind: str) -> Shares | None:
    if tries is None:
        return None
    rows, happened = _counting(tries, family, kind)
    if not rows.any():
        return None
    places = tries.touchpoint[rows]
    return Shares.of(
        "share", happened[rows] * 100.0, tries.customer[rows], places, int(places.max()) + 1
    )


def _counting(tries: Tries, family: int, kind: str) -> tuple[Flags, Flags]:
    """Return which tries count, and of which it happened."""
    rows = tries.family == family
    if kind == "stopped":
        return rows & (tries.stopped >= 0), tries.stopped == 1
    return rows, tries.repeated


def _hit(tries: Tries | None, family: int, kind: str) -> NDArray[np.int64]:
    """Return to how many customers it happened at each touchpoint."""
    if tries is None:
        return np.zeros(0, np.int64)
    rows, happened = _counting(tries, family, kind)
    pairs = np.stack([tries.touchpoint, tries.customer])[:, rows & happened]
    return np.bincount(np.unique(pairs, axis=1)[0].astype(np.int64))


def _lasting(mine: Shares, theirs: Shares | None, place: int) -> Tested | None:
    if theirs is None or place >= len(theirs.shown):
        return None
    return mine.minus(theirs, place)


def _worse(item: Item) -> bool:
    return item.rest is not None and item.rest.real and (item.rest.difference.value or 0) > 0


def promises(now: Kept | None, other: Kept | None) -> list[Item]:
    """Return the share of promises made in each phase that were kept."""
    if now is None:
        return []
    found = []
    for place, phase in enumerate(PHASES):
        if not now.shares.n(place) or not now.may_tell(place):
            continue
        change = None
        if other is not None and other.may_tell(place):
            change = now.shares.minus(other.shares, place)
        found.append(
            Item(
                phase=phase,
                lane="pains",
                what="kept",
                key="kept_share",
                figure=now.shares.estimate(place),
                customers=now.shares.customers(place),
                n=now.shares.n(place),
                rest=now.shares.rest(place),
                change=change,
            )
        )
    return found


def kept(log: "Log", selection: "Selection | None") -> Kept | None:
    """Return the promises of a selection that ended; None where none did."""
    table = fates(log, selection=selection, also=("phase",))
    table = table.filter(table.fate.isin((str(Fate.KEPT), *_BROKEN)))
    found = table.select("customer", "phase", "fate").to_pyarrow()
    if not found.num_rows:
        return None
    customer = found["customer"].combine_chunks().dictionary_encode().indices.to_numpy()
    phase = np.array([PHASES.index(each) for each in found["phase"].to_pylist()], np.int64)
    kept = np.array([each == Fate.KEPT for each in found["fate"].to_pylist()], np.int64)
    customer = customer.astype(np.int64)
    shares = Shares.of("share", kept * 100.0, customer, phase, len(PHASES))
    met = np.array(
        [
            [len(np.unique(customer[(phase == place) & (kept == wanted)])) for wanted in (1, 0)]
            for place in range(len(PHASES))
        ]
    )
    return Kept(shares, met)


def problems(found: Sequence[Problem], places: dict[str, str]) -> list[Item]:
    """Return the problems in the phase where most customers meet their touchpoint."""
    items = []
    weighed: set[str] = set()
    for each in found:
        phase = places.get(each.touchpoint)
        if phase is None:
            continue
        items.append(_of_problem(each, phase, "problem"))
        if phase not in weighed and each.weight > 0:
            # Problems come by their weight: the first of a phase weighs most there.
            weighed.add(phase)
            items.append(_of_problem(each, phase, "mend"))
    return items


def _of_problem(problem: Problem, phase: str, what: str) -> Item:
    lost = problem.lost_together
    return Item(
        phase=phase,
        lane="pains" if what == "problem" else "opportunities",
        what="problem" if what == "problem" else "mend",
        key=problem.id,
        figure=problem.score_lost if what == "problem" else lost,
        customers=problem.customers,
        n=lost.n if lost else 0,
        measure=problem.scale or "",
        touchpoint=problem.touchpoint,
    )
