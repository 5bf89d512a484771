"""The pyramid and where it breaks; PMF and what they would miss."""

import numpy as np
import pytest
from tests.survey_results.made import alike, answered, published
from tests.surveys.making import question, survey

from percorso.estimation import difference_of_proportions, mean, net_score, proportion
from percorso.survey_results import PyramidResult, as_plain, results
from percorso.survey_results.pyramid import _leading
from percorso.surveys.model import LEVELS
from percorso.text import enrichment
from percorso.workspace import Workspace


def pyramid(workspace: Workspace, ratings: list[tuple[int, int, int]]) -> PyramidResult:
    published(workspace, survey(question("pyramid", "pyr")))
    given = [
        (f"user:{n}", {"pyr": dict(zip(LEVELS, each, strict=True))})
        for n, each in enumerate(ratings)
    ]
    found = results(answered(workspace, given), "tried").question("pyr")
    assert found is not None
    assert found.pyramid is not None
    return found.pyramid


def test_levels_and_where_it_breaks_are_counted_by_hand(workspace: Workspace) -> None:
    rng = np.random.default_rng(1)
    ratings = [tuple(int(x) for x in rng.integers(lo, 6, 3)) for lo in rng.integers(1, 5, 200)]
    found = pyramid(workspace, ratings)  # type: ignore[arg-type] # three of them
    for place, level in enumerate(found.levels):
        numbers = [each[place] for each in ratings]
        good, bad = sum(n >= 4 for n in numbers), sum(n <= 2 for n in numbers)
        assert alike(level.good, proportion(good, 200))
        assert alike(level.bad, proportion(bad, 200))
        assert alike(level.net, net_score(good, 200 - good - bad, bad))
        first = sum(each[place] < 4 and all(n >= 4 for n in each[:place]) for each in ratings)
        assert alike(level.first_break, proportion(first, 200))
        if place:
            on = [each for each in ratings if each[place - 1] >= 4]
            off = [each for each in ratings if each[place - 1] < 4]
            both = sum(each[place] >= 4 for each in on), sum(each[place] >= 4 for each in off)
            expected = difference_of_proportions(both[0], len(on), both[1], len(off)).estimate
            assert level.stands_on is not None
            assert level.stands_on.value == pytest.approx(expected.value)
            assert level.stands_on.low == pytest.approx(expected.low)
            assert level.on_good is not None
            assert level.on_rest is not None
            assert alike(level.on_good, proportion(both[0], len(on)))
            assert alike(level.on_rest, proportion(both[1], len(off)))
    assert alike(found.whole, proportion(sum(min(each) >= 4 for each in ratings), 200))
    nets = [[100 * ((n >= 4) - (n <= 2)) for n in each] for each in ratings]
    score = mean([sum(each) / 3 for each in nets], low=-100, high=100)
    assert (found.score.value, found.score.low) == (
        pytest.approx(score.value),
        pytest.approx(score.low),
    )
    levels = [each.net.value for each in found.levels]
    assert found.score.value == pytest.approx(np.mean([each or 0 for each in levels]))


def test_it_breaks_where_most_break_first(workspace: Workspace) -> None:
    """Ease is bad for most; enjoyment is worse, but falls with it."""
    found = pyramid(workspace, [(5, 2, 1)] * 60 + [(2, 2, 2)] * 20 + [(5, 5, 1)] * 20)
    assert found.breaks_at == found.leading == "ease"
    assert found.levels[2].net.value == -100


def test_where_two_break_alike_it_is_not_sure(workspace: Workspace) -> None:
    found = pyramid(workspace, [(5, 2, 1)] * 22 + [(2, 5, 5)] * 20 + [(5, 5, 5)] * 60)
    assert (found.breaks_at, found.leading) == (None, "ease")


def test_a_sign_test_by_hand() -> None:
    """Of 5 against 0 the mid-p is 2 / 64, of 4 against 0 it is 2 / 32 and of 12 against 3 0.022."""
    assert _leading(np.array([1] * 5)) == (1, True)
    assert _leading(np.array([1] * 4 + [3] * 9)) == (None, False)
    assert _leading(np.array([0] * 12 + [2] * 3)) == (0, True)
    assert _leading(np.array([0] * 10 + [2] * 4)) == (0, False)


@pytest.mark.slow  # thousands of samples
@pytest.mark.parametrize("people", [30, 100, 400, 2000])
def test_equal_levels_are_seldom_told_apart(people: int) -> None:
    rng = np.random.default_rng(people)
    for shares in ((0.3, 0.3, 0.1, 0.3), (0.25, 0.25, 0.25, 0.25)):
        sure = sum(_leading(rng.choice(4, people, p=shares))[1] for _ in range(4000))
        assert sure / 4000 <= 0.06


@pytest.mark.parametrize(
    ("very", "somewhat", "verdict", "few"),
    [
        (30, 9, "not_sure", True),
        (60, 40, "above", False),
        (42, 58, "not_sure", False),
        (20, 80, "below", False),
    ],
)
def test_pmf_and_its_line(
    workspace: Workspace, very: int, somewhat: int, verdict: str, few: bool
) -> None:
    published(workspace, survey(question("pmf", "pmf")))
    said = ["very"] * very + ["somewhat"] * somewhat + ["no_longer_use"] * 10
    log = answered(workspace, [(f"user:{n}", {"pmf": each}) for n, each in enumerate(said)])
    found = results(log, "tried").question("pmf")
    assert found is not None
    assert found.pmf is not None
    assert alike(found.pmf.share, proportion(very, very + somewhat))
    assert alike(found.pmf.left, proportion(10, very + somewhat + 10))
    assert (found.pmf.verdict, found.pmf.few) == (verdict, few)
    assert found.pmf.missed is None


