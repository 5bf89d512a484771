"""Where and since when more promises are broken: on groups made for the purpose."""

import numpy as np
import pytest

from percorso.explain.causes import LEAST_POINTS, Cause, causes, separate
from percorso.explain.promised import PromiseGroup
from percorso.explain.properties import Property

DAY = 86_400_000_000
DAYS = 400


def group(
    broken: np.ndarray, made_at: np.ndarray, customer: np.ndarray | None = None, **codes: np.ndarray
) -> PromiseGroup:
    properties = tuple(
        Property(
            name, values.astype(np.int64), tuple(f"{name}{i}" for i in range(values.max() + 1))
        )
        for name, values in codes.items()
    )
    if customer is None:
        customer = np.arange(len(broken))
    known = made_at + DAY
    return PromiseGroup("delivery", "Home", customer, made_at, known, broken, properties, None)


def held(promises: PromiseGroup, level: float = 0.001) -> list[Cause]:
    return [
        each for each in causes(promises) if each.p_value <= level and each.points >= LEAST_POINTS
    ]


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(5)


@pytest.fixture
def made_at(rng: np.random.Generator) -> np.ndarray:
    return np.sort(rng.integers(0, DAYS * DAY, 4000))


def test_a_region_from_a_day_on_is_found_and_its_courier_told_as_the_same(
    rng: np.random.Generator, made_at: np.ndarray
) -> None:
    region, genre = rng.integers(0, 6, 4000), rng.integers(0, 4, 4000)
    changed = (region == 2) & (made_at >= 330 * DAY)
    courier = changed.astype(np.int64)
    broken = rng.random(4000) < np.where(changed, 0.5, 0.05)
    promises = group(broken, made_at, region=region, genre=genre, courier=courier)
    located = separate(promises, held(promises), 0.001)
    assert len(located) == 1
    causes_seen = (located[0].cause, *located[0].same)
    names = {(promises.properties[each.dimension].name, each.value) for each in causes_seen}
    assert names == {("region", 2), ("courier", 1)}
    since = [each.since for each in causes_seen if each.since is not None]
    assert since
    assert all(abs(each - 330 * DAY) <= 10 * DAY for each in since)


def test_a_group_worse_all_the_time_has_no_day(
    rng: np.random.Generator, made_at: np.ndarray
) -> None:
    region = rng.integers(0, 6, 4000)
    broken = rng.random(4000) < np.where(region == 4, 0.3, 0.05)
    promises = group(broken, made_at, region=region)
    located = separate(promises, held(promises), 0.001)
    assert [(each.cause.value, each.cause.since) for each in located] == [(4, None)]


def test_a_wave_over_all_is_laid_to_no_region(
    rng: np.random.Generator, made_at: np.ndarray
) -> None:
    region = rng.integers(0, 6, 4000)
    broken = rng.random(4000) < np.where(made_at >= 300 * DAY, 0.3, 0.05)
    promises = group(broken, made_at, region=region)
    located = separate(promises, held(promises), 0.001)
    assert [each.cause.dimension for each in located] == [-1]
    assert located[0].cause.since is not None
    assert abs(located[0].cause.since - 300 * DAY) <= 10 * DAY


def test_two_regions_are_two_causes(rng: np.random.Generator, made_at: np.ndarray) -> None:
    region = rng.integers(0, 6, 4000)
    broken = rng.random(4000) < np.array([0.05, 0.05, 0.3, 0.05, 0.2, 0.05])[region]
    promises = group(broken, made_at, region=region)
    found = {each.cause.value for each in separate(promises, held(promises), 0.001)}
    assert found == {2, 4}


def test_p_values_hold_their_rate_where_there_is_nothing(made_at: np.ndarray) -> None:
    """Bonferroni over the days keeps each hypothesis at its level, also of skewed shares."""
    small = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        region = rng.choice(5, 4000, p=[0.4, 0.3, 0.2, 0.07, 0.03])
        promises = group(rng.random(4000) < 0.04, made_at, region=region)
        small += [each.p_value <= 0.05 for each in causes(promises)]
    assert len(small) > 500
    assert np.mean(small) <= 0.06


def test_promises_of_one_customer_are_not_counted_as_many(
    rng: np.random.Generator, made_at: np.ndarray
) -> None:
    """Two customers whose forty promises were all broken are no evidence about their region."""
    customer = rng.integers(0, 1500, 4000)
    region = customer % 5
    customer[:80] = np.repeat([0, 5], 40)
    region[:80] = 0
    broken = rng.random(4000) < 0.05
    broken[:80] = True
    shuffled = rng.permutation(4000)
    promises = group(broken[shuffled], made_at, customer[shuffled], region=region[shuffled])
    assert held(promises) == []
    alone = group(broken[shuffled], made_at, region=region[shuffled])
    assert held(alone) != []


@pytest.mark.parametrize("broken", [np.zeros(30, bool), np.zeros(0, bool), np.ones(60, bool)])
def test_nothing_is_said_where_nothing_differs(broken: np.ndarray) -> None:
    made_at = np.arange(len(broken)) * DAY
    region = np.arange(len(broken)) % 2
    promises = group(broken, made_at, region=region) if len(broken) else group(broken, made_at)
    assert held(promises) == []
