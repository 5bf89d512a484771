"""Raking against plain iterative proportional fitting, and figures with weights."""

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.survey_results.worlds import TOP, World, known_as, world

from percorso.estimation import mean_limits, proportion_limits
from percorso.metrics.definitions import METRICS, Metric
from percorso.survey_results.bands import merged
from percorso.survey_results.facts import FACTS
from percorso.survey_results.reading import Words
from percorso.survey_results.scoring import worths
from percorso.survey_results.weighting import LARGEST, WEIGHED, kish, rake, trim, weigh

Floats = NDArray[np.float64]


def fitted(seed: Floats, margins: list[Floats], rounds: int = 5000) -> Floats:
    """Return a table fitted to its margins in the oldest way: one after the other, over again."""
    table = seed.astype(np.float64)
    for _ in range(rounds):
        for axis, margin in enumerate(margins):
            others = tuple(each for each in range(table.ndim) if each != axis)
            shape = [-1 if each == axis else 1 for each in range(table.ndim)]
            table = table * (margin / table.sum(axis=others)).reshape(shape)
    return table


def people_of(seed: Floats) -> tuple[Floats, list[tuple[int, ...]]]:
    """Return the indicators of one person a cell, and the cells."""
    cells = list(itertools.product(*map(range, seed.shape)))
    rows = [
        [1.0, *(float(cell[a] == k) for a, n in enumerate(seed.shape) for k in range(1, n))]
        for cell in cells
    ]
    return np.array(rows), cells


def raked(seed: Floats, margins: list[Floats]) -> Floats:
    indicators, cells = people_of(seed)
    targets = np.array([margins[0].sum(), *(x for margin in margins for x in margin[1:])])
    weight = rake(indicators, targets, np.array([seed[cell] for cell in cells]))
    assert weight is not None
    return weight.reshape(seed.shape)


def test_raking_gives_the_published_table() -> None:
    """Hunsinger 2008, Iterative Proportional Fitting for a Two-Dimensional Table, its example."""
    seed = np.array([[1, 2, 1], [3, 5, 5], [6, 2, 2]], dtype=np.float64)
    found = raked(seed, [np.array([5.0, 15.0, 8.0]), np.array([11.0, 9.0, 8.0])])
    published = [[1.51, 2.31, 1.18], [4.20, 5.35, 5.45], [5.28, 1.34, 1.37]]
    assert found == pytest.approx(np.array(published), abs=0.006)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([(2, 2), (3, 4), (2, 3, 4), (4, 5, 2, 3)]))
