"""What a problem costs: the interval of the score lost holds the truth as often as it says."""

import json
import sys

import numpy as np
import pytest

from percorso.explain.comparing import Comparison, compare
from percorso.explain.comparisons import LEAST_SPREAD
from percorso.explain.correcting import correct
from percorso.explain.making import evidence_of, score_lost
from percorso.metrics.definitions import MEANS
from percorso.vocabulary import Estimate

#: The answers 1 to 7 of contented customers, and of those who are hard to please.
EASY = np.array([0.02, 0.03, 0.05, 0.10, 0.20, 0.30, 0.30])
HARD = np.array([0.08, 0.12, 0.20, 0.25, 0.20, 0.10, 0.05])
WORST = np.array([0.35, 0.25, 0.15, 0.10, 0.08, 0.05, 0.02])
LEVELS = np.arange(1, 8)
CES = MEANS["ces"]


def answers(
    rng: np.random.Generator, customers: int, trouble: float, first: int
) -> tuple[np.ndarray, np.ndarray]:
    """Draw one to four answers of each customer, of whom half are hard to please in all."""
    person = np.repeat(np.arange(customers), rng.integers(1, 5, customers))
    hard = (rng.random(customers) < 0.5)[person]
    ill = rng.random(len(person)) < trouble
    shares = np.where(ill[:, None], WORST, np.where(hard[:, None], HARD, EASY))
    drawn = (rng.random(len(person))[:, None] > shares.cumsum(axis=1)).sum(axis=1) + 1
    return person + first, np.minimum(drawn, 7).astype(float)


def truth(trouble: float) -> float:
    """Return by how much the mean is lower where ``trouble`` answers (0 to 1) are the worst."""
    return float(trouble * ((EASY + HARD) / 2 - WORST) @ LEVELS)


def lost(found: Comparison) -> Estimate:
    given = score_lost("csat", "touchpoint", [evidence_of("score", "X", found, 0.01, "ces")])
    assert given is not None
    return given


def test_it_is_the_difference_turned_and_stretched_to_the_main_scale() -> None:
    rng = np.random.default_rng(1)
    customer, worth = answers(rng, 200, 0.0, 0)
    found = compare(CES, (customer < 60).astype(np.int64), customer, worth)[1]
    given = lost(found)
    # CES runs over 6 points, CSAT over 4.
    difference = found.difference
    assert given.value == pytest.approx(-(difference.value or 0) * 4 / 6)
    assert given.low == pytest.approx(-(difference.high or 0) * 4 / 6)
    assert given.high == pytest.approx(-(difference.low or 0) * 4 / 6)
    assert given.n == difference.n == len(worth)
    assert score_lost("csat", "touchpoint", []) is None


@pytest.mark.parametrize(("customers", "trouble"), [(25, 0.4), (80, 0.4), (80, 0.1), (400, 0.2)])
def test_the_interval_holds_the_truth_in_95_of_100_draws(customers: int, trouble: float) -> None:
    """Answers of one customer resemble each other, and their numbers differ."""
    rng = np.random.default_rng(customers)
    held = 0
    draws = 1000
    for _ in range(draws):
        here, there = answers(rng, customers, trouble, 0), answers(rng, 600, 0.0, customers)
        customer, worth = (np.concatenate(each) for each in zip(here, there, strict=True))
        found = compare(CES, (customer < customers).astype(np.int64), customer, worth)[1]
        given = lost(found)
        held += given.low <= truth(trouble) * 4 / 6 <= given.high
    assert 0.935 <= held / draws <= 0.975


@pytest.mark.slow
def test_how_often_it_holds_among_what_is_called_a_problem(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Slow: 400 companies of 20 touchpoints. What is found is chosen for being large."""
    rng = np.random.default_rng(11)
    figures = {}
    for customers in (40, 100, 300):
        held = found_in_all = 0
        for _ in range(400):
            trouble = np.where(np.arange(20) < 6, rng.uniform(0.1, 0.7, 20), 0.0)
            parts = [answers(rng, customers, each, n * customers) for n, each in enumerate(trouble)]
            customer, worth = (np.concatenate(each) for each in zip(*parts, strict=True))
            place = customer // customers
            compared = compare(CES, place, customer, worth)
            (adjusted,), _ = correct([[each.p_value for each in compared]])
            for each, p in zip(compared, adjusted, strict=True):
                if p > 0.05 or -each.difference.value < LEAST_SPREAD * each.spread:
                    continue
                weights = np.bincount(place[place != each.group], minlength=20)
                elsewhere = (weights * [truth(t) for t in trouble]).sum() / weights.sum()
                given = lost(each)
                found_in_all += 1
                held += given.low <= (truth(trouble[each.group]) - elsewhere) * 4 / 6 <= given.high
        figures[customers] = {"found": found_in_all, "held": round(100 * held / found_in_all, 1)}
    with capsys.disabled():
        sys.stdout.write(f"\n{json.dumps(figures)}\n")
    assert all(each["held"] >= 93.5 for each in figures.values())
