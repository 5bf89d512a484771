"""Before asking: how many answers a figure needs, and how sure it will be.

Normal approximations with the correction for a finite population (Cochran 1977, *Sampling
Techniques*, 3rd edition, chapters 3 and 4), 95% intervals. They take who answers for a sample
drawn at random: of those who do not answer, no formula knows what they would have said.
"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

_Z: Final = NormalDist().inv_cdf(0.975)
#: Answers that are added at either end of what was answered before.
_MORE: Final = 2


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure to plan for. Half-widths and spreads are in its ``unit``.

    ``worst`` is the largest standard deviation that answers can have, when half stand at either
    end: who knows nothing of the answers to come is sure with it. ``worth`` gives what an answer
    counts in the figure; answers that are not there are left out.
    """

    name: str
    unit: str
    worst: float
    worth: Mapping[int, float]


def _share(name: str, low: int, high: int, good: int) -> Measure:
    worth = {answer: 100.0 if answer >= good else 0.0 for answer in range(low, high + 1)}
    return Measure(name, "percent", 50.0, worth)


def _net(name: str, low: int, high: int, bad: int, good: int) -> Measure:
    worth = {
        answer: 100.0 if answer >= good else -100.0 if answer <= bad else 0.0
        for answer in range(low, high + 1)
    }
    return Measure(name, "points", 100.0, worth)


MEASURES: Final[Mapping[str, Measure]] = {
    each.name: each
    for each in (
        _net("nps", 0, 10, 6, 9),
        _share("csat", 1, 5, 4),
        Measure("ces", "score", 3.0, {answer: float(answer) for answer in range(1, 8)}),
        # 0 is "no longer use it", and left out.
        _share("pmf", 1, 3, 3),
        # Each level of the pyramid: the share of 4 and 5 less the share of 1 and 2.
        _net("pyramid", 1, 5, 2, 4),
        _share("share", 0, 1, 1),
    )
}


@dataclass(frozen=True, slots=True)
class Expected:
    """What to expect of asking: how many answer (with a 95% range), and how sure the figure is.

    ``half_width`` is in the measure's unit; None where less than one answer is expected.
    """

    answers: float
    answers_low: int
    answers_high: int
    half_width: float | None


def sample_size(
    metric: str, half_width: float, population: int | None = None, *, spread: float | None = None
) -> int:
    """Return how many answers make an interval of ± ``half_width``, in the metric's unit.

    n0 = z² s² / d², and n = n0 / (1 + (n0 − 1) / N) of N people in all, rounded up. ``spread`` is
    the standard deviation of answers (``spread_of`` earlier ones); without it the worst there can
    be. Raises ValueError where the metric is none of MEASURES, or a number makes no sense.
    """
    found = _spread(metric, spread)
    if not (half_width > 0 and math.isfinite(half_width)):
        raise ValueError("a half-width is a number above 0")
    needed = (_Z * found / half_width) ** 2
    if population is not None:
        if population < 1:
            raise ValueError("a population has at least one person")
        needed = needed / (1 + (needed - 1) / population)
    # An interval of one answer has no width to speak of, and an error in the last digit of the
    # arithmetic asks for nobody more.
    return max(1, math.ceil(needed - 1e-9))


def invitations(answers: int, response_rate: float) -> int:
    """Return how many to invite so that on average ``answers`` come. The rate is above 0, to 1."""
    if answers < 0 or not 0 < response_rate <= 1:
        raise ValueError("answers are 0 or more, a response rate is above 0 and at most 1")
    return math.ceil(answers / response_rate - 1e-9)


def expected(
    metric: str,
    people: int,
    response_rate: float,
    population: int | None = None,
    *,
    spread: float | None = None,
) -> Expected:
    """Return what to expect of asking ``people``, of whom a share of ``response_rate`` answers.

    Half-width: z s / √n √((N − n) / (N − 1)), n the expected number of answers and N the
    ``population`` that the figure is to be about; without it, one without end. Answers are
    binomial. Raises ValueError as ``sample_size`` does.
    """
    found = _spread(metric, spread)
    if people < 0 or not 0 <= response_rate <= 1:
        raise ValueError("people are 0 or more, a response rate lies between 0 and 1")
    if population is not None and population < max(1, people):
        raise ValueError("the population holds at least those who are asked")
    answers = people * response_rate
    around = _Z * math.sqrt(people * response_rate * (1 - response_rate))
    low = max(0, math.floor(answers - around + 1e-9))
    high = min(people, math.ceil(answers + around - 1e-9))
    return Expected(answers, low, high, _half_width(found, answers, population))


def spread_of(metric: str, counts: Mapping[int, int]) -> float:
    """Return the standard deviation of answers given before, in the metric's unit.

    ``counts`` is how many gave each answer, on the scale. Two more are counted at either end, as
    Agresti and Coull (1998, The American Statistician 52:119) count them for a share: so a few
    answers that happen to be alike promise no certainty, and without answers it is the worst there
    can be. Raises ValueError where the metric is none of MEASURES.
    """
    measure = _measure(metric)
    known = Counter({min(measure.worth.values()): _MORE, max(measure.worth.values()): _MORE})
    for answer, n in counts.items():
        if answer in measure.worth:
            known[measure.worth[answer]] += n
    total = known.total()
    mean = sum(worth * n for worth, n in known.items()) / total
    return math.sqrt(sum(n * (worth - mean) ** 2 for worth, n in known.items()) / total)


def _half_width(spread: float, answers: float, population: int | None) -> float | None:
    if answers < 1:
        return None
    left = 1.0
    if population is not None:
        left = (population - answers) / (population - 1) if population > 1 else 0.0
    return _Z * spread / math.sqrt(answers) * math.sqrt(max(0.0, left))


def _spread(metric: str, spread: float | None) -> float:
    measure = _measure(metric)
    if spread is None:
        return measure.worst
    if not 0 <= spread < math.inf:
        raise ValueError("a spread is a number from 0")
    return spread


def _measure(metric: str) -> Measure:
    if metric not in MEASURES:
        raise ValueError(f"{metric!r} is none of {', '.join(MEASURES)}")
    return MEASURES[metric]
