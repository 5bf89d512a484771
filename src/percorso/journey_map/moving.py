"""Which next step goes with going on: of customers in a phase, what those who went on did next.

Time begins at the next step, not at the beginning of the phase: who did one thing next is compared
with who did another thing next, both still in the phase, and both are followed equally long. So
nobody counts as having gone on before they could have done anything. Those compared came from the
same touchpoint in the same quarter of a year (Mantel and Haenszel's difference, with the variance
of Sato 1989), and all comparisons are corrected together as the problems are. Customers choose
what they do next: a difference says what goes together, an experiment what causes what.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from percorso.estimation import MIN_SHOWN
from percorso.explain.comparing import LEAST_CUSTOMERS
from percorso.explain.correcting import correct
from percorso.journey_map.counting import share_of
from percorso.journey_map.model import PHASES, Item, Tested
from percorso.log.moments import moments
from percorso.log.steps import as_microseconds
from percorso.log.written import ask
from percorso.vocabulary import NOT_STEPS, OUTWARD, Estimate

if TYPE_CHECKING:
    from percorso.log import Log
    from percorso.log.selection import Selection

#: A next step comes at most so long after the phase began; then it is seen so long who goes on.
WITHIN: Final = timedelta(days=30)
METHOD: Final = "mantel-haenszel, sato"
#: A customer goes on by what they do themselves; to answer a survey is not that.
_NOT_THEIRS: Final = (*OUTWARD, "answer")
_QUARTER: Final = 91 * 86_400_000_000
_Z95: Final = 1.959963984540054
#: Next steps on the map, of those that go with going on more often.
_ON_THE_MAP: Final = 2

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_QUERY: Final = f"""
    SELECT number, "at", phase, touchpoint, kind NOT IN {_NOT_THEIRS} AS own FROM rows
    WHERE kind NOT IN {NOT_STEPS} AND kind <> 'answer' AND touchpoint IS NOT NULL
    ORDER BY number, "at", phase, touchpoint, own
