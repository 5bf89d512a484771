"""How many of those who were invited answered, and where others left."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from percorso.estimation import MIN_SHOWN, adjust, may_be_shown, proportion
from percorso.metrics.groups import against_rest
from percorso.survey_results.given import Asked, Counted
from percorso.survey_results.model import GroupRate, ResponseRate, Step
from percorso.survey_results.scoring import SHARE, share, tally_of
from percorso.surveys import Survey
from percorso.vocabulary import Estimate

#: The dimensions of an invitation.
DIMENSIONS: Final = ("channel", "language", "touchpoint", "campaign")


def response_rate(
    invited: Sequence[Asked],
    people: NDArray[np.int64],
    segments: Sequence[str] | None,
    *,
    anonymous: bool,
    waiting: int = 0,
    days: int = 0,
) -> ResponseRate | None:
    """Return how many answered; None where nobody was invited.

    ``people`` is the number of each invitation's person; ``segments`` their segments, None where
    nothing is known of them. ``waiting`` others of the last ``days`` days do not count yet.
    """
    if not invited and not waiting:
        return None
    answered = np.array([each.answered for each in invited], dtype=bool)
    groups: dict[str, Sequence[str]] = {
        name: [getattr(each, name) for each in invited] for name in DIMENSIONS
    }
    if segments is not None:
        groups["segment"] = segments
    by = {
        name: _by(answered, people, words, careful=anonymous)
        for name, words in groups.items()
        if len({*words} - {""}) > 1
    }
    return ResponseRate(
        len(invited), int(answered.sum()), share(answered, people), by, waiting, days
    )


def _by(
    answered: NDArray[np.bool_],
    people: NDArray[np.int64],
    words: Sequence[str],
    *,
    careful: bool,
) -> tuple[GroupRate, ...]:
    """Return the rate of each group. ``careful`` hides too where 1 to 4 answered, or did not."""
    names = sorted({*words} - {""})
    place = {name: number for number, name in enumerate(names)}
    group = np.array([place.get(each, -1) for each in words], dtype=np.int64)
    found = tally_of(SHARE, 100.0 * answered, people, group, names)
    size = np.array(
        [_smallest(answered[group == each], careful=careful) for each in range(len(names))]
    )
    shown = may_be_shown(np.minimum(size, found.customers))
    tests = against_rest(found, shown)
    p_values = iter(adjust([each.p_value for each in tests if each], method="holm"))
    return tuple(
        GroupRate(
            name,
            int((group == number).sum()) if visible else None,
            int(answered[group == number].sum()) if visible else None,
            rate if visible else Estimate.hidden(0, rate.method),
            float(next(p_values)) if test else None,
        )
        for number, (name, visible, rate, test) in enumerate(
            zip(names, shown, found.estimates(), tests, strict=True)
        )
    )


def _smallest(answered: NDArray[np.bool_], *, careful: bool) -> int:
    yes, no = int(answered.sum()), int((~answered).sum())
    return min(yes, no) if careful else yes + no


def steps(shown: Iterable[Counted], versions: Sequence[Survey]) -> tuple[Step, ...]:
    """Return how often each question was shown and answered, version by version."""
    counted: dict[tuple[int, str], tuple[int, int]] = {}
    for each in shown:
        before = counted.get((each.version, each.question), (0, 0))
        counted[each.version, each.question] = (
            before[0] + each.shown,
            before[1] + each.answered,
        )
    return tuple(step for survey in versions for step in _steps(survey, counted))


def _steps(survey: Survey, counted: Mapping[tuple[int, str], tuple[int, int]]) -> Iterable[Step]:
    before: int | None = None
    jumped = False
    for each in survey.questions:
        seen, answered = counted.get((survey.version, each.id), (0, 0))
        if not seen:
            continue
        # Of what only some are asked, and after a jump, nobody knows who left.
        for_all = not each.show_if and not jumped
        lost = None
        if for_all and before is not None and seen <= before:
            lost = proportion(before - seen, before)
        yield Step(
            survey.version,
            each.id,
            each.text,
            _count(seen),
            _count(answered),
            proportion(min(answered, seen), seen),
            lost,
        )
        if for_all:
            before = seen
        jumped = jumped or bool(each.jumps)


def _count(n: int) -> int | None:
    return n if not n or n >= MIN_SHOWN else None