def test_raking_is_iterative_proportional_fitting(number: int, shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(number)
    seed = rng.integers(1, 30, shape).astype(np.float64)
    goal = rng.integers(1, 30, shape).astype(np.float64)
    goal *= seed.sum() / goal.sum()
    axes = range(len(shape))
    margins = [goal.sum(axis=tuple(a for a in axes if a != axis)) for axis in axes]
    assert raked(seed, margins) == pytest.approx(fitted(seed, margins, 400), rel=1e-5, abs=1e-6)


def test_what_cannot_be_reached_has_no_weights() -> None:
    indicators = np.array([[1.0, 1.0], [1.0, 1.0]])
    assert rake(indicators, np.array([2.0, 1.0])) is None


def test_weights_are_cut_and_shares_stay_near() -> None:
    # One in forty is of a band that half of all are of.
    rare = np.array([1.0] * 5 + [0.0] * 195)
    indicators = np.stack([np.ones(200), rare], axis=1)
    targets = np.array([200.0, 100.0])
    weight = rake(indicators, targets)
    assert weight is not None
    assert weight.max() == pytest.approx(20)
    cut, trimmed = trim(weight, indicators, targets)
    assert trimmed == 5
    assert cut.mean() == pytest.approx(1)
    assert cut.max() == pytest.approx(LARGEST)
    # The share of the rare band goes as far up as the cut allows.
    assert (cut * rare).sum() == pytest.approx(5 * LARGEST)


def test_effective_size_is_kish() -> None:
    """Kish 1965: 1, 1, 2 and 4 tell as much as 64 / 22 answers."""
    assert kish(np.array([1.0, 1.0, 2.0, 4.0])) == pytest.approx(64 / 22)
    assert kish(np.full(9, 3.0)) == pytest.approx(9)


def test_of_one_fact_weighting_is_post_stratification() -> None:
    """With one fact the weighted mean is the bands' means by their share of the invited."""
    some = world(np.random.default_rng(3), 500, strength=1, effect=1)
    alone = {
        name: words if name == "segment" else type(words)(np.zeros_like(words.codes), words.names)
        for name, words in some.known.facts.items()
    }
    weights, told = weigh(known_as(alone, some.known.answered), some.invitation)
    assert weights is not None
    assert told.facts == ("segment",)
    worth = worths(METRICS["nps"], some.numbers)
    found = weights.estimate(METRICS["nps"], worth, some.response)
    answered = np.flatnonzero(some.known.answered)
    codes = merged(alone["segment"].codes, 4, 10, ordered=True, counted=some.known.answered)
    expected = sum(
        np.mean(codes == band) * worth[codes[answered] == band].mean() for band in np.unique(codes)
    )
    assert found.value == pytest.approx(expected)
    share = np.array([np.mean(codes == b) / np.mean(codes[answered] == b) for b in codes[answered]])
    assert weights.weight == pytest.approx(share)
    assert told.effective == pytest.approx(kish(share))


def test_variance_after_weighting_by_hand() -> None:
    """Those who speak for many say the most different things: weights alone would not see it."""
    # Of 400 invited half are of each band; 100 of the one answered and 25 of the other.
    codes = np.array([0] * 200 + [1] * 200)
    answered = np.isin(np.arange(400), [*range(100), *range(200, 225)])
    one = Words(codes, FACTS["trouble"])
    alike = Words(np.zeros_like(codes), ("all",))
    facts = {name: one if name == "trouble" else alike for name in WEIGHED}
    weights, told = weigh(known_as(facts, answered), np.flatnonzero(answered))
    assert weights is not None
    assert told.facts == ("trouble",)
    worth = np.array([60.0, 40.0] * 50 + [100.0, -100.0] * 12 + [0.0])
    metric = Metric("any", "mean", ("any",), -100, 100)
    found = weights.estimate(metric, worth, np.arange(125))
    means = [worth[:100].mean(), worth[100:].mean()]
    value = sum(means) / 2
    left = known_part = spread = 0.0
    for place, each in enumerate(worth):
        band = int(place >= 100)
        weight = (0.5, 0.5)[band] / ((100 / 125, 25 / 125)[band])
        left += (weight * (each - means[band])) ** 2
        known_part += weight * (means[band] - value) ** 2
        spread += weight * (each - value) ** 2
    variance = (left * 125 / 123 + known_part * 125 / 400) / 125**2
    effective = spread / 125 * 125 / 124 / variance
    assert effective < kish(weights.weight)
    low, high = mean_limits(effective, value, spread / 124, -100, 100)
    assert (found.value, found.low, found.high) == pytest.approx((value, float(low), float(high)))


def test_who_would_not_answer_moves_the_figure() -> None:
    """The happy answer more often: the weighted figure is lower, and nearer to that of all."""
    some = world(np.random.default_rng(4), 3000, strength=1, effect=1)
    weights, _ = weigh(some.known, some.invitation)
    assert weights is not None
    worth = worths(METRICS["nps"], some.numbers)
    found = weights.estimate(METRICS["nps"], worth, some.response)
    everybody = worths(METRICS["nps"], some.everybody).mean()
    assert found.low is not None
    assert found.high is not None
    assert found.low < everybody < found.high < worth.mean()


def test_answers_of_one_person_tell_less() -> None:
    some = world(np.random.default_rng(5), 800, strength=1, effect=0)
    weights, _ = weigh(some.known, some.invitation)
    assert weights is not None
    metric, worth = METRICS["nps"], worths(METRICS["nps"], some.numbers)
    once = weights.estimate(metric, worth, some.response)
    thrice = weights.estimate(metric, np.tile(worth, 3), np.tile(some.response, 3))
    assert thrice.value == pytest.approx(once.value)
    assert thrice.low is not None
    assert once.low is not None
    assert thrice.low == pytest.approx(once.low, abs=0.5)


@pytest.mark.parametrize("people", [29, 30])
def test_few_answers_have_no_weights(people: int) -> None:
    some = world(np.random.default_rng(6), 400, strength=1, effect=1, answers=people)
    weights, told = weigh(some.known, some.invitation)
    assert (weights is None) == (people < 30)
    assert (told.why_not is None) == (people >= 30)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=60),
    st.integers(1, 12),
    st.booleans(),
)
def test_merged_bands_are_large_enough_or_one(codes: list[int], least: int, ordered: bool) -> None:
    found = merged(np.array(codes), 6, least, ordered=ordered)
    sizes = np.bincount(found)
    assert len(found) == len(codes)
    assert np.count_nonzero(sizes) == 1 or sizes[sizes > 0].min() >= least
    for band in set(codes):
        assert len(set(found[np.array(codes) == band])) == 1
    if ordered:
        # What is joined lies together.
        for into in set(found.tolist()):
            joined = sorted({c for c, f in zip(codes, found, strict=True) if f == into})
            between = {c for c in codes if joined[0] <= c <= joined[-1]}
            assert between == set(joined)


