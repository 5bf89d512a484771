"""How many customers pass each phase, how many of them go on, and how they score afterwards."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from percorso.estimation import MIN_SHOWN, mean, proportion
from percorso.log.moments import moments
from percorso.log.written import ask, write
from percorso.vocabulary import SCALES, Estimate, Phase

if TYPE_CHECKING:
    import pyarrow as pa

    from percorso.log import Log
    from percorso.log.selection import Selection

PHASES: Final = tuple(str(each) for each in Phase)
#: An answer is laid to the phases of what happened so long before it.
AFTERWARDS: Final = timedelta(days=30)

Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class PhasePassed:
    """A phase: its customers, how many of those of the phase before are also here, the score after.

    ``score`` is the mean of the answers given at most 30 days after something in the phase; an
    answer counts once for each phase. None where the log holds no answers.
    """

    phase: str
    customers: int
    from_before: Estimate | None
    score: Estimate | None


@dataclass(frozen=True, slots=True)
class Passed:
    """The six phases in their order, and the customers who are in any."""

    customers: int
    phases: tuple[PhasePassed, ...]


def passed(log: "Log", selection: "Selection | None" = None, scale: str | None = None) -> Passed:
    """Return how customers passed the phases by the interactions selected.

    The answers on ``scale`` are looked for in the whole log; without one no scores are given.
    """
    walked = _walked(log, selection, scale)
    seen = _seen(walked)
    scores = _scores(walked, scale) if scale else {}
    phases, before = [], None
    for code, name in enumerate(PHASES):
        here = seen[:, code]
        share = None
        if before is not None and before.any():
            share = proportion(int((here & before).sum()), int(before.sum()))
        phases.append(PhasePassed(name, int(here.sum()), share, scores.get(name)))
        before = here
    return Passed(len(seen), tuple(phases))


@dataclass(frozen=True, slots=True)
class _Walked:
    """Rows by customer and time; ``phase`` is a code, or -1 for an answer, after its equals."""

    customer: Ints
    at: Ints
    phase: Ints
    score: Ints


def _walked(log: "Log", selection: "Selection | None", scale: str | None) -> _Walked:
    everything = moments(log)
    rows = everything if selection is None else selection.apply(log, everything)
    answers = everything.filter(everything.scale == (scale or ""), everything.score.notnull())
    found = ask(
        log,
        written(),
        rows=rows.select("number", "at", "phase"),
        answers=answers.select("number", "at", "score"),
    )
    return _Walked(
        found["number"].to_numpy(),
        _microseconds(found["at"]),
        found["phase"].to_numpy(),
        found["score"].to_numpy(),
    )


@cache
def written() -> str:
    """Return the query that puts rows and answers into one order."""
    import ibis

    of_all = {"number": "int32", "at": "timestamp('UTC', 6)"}
    rows = ibis.table({**of_all, "phase": "string"}, name="rows")
    answers = ibis.table({**of_all, "score": "float64"}, name="answers")
    code = rows.phase.cases(*((name, code) for code, name in enumerate(PHASES)), else_=-1)
    union = rows.select("number", "at", phase=code.cast("int8"), score=ibis.literal(0.0)).union(
        answers.select("number", "at", phase=ibis.literal(-1, "int8"), score="score")
    )
    return write(union.order_by(["number", "at", ibis.desc("phase")]))


def _seen(walked: _Walked) -> Flags:
    """Mark for each customer who is in any phase (a row) the phases they are in."""
    rows = walked.phase >= 0
    count = int(walked.customer.max()) + 1 if len(walked.customer) else 0
    seen = np.zeros((count, len(PHASES)), bool)
    seen[walked.customer[rows], walked.phase[rows]] = True
    return seen[seen.any(axis=1)]


def _scores(walked: _Walked, scale: str) -> dict[str, Estimate]:
    answers = np.flatnonzero(walked.phase < 0)
    customer, at, score = (each[answers] for each in (walked.customer, walked.at, walked.score))
    ends = SCALES[scale]
    places = np.arange(len(walked.phase))
    found = {}
    for code, name in enumerate(PHASES):
        last = np.maximum.accumulate(np.where(walked.phase == code, places, -1))[answers]
        near = (last >= 0) & (walked.customer[last] == customer)
        near &= walked.at[last] >= at - AFTERWARDS // timedelta(microseconds=1)
        if near.any():
            values, counts = np.unique(score[near], return_counts=True)
            histogram = dict(zip(values.tolist(), counts.tolist(), strict=True))
            after = mean(counts=histogram, low=ends.low, high=ends.high)
            few = len(np.unique(customer[near])) < MIN_SHOWN
            found[name] = Estimate.hidden(after.n, after.method) if few else after
    return found


def _microseconds(times: "pa.ChunkedArray[Any]") -> Ints:
    import pyarrow as pa

    return times.cast(pa.timestamp("us", tz="UTC")).cast(pa.int64()).to_numpy()
