"""The ideal path contrast: what ideal customers did before, that others did not.

Both groups are cut before the event that makes a customer ideal, so that what follows from it, or
is it, cannot pass for its cause.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from percorso.estimation import MIN_SHOWN, adjust, differences_of_proportions
from percorso.journeys import grouping
from percorso.journeys.directly_follows import transitions
from percorso.journeys.grouping import Groups
from percorso.journeys.results import Ideal, IdealKind, IdealPath, IdealStep
from percorso.journeys.walks import Bools, Int64, Walks, each_bucket, mark_customers, scale_code
from percorso.log.steps import StepsIndex
from percorso.vocabulary import KINDS, SCALES, Estimate

if TYPE_CHECKING:
    from percorso.log.selection import Selection

#: What fewer customers of both groups did, or did not do, is not tested.
LEAST: Final = 10
#: From so many customers on, NPS says who is a promoter, even where more answered another scale.
ENOUGH_NPS: Final = 100
METHOD: Final = "square-and-add"
_PURCHASES: Final = ("order", "payment", "renewal")
_NONE: Final = -1

#: Scale -> the least answer of somebody who speaks well of the company in public.
_PRAISE: Final = {"stars": 4.0, "nps": 9.0, "csat": 4.0}


@dataclass(frozen=True, slots=True)
class _Journeys:
    """Journeys of a bucket: the row of each one's event (-1 none), and who is ideal or other."""

    walks: Walks
    event: Int64
    ideal: Bools
    other: Bools


@dataclass(frozen=True, slots=True)
class _Counts:
    """Groups of rows and how many ideal customers and others are in each."""

    groups: Groups
    ideal: Int64
    others: Int64


@dataclass(frozen=True, slots=True)
class _Tested:
    """What is tested: a kind of step, its touchpoints, and how many of each group did it."""

    kind: IdealKind
    step: tuple[str, ...]
    ideal: int
    others: int


def ideal_path(
    index: StepsIndex, ideal: Ideal = "promoters", selection: "Selection | None" = None
) -> IdealPath:
    """Return the steps and transitions that set ideal customers apart from others.

    ``promoters``: those whose last answer is 9 or 10 on the NPS scale, or the best of another
    scale, against the others who answered it; both by their steps before that answer. The scale is
    chosen within the selection: NPS where 100 customers or more answered it, otherwise the scale
    that most customers answered (NPS, then the first in SCALES, of equals). The result names it
    as ``scale``. ``value``: the fifth of buyers with the highest value against the other
    buyers; both by their steps before their first purchase. ``advocates``: those who brought
    somebody or left a good review (4 or 5 stars, say) against all others; by the steps before
    that. Others have no such event: each is cut at the time after the first step that an ideal
    customer took to it, dealt out in turn, so that both groups are looked at for as long (Zhou et
    al. 2005), and before a review of their own.

    Compared are shares of customers who begin with a step, pass it, make a transition. What fewer
    than 10 customers of both groups together did, or did not do, is not tested; the p-values of
    all that is tested are corrected together (Benjamini-Hochberg). Groups under 5 are not
    compared.
    """
    scale = _scale_answered(index, selection) if ideal == "promoters" else None
    journeys = _chosen(index, ideal, scale, selection)
    ideals = sum(int(each.ideal.sum()) for each in journeys)
    others = sum(int(each.other.sum()) for each in journeys)
    if min(ideals, others) < MIN_SHOWN:
        return IdealPath(ideal, ideals, others, 0, (), scale)
    tested = [
        each
        for each in _counted(index, [_before_event(each) for each in journeys])
        if LEAST <= each.ideal + each.others <= ideals + others - LEAST
    ]
    rows = _compared(tested, ideals, others)
    return IdealPath(ideal, ideals, others, len(tested), rows, scale)


def _chosen(
    index: StepsIndex, ideal: Ideal, scale: str | None, selection: "Selection | None"
) -> list[_Journeys]:
    if ideal == "promoters":
        return _promoters(index, scale, selection) if scale is not None else []
    if ideal == "value":
        return _by_value(index, selection)
    if ideal == "advocates":
        return _advocates(index, selection)
    raise ValueError(f"ideal customers are promoters, value or advocates, not {ideal!r}")


