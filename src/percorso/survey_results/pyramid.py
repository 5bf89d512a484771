"""The pyramid: each level, how the upper stands on the lower, and where it breaks."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from percorso.estimation import MIN_SHOWN
from percorso.metrics.definitions import PYRAMID, SIGNIFICANT, Metric
from percorso.metrics.groups import against
from percorso.survey_results.model import PyramidLevel, PyramidResult
from percorso.survey_results.reading import Rows
from percorso.survey_results.scoring import (
    SHARE,
    Ints,
    Worths,
    overall,
    share,
    tally_of,
    visible,
    worths,
)
from percorso.surveys.model import LEVELS, Pyramid
from percorso.vocabulary import Estimate

if TYPE_CHECKING:
    from percorso.survey_results.weighting import Weights

#: The lowest good answer.
_GOOD: Final = 4
_MEAN: Final = Metric("pyramid", "mean", ("pyramid",), -100, 100)


def pyramid(question: Pyramid, rows: Rows, weights: "Weights | None") -> PyramidResult | None:
    """Return the pyramid of responses that rate all three levels; None where none does."""
    numbers, response, customer, at = _together(rows)
    if not len(numbers):
        return None
    nets = np.stack(
        [worths(PYRAMID[scale], numbers[:, n]) for n, scale in enumerate(LEVELS.values())], axis=1
    )
    good = numbers >= _GOOD
    latest = _latest(customer, at)
    breaks = _first_break(good[latest])
    leading, sure = _leading(breaks)
    names = tuple(LEVELS)
    ends = _ends([_people(breaks == n, customer[latest]) for n in range(len(LEVELS) + 1)])
    levels = []
    for place, (name, scale) in enumerate(LEVELS.items()):
        worth = nets[:, place]
        levels.append(
            PyramidLevel(
                name,
                question.level(name).text,
                *_good_and_bad(worth, customer),
                overall(PYRAMID[scale], worth, customer),
                weights.estimate(PYRAMID[scale], worth, response) if weights else None,
                _told(share(breaks == place, customer[latest]), may=ends[place]),
                *(_standing(good, place, customer) if place else ()),
            )
        )
    return PyramidResult(
        levels=tuple(levels),
        people=len(latest),
        score=overall(_MEAN, nets.mean(axis=1), customer),
        whole=_told(share(breaks == len(LEVELS), customer[latest]), may=ends[-1]),
        breaks_at=names[leading] if leading is not None and sure else None,
        leading=names[leading] if leading is not None else None,
    )


def _ends(people: Sequence[int]) -> list[bool]:
    """Say which shares of first breaks, from the foot up, and of those who are whole may be shown.

    Where few must not be told by the others, one of the two upper ends is hidden with them: who
    broke at the foot is told by its good answers too, and who broke above it by ``on_good`` there.
    """
    told = visible(people, parts=False)
    lower = range(len(people) - 2)
    for place in sorted(range(len(people)), key=lambda each: (each in lower, people[each])):
        hidden = sum(n for n, may in zip(people, told, strict=True) if not may)
        if hidden == 0 or hidden >= MIN_SHOWN:
            break
        # Hiding what nobody is in adds nobody to those who are hidden.
        if people[place]:
            told[place] = False
    return told


def _good_and_bad(worth: Worths, customer: Ints) -> tuple[Estimate, Estimate]:
    """Return the shares of good and of bad answers; of few people neither.

    The net is told beside them: of good, bad and what lies between, each would tell the others.
    """
    good, bad = worth > 0, worth < 0
    people = [_people(each, customer) for each in (good, ~good & ~bad, bad)]
    may = all(visible(people, parts=True))
    return _told(share(good, customer), may=may), _told(share(bad, customer), may=may)


def _people(counts: NDArray[np.bool_], customer: Ints) -> int:
    return int(np.unique(customer[counts]).size)


def _told(given: Estimate, *, may: bool) -> Estimate:
    return given if may else Estimate.hidden(given.n, given.method)


def _together(
    rows: Rows,
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the three ratings of each response that has them all, its customer and its time."""
    responses, response = np.unique(rows.response.codes, return_inverse=True)
    numbers = np.full((responses.size, len(LEVELS)), np.nan)
    customer = np.zeros(responses.size, np.int64)
    at = np.zeros(responses.size, np.int64)
    customer[response], at[response] = rows.customer.codes, rows.at
    for place, level in enumerate(LEVELS):
        mine = rows.part.where(level)
        numbers[response[mine], place] = rows.number[mine]
    whole = ~np.isnan(numbers).any(axis=1)
    return numbers[whole], responses[whole], customer[whole], at[whole]


def _latest(customer: NDArray[np.int64], at: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the place of each customer's latest response."""
    order = np.lexsort((at, customer))
    last = np.append(np.diff(customer[order]) != 0, True)
    return np.asarray(order[last])


def _first_break(good: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the lowest level that is not good; how many levels there are where all are."""
    return np.asarray(np.where(good.all(axis=1), good.shape[1], np.argmin(good, axis=1)))


def _leading(breaks: NDArray[np.int64]) -> tuple[int | None, bool]:
    """Return the level where most break first, and whether that is more than chance.

    Against each of the others by a sign test of those who break at either: under no difference
    they are split by a fair coin. All must fall, so that no correction is due (Berger 1982).
    """
    counts = np.bincount(breaks, minlength=len(LEVELS))[: len(LEVELS)]
    if counts.sum() < MIN_SHOWN:
        return None, False
    leading = int(np.argmax(counts))
    if (counts == counts[leading]).sum() > 1:
        return None, False
    others = np.delete(counts, leading)
    return leading, bool(_sign_test(counts[leading], others).max() <= SIGNIFICANT)


def _sign_test(most: int, others: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the two-sided mid-p value of so many against each of the others."""
    from scipy.special import bdtrc

    total = most + others
    above = bdtrc(float(most), total, 0.5)
    at = bdtrc(float(most - 1), total, 0.5) - above
    return np.asarray(np.minimum(2 * (above + at / 2), 1.0))


def _standing(
    good: NDArray[np.bool_], place: int, customer: NDArray[np.int64]
) -> tuple[Estimate, Estimate, Estimate]:
    """Return how good a level is where the one below is, where it is not, and the difference.

    Of few people neither: how good both levels are is told, so that each would tell the other.
    """
    below, here = good[:, place - 1], good[:, place]
    parts = (below & here, below & ~here, ~below & here, ~below & ~here)
    may = all(visible([_people(each, customer) for each in parts], parts=True))
    on_good = _told(share(here[below], customer[below]), may=may)
    on_rest = _told(share(here[~below], customer[~below]), may=may)
    difference = Estimate.hidden(len(good), "square-and-add")
    if on_good.shown and on_rest.shown:
        split = tally_of(SHARE, 100.0 * good[:, place], customer, below.astype(np.int64), "01")
        difference = against(split.take([1]), split.take([0]))[0].estimate
    return on_good, on_rest, difference
