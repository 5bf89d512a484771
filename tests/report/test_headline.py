"""The one sentence says what changed beyond chance, and says when nothing did."""

from types import SimpleNamespace

from percorso import report
from percorso.metrics import Change
from percorso.metrics.promises import Promises
from percorso.vocabulary import Estimate


def estimate(value, width=3.0, n=400):
    return Estimate(value, value - width, value + width, n, "test")


def change(metric, before, now, p=0.001):
    return Change(metric, estimate(now), estimate(before), estimate(now - before, 2.0), p, p)


def promises(kept_share, effect=None):
    scale = "csat" if effect else None
    counts = (110, 90, 10, 0, 10, 5, 5)
    return Promises(*counts, kept_share, effect, scale, {}, (), kept_share)


SCORES = {"nps": estimate(41.0), "csat": estimate(82.0)}


def test_worse():
    said = report.summarise(SCORES, {"nps": change("nps", 47.0, 41.0)}, None, ())
    assert said.sentence == "The experience got worse: NPS from 47 to 41."
    assert said.tone == "bad"


def test_better():
    said = report.summarise(SCORES, {"csat": change("csat", 70.0, 82.0)}, None, ())
    assert said.sentence == "The experience got better: CSAT from 70% to 82%."
    assert said.tone == "good"


def test_in_two_directions():
    changes = {"nps": change("nps", 47.0, 41.0), "csat": change("csat", 70.0, 82.0)}
    said = report.summarise(SCORES, changes, None, ())
    assert said.sentence == (
        "The experience changed in two directions: NPS from 47 to 41, CSAT from 70% to 82%."
    )
    assert said.tone == "mixed"


def test_what_is_within_chance_is_no_change():
    said = report.summarise(SCORES, {"nps": change("nps", 42.0, 41.0, p=0.4)}, None, (), days=90)
    assert said.sentence == (
        "No certain change in the last 90 days: "
        "NPS 41 (38\xa0–\u2060\xa044), CSAT 82% (79\xa0–\u2060\xa085)."
    )
    assert said.tone == "same"


def test_without_a_period_before_it_says_how_things_stand():
    said = report.summarise(SCORES, {}, None, ())
    assert (
        said.sentence
        == "How it stands: NPS 41 (38\xa0–\u2060\xa044), CSAT 82% (79\xa0–\u2060\xa085)."
    )
    assert said.tone == "unknown"


def test_without_scores_it_says_that_nobody_was_asked():
    said = report.summarise({}, {}, None, ())
    assert said.sentence.startswith("Nobody has been asked yet")


def test_stars_are_told_once():
    changes = {"stars": change("stars", 4.5, 4.0), "stars_top2": change("stars_top2", 90.0, 80.0)}
    said = report.summarise({}, changes, None, ())
    assert said.sentence == "The experience got worse: stars from 4.50 to 4.00."


def test_promises_broken_more_often_are_a_change():
    said = report.summarise(SCORES, {"kept_share": change("kept_share", 96.0, 91.0)}, None, ())
    assert said.sentence == "The experience got worse: promises kept from 96% to 91%."


def test_promises_and_what_breaking_them_does():
    effect = Estimate(-1.9, -2.1, -1.7, 100, "test")
    said = report.summarise(SCORES, {}, promises(estimate(90.0), effect), ())
    assert said.lede == (
        "90% of the promises that came due were kept (87\xa0–\u2060\xa093). "
        "After a broken one customers give 1.9 less (satisfaction, 1 to 5)."
    )


def test_an_uncertain_effect_is_not_told():
    effect = Estimate(-0.1, -0.4, 0.2, 100, "test")
    said = report.summarise(SCORES, {}, promises(estimate(90.0), effect), ())
    assert "After a broken one" not in said.lede


def test_the_first_problem_is_named():
    problem = SimpleNamespace(title=lambda: "Late deliveries", customers=214)
    said = report.summarise(SCORES, {}, None, (problem,))
    assert said.lede == "First problem: Late deliveries (214 customers)."