"""


@dataclass(frozen=True, slots=True)
class NextStep:
    """A next step in a phase, beside all other next steps there.

    ``customers`` took it next; ``went_on`` is the share of them who went on to a later phase
    within the time, ``others`` that of those who took another step next. ``effect`` is the
    difference in percent points, adjusted for where they came from and when.
    """

    touchpoint: str
    customers: int
    went_on: Estimate
    others: Estimate
    effect: Tested

    @property
    def real(self) -> bool:
        return self.effect.real


@dataclass(frozen=True, slots=True)
class PhaseSteps:
    """What customers of a phase did next.

    ``entered`` customers came into the phase early enough to be followed; ``went_on`` is the share
    of them who went on, ``straight`` went on with their very next step, ``silent`` had no next
    step in time. Counts are 0 where fewer than 5.
    """

    phase: str
    entered: int
    went_on: Estimate
    straight: int
    silent: int
    steps: tuple[NextStep, ...]


def next_steps(
    log: "Log", selection: "Selection | None" = None, *, within: timedelta = WITHIN
) -> tuple[PhaseSteps, ...]:
    """Return for each phase but the last which next steps go with going on.

    ``selection`` chooses customers and rows; its period is that of the beginning of a phase. They
    are followed for ``within`` after it, wherever the period ends.
    """
    walked = _walked(log, selection)
    phases = [_of_phase(walked, code, within) for code in range(len(PHASES) - 1)]
    adjusted, _level = correct([[each.effect.p_value for each in one.steps] for one in phases])
    return tuple(
        PhaseSteps(
            one.phase,
            one.entered,
            one.went_on,
            one.straight,
            one.silent,
            tuple(
                NextStep(
                    each.touchpoint,
                    each.customers,
                    each.went_on,
                    each.others,
                    Tested(each.effect.difference, each.effect.p_value, float(p)),
                )
                for each, p in zip(one.steps, p_adjusted, strict=True)
            ),
        )
        for one, p_adjusted in zip(phases, adjusted, strict=True)
    )


def items(found: tuple[PhaseSteps, ...]) -> list[Item]:
    """Return the next steps that surely go with going on, the strongest of each phase."""
    chosen = []
    for one in found:
        helpful = [x for x in one.steps if x.real and (x.effect.difference.value or 0) > 0]
        helpful.sort(key=lambda each: (-(each.effect.difference.low or 0), each.touchpoint))
        chosen += [
            Item(
                phase=one.phase,
                lane="opportunities",
                what="move",
                key=each.touchpoint,
                figure=each.effect.difference,
                customers=each.customers,
                n=each.effect.difference.n,
                rest=each.effect,
            )
            for each in helpful[:_ON_THE_MAP]
        ]
    return chosen


@dataclass(frozen=True, slots=True)
class _Walked:
    """Steps by customer and time. ``first`` is each customer's first row, ``end`` the log's end."""

    customer: Ints
    at: Ints
    phase: Ints
    touchpoint: Ints
    own: Flags
    names: tuple[str, ...]
    since: int
    until: int
    end: int


def _walked(log: "Log", selection: "Selection | None") -> _Walked:
    import pyarrow as pa

    from percorso.log.selection import Selection

    rows = moments(log)
    since, until = -(2**62), 2**62
    if selection is not None:
        since = as_microseconds(selection.since) if selection.since else since
        until = as_microseconds(selection.until) if selection.until else until
        # Steps after the period still tell who went on, and those before it where they were.
        whole = Selection(
            touchpoints=selection.touchpoints,
            channels=selection.channels,
            segments=selection.segments,
            kinds=selection.kinds,
            properties=selection.properties,
        )
        rows = whole.apply(log, rows)
    chosen = rows.select("number", "at", "phase", "touchpoint", "kind")
    found = ask(log, _QUERY, rows=chosen)
    touchpoint: Any = found["touchpoint"].combine_chunks().dictionary_encode()
    code = {name: place for place, name in enumerate(PHASES)}
    phase: Any = found["phase"].combine_chunks().dictionary_encode()
    codes = np.array([code[each] for each in phase.dictionary.to_pylist()], np.int64)
    at = found["at"].cast(pa.timestamp("us", tz="UTC")).cast(pa.int64()).to_numpy()
    return _Walked(
        found["number"].to_numpy().astype(np.int64),
        at,
        codes[phase.indices.to_numpy()] if len(codes) else np.empty(0, np.int64),
        touchpoint.indices.to_numpy().astype(np.int64),
        found["own"].to_numpy(),
        tuple(touchpoint.dictionary.to_pylist()),
        since,
        until,
        int(at.max()) if len(at) else 0,
    )


def _of_phase(walked: _Walked, code: int, within: timedelta) -> PhaseSteps:
    """Return a phase's next steps, not yet corrected."""
    long = within // timedelta(microseconds=1)
    customer, at = walked.customer, walked.at
    rows = np.flatnonzero(walked.phase == code)
    entry = rows[np.unique(customer[rows], return_index=True)[1]] if len(rows) else rows
    gone = _first_later(walked, code)[customer[entry]] if len(entry) else np.empty(0, np.int64)
    inside = (at[entry] < gone) & (at[entry] >= walked.since) & (at[entry] < walked.until)
    inside &= at[entry] + 2 * long <= walked.end
    entry, gone = entry[inside], gone[inside]
    following = _next_elsewhere(walked)[entry]
    there = following >= 0
    place = np.maximum(following, 0)
    there &= at[place] - at[entry] <= long
    straight = there & (at[place] >= gone)
    still = there & ~straight
    went_on = gone <= at[entry] + 2 * long
    steps = _steps(
        walked,
        entry[still],
        place[still],
        (gone[still] <= at[place[still]] + long),
    )
    n = len(entry)
    return PhaseSteps(
        PHASES[code],
        n if n >= MIN_SHOWN else 0,
        share_of(int(went_on.sum()), n),
        _shown(int(straight.sum())),
        _shown(int((~there).sum())),
        tuple(steps),
    )