# 4 worlds of 3 sizes, 1,000 times each: minutes.
@pytest.mark.slow
@pytest.mark.parametrize(
    ("strength", "effect", "least"), [(1, 1, 94.0), (1, 0, 93.5), (0, 1, 93.5), (2, 1.5, 92.5)]
)
@pytest.mark.parametrize("invited", [150, 400, 1500])
def test_intervals_hold_what_they_say(
    strength: float, effect: float, least: float, invited: int
) -> None:
    found = coverage(strength, effect, invited, 1000)
    assert min(found.values()) >= least


def coverage(
    strength: float, effect: float, people: int, times: int, waves: int = 1
) -> dict[str, float]:
    """Return how often of 100 the interval of all who might be asked holds their score."""
    rng = np.random.default_rng(people)
    crowd = world(
        np.random.default_rng(0), 1_000_000, strength=strength, effect=effect, waves=min(waves, 2)
    ).everybody
    metrics: dict[str, Any] = {"nps": METRICS["nps"], "top": TOP}
    truth = {name: np.nanmean(worths(metric, crowd)) for name, metric in metrics.items()}
    held = dict.fromkeys(metrics, 0)
    made = 0
    while made < times:
        some: World = world(rng, people, strength=strength, effect=effect, waves=waves)
        weights, _ = weigh(some.known, some.invitation)
        if weights is None:
            continue
        made += 1
        for name, metric in metrics.items():
            worth = worths(metric, some.numbers)
            found = weights.estimate(metric, worth, some.response)
            assert found.low is not None
            assert found.high is not None
            held[name] += found.low <= truth[name] <= found.high
    return {name: 100 * each / times for name, each in held.items()}


def two_kinds(rng: np.random.Generator, people: int, waves: int) -> World:
    """Return people half of whom answer 45 of 100 invitations, and are the happier; others 15.

    70 of 100 of the one kind say 10, 30 of the other, 0 the rest; half of what somebody says is of
    the person, and the same each time. The kind is known.
    """
    kind = np.tile(rng.integers(0, 2, people), waves)
    person = np.tile(np.arange(people), waves)
    answered = rng.random(len(kind)) < np.where(kind, 0.45, 0.15)
    luck = np.tile(rng.random(people), waves), rng.random(len(kind))
    drawn = np.where(rng.random(len(kind)) < 0.5, *luck)
    score = np.where(drawn < np.where(kind, 0.7, 0.3), 10.0, 0.0)
    alike = Words(np.zeros_like(kind), ("all",))
    facts = dict.fromkeys(WEIGHED, alike) | {"trouble": Words(kind, FACTS["trouble"])}
    return World(known_as(facts, answered, person), score[answered], score)


