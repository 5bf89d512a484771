"""Intervals and tests against the numbers printed in the papers they come from."""

import numpy as np
import pytest
from bench import bench_coverage

from percorso.estimation import (
    adjust,
    difference_of_proportions,
    mean,
    net_score,
    proportion,
)
from percorso.estimation.quantiles import Z, t_quantile


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_in_newcombe_1998_table_1(successes: int, n: int, low: float, high: float) -> None:
    found = proportion(successes, n)
    assert found.low == pytest.approx(100 * low, abs=0.005)
    assert found.high == pytest.approx(100 * high, abs=0.005)


@pytest.mark.parametrize(
    ("k1", "n1", "k2", "n2", "low", "high"),
    [
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        (6, 7, 2, 7, 0.0582, 0.8062),
        (5, 56, 0, 29, -0.0381, 0.1926),
        (0, 10, 0, 20, -0.1611, 0.2775),
        (0, 10, 0, 10, -0.2775, 0.2775),
        (10, 10, 0, 20, 0.6791, 1.0000),
        (10, 10, 0, 10, 0.6075, 1.0000),
    ],
)
def test_differences_in_newcombe_1998_table_2_method_10(
    k1: int, n1: int, k2: int, n2: int, low: float, high: float
) -> None:
    found = difference_of_proportions(k1, n1, k2, n2).estimate
    assert found.low == pytest.approx(100 * low, abs=0.005)
    assert found.high == pytest.approx(100 * high, abs=0.005)


@pytest.mark.parametrize(
    ("n", "share", "coverage"),
    # Brown, Cai and DasGupta 2001, section 2: the textbook interval, lucky and unlucky.
    [(17, 0.5, 95.1), (40, 0.5, 91.9), (30, 0.2, 94.6), (98, 0.2, 92.8)],
)
def test_coverage_in_brown_cai_dasgupta_2001(n: int, share: float, coverage: float) -> None:
    found = bench_coverage.proportions(n, np.array([share]))
    assert found.textbook == pytest.approx(coverage, abs=0.06)


def test_tea_tasting_in_agresti_2007() -> None:
    # Three of four cups right: one-sided mid-p 0.129, which is doubled here.
    found = difference_of_proportions(3, 4, 1, 4)
    assert not found.estimate.shown  # four cups are too few to be shown,
    assert found.p_value == 1.0  # and say nothing


def test_tea_tasting_probability_itself() -> None:
    from percorso.estimation.proportions import exact_p_values

    found = float(exact_p_values(3, 4, 1, 4))
    assert found == pytest.approx(2 * (0.5 * 16 / 70 + 1 / 70))
    assert found / 2 == pytest.approx(0.129, abs=0.0005)


BENJAMINI_HOCHBERG_1995 = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
    0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000,
]  # fmt: skip


def test_example_in_benjamini_hochberg_1995() -> None:
    # Section 3.2: their procedure rejects the first four hypotheses, Bonferroni's kind three.
    assert (adjust(BENJAMINI_HOCHBERG_1995) <= 0.05).sum() == 4
    assert (adjust(BENJAMINI_HOCHBERG_1995, "holm") <= 0.05).sum() == 3


def test_net_score_of_100_answers_is_known_to_15_points() -> None:
    # 50 promoters and 20 detractors of 100: the textbook says 30 +- 1.96 * 100 sqrt(0.61 / 100).
    found = net_score(50, 30, 20)
    assert found.value == 30
    assert found.low is not None
    assert found.high is not None
    assert (found.high - found.low) / 2 == pytest.approx(15.3, abs=0.3)


@pytest.mark.parametrize(
    ("df", "quantile"), [(1, 12.706), (5, 2.571), (10, 2.228), (30, 2.042), (120, 1.980)]
)
def test_quantiles_of_student(df: int, quantile: float) -> None:
    assert float(t_quantile(df)) == pytest.approx(quantile, abs=0.0005)


def test_quantile_of_the_normal_distribution() -> None:
    assert pytest.approx(1.959964, abs=1e-6) == Z


def test_mean_of_student_1908() -> None:
    # Additional hours of sleep (Student 1908): mean 1.58, 95% interval 0.70 to 2.46.
    found = mean([1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4])
    assert found.value == pytest.approx(1.58)
    assert found.low == pytest.approx(0.70, abs=0.005)
    assert found.high == pytest.approx(2.46, abs=0.005)
