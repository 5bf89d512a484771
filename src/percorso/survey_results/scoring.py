"""Answers reduced to sums and figures; which of them may be shown."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from percorso.estimation import MIN_SHOWN, may_be_shown
from percorso.metrics.definitions import METRICS, PYRAMID, Metric
from percorso.metrics.tally import METHODS, SUMS, Tally
from percorso.surveys.model import LEVELS, AnyQuestion, Matrix, Pyramid, Rating
from percorso.vocabulary import Estimate

Floats = NDArray[np.float64]
#: What answers count, NaN where they do not.
Worths = NDArray[np.floating[Any]]
Ints = NDArray[np.int64]

#: A share of people or answers, in percent.
SHARE: Final = Metric("share", "share", ("share",), 0, 100)


def metric_of(question: AnyQuestion, part: str = "") -> Metric | None:
    """Return the score of a question, or of a part of it; None where it has none."""
    if isinstance(question, Rating | Matrix):
        return Metric("rating", "mean", ("rating",), 1, question.points)
    if isinstance(question, Pyramid):
        return PYRAMID[LEVELS[part]]
    return METRICS.get(question.type)


def worths(metric: Metric, numbers: Floats) -> Floats:
    """Return what each answer counts in a score, NaN where it does not."""
    if not metric.bounds:
        return np.where((numbers >= metric.low) & (numbers <= metric.high), numbers, np.nan)
    found = np.full(numbers.shape, np.nan)
    for least, worth in metric.bounds:
        found[numbers >= least] = worth
    return found


def tally_of(
    metric: Metric, worth: Worths, customer: Ints, group: Ints, names: Sequence[str]
) -> Tally:
    """Return the sums of groups of answers, each with those of all others.

    ``group`` is the place of each answer's group in ``names``, -1 for none; answers worth NaN are
    left out.
    """
    counts = ~np.isnan(worth) & (group >= 0)
    worth, customer, group = worth[counts], customer[counts], group[counts]
    there = np.unique(group)
    rest = [_sums(worth[out], customer[out]) for out in (group != each for each in there)]
    own = [_sums(worth[at], customer[at]) for at in (group == each for each in there)]
    shown = tuple(names[each] for each in there)
    others = Tally(metric, shown, rest=None, **_columns(rest))
    return Tally(metric, shown, rest=others, **_columns(own))


def overall(metric: Metric, worth: Worths, customer: Ints) -> Estimate:
    """Return a score of answers, hidden where fewer than 5 people stand behind it."""
    found = tally_of(metric, worth, customer, np.zeros(len(worth), np.int64), ("all",))
    return found.estimates()[0] if found.groups else Estimate.hidden(0, METHODS[metric.form])


def share(counts: NDArray[np.bool_], customer: Ints) -> Estimate:
    """Return the share of answers that count, in percent."""
    return overall(SHARE, 100.0 * counts, customer)


def visible(people: Sequence[int], *, parts: bool) -> list[bool]:
    """Say which counts of people may be shown: those of nobody, and those of 5 or more.

    With ``parts`` they add up to a total that is shown, so that what is hidden is never fewer than
    5 people together.
    """
    some = [place for place, each in enumerate(people) if each]
    found = [True] * len(people)
    if parts:
        for place, each in zip(some, may_be_shown([people[each] for each in some]), strict=True):
            found[place] = bool(each)
    else:
        for place in some:
            found[place] = people[place] >= MIN_SHOWN
    return found


def _sums(worth: Worths, customer: Ints) -> tuple[float, ...]:
    people, person = np.unique(customer, return_inverse=True)
    m = np.bincount(person, minlength=people.size).astype(np.float64)
    y = np.bincount(person, weights=worth, minlength=people.size)
    return (
        float(worth.size),
        float(people.size),
        float(worth.sum()),
        float((worth**2).sum()),
        float((m * m).sum()),
        float((m * y).sum()),
        float((y * y).sum()),
    )


def _columns(rows: Sequence[tuple[float, ...]]) -> dict[str, Floats]:
    columns = np.array(rows, dtype=np.float64).reshape(len(rows), len(SUMS)).T
    return dict(zip(SUMS, columns, strict=True))
