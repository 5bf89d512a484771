"""Single figures and their intervals."""

import numpy as np
import pytest

from percorso.estimation import (
    MIN_SHOWN,
    MeanStats,
    mean,
    mean_limits,
    net_score,
    net_score_limits,
    proportion,
    proportion_limits,
)


def test_fewer_than_five_are_hidden() -> None:
    for found in (
        proportion(2, MIN_SHOWN - 1),
        mean([5, 4, 5, 5], low=1, high=5),
        net_score(2, 1, 1),
        proportion(0, 0),
    ):
        assert not found.shown
        assert found.low is None
        assert found.high is None
    assert mean([5, 4, 5, 5], low=1, high=5).n == 4
    assert proportion(3, MIN_SHOWN).shown


def test_share_of_none_and_of_all_stay_within_bounds() -> None:
    none, all_of_them = proportion(0, 10), proportion(10, 10)
    assert none.low == 0
    assert none.high is not None
    assert 0 < none.high < 40
    assert all_of_them.high == 100
    assert all_of_them.low is not None
    assert 60 < all_of_them.low < 100


@pytest.mark.parametrize(("successes", "n"), [(-1, 10), (11, 10), (3, 2)])
def test_impossible_counts_are_refused(successes: int, n: int) -> None:
    with pytest.raises(ValueError, match="successes"):
        proportion(successes, n)


def test_a_mean_stays_on_its_scale_and_holds_its_value() -> None:
    found = mean(counts={5.0: 12}, low=1, high=5)
    assert found.value == 5
    assert found.high == 5
    # Twelve times five stars is no proof that nobody gives fewer.
    assert found.low is not None
    assert 4 < found.low < 5


def test_values_and_counts_say_the_same() -> None:
    values = [1, 5, 5, 4, 3, 5]
    assert mean(values, low=1, high=5) == mean(counts={1: 1, 3: 1, 4: 1, 5: 3}, low=1, high=5)
    with pytest.raises(ValueError, match="either"):
        mean(values, counts={1: 1})


def test_moments() -> None:
    found = MeanStats.of([2, 4, 4, 6], low=0, high=10)
    assert (found.n, found.mean) == (4, 4)
    assert found.variance == pytest.approx(8 / 3)
    assert MeanStats.of([]).n == 0


def test_an_upside_down_scale_is_refused() -> None:
    with pytest.raises(ValueError, match="low end"):
        mean([1, 2, 3, 4, 5], low=5, high=1)


def test_net_score_is_the_mean_of_its_answers() -> None:
    answers = [100] * 6 + [0] * 3 + [-100] * 4
    as_mean = mean(answers, low=-100, high=100)
    found = net_score(6, 3, 4)
    assert found.value == pytest.approx(as_mean.value)
    assert found.low == pytest.approx(as_mean.low)
    assert found.high == pytest.approx(as_mean.high)


def test_many_at_once_equal_one_at_a_time() -> None:
    k, n = np.array([0, 3, 17, 40]), np.array([9, 12, 40, 40])
    low, high = proportion_limits(k, n)
    for place in range(4):
        single = proportion(int(k[place]), int(n[place]))
        assert (single.low, single.high) == (low[place], high[place])
    low, high = net_score_limits(k, n, k)
    single = net_score(3, 12, 3)
    assert (single.low, single.high) == (low[1], high[1])


def test_more_answers_narrow_the_interval() -> None:
    widths = []
    for times in (1, 10, 100):
        low, high = mean_limits(10 * times, 4.2, 0.8, 1, 5)
        widths.append(float(high - low))
    assert widths == sorted(widths, reverse=True)
