"""Which next steps go with going on: against a plain count, and with what is known to be so."""

import random
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from tests.metrics.given import Story

from percorso.journey_map import PhaseSteps, next_steps
from percorso.journey_map.moving import difference

DAY = 24.0


def steps_of(story: Story, path: Path, phase: str) -> PhaseSteps:
    return next(each for each in next_steps(story.log(path)) if each.phase == phase)


def journey(
    story: Story, number: int, *, asks: bool, goes_on: bool, start: float, first: str = "site"
) -> None:
    """Add a customer who signs up, looks at help or at news, and buys or not."""
    who = f"user:{number}"
    story.add("signup", who, touchpoint=first, at=start)
    story.add("signup", who, touchpoint="help" if asks else "news", at=start + DAY)
    if goes_on:
        story.add("order", who, touchpoint="shop", at=start + 3 * DAY)
    # Somebody is seen to the end of the log, or nobody could be followed.
    story.add("signup", "user:last", touchpoint="site", at=400 * DAY + number / 100)


def test_a_step_that_goes_with_going_on_is_found_with_its_size(tmp_path: Path) -> None:
    story, chance = Story(), random.Random(1)
    for number in range(400):
        asks = number % 2 == 0
        journey(
            story, number, asks=asks, goes_on=chance.random() < (0.7 if asks else 0.3),
            start=chance.random() * 200 * DAY,
        )  # fmt: skip
    found = steps_of(story, tmp_path, "activation")
    assert found.entered == 400
    step = next(each for each in found.steps if each.touchpoint == "help")
    assert step.customers == 200
    assert step.real
    low, high = step.effect.difference.low, step.effect.difference.high
    assert low is not None
    assert high is not None
    assert low < 40 < high


def test_where_nothing_goes_with_it_nothing_is_found(tmp_path: Path) -> None:
    story, chance = Story(), random.Random(2)
    for number in range(400):
        journey(
            story, number, asks=number % 2 == 0, goes_on=chance.random() < 0.5,
            start=chance.random() * 200 * DAY,
        )  # fmt: skip
    found = steps_of(story, tmp_path, "activation")
    assert len(found.steps) == 2
    assert not [each for each in found.steps if each.real]


@pytest.mark.parametrize("went_on", [0, 3])
def test_a_step_after_which_few_went_on_says_nothing(tmp_path: Path, went_on: int) -> None:
    """None of 30 is no surprise where 6% go on; and a difference would tell of the 3."""
    story = Story()
    for number in range(530):
        asks = number < 30
        goes_on = number < went_on if asks else number % 16 == 0
        journey(story, number, asks=asks, goes_on=goes_on, start=number % 50 * DAY / 10)
    found = steps_of(story, tmp_path, "activation")
    assert found.entered == 530
    assert found.steps == ()


def test_where_customers_came_from_does_not_pass_for_a_step(tmp_path: Path) -> None:
    """Who comes from a friend buys more and asks more; the asking itself does nothing."""
    story, chance = Story(), random.Random(3)
    for number in range(900):
        friend = number % 2 == 0
        journey(
            story, number, asks=chance.random() < (0.8 if friend else 0.2),
            goes_on=chance.random() < (0.8 if friend else 0.2),
            start=chance.random() * 80 * DAY, first="friend" if friend else "site",
        )  # fmt: skip
    step = next(
        each for each in steps_of(story, tmp_path, "activation").steps if each.touchpoint == "help"
    )
    raw = (step.went_on.value or 0) - (step.others.value or 0)
    assert raw > 25
    assert not step.real


def test_who_goes_on_at_once_counts_for_no_step(tmp_path: Path) -> None:
    story = Story()
    for number in range(30):
        who = f"user:{number}"
        story.add("signup", who, touchpoint="site", at=number)
        story.add("order", who, touchpoint="shop", at=number + 1)
    story.add("signup", "user:last", touchpoint="site", at=100 * DAY)
    found = steps_of(story, tmp_path, "activation")
    assert (found.entered, found.straight, found.silent) == (30, 30, 0)
    assert found.steps == ()