def test_what_they_would_miss_is_what_the_disappointed_wrote(workspace: Workspace) -> None:
    published(
        workspace,
        survey(
            question("open", "before"),
            question("pmf", "pmf"),
            question("open", "benefit"),
            question("open", "improve"),
        ),
    )
    given = [
        (
            f"user:{n}",
            {
                "before": "Nothing to say here about it.",
                "pmf": "very" if n < 12 else "not",
                "benefit": "The staff is kind and helped me a lot." if n < 12 else "Low prices.",
                "improve": "Please open later in the evening.",
            },
        )
        for n in range(30)
    ]
    log = answered(workspace, given)
    before = results(log, "tried").question("pmf")
    assert before is not None
    assert before.pmf is not None
    assert before.pmf.missed is not None
    assert (before.pmf.missed.texts, before.pmf.missed.unread) == (12, 12)
    enrichment.enrich(log)
    found = results(log, "tried")
    pmf = found.question("pmf")
    assert pmf is not None
    assert pmf.pmf is not None
    missed = pmf.pmf.missed
    assert missed is not None
    assert (missed.texts, missed.people, missed.unread) == (12, 12, 0)
    assert {each.split(":")[-1] for each in missed.ids} == {"benefit"}
    spoken = {each.factor: each for each in missed.factors}
    assert (spoken["assistance"].texts, spoken["assistance"].share.value) == (12, 100)
    (quote,) = spoken["assistance"].quotes
    assert quote.text == "The staff is kind and helped me a lot."
    assert not any(hasattr(each, "negative") for each in missed.factors), "no word of blame"
    assert [each.text for each in missed.quotes] == ["The staff is kind and helped me a lot."]
    said = found.question("improve")
    assert said is not None
    assert said.said is not None
    assert said.said.texts == 30


def test_no_share_of_the_pyramid_stands_on_few(workspace: Workspace) -> None:
    """Of 40, 3 are badly served at the foot; 4 stop being content at the top."""
    found = pyramid(workspace, [(1, 5, 5)] * 3 + [(5, 5, 2)] * 4 + [(5, 5, 5)] * 33)
    needs, ease, enjoyment = found.levels
    assert not needs.good.shown
    assert not needs.bad.shown
    assert needs.net.value == 85
    assert (ease.good.value, ease.bad.value) == (100, 0)
    assert not enjoyment.bad.shown
    # Nobody breaks at ease; of the others 7 are hidden together.
    assert [each.first_break.shown for each in found.levels] == [False, True, False]
    assert found.whole.value == 82.5
    for level in (ease, enjoyment):
        assert level.on_good is not None
        assert level.stands_on is not None
        assert not level.stands_on.shown
    plain = as_plain(found)  # type: ignore[arg-type] # a part of results
    assert plain["levels"][0]["first_break"] == {
        "value": None, "low": None, "high": None, "n": None, "method": "wilson",
    }  # fmt: skip


def test_one_hidden_share_is_not_told_by_the_others(workspace: Workspace) -> None:
    """3 break at the foot, and nobody elsewhere: those who are whole would tell them."""
    found = pyramid(workspace, [(1, 5, 5)] * 3 + [(5, 5, 5)] * 37)
    assert not found.levels[0].first_break.shown
    assert not found.whole.shown


def test_how_good_a_level_is_tells_nothing_of_few_by_what_is_left(workspace: Workspace) -> None:
    """Ease is good for 50 of 80 whose needs are met, and for 2 of the others: 52 in all."""
    ratings = [(5, 5, 5)] * 50 + [(5, 3, 5)] * 30 + [(1, 5, 5)] * 2 + [(1, 3, 5)] * 20
    needs, ease, _enjoyment = pyramid(workspace, ratings).levels
    assert (needs.good.shown, ease.good.shown) == (True, True)
    assert ease.on_good is not None
    assert ease.on_rest is not None
    assert not ease.on_rest.shown
    assert not ease.on_good.shown


def test_few_who_break_at_the_top_are_not_told_by_what_is_told_of_the_foot(
    workspace: Workspace,
) -> None:
    """Who breaks at the foot is not good there: 10 of 102, and those who are whole are hidden."""
    ratings = [(1, 3, 5)] * 10 + [(5, 3, 5)] * 20 + [(5, 5, 3)] * 2 + [(5, 5, 5)] * 70
    found = pyramid(workspace, ratings)
    assert found.levels[0].good.shown
    assert [each.first_break.shown for each in found.levels] == [True, True, False]
    assert not found.whole.shown


def test_how_many_left_is_hidden_where_few_did(workspace: Workspace) -> None:
    published(workspace, survey(question("pmf", "pmf")))
    said = ["very"] * 20 + ["somewhat"] * 20 + ["not"] * 20 + ["no_longer_use"] * 3
    log = answered(workspace, [(f"user:{n}", {"pmf": each}) for n, each in enumerate(said)])
    found = results(log, "tried").question("pmf")
    assert found is not None
    assert found.pmf is not None
    assert not found.pmf.left.shown
