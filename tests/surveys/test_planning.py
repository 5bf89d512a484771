"""Planning: against published tables, and against asking thousands of times."""

import math

import numpy as np
import pytest

from percorso.surveys import expected, invitations, sample_size, spread_of

#: Krejcie and Morgan 1970, "Determining Sample Size for Research Activities", Educational and
#: Psychological Measurement 30:607, table 1: population -> sample, at 95% and 5 points.
KREJCIE_MORGAN = {
    10: 10, 15: 14, 20: 19, 25: 24, 30: 28, 40: 36, 50: 44, 60: 52, 70: 59, 80: 66, 90: 73,
    100: 80, 120: 92, 150: 108, 200: 132, 250: 152, 300: 169, 400: 196, 500: 217, 1000: 278,
    1500: 306, 2000: 322, 3000: 341, 5000: 357, 10_000: 370, 20_000: 377, 50_000: 381,
    100_000: 384,
}  # fmt: skip


@pytest.mark.parametrize(("population", "sample"), KREJCIE_MORGAN.items())
def test_sample_sizes_are_those_of_krejcie_and_morgan(population: int, sample: int) -> None:
    # They round to the nearest, and Percorso up: never surer on paper than in fact.
    assert abs(sample_size("csat", 5, population) - sample) <= 1


@pytest.mark.parametrize(
    ("points", "sample"), [(1, 9604), (2, 2401), (3, 1068), (4, 601), (5, 385), (10, 97)]
)
def test_sample_sizes_without_end_are_the_usual_ones(points: float, sample: int) -> None:
    for metric in ("share", "csat", "pmf"):
        assert sample_size(metric, points) == sample
    # A net score spreads twice as wide.
    assert sample_size("nps", 2 * points) == sample


def test_an_nps_of_50_and_20_is_known_to_15_points_by_100() -> None:
    spread = spread_of("nps", {10: 500_000, 8: 300_000, 3: 200_000})
    assert spread == pytest.approx(100 * math.sqrt(0.7 - 0.3**2), abs=0.01)
    assert expected("nps", 500, 0.2, spread=spread).half_width == pytest.approx(15.3, abs=0.05)


def test_a_sample_of_that_size_is_as_sure_as_asked() -> None:
    for metric, width in (("nps", 7.0), ("csat", 4.0), ("ces", 0.2), ("pyramid", 9.0)):
        for population in (None, 50, 3000):
            needed = sample_size(metric, width, population)
            reached = expected(metric, needed, 1.0, population).half_width
            assert reached is not None
            assert reached <= width + 1e-9
            if needed > 1:
                short = expected(metric, needed - 1, 1.0, population).half_width
                assert short is None or short > width


def test_asking_everybody_leaves_nothing_to_chance() -> None:
    assert expected("nps", 200, 1.0, 200).half_width == 0
    assert sample_size("nps", 0.001, 200) == 200


def _coverage(worth: np.ndarray, people: int, rate: float, plan: float, times: int) -> float:
    """Return how often the mean of who answers lies within ``plan`` of the mean of all."""
    draw = np.random.default_rng(20250131)
    hits = 0
    for _ in range(times):
        answers = draw.binomial(people, rate)
        sample = draw.choice(worth, answers, replace=False)
        hits += abs(sample.mean() - worth.mean()) <= plan
    return hits / times


@pytest.mark.parametrize(
    ("metric", "counts", "people", "rate"),
    [
        ("nps", {10: 900, 8: 600, 4: 500}, 1000, 0.3),
        ("nps", {10: 300, 8: 100, 4: 100}, 400, 0.5),
        ("csat", {5: 1200, 4: 400, 2: 400}, 1500, 0.2),
        ("ces", {7: 500, 6: 500, 4: 300, 1: 200}, 800, 0.4),
    ],
)
def test_what_is_expected_holds_95_times_of_100(
    metric: str, counts: dict[int, int], people: int, rate: float
) -> None:
    worths = {
        "nps": {10: 100.0, 8: 0.0, 4: -100.0},
        "csat": {5: 100.0, 4: 100.0, 2: 0.0},
        "ces": {each: float(each) for each in counts},
    }[metric]
    worth = np.repeat([worths[each] for each in counts], list(counts.values()))
    plan = expected(metric, people, rate, len(worth), spread=spread_of(metric, counts))
    assert plan.half_width is not None
    # 3,000 times: the share itself is known to 0.8 points.
    assert _coverage(worth, people, rate, plan.half_width, 3000) == pytest.approx(0.95, abs=0.012)


def test_answers_to_expect_are_binomial() -> None:
    plan = expected("nps", 500, 0.2)
    assert (plan.answers, plan.answers_low, plan.answers_high) == (100.0, 82, 118)
    assert expected("nps", 500, 0.0).half_width is None
    assert expected("nps", 0, 0.5).answers_high == 0
    assert expected("nps", 2, 0.1).half_width is None
    draws = np.random.default_rng(7).binomial(500, 0.2, 20_000)
    assert np.mean((draws >= 82) & (draws <= 118)) > 0.95


def test_invitations_for_so_many_answers() -> None:
    assert invitations(385, 0.2) == 1925
    assert invitations(100, 0.3) == 334
    assert invitations(0, 0.3) == 0


def test_a_spread_of_nothing_is_the_worst() -> None:
    assert [spread_of(each, {}) for each in ("nps", "csat", "ces")] == [100, 50, 3]
    # Who no longer uses it does not count in PMF.
    assert spread_of("pmf", {0: 50, 3: 10, 1: 10}) == pytest.approx(50)
    assert spread_of("ces", {1: 500, 7: 500}) == pytest.approx(3.0)


def test_a_few_answers_alike_promise_no_certainty() -> None:
    # Two that are not there at either end: 7 of 9 are good.
    assert spread_of("csat", {5: 5}) == pytest.approx(100 * math.sqrt(7 / 9 * 2 / 9))
    assert spread_of("csat", {5: 1, 1: 1}) == pytest.approx(50)
    assert sample_size("csat", 5, spread=spread_of("csat", {5: 5})) > 250
    assert spread_of("nps", {9: 100_000}) < 1


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: sample_size("npss", 5),
        lambda: sample_size("nps", 0),
        lambda: sample_size("nps", math.nan),
        lambda: sample_size("nps", math.inf),
        lambda: sample_size("nps", 5, 0),
        lambda: sample_size("nps", 5, spread=-1),
        lambda: sample_size("nps", 5, spread=math.nan),
        lambda: expected("nps", -1, 0.5),
        lambda: expected("nps", 10, 1.5),
        lambda: expected("nps", 10, 0.5, 5),
        lambda: invitations(10, 0),
        lambda: invitations(-1, 0.5),
    ],
)
def test_what_makes_no_sense_is_refused(wrong: object) -> None:
    assert callable(wrong)
    with pytest.raises(ValueError, match=r"."):
        wrong()