def held_of_two_kinds(people: int, waves: int, times: int) -> tuple[float, float, float]:
    """Return the mean plain and weighted share of 10, and how often the interval holds the truth.

    Which is 50 of 100.
    """
    rng = np.random.default_rng(waves)
    found, plain, held = [], [], 0
    for _ in range(times):
        some = two_kinds(rng, people, waves)
        weights, _told = weigh(some.known, some.invitation)
        assert weights is not None
        worth = worths(TOP, some.numbers)
        one = weights.estimate(TOP, worth, some.response)
        assert one.value is not None
        assert one.low is not None
        assert one.high is not None
        plain.append(worth.mean())
        found.append(one.value)
        held += one.low <= 50 <= one.high
    return float(np.mean(plain)), float(np.mean(found)), 100 * held / times


def test_whoever_is_asked_more_often_counts_no_more() -> None:
    """Weights of answers times ever having answered drift off by 6 points after six waves."""
    for waves in (1, 3, 6):
        plain, weighted, held = held_of_two_kinds(600, waves, 60)
        assert plain > 58
        assert weighted == pytest.approx(50, abs=1.5)
        assert held >= 85


# 3 x 1,000 companies.
@pytest.mark.slow
@pytest.mark.parametrize("waves", [1, 3, 6])
def test_intervals_hold_over_several_waves(waves: int) -> None:
    _plain, weighted, held = held_of_two_kinds(600, waves, 1000)
    assert weighted == pytest.approx(50, abs=0.5)
    assert held >= 93.5


# 2 worlds of 2 sizes, 500 times each: minutes.
@pytest.mark.slow
@pytest.mark.parametrize(("strength", "effect", "least"), [(1, 1, 93.0), (1, 0, 93.0)])
@pytest.mark.parametrize("people", [150, 400])
def test_intervals_hold_where_people_change(
    strength: float, effect: float, least: float, people: int
) -> None:
    found = coverage(strength, effect, people, 500, waves=3)
    assert min(found.values()) >= least


def test_variance_by_person_by_hand() -> None:
    """A person's answers are one cluster: every sum is made here by loops, as docstrings say it."""
    some = two_kinds(np.random.default_rng(8), 80, 6)
    weights, _told = weigh(some.known, some.invitation)
    assert weights is not None
    worth = worths(TOP, some.numbers)
    found = weights.estimate(TOP, worth, some.response)
    kind = some.known.facts["trouble"].codes
    every, answers = len(kind), some.invitation.tolist()
    share = {k: sum(kind == k) / every for k in (0, 1)}
    mine = {k: sum(kind[i] == k for i in answers) / len(answers) for k in (0, 1)}
    weight = [share[kind[i]] / mine[kind[i]] for i in answers]
    value = sum(w * y for w, y in zip(weight, worth, strict=True)) / sum(weight)
    of = {
        k: np.mean([y - value for i, y in zip(answers, worth, strict=True) if kind[i] == k])
        for k in (0, 1)
    }
    left: dict[int, float] = {}
    fitted: dict[int, float] = {}
    for i, w, y in zip(answers, weight, worth, strict=True):
        who = int(some.known.person[i])
        left[who] = left.get(who, 0) + w * (y - value - of[kind[i]])
    for i in range(every):
        who = int(some.known.person[i])
        fitted[who] = fitted.get(who, 0) + of[kind[i]]
    people = len(left)
    variance = people / (people - 2) * sum(each**2 for each in left.values())
    variance += (len(answers) / every) ** 2 * sum(each**2 for each in fitted.values())
    variance /= sum(weight) ** 2
    spread = sum(w * (y - value) ** 2 for w, y in zip(weight, worth, strict=True)) / sum(weight)
    effective = spread * len(answers) / (len(answers) - 1) / variance
    assert effective < kish(weights.weight)
    low, high = proportion_limits(effective * value / 100, effective)
    assert weights.weight == pytest.approx(np.array(weight))
    assert (found.value, found.low, found.high) == pytest.approx((value, float(low), float(high)))
