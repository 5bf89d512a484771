"""The intervals hold their 95%, from 10 answers to 2,000.

Averaged over shares from 2% to 98% the coverage lies from 94% to 97% at every size. Shares are
counted exactly; so are net scores of up to 200 answers; the rest is drawn with a fixed seed.
"""

import numpy as np
import pytest
from bench import bench_coverage as bench

LEAST, MOST = 94.0, 97.0


def test_shares() -> None:
    sizes = [*range(10, 60), 75, 100, 150, 200, 300, 500, 750, 1000, 1500, 2000]
    found = [bench.proportions(n, bench.SHARES[::4]) for n in sizes]
    assert all(LEAST <= each.average <= MOST for each in found)
    assert min(each.worst for each in found) > 88


@pytest.mark.slow  # every size from 10 to 2,000 at 385 shares: half a minute
def test_shares_at_every_size() -> None:
    found = [bench.proportions(n) for n in range(10, 2001)]
    worst = min(found, key=lambda each: each.worst)
    assert all(LEAST <= each.average <= MOST for each in found)
    assert worst.worst > 89, worst


@pytest.mark.parametrize("n", [10, 15, 30, 100])
def test_net_scores(n: int) -> None:
    found = bench.net_scores(n, bench.net_score_grid(0.08))
    assert LEAST <= found.average <= MOST
    assert found.worst > 90
    assert found.average >= found.textbook


@pytest.mark.parametrize("n", [10, 20, 50, 200, 2000])
@pytest.mark.parametrize("scale", ["stars 1-5", "ces 1-7"])
def test_means(scale: str, n: int) -> None:
    low, high = bench.SCALES[scale]
    found = {
        name: bench.means(n, (low, high), family[::3], draws=600)
        for name, family in bench.families(high - low + 1).items()
    }
    assert LEAST <= found["realistic"].average <= MOST
    assert LEAST <= np.mean([each.average for each in found.values()]) <= MOST + 0.2
    # No family of true distributions is left out in the cold, as the textbook interval leaves
    # those whose answers are nearly all alike (53-80% at ten answers).
    assert min(each.average for each in found.values()) > 93


@pytest.mark.slow  # the full grids and more draws: minutes
@pytest.mark.parametrize("n", bench.SIZES)
def test_all_intervals_at_all_sizes(n: int) -> None:
    net = bench.net_scores(n, bench.net_score_grid())
    assert LEAST <= net.average <= MOST, net
    for scale in ("stars 1-5", "ces 1-7"):
        low, high = bench.SCALES[scale]
        found = {
            name: bench.means(n, (low, high), family, draws=3000)
            for name, family in bench.families(high - low + 1).items()
        }
        assert LEAST <= found["realistic"].average <= MOST
        assert LEAST <= np.mean([each.average for each in found.values()]) <= MOST + 0.1


@pytest.mark.parametrize(("n1", "n2"), [(10, 10), (10, 50), (30, 30)])
def test_differences_of_shares(n1: int, n2: int) -> None:
    found = bench.differences_of_shares(n1, n2)
    assert LEAST <= found.average <= MOST


@pytest.mark.parametrize(("n1", "n2"), [(10, 500), (30, 30), (50, 2000)])
def test_differences_of_means(n1: int, n2: int) -> None:
    family = bench.families(5)["realistic"]
    found = bench.differences_of_mean_scores(n1, n2, (1, 5), family, draws=500)
    assert LEAST <= found.average <= MOST
