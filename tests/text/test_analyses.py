"""Sentiment, factors and emotions: against counting by hand, and in made data with known truths."""

from collections import defaultdict

import numpy as np
import pytest
from tests.text.made_texts import made

from percorso.text import emotions, factors, sentiment
from percorso.text.frame import VoiceError
from percorso.vocabulary import EMOTIONS, FACTORS, SENTIMENTS


@pytest.fixture
def some():
    rng = np.random.default_rng(3)
    return [
        {
            "customer": f"c{rng.integers(60)}",
            "channel": ("shop", "web", "phone")[rng.integers(3)],
            "sentiment": SENTIMENTS[rng.integers(3)],
            "emotions": [each for each in EMOTIONS if rng.random() < 0.1],
            "factors": [
                (list(FACTORS)[rng.integers(10)], SENTIMENTS[rng.integers(3)])
                for _ in range(rng.integers(4))
            ],
        }
        for _ in range(300)
    ]


def test_sentiment_counts_as_by_hand(some):
    [found] = sentiment.of(made(some))
    for name, estimate in zip(
        SENTIMENTS, (found.negative, found.neutral, found.positive), strict=True
    ):
        assert estimate.value == pytest.approx(
            100 * sum(row["sentiment"] == name for row in some) / len(some)
        )
    assert found.balance.value == pytest.approx(found.positive.value - found.negative.value)
    assert found.customers == len({row["customer"] for row in some})


def test_factors_count_as_by_hand_in_every_group(some):
    mentions, praise, blame = defaultdict(int), defaultdict(int), defaultdict(int)
    for row in some:
        votes = defaultdict(int)
        for factor, polarity in row["factors"]:
            votes[factor] += SENTIMENTS.index(polarity) - 1
        for factor, vote in votes.items():
            key = factor, row["channel"]
            mentions[key] += 1
            praise[key] += vote > 0
            blame[key] += vote < 0
    found = {(row.factor, row.group): row for row in factors.of(made(some), by="channel")}
    assert {key: row.mentions for key, row in found.items()} == mentions
    for key, row in found.items():
        if row.balance.shown:
            assert row.positive.value == pytest.approx(100 * praise[key] / mentions[key])
            assert row.negative.value == pytest.approx(100 * blame[key] / mentions[key])


def test_emotions_count_as_by_hand(some):
    for row in emotions.of(made(some)):
        n = sum(row.emotion in each["emotions"] for each in some)
        assert row.texts == n
        assert row.share.value == pytest.approx(100 * n / len(some))


def test_the_rest_is_all_other_groups_together(some):
    for row in sentiment.of(made(some), by="channel"):
        others = [
            SENTIMENTS.index(each["sentiment"]) - 1 for each in some if each["channel"] != row.group
        ]
        assert row.rest.estimate.value == pytest.approx(row.balance.value - 100 * np.mean(others))


def test_one_customer_with_many_texts_does_not_narrow_the_interval():
    alone = [{"customer": f"c{n}", "sentiment": SENTIMENTS[2 * (n % 2)]} for n in range(40)]
    [before] = sentiment.of(made(alone))
    [after] = sentiment.of(made(alone + [{"customer": "c1", "sentiment": "positive"}] * 200))
    assert after.positive.high - after.positive.low > before.positive.high - before.positive.low


def test_groups_of_fewer_than_five_customers_are_hidden():
    rows = [{"customer": f"c{n % 4}", "channel": "web"} for n in range(40)]
    rows += [{"channel": "shop"} for _ in range(20)]
    found = {row.group: row for row in sentiment.of(made(rows), by="channel")}
    # With the total known, the large group would give the small one away.
    assert not found["web"].positive.shown
    assert not found["shop"].positive.shown


def test_no_texts_at_all_give_no_figures():
    [found] = sentiment.of(made([]))
    assert (found.texts, found.positive.shown) == (0, False)
    assert factors.of(made([])) == ()


def test_an_unknown_dimension_is_refused():
    with pytest.raises(VoiceError, match="planet"):
        sentiment.of(made([{}]), by="planet")


def _speaking(rng, n, blame, first=0):
    """Return texts of customers who blame speed with this probability, and value as often not."""
    return [
        {
            "customer": f"c{first + k}",
            "factors": [
                ("speed", "negative" if rng.random() < blame else "positive"),
                ("value", "negative" if rng.random() < 0.4 else "positive"),
            ],
        }
        for k in range(n)
    ]


def test_a_planted_shift_is_found_and_noise_is_not():
    rng = np.random.default_rng(11)
    found, false = 0, 0
    for _ in range(60):
        before, now = (made(_speaking(rng, 150, blame)) for blame in (0.4, 0.65))
        changes = {row.factor: row.change for row in factors.of(now, before)}
        found += changes["speed"].real and changes["speed"].estimate.value < 0
        false += changes["value"].real
    assert found >= 54
    assert false <= 7  # 5% of 60 would be 3; more than 7 come once in a hundred


def test_intervals_hold_the_truth_also_where_customers_write_often():
    rng = np.random.default_rng(12)
    held = 0
    for _ in range(300):
        rows = []
        for customer in range(60):
            likes = rng.beta(2, 2)  # customers differ: one's texts resemble each other
            rows += [
                {"customer": f"c{customer}", "sentiment": SENTIMENTS[2 * (rng.random() < likes)]}
                for _ in range(rng.integers(1, 8))
            ]
        [found] = sentiment.of(made(rows))
        held += found.positive.low <= 50 <= found.positive.high
    assert held >= 275  # 285 expected


def test_rows_in_another_order_give_the_same_answer(some):
    rows = [{**row, "id": f"i{n:04}"} for n, row in enumerate(some)]
    assert factors.of(made(rows)) == factors.of(made(rows[::-1]))


@pytest.mark.parametrize(("before", "told"), [(0, True), (4, False), (5, True)])
def test_a_change_from_what_few_showed_is_not_told(before, told):
    """The share now and the change together would tell how many they were."""

    def showing(n):
        return made([{"emotions": ["joy"] if place < n else []} for place in range(40)])

    found = {row.emotion: row for row in emotions.of(showing(20), showing(before))}
    assert (found["joy"].change is not None) == told


def test_a_rest_of_few_is_not_told():
    rows = [{"channel": "web", "emotions": ["joy"]} for _ in range(20)]
    rows += [{"channel": "shop", "emotions": ["joy"] if n < 3 else []} for n in range(20)]
    found = {
        row.group: row for row in emotions.of(made(rows), by="channel") if row.emotion == "joy"
    }
    assert found["web"].shown
    assert found["web"].rest is None
    assert not found["shop"].shown