def _first_later(walked: _Walked, code: int) -> Ints:
    """Return by customer when they did something themselves in a later phase; never: the end."""
    size = int(walked.customer.max()) + 1 if len(walked.customer) else 0
    first = np.full(size, 2**62, np.int64)
    later = np.flatnonzero(walked.own & (walked.phase > code))
    np.minimum.at(first, walked.customer[later], walked.at[later])
    return first


def _next_elsewhere(walked: _Walked) -> Ints:
    """Return for each row the customer's next one at another touchpoint; -1 where there is none."""
    n = len(walked.customer)
    if not n:
        return np.empty(0, np.int64)
    begins = np.ones(n, bool)
    begins[1:] = (walked.customer[1:] != walked.customer[:-1]) | (
        walked.touchpoint[1:] != walked.touchpoint[:-1]
    )
    starts = np.append(np.flatnonzero(begins), n)
    after = starts[np.cumsum(begins)]
    known = after < n
    place = np.minimum(after, n - 1)
    known &= walked.customer[place] == walked.customer
    return np.where(known, place, -1)


def _steps(walked: _Walked, entry: Ints, place: Ints, went_on: Flags) -> list[NextStep]:
    step = walked.touchpoint[place]
    quarter = walked.at[entry] // _QUARTER
    pairs = np.stack([walked.touchpoint[entry], quarter]) if len(entry) else np.empty((2, 0), int)
    stratum = np.unique(pairs, axis=1, return_inverse=True)[1].reshape(-1)
    found = []
    for code in np.unique(step).tolist():
        took = step == code
        n, others = int(took.sum()), int((~took).sum())
        if n < LEAST_CUSTOMERS or others < LEAST_CUSTOMERS or not _tells(took, went_on):
            continue
        effect = difference(took, went_on, stratum)
        if effect is None:
            continue
        found.append(
            NextStep(
                walked.names[code],
                n,
                share_of(int((took & went_on).sum()), n),
                share_of(int((~took & went_on).sum()), others),
                effect,
            )
        )
    found.sort(key=lambda each: (-each.customers, each.touchpoint))
    return found


def _tells(took: Flags, went_on: Flags) -> bool:
    """Say whether at least 5 went on and 5 did not, both of those who took a step and of others.

    With fewer the difference would tell of them what their share may not, and the variance, which
    is that of the sides' own shares, would be too small: none of 33 would differ from 6% for sure.
    """
    counts = np.bincount(2 * took.astype(np.int64) + went_on, minlength=4)
    return bool((counts >= MIN_SHOWN).all())


def difference(took: Flags, went_on: Flags, stratum: Ints) -> Tested | None:
    """Return how much more often those who ``took`` a step ``went_on``, within strata.

    Percent points: Mantel and Haenszel's risk difference with the variance of Sato (1989), which
    holds both for few large and for many small strata. None where no stratum has both.
    """
    count = int(stratum.max()) + 1 if len(stratum) else 0
    n1, n0 = (np.bincount(stratum[mine], minlength=count).astype(float) for mine in (took, ~took))
    a, b = (
        np.bincount(stratum[mine & went_on], minlength=count).astype(float)
        for mine in (took, ~took)
    )
    both = (n1 > 0) & (n0 > 0)
    n1, n0, a, b = n1[both], n0[both], a[both], b[both]
    n = n1 + n0
    weight = float((n1 * n0 / n).sum())
    if not weight:
        return None
    value = float(((a * n0 - b * n1) / n).sum()) / weight
    p = (n1**2 * b - n0**2 * a + n1 * n0 * (n0 - n1) / 2) / n**2
    q = (a * (n0 - b) + b * (n1 - a)) / (2 * n)
    variance = max(value * float(p.sum()) + float(q.sum()), 0.0) / weight**2
    error = float(np.sqrt(variance))
    low, high = max(value - _Z95 * error, -1.0), min(value + _Z95 * error, 1.0)
    size = int(n.sum())
    if not error:
        return None
    from scipy.special import ndtr

    p_value = float(2 * ndtr(-abs(value) / error))
    return Tested(Estimate(100 * value, 100 * low, 100 * high, size, METHOD), p_value)


def _shown(count: int) -> int:
    return count if count >= MIN_SHOWN else 0
