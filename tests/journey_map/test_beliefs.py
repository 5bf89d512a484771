"""What data say of beliefs: every measure, both verdicts, and when nothing can be said."""

import random
from pathlib import Path

import pytest
from tests.metrics.given import Story

from percorso.journey_map import Judged, Standing, judge, wording
from percorso.log.selection import Selection
from percorso.touchpoints import Belief, Claim


def belief(measure: str, direction: str, *where: tuple[str, str], id_: str = "b") -> Belief:
    made = Claim(measure=measure, direction=direction, where=where)  # type: ignore[arg-type]
    return Belief(id=id_, text="Something", about="pain", claim=made)


def scores(story: Story, place: str, mean: float, n: int, first: int) -> None:
    chance = random.Random(first)
    for number in range(n):
        score = min(max(round(chance.gauss(mean, 1)), 1), 5)
        story.add("answer", f"user:{first + number}", touchpoint=place, at=number,
                  scale="csat", score=score)  # fmt: skip


def verdict(story: Story, path: Path, given: Belief, period: Selection | None = None) -> Judged:
    [found] = judge(story.log(path), [given], period)
    return found


def test_a_difference_the_way_that_is_believed_confirms(tmp_path: Path) -> None:
    story = Story()
    scores(story, "cart", 3.0, 150, 0)
    scores(story, "till", 4.2, 150, 1000)
    found = verdict(story, tmp_path, belief("csat", "lower", ("touchpoint", "cart")))
    assert found.standing == Standing.CONFIRMED
    assert found.difference is not None
    assert found.difference.high is not None
    assert found.difference.high < 0
    assert "beyond chance" in wording.why(found)


def test_a_small_but_certain_difference_is_said_to_be_small(tmp_path: Path) -> None:
    story = Story()
    scores(story, "cart", 3.5, 4000, 0)
    scores(story, "till", 3.62, 4000, 10_000)
    found = verdict(story, tmp_path, belief("csat", "lower", ("touchpoint", "cart")))
    assert found.standing == Standing.CONFIRMED
    assert "it is smaller than 0.2" in wording.why(found)


def test_the_opposite_denies(tmp_path: Path) -> None:
    story = Story()
    scores(story, "cart", 3.0, 150, 0)
    scores(story, "till", 4.2, 150, 1000)
    found = verdict(story, tmp_path, belief("csat", "higher", ("touchpoint", "cart")))
    assert found.standing == Standing.DENIED
    assert "is ruled out" in wording.why(found)


def test_no_difference_denies_only_where_there_are_answers_enough(tmp_path: Path) -> None:
    for n, standing in ((40, Standing.OPEN), (2500, Standing.DENIED)):
        story = Story()
        scores(story, "cart", 3.6, n, 0)
        scores(story, "till", 3.6, n, 10_000)
        found = verdict(story, tmp_path / str(n), belief("csat", "lower", ("touchpoint", "cart")))
        assert found.standing == standing, n


def test_promises_kept_and_what_customers_do_are_measures(tmp_path: Path) -> None:
    story = Story()
    for number in range(120):
        north = number % 2 == 0
        place = {"region": "north" if north else "south"}
        about, who = f"o{number}", f"user:{number}"
        story.add("order", who, touchpoint="shop", at=number, about=about, properties=place)
        story.promise(about, number + 10, customer=who, at=number, properties=place)
        late = north and number % 4 == 0
        story.add("delivery", who, touchpoint="delivery", at=number + (20 if late else 5),
                  about=about)  # fmt: skip
        if not north:
            story.add("review", who, touchpoint="reviews", at=number + 30)
    log = story.log(tmp_path)
    kept, reviews = judge(
        log,
        [
            belief("kept_share", "lower", ("property.region", "north"), id_="kept"),
            belief("kind:review", "higher", ("property.region", "south"), id_="reviews"),
        ],
    )
    assert {kept.standing, reviews.standing} == {Standing.CONFIRMED}
    assert kept.here is not None
    assert kept.here.value == pytest.approx(50)
    assert kept.there is not None
    assert kept.there.value == 100
    assert reviews.here is not None
    assert (reviews.here.value, reviews.here.n) == (100, 60)


def test_what_customers_do_counts_before_as_well_as_after_and_that_is_said(
    tmp_path: Path,
) -> None:
    story = Story()
    for number in range(120):
        who, evening = f"user:{number}", number % 2 == 0
        if evening:
            # Half of them buy before they come, half after.
            story.add("visit", who, touchpoint="evening", at=10)
            story.add("order", who, touchpoint="shop", at=5 if number % 4 else 15)
        else:
            story.add("view", who, touchpoint="site", at=10)
    found = verdict(story, tmp_path, belief("kind:order", "higher", ("touchpoint", "evening")))
    assert found.here is not None
    assert (found.here.value, found.here.n) == (100, 60)
    assert "before being there as well as after" in wording.why(found)
    plain = belief("csat", "lower", ("touchpoint", "cart"))
    scored = Judged(plain, Standing.OPEN, found.here, found.there, found.difference)
    assert "as well as after" not in wording.why(scored)


def test_the_phase_of_a_claim_is_what_an_answer_is_about(tmp_path: Path) -> None:
    story, chance = Story(), random.Random(5)
    for number in range(200):
        who = f"user:{number}"
        hard = number % 2 == 0
        story.add("checkout" if hard else "order", who, touchpoint="site", at=number)
        score = chance.choice((2, 3)) if hard else chance.choice((5, 6))
        story.add("answer", who, touchpoint="site", at=number + 1, scale="ces", score=score)
    found = verdict(story, tmp_path, belief("ces", "lower", ("phase", "activation")))
    assert found.standing == Standing.CONFIRMED
    assert found.here is not None
    assert found.here.n == 100


def test_the_period_is_what_counts(tmp_path: Path) -> None:
    story = Story()
    scores(story, "cart", 2.0, 100, 0)
    scores(story, "till", 4.5, 100, 1000)
    late = Selection.from_query({"since": "2027-01-01"})
    found = verdict(story, tmp_path, belief("csat", "lower", ("touchpoint", "cart")), late)
    assert (found.standing, found.reason) == (Standing.OPEN, "few")
    assert "Too few" in wording.why(found)


def test_what_nobody_can_measure_stays_open(tmp_path: Path) -> None:
    story = Story()
    scores(story, "cart", 3, 50, 0)
    log = story.log(tmp_path)
    without, gone, everybody = judge(
        log,
        [
            Belief(id="a", text="x", about="need"),
            belief("csat", "lower", ("segment", "no such segment"), id_="b"),
            belief("csat", "lower", ("touchpoint", "cart"), id_="c"),
        ],
    )
    assert [each.reason for each in (without, gone, everybody)] == ["no_claim", "unknown", "few"]
    assert {each.standing for each in (without, gone, everybody)} == {Standing.OPEN}


def test_among_many_beliefs_that_are_about_nothing_none_is_confirmed(tmp_path: Path) -> None:
    story, chance = Story(), random.Random(11)
    for number in range(1200):
        story.add(
            "answer", f"user:{number}", touchpoint=f"place {number % 40}", at=number,
            scale="csat", score=chance.randint(1, 5),
        )  # fmt: skip
    given = [
        belief("csat", "lower", ("touchpoint", f"place {number}"), id_=f"b{number}")
        for number in range(40)
    ]
    found = judge(story.log(tmp_path), given)
    assert not [each for each in found if each.standing == Standing.CONFIRMED]
