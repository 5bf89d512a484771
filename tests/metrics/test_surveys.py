"""Scores, their groups and their changes, asked of a log."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.metrics.given import Story, hour

from percorso import metrics
from percorso.log import Log
from percorso.log.selection import Selection
from percorso.metrics import DimensionError


def test_each_score_by_its_definition(tmp_path: Path) -> None:
    story = Story()
    story.answers("nps", [10, 9, 9, 8, 7, 6, 0, 3, 10, 9])
    story.answers("csat", [5, 4, 3, 2, 1, 5, 4, 4])
    story.answers("ces", [7, 7, 6, 1, 4])
    story.answers("ces_effort", [1, 7])  # "how much effort": little is good
    story.answers("pmf", [3, 3, 2, 1, 0, 0, 3, 2])
    story.answers("stars", [5, 4.5, 4, 3.5, 1])
    found = metrics.scores(story.log(tmp_path / "w"))
    assert list(found) == ["nps", "csat", "ces", "pmf", "stars", "stars_top2"]
    assert found["nps"].value == pytest.approx(100 * (5 - 3) / 10)
    assert found["csat"].value == pytest.approx(100 * 5 / 8)
    assert found["ces"].value == pytest.approx((7 + 7 + 6 + 1 + 4 + 7 + 1) / 7)
    assert (found["pmf"].value, found["pmf"].n) == (pytest.approx(100 * 3 / 6), 6)
    assert found["stars"].value == pytest.approx(3.6)
    assert found["stars_top2"].value == pytest.approx(60)
    for each in found.values():
        assert each.value is not None
        assert each.low is not None
        assert each.high is not None
        assert each.low <= each.value <= each.high


def test_only_scores_with_answers(tmp_path: Path) -> None:
    story = Story()
    story.add("view")
    story.answers("pmf", [0, 0, 0, 0, 0, 0])  # nobody uses it any longer: there is no PMF
    story.answers("csat", [4, 4])
    found = metrics.scores(story.log(tmp_path / "w"))
    assert list(found) == ["csat"]
    assert not found["csat"].shown
    assert found["csat"].n == 2


def test_an_empty_log_has_no_scores(tmp_path: Path) -> None:
    log = Story().log(tmp_path / "w")
    assert metrics.scores(log) == {}
    assert metrics.by(log, "month") == ()
    assert metrics.change(log, None, None) == {}


def test_many_answers_of_few_customers_are_hidden_and_known_less_well(tmp_path: Path) -> None:
    story = Story()
    for _ in range(25):
        story.answers("ces", [5, 5, 1, 5])  # four customers, 100 answers
        story.answers("csat", [5, 4, 4, 1, 5, 1], channel="phone")
    for number in range(150):
        story.answers("csat", [5 if number % 3 else 1], customer=f"x:{number}", channel="app")
    log = story.log(tmp_path / "w")
    assert not metrics.scores(log)["ces"].shown
    assert metrics.scores(log)["ces"].n == 100
    groups = {each.group: each for each in metrics.by(log, "channel") if each.metric == "csat"}
    assert (groups["phone"].customers, groups["app"].customers) == (6, 150)
    phone, app = groups["phone"].estimate, groups["app"].estimate
    assert (phone.n, app.n) == (150, 150)
    assert phone.value == pytest.approx(app.value)
    # 150 answers of six people tell much less than those of 150.
    assert phone.high - phone.low > 3 * (app.high - app.low)  # type: ignore[operator]


def test_groups_are_tested_against_the_rest(tmp_path: Path) -> None:
    story = Story()
    for number in range(400):
        story.add(
            "answer",
            f"user:{number}",
            at=number,
            scale="stars",
            score=[5, 4, 5, 3][number // 4 % 4] if number % 4 else [1, 2, 1, 3][number // 4 % 4],
            channel=["courier", "website", "app", "store"][number % 4],
        )
    log = story.log(tmp_path / "w")
    rows = [each for each in metrics.by(log, "channel") if each.metric == "stars"]
    by_channel = {each.group: each for each in rows}
    assert by_channel["courier"].differs
    assert by_channel["courier"].rest_difference is not None
    assert by_channel["courier"].rest_difference.estimate.value == pytest.approx(1.75 - 4.25)
    website = by_channel["website"]
    assert website.p_adjusted is not None
    assert website.rest_difference is not None
    assert website.p_adjusted >= website.rest_difference.p_value
    assert sum(each.estimate.n for each in rows) == 400
    # The same selection narrows both the groups and what they are compared with.
    without = metrics.by(log, "channel", Selection(channels=("website", "app", "store")))
    assert not any(each.differs for each in without)


def test_one_small_group_is_not_given_away_by_the_total(tmp_path: Path) -> None:
    story = Story()
    story.answers("csat", [5] * 3, channel="phone")
    story.answers("csat", [4] * 8, channel="store")
    story.answers("csat", [3] * 20, channel="app")
    found = {each.group: each for each in metrics.by(story.log(tmp_path / "w"), "channel")}
    # With only the phone hidden, total less store less app would be the phone.
    assert not found["phone"].estimate.shown
    assert not found["store"].estimate.shown
    assert found["app"].estimate.shown


def test_two_small_groups_hide_each_other(tmp_path: Path) -> None:
    story = Story()
    story.answers("csat", [5] * 3, channel="phone")
    story.answers("csat", [1] * 4, channel="email")
    story.answers("csat", [4] * 8, channel="store")
    found = {each.group: each for each in metrics.by(story.log(tmp_path / "w"), "channel")}
    assert [each for each in found if not found[each].estimate.shown] == ["email", "phone"]


def test_months_are_the_company_s(tmp_path: Path) -> None:
    story = Story()
    # 23:30 UTC on the last of January is February in Rome; in June it is two hours, not one.
    for number, moment in enumerate(
        [
            datetime(2026, 1, 31, 22, 59, tzinfo=UTC),
            datetime(2026, 1, 31, 23, 30, tzinfo=UTC),
            datetime(2026, 5, 31, 21, 59, tzinfo=UTC),
            datetime(2026, 5, 31, 22, 0, tzinfo=UTC),
        ]
    ):
        for person in range(5):
            story.add(
                "answer",
                f"user:{number}-{person}",
                at=(moment - hour(0)).total_seconds() / 3600,
                scale="csat",
                score=number + 1,
            )
    found = metrics.by(story.log(tmp_path / "w"), "month")
    assert [each.group for each in found] == ["2026-01", "2026-02", "2026-05", "2026-06"]
    assert all(each.estimate.n == 5 for each in found)


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Log:
    """Return a log whose answers can be split by everything."""
    story = Story()
    for number in range(24):
        person = f"user:{number}"
        if number % 3:
            story.add("order", person, at=0, amount=float(number), currency="EUR")
        story.add(
            ["answer", "review"][number % 2],
            person,
            at=1,
            channel=["app", "store"][number % 2],
            touchpoint=["till", "survey"][number % 2],
            language=["it", "en", None][number % 3],
            name="after purchase" if number % 2 else None,
            scale="stars",
            score=1 + number % 5,
            properties={"region": ["nord", "sud"][number % 2], "a/b~c.d": 3},
        )
    return story.log(tmp_path_factory.mktemp("answered") / "w")


@pytest.mark.parametrize(
    ("dimension", "groups"),
    [
        ("channel", {"app", "store"}),
        ("touchpoint", {"till", "survey"}),
        ("kind", {"answer", "review"}),
        ("language", {"it", "en"}),
        ("source", {"test"}),
        ("name", {"after purchase"}),
        ("segment", {"no_purchase", "top_fifth", "one_purchase"}),
        ("property:region", {"nord", "sud"}),
        ("property:a/b~c.d", {"3"}),
        ("phase", {"purchase", "loyalty", "advocacy", "activation", "consideration"}),
    ],
)
def test_every_dimension(answered: Log, dimension: str, groups: set[str]) -> None:
    found = metrics.by(answered, dimension)
    named = {each.group for each in found}
    assert named <= groups if dimension == "phase" else named == groups
    assert {each.metric for each in found} == {"stars", "stars_top2"}


def test_an_unknown_dimension_says_what_there_is(tmp_path: Path) -> None:
    log = Story().log(tmp_path / "w")
    for wrong in ("weather", "property:", "customer"):
        with pytest.raises(DimensionError, match="touchpoint"):
            metrics.by(log, wrong)


def before_and_after() -> Story:
    story = Story()
    for number in range(300):
        late = number >= 150
        story.add(
            "answer",
            f"user:{number}",
            at=100 if late else 0,
            scale="csat",
            score=(5 if number % 5 else 1) if late else (5 if number % 2 else 1),
            channel="store" if number % 3 else "app",
        )
        story.add("answer", f"user:{number}", at=100 if late else 0, scale="ces", score=4)
    return story


def test_what_changed_from_one_period_to_the_next(tmp_path: Path) -> None:
    log = before_and_after().log(tmp_path / "w")
    now, before = Selection(since=hour(50)), Selection(until=hour(50))
    found = metrics.change(log, now, before)
    assert list(found) == ["csat", "ces"]
    csat = found["csat"]
    assert (csat.now.value, csat.before.value) == (pytest.approx(80), pytest.approx(50))
    assert csat.difference.value == pytest.approx(30)
    assert csat.real
    assert csat.p_adjusted >= csat.p_value
    assert not found["ces"].real
    groups = metrics.by(log, "channel", now, before)
    for each in groups:
        assert each.previous_difference is not None
        if each.metric == "csat":
            assert each.previous_difference.estimate.value == pytest.approx(30)
            assert each.previous_p_adjusted is not None
            assert each.previous_p_adjusted < 0.05


def test_scores_and_change_at_once_are_the_same_as_each_alone(tmp_path: Path) -> None:
    story = Story()
    story.answers("nps", [10, 9, 8, 7, 6, 0], at=1)
    story.answers("nps", [10, 9, 9, 9, 9, 6], at=50)
    story.answers("stars", [5, 4, 3, 5, 1], at=50)
    log = story.log(tmp_path / "w")
    before, now = Selection(until=hour(10)), Selection(since=hour(10))
    for chosen in (now, Selection()):
        found = metrics.scores_and_change(log, chosen, now, before)
        assert found == (metrics.scores(log, chosen), metrics.change(log, now, before))


def test_a_period_without_enough_answers_is_not_compared(tmp_path: Path) -> None:
    story = Story()
    story.answers("csat", [5] * 30, at=100)
    story.answers("csat", [1] * 4, at=0)
    log = story.log(tmp_path / "w")
    assert metrics.change(log, Selection(since=hour(50)), Selection(until=hour(50))) == {}
    only = metrics.by(log, "channel", Selection(since=hour(50)), Selection(until=hour(50)))
    assert only[0].previous_difference is None
    assert only[0].rest_difference is None  # one group has no rest
