"""Two groups, and many pairs of groups."""

import numpy as np
import pytest
from bench import bench_coverage

from percorso.estimation import (
    MeanStats,
    adjust,
    difference_of_means,
    difference_of_net_scores,
    difference_of_proportions,
    differences_of_means,
    differences_of_proportions,
)


def stars(*values: float) -> MeanStats:
    return MeanStats.of(values, low=1, high=5)


def test_the_first_minus_the_second() -> None:
    assert difference_of_proportions(30, 60, 10, 50).estimate.value == pytest.approx(30)
    assert difference_of_net_scores((10, 0, 0), (0, 0, 10)).estimate.value == 200
    better, worse = stars(5, 5, 4, 5, 5, 4), stars(1, 2, 1, 3, 1, 2)
    found = difference_of_means(better, worse)
    back = difference_of_means(worse, better)
    assert found.estimate.value == pytest.approx(3)
    assert back.estimate.value == pytest.approx(-3)
    assert back.estimate.low == pytest.approx(-found.estimate.high)  # type: ignore[operator]
    assert back.p_value == pytest.approx(found.p_value)
    assert found.estimate.certain
    assert found.p_value < 0.02


def test_a_group_under_five_says_nothing() -> None:
    for found in (
        difference_of_proportions(4, 4, 0, 100),
        difference_of_means(stars(1, 1, 1, 1), stars(5, 5, 5, 5, 5)),
        difference_of_net_scores((0, 0, 3), (100, 0, 0)),
    ):
        assert not found.estimate.shown
        assert found.p_value == 1


def test_means_on_two_scales_are_not_compared() -> None:
    with pytest.raises(ValueError, match="one scale"):
        difference_of_means(stars(1, 2, 3, 4, 5), MeanStats.of([1, 2, 3, 4, 5], low=1, high=7))


def test_groups_that_all_say_the_same_do_not_differ() -> None:
    found = difference_of_means(stars(*[5] * 9), stars(*[5] * 400))
    assert found.p_value == 1
    assert found.estimate.value == 0
    assert not found.estimate.certain


def test_a_few_answers_that_happen_to_agree_are_no_proof() -> None:
    # Five times five stars, where 85% give five: Welch's test alone would call this certain.
    most = MeanStats.of(counts={5: 2550, 4: 300, 3: 60, 2: 30, 1: 60}, low=1, high=5)
    assert difference_of_means(stars(5, 5, 5, 5, 5), most).p_value > 0.1


def test_many_at_once_equal_one_at_a_time() -> None:
    k1, n1 = np.array([0, 5, 30, 7]), np.array([10, 10, 60, 7])
    k2, n2 = np.array([9, 5, 10, 600]), np.array([11, 10, 50, 10_000])
    found = differences_of_proportions(k1, n1, k2, n2)
    for place in range(4):
        single = difference_of_proportions(k1[place], n1[place], k2[place], n2[place])
        assert single.estimate.low == found.low[place]
        assert single.estimate.high == found.high[place]
        assert single.p_value == found.p_value[place]


def test_one_group_against_many_broadcasts() -> None:
    found = differences_of_proportions(np.array([[1], [2]]), 10, np.array([3, 4, 5]), 20)
    assert found.p_value.shape == found.low.shape == (2, 3)


def test_the_p_value_of_shares_far_out_is_exact() -> None:
    # 12 of 12 where 1 in 10 is usual: about 0.1^12, far beyond where a normal curve is any guide.
    found = float(differences_of_proportions(12, 12, 10_000, 100_000).p_value)
    assert found == pytest.approx(0.1**12, rel=0.2)


@pytest.mark.parametrize("n1", [8, 30, 300])
@pytest.mark.parametrize("nulls", sorted(bench_coverage.NULLS))
def test_equal_groups_are_seldom_called_different(n1: int, nulls: str) -> None:
    shares = bench_coverage.NULLS[nulls]
    found = bench_coverage.false_findings_of_means(n1, 3000, shares, shares, draws=20_000)
    assert found["5%"] <= 5.3
    assert found["1%"] <= 1.2
    assert found["0.1%"] <= 0.2


def test_a_divided_group_is_not_called_different() -> None:
    # Equal means, unequal spread: what a permutation test alone calls different in one of three.
    found = bench_coverage.false_findings_of_means(
        100, 3000, bench_coverage.DIVIDED, bench_coverage.AGREED, draws=20_000
    )
    assert found["5%"] <= 5.8


@pytest.mark.parametrize("share", [0.01, 0.1, 0.4])
def test_equal_shares_are_seldom_called_different(share: float) -> None:
    found = bench_coverage.false_findings_of_shares(40, 2000, share, draws=40_000)
    assert found["5%"] <= 6
    assert found["0.1%"] <= 0.2


def test_a_real_difference_is_found() -> None:
    one = MeanStats.of(counts={5: 25, 4: 15, 3: 15, 2: 10, 1: 35}, low=1, high=5)
    rest = MeanStats.of(counts={5: 1800, 4: 600, 3: 240, 2: 120, 1: 240}, low=1, high=5)
    assert difference_of_means(one, rest).p_value < 1e-6


def test_rare_shares_and_means_agree_in_the_middle() -> None:
    # The same two groups as shares and as means of 0 and 1: two tests, about one answer.
    shares = differences_of_proportions(120, 400, 900, 4000).p_value
    means = differences_of_means(
        400, 0.3, 400 / 399 * 0.21, 4000, 0.225, 0.174375, low=0, high=1
    ).p_value
    assert float(means) == pytest.approx(float(shares), rel=1.0)


def test_adjusting_keeps_the_order_given() -> None:
    p = [0.04, 0.001, 0.5, 0.02]
    assert adjust(p) == pytest.approx([0.04 * 4 / 3, 0.004, 0.5, 0.04])
    assert adjust(p, "holm") == pytest.approx([0.08, 0.004, 0.5, 0.06])
    assert adjust([]).size == 0


@pytest.mark.parametrize("wrong", [[0.1, 1.2], [-0.1], [float("nan")], [[0.1]]])
def test_what_is_no_probability_is_refused(wrong: list[float]) -> None:
    with pytest.raises(ValueError, match="p-values"):
        adjust(wrong)
    with pytest.raises(ValueError, match="unknown"):
        adjust([0.1], "bonferroni")  # type: ignore[arg-type]