def _scale_answered(index: StepsIndex, selection: "Selection | None") -> str | None:
    """Return the scale that says who is a promoter; None where nobody in the selection answered."""
    size = len(SCALES) + 1

    def count(walks: Walks) -> Int64:
        rows = np.flatnonzero(walks.scale)
        journey = np.searchsorted(walks.offsets, rows, side="right") - 1
        pairs = np.unique(journey * size + walks.scale[rows])
        return np.bincount(pairs % size, minlength=size)

    counts = grouping.sum_of(each_bucket(index, selection, count), size)
    customers = {scale: int(counts[scale_code(scale)]) for scale in SCALES}
    if customers["nps"] >= ENOUGH_NPS:
        return "nps"
    most = max(SCALES, key=lambda scale: (customers[scale], scale == "nps"))
    return most if customers[most] else None


def _promoters(index: StepsIndex, scale: str, selection: "Selection | None") -> list[_Journeys]:
    code = scale_code(scale)
    ends = SCALES[scale]
    best = 9.0 if scale == "nps" else ends.high if ends.high_is_good else ends.low

    def choose(walks: Walks) -> _Journeys:
        event = _last(walks, walks.scale == code)
        answered = event != _NONE
        score = np.where(answered, walks.score[event], np.nan)
        good = score >= best if ends.high_is_good else score <= best
        return _Journeys(walks, event, answered & good, answered & ~good)

    return each_bucket(index, selection, choose)


def _by_value(index: StepsIndex, selection: "Selection | None") -> list[_Journeys]:
    customers = index.log.customers()
    chosen = customers.filter(customers.segment == "top_fifth").customer.to_pyarrow()
    top_fifth = mark_customers(index, chosen)
    purchases = _kinds(_PURCHASES)

    def choose(walks: Walks) -> _Journeys:
        event = _first(walks, purchases[walks.kind])
        bought = event != _NONE
        marks = top_fifth[walks.bucket]
        top = marks if walks.customers is None else marks[walks.customers]
        return _Journeys(walks, event, bought & top, bought & ~top)

    return each_bucket(index, selection, choose)


def _advocates(index: StepsIndex, selection: "Selection | None") -> list[_Journeys]:
    referral, public = _kinds(("referral",)), _kinds(("referral", "review"))
    praise = np.full(len(SCALES) + 1, np.inf)
    for scale, least in _PRAISE.items():
        praise[scale_code(scale)] = least

    def choose(walks: Walks) -> _Journeys:
        speaks = public[walks.kind]
        event = _first(
            walks, speaks & (referral[walks.kind] | (walks.score >= praise[walks.scale]))
        )
        ideal = event != _NONE
        # A review of their own is no step towards one.
        return _Journeys(walks, np.where(ideal, event, _first(walks, speaks)), ideal, ~ideal)

    found = each_bucket(index, selection, choose)
    return _dealt(found)


def _dealt(journeys: list[_Journeys]) -> list[_Journeys]:
    """Cut the others at the times that ideal customers took to their event, dealt out in turn."""
    took = [
        each.walks.at[each.event[each.ideal]] - each.walks.at[each.walks.first[each.ideal]]
        for each in journeys
    ]
    times = np.concatenate(took) if took else np.empty(0, np.int64)
    if not len(times):
        return journeys
    result, dealt = [], 0
    for each in journeys:
        walks = each.walks
        many = int(each.other.sum())
        limit = np.zeros(len(walks.first), np.int64)
        limit[each.other] = times[(dealt + np.arange(many)) % len(times)]
        dealt += many
        late = walks.at - np.repeat(walks.at[walks.first], np.diff(walks.offsets)) >= np.repeat(
            limit, np.diff(walks.offsets)
        )
        cut = _first(walks, late)
        earlier = (cut != _NONE) & ((each.event == _NONE) | (cut < each.event))
        event = np.where(each.other & earlier, cut, each.event)
        result.append(_Journeys(walks, event, each.ideal, each.other))
    return result


def _kinds(names: Sequence[str]) -> Bools:
    return np.array([kind in names for kind in KINDS])