def test_who_cannot_be_followed_long_enough_is_left_out(tmp_path: Path) -> None:
    story = Story()
    for number in range(20):
        story.add("signup", f"user:{number}", touchpoint="site", at=number)
    story.add("signup", "user:last", touchpoint="site", at=59 * DAY)
    assert steps_of(story, tmp_path, "activation").entered == 0


def test_answers_and_what_the_company_does_are_no_going_on(tmp_path: Path) -> None:
    story = Story()
    for number in range(20):
        who = f"user:{number}"
        story.add("signup", who, touchpoint="site", at=number)
        story.add("answer", who, touchpoint="survey", at=number + 5, scale="nps", score=9)
        story.add("resolution", who, touchpoint="help", at=number + 6)
    story.add("signup", "user:last", touchpoint="site", at=100 * DAY)
    found = steps_of(story, tmp_path, "activation")
    assert found.entered == 20
    assert not found.went_on.shown


def plain(took: list[bool], went: list[bool], stratum: list[int]) -> tuple[float, float]:
    """Return the difference and its standard error, as the formulas of the paper read."""
    top = weight = p_sum = q_sum = 0.0
    for each in set(stratum):
        rows = [(t, w) for t, w, s in zip(took, went, stratum, strict=True) if s == each]
        n1 = sum(t for t, _ in rows)
        n0 = len(rows) - n1
        if not n1 or not n0:
            continue
        a = sum(t and w for t, w in rows)
        b = sum((not t) and w for t, w in rows)
        n = n1 + n0
        top += (a * n0 - b * n1) / n
        weight += n1 * n0 / n
        p_sum += (n1**2 * b - n0**2 * a + n1 * n0 * (n0 - n1) / 2) / n**2
        q_sum += (a * (n0 - b) + b * (n1 - a)) / (2 * n)
    value = top / weight
    return value, (value * p_sum + q_sum) ** 0.5 / weight


@pytest.mark.parametrize("seed", range(8))
def test_the_difference_is_that_of_the_formulas(seed: int) -> None:
    chance = random.Random(seed)
    n = 200
    took = [chance.random() < 0.4 for _ in range(n)]
    stratum = [chance.randrange(12) for _ in range(n)]
    went = [chance.random() < 0.3 + 0.2 * t + 0.02 * s for t, s in zip(took, stratum, strict=True)]
    found = difference(np.array(took), np.array(went), np.array(stratum))
    assert found is not None
    value, error = plain(took, went, stratum)
    assert found.difference.value == pytest.approx(100 * value)
    assert found.difference.high == pytest.approx(100 * (value + 1.959964 * error))


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    """With many small strata of different shares, about 95 of 100 intervals hold 20 points."""
    chance = np.random.default_rng(4)
    held = 0
    for _ in range(400):
        stratum = chance.integers(0, 40, 300)
        took = chance.random(300) < 0.2 + 0.5 * (stratum % 2)
        went = chance.random(300) < 0.1 + 0.4 * (stratum % 2) + 0.2 * took
        found = difference(took, went, stratum)
        assert found is not None
        low, high = found.difference.low, found.difference.high
        assert low is not None
        assert high is not None
        held += low <= 20 <= high
    assert 0.91 <= held / 400 <= 0.985


def test_one_stratum_is_the_plain_difference() -> None:
    took = np.array([True] * 50 + [False] * 100)
    went = np.array([True] * 30 + [False] * 20 + [True] * 25 + [False] * 75)
    found = difference(took, went, np.zeros(150, np.int64))
    assert found is not None
    assert found.difference.value == pytest.approx(60 - 25)


def test_within_is_how_long_they_are_followed(tmp_path: Path) -> None:
    story = Story()
    for number in range(60):
        who = f"user:{number}"
        story.add("signup", who, touchpoint="site", at=number)
        story.add("signup", who, touchpoint="help" if number % 2 else "news", at=number + 1)
        story.add("order", who, touchpoint="shop", at=number + 20 * DAY)
    story.add("signup", "user:last", touchpoint="site", at=100 * DAY)
    log = story.log(tmp_path)
    short = next(x for x in next_steps(log, within=timedelta(days=5)) if x.phase == "activation")
    long = next(x for x in next_steps(log, within=timedelta(days=30)) if x.phase == "activation")
    assert not short.went_on.shown
    assert long.went_on.value == 100