def _first(walks: Walks, marked: Bools) -> Int64:
    """Return each journey's first marked row, -1 where it has none."""
    rows = np.flatnonzero(marked)
    return _by_journey(walks, rows[::-1])


def _last(walks: Walks, marked: Bools) -> Int64:
    """Return each journey's last marked row, -1 where it has none."""
    return _by_journey(walks, np.flatnonzero(marked))


def _by_journey(walks: Walks, rows: Int64) -> Int64:
    """Return for each journey the row that comes last in ``rows``."""
    found = np.full(len(walks.first), _NONE, np.int64)
    found[np.searchsorted(walks.offsets, rows, side="right") - 1] = rows
    return found


def _before_event(journeys: _Journeys) -> tuple[Walks, Bools] | None:
    """Return the steps before the events, and which journeys are ideal; None where none are left.

    Customers without a step before their event are in their group, but in no count.
    """
    walks = journeys.walks
    end = np.where(journeys.event == _NONE, walks.offsets[1:], journeys.event)
    end[~(journeys.ideal | journeys.other)] = 0
    lengths = np.diff(walks.offsets)
    kept = np.arange(len(walks.at)) < np.repeat(end, lengths)
    if not kept.any():
        return None
    some = kept[walks.first]
    return walks.keep(kept), journeys.ideal[some]


def _counted(index: StepsIndex, parts: list[tuple[Walks, Bools] | None]) -> list[_Tested]:
    size = len(index.touchpoints)
    starts, steps, edges = [], [], []
    for part in parts:
        if part is None:
            continue
        walks, ideal = part
        journey = walks.journey_of_steps()
        first = grouping.group(walks.touchpoint[walks.first], size)
        starts.append(_of_groups(first, np.arange(len(walks.first)), ideal))
        steps.append(_of_groups(grouping.group(walks.touchpoint, size), journey, ideal))
        edges.append(_of_groups(transitions(walks, size), journey, ideal))
    return [
        *_tested("start", index, starts),
        *_tested("step", index, steps),
        *_tested("transition", index, edges),
    ]


def _of_groups(groups: Groups, journey: npt.NDArray[Any], ideal: Bools) -> _Counts:
    first = groups.firsts(journey)
    is_ideal = ideal[journey.take(groups.order)]
    if not len(groups.codes):
        return _Counts(groups, groups.counts, groups.counts)
    begin = groups.bounds[:-1]
    return _Counts(
        groups,
        np.add.reduceat(first & is_ideal, begin, dtype=np.int64),
        np.add.reduceat(first & ~is_ideal, begin, dtype=np.int64),
    )


def _tested(kind: IdealKind, index: StepsIndex, parts: list[_Counts]) -> list[_Tested]:
    codes = grouping.union([part.groups for part in parts])
    ideal = grouping.total(codes, [(part.groups, part.ideal) for part in parts])
    others = grouping.total(codes, [(part.groups, part.others) for part in parts])
    names = index.touchpoints
    return [
        _Tested(
            kind,
            (names[code // len(names)], names[code % len(names)])
            if kind == "transition"
            else (names[code],),
            *counts,
        )
        for code, *counts in zip(codes.tolist(), ideal.tolist(), others.tolist(), strict=True)
    ]


def _compared(tested: list[_Tested], ideals: int, others: int) -> tuple[IdealStep, ...]:
    if not tested:
        return ()
    first = np.array([each.ideal for each in tested])
    second = np.array([each.others for each in tested])
    found = differences_of_proportions(first, ideals, second, others)
    corrected = adjust(found.p_value)
    effect = 2 * (np.arcsin(np.sqrt(first / ideals)) - np.arcsin(np.sqrt(second / others)))
    rows = [
        IdealStep(
            each.step,
            each.kind,
            each.ideal,
            each.others,
            100 * each.ideal / ideals,
            100 * each.others / others,
            Estimate(
                float(found.value[row]),
                float(found.low[row]),
                float(found.high[row]),
                ideals + others,
                METHOD,
            ),
            float(effect[row]),
            float(found.p_value[row]),
            float(corrected[row]),
        )
        for row, each in enumerate(tested)
    ]
    rows.sort(key=lambda row: (not row.significant, -abs(row.effect), row.kind, row.step))
    return tuple(rows)
