"""Fates of promises, the share kept, and what a broken promise does to the score."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.log import rows as logged
from tests.metrics.given import Story, hour

from percorso.log import Log, open_log
from percorso.log.selection import Selection
from percorso.metrics import DimensionError, promises
from percorso.vocabulary import Estimate
from percorso.workspace import Workspace

DUE_AT_TEN: list[tuple[list[tuple[str, float]], str, float]] = [
    ([("delivery", 5)], "kept", 5),
    ([("delivery", 10)], "kept", 10),  # on the hour is in time
    ([("delivery", 10.001)], "late", 10),
    ([("pickup", 4)], "kept", 4),
    ([("delivery", -1)], "unmet", 10),  # before the promise it fulfils nothing
    ([("delivery", 0)], "kept", 0),
    ([("shipment", 3)], "unmet", 10),
    ([("fulfilment", 3)], "unmet", 10),
    ([], "unmet", 10),
    ([("delivery", 5), ("delivery", 20)], "kept", 5),
    ([("cancellation", 5)], "withdrawn", 5),
    ([("cancellation", 5), ("delivery", 7)], "withdrawn", 5),
    ([("delivery", 5), ("cancellation", 7)], "kept", 5),
    ([("cancellation", 10)], "unmet", 10),  # due already
    ([("cancellation", -1)], "unmet", 10),
    ([("cancellation", 12), ("delivery", 15)], "late", 10),
    ([("delivery", 101)], "unmet", 10),  # not yet seen as of hour 100
]


def test_the_fate_of_deliveries_due_at_hour_ten(tmp_path: Path) -> None:
    story = Story()
    for number, (events, _, _) in enumerate(DUE_AT_TEN):
        story.promise(f"order:{number}", due=10)
        for kind, at in events:
            story.add(kind, at=at, about=f"order:{number}")
    table = promises.fates(story.log(tmp_path / "w"), hour(100)).to_pyarrow()
    found = {row["about"]: (row["fate"], row["known_at"]) for row in table.to_pylist()}
    assert found == {
        f"order:{number}": (fate, hour(known)) for number, (_, fate, known) in enumerate(DUE_AT_TEN)
    }


#: When each promise about one delivery was made and due, when it came, and the fates.
MADE_ANEW: list[tuple[list[tuple[float, float]], float | None, list[str]]] = [
    ([(0, 10), (4, 10)], 12, ["late"]),  # said twice, late once
    ([(0, 10), (4, 20)], 12, ["kept"]),  # put off in time
    ([(0, 10), (10, 20)], 12, ["kept"]),  # at the last moment
    ([(0, 10), (11, 20)], 12, ["late", "kept"]),  # too late to undo the first
    ([(0, 10), (11, 20)], 25, ["late", "late"]),  # two promises, neither kept
    ([(0, 10), (4, 8), (6, 30)], 12, ["kept"]),
    ([(0, 10), (4, 5), (6, 30)], 12, ["late", "kept"]),
    ([(0, 10), (6, 20)], 5, ["kept", "unmet"]),  # there before it was promised again
    ([(0, 10), (4, 20)], None, ["unmet"]),
]


def test_a_promise_that_is_made_anew_in_time_takes_the_place_of_the_one_before(
    tmp_path: Path,
) -> None:
    story = Story()
    for number, (made, came, _) in enumerate(MADE_ANEW):
        for at, due in made:
            story.promise(f"order:{number}", due=due, at=at)
        if came is not None:
            story.add("delivery", at=came, about=f"order:{number}")
    table = promises.fates(story.log(tmp_path / "w"), hour(100)).order_by("made_at").to_pyarrow()
    found: dict[str, list[str]] = {}
    for row in table.to_pylist():
        found.setdefault(row["about"], []).append(row["fate"])
    assert found == {f"order:{number}": fates for number, (_, _, fates) in enumerate(MADE_ANEW)}


def test_the_same_promise_to_another_or_about_another_thing_stands(tmp_path: Path) -> None:
    story = Story()
    story.promise("order:1", due=10)
    story.promise("order:1", due=20, at=1, customer="user:other")
    story.promise("order:1", due=20, at=2, name="answer")
    story.promise("order:2", due=20, at=3)
    log = story.log(tmp_path / "w")
    assert promises.fates(log, hour(100)).count().execute() == 4


def test_a_promise_that_was_replaced_is_not_chosen_either(tmp_path: Path) -> None:
    story = Story()
    story.promise("order:1", due=10)
    story.promise("order:1", due=20, at=4)
    log = story.log(tmp_path / "w")
    early = Selection(until=hour(2))
    for as_of in (hour(100), None):
        assert promises.fates(log, as_of, early).count().execute() == 0


def test_a_promise_is_open_until_it_is_due(tmp_path: Path) -> None:
    story = Story()
    story.promise("order:1", due=10)
    log = story.log(tmp_path / "w")
    for as_of, expected in ((3, "open"), (10, "open"), (10.1, "unmet")):
        (row,) = promises.fates(log, hour(as_of)).to_pyarrow().to_pylist()
        assert row["fate"] == expected
    assert promises.fates(log, hour(-1)).count().execute() == 0
    # By default the log's last interaction, which is the promise itself.
    assert promises.summary(log).open == 1


def test_the_slip_of_a_date_into_the_future_closes_no_promise(tmp_path: Path) -> None:
    log = open_log(Workspace.create(tmp_path / "w"))
    now = datetime.now(UTC)
    tomorrow = {"at": now - timedelta(hours=1), "due_at": now + timedelta(days=1)}
    slip = logged.row("slip", "user:2", at=datetime(2190, 1, 1, tzinfo=UTC))
    given = {"kind": "promise", "name": "delivery", "direction": "out", "about": "order:1"}
    logged.add(log, [logged.row("made", **given, **tomorrow), slip])
    last = log.summary().last
    assert last is not None
    assert now <= last <= now + timedelta(minutes=5)
    assert promises.summary(log).open == 1


WHAT_FULFILS: list[tuple[str | None, dict[str, Any], bool]] = [
    ("shipment", {"kind": "shipment"}, True),
    ("answer", {"kind": "message", "direction": "out"}, True),
    ("answer", {"kind": "message", "direction": "in"}, False),
    ("answer", {"kind": "resolution", "direction": "out"}, True),
    ("resolution", {"kind": "resolution"}, True),
    ("refund", {"kind": "refund"}, True),
    ("call back", {"kind": "fulfilment", "name": "call back"}, True),
    ("call back", {"kind": "fulfilment", "name": "other"}, False),
    ("call back", {"kind": "call", "name": "call back"}, False),
    (None, {"kind": "fulfilment"}, True),
]


def test_what_fulfils_which_promise(tmp_path: Path) -> None:
    story = Story()
    for number, (name, event, _) in enumerate(WHAT_FULFILS):
        story.promise(f"ticket:{number}", due=10, name=name)
        story.add(at=5, about=f"ticket:{number}", **event)
    table = promises.fates(story.log(tmp_path / "w"), hour(100)).to_pyarrow()
    found = {row["about"]: row["fate"] == "kept" for row in table.to_pylist()}
    assert found == {f"ticket:{number}": kept for number, (_, _, kept) in enumerate(WHAT_FULFILS)}


def many(broken: int = 20, kept: int = 60) -> Story:
    story = Story()
    for number in range(broken + kept):
        late = number < broken
        about, customer = f"order:{number}", f"user:{number}"
        story.promise(
            about,
            due=10,
            customer=customer,
            touchpoint="courier" if number % 2 else "shop",
            properties={"region": "nord" if late else "sud"},
        )
        story.add("delivery", customer, at=15 if late else 8, about=about)
        story.add(
            "review",
            customer,
            at=12 if late else 9,
            about=about,
            scale="stars",
            score=1 + number % 2 if late else 4 + number % 2,
        )
    return story


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory) -> Log:
    """Return a log of 60 deliveries in time and 20 late ones, each with a review."""
    return many().log(tmp_path_factory.mktemp("orders") / "w")


@pytest.mark.parametrize(
    "selection",
    [
        None,
        Selection(touchpoints=["courier"], since=hour(-1), until=hour(1)),
        Selection(properties={"region": "nord"}),
        Selection(segments=["no_purchase"], phases=["purchase"]),
        Selection(kinds=["review"]),
    ],
)
def test_fates_are_the_same_prepared_and_worked_out(
    orders: Log, selection: Selection | None
) -> None:
    also = ("properties", "phase", "source")
    last = orders.summary().last
    assert last is not None
    given = (promises.fates(orders, moment, selection, also) for moment in (None, last))
    prepared, worked_out = (each.order_by("id").to_pyarrow() for each in given)
    assert prepared.to_pylist() == worked_out.to_pylist()
    assert prepared.column_names == worked_out.column_names
    # A column that nothing is chosen by is not prepared.
    assert promises.fates(orders, also=("direction",)).count().to_pyarrow().as_py() == 80


def test_the_summary(orders: Log) -> None:
    found = promises.summary(orders)
    assert (found.made, found.kept, found.late, found.broken) == (80, 60, 20, 20)
    assert found.kept_share.value == pytest.approx(75)
    assert found.scale == "stars"
    # Those who complain while they still wait (hour 12, delivered at 15) are counted.
    assert found.score_after["late"].value == pytest.approx(1.5)
    assert found.score_after["broken"].n == 20
    assert found.score_after["kept"].value == pytest.approx(4.5)
    assert found.effect_on_score is not None
    assert found.effect_on_score.value == pytest.approx(-3)
    assert found.effect_on_score.certain


def test_answers_before_the_fate_was_known_do_not_count(tmp_path: Path) -> None:
    story = many()
    for number in range(80):
        story.add("answer", f"user:{number}", at=1, about=f"order:{number}", scale="stars", score=3)
        story.add("answer", f"user:{number}", at=50, about="order:x", scale="stars", score=3)
    found = promises.summary(story.log(tmp_path / "w"))
    assert {fate: each.n for fate, each in found.score_after.items()} == {
        "late": 20,
        "kept": 60,
        "broken": 20,
    }


def test_several_promises_about_one_thing_count_under_the_worst(tmp_path: Path) -> None:
    story = Story()
    for number in range(10):
        about, customer = f"order:{number}", f"user:{number}"
        story.promise(about, due=5, name="shipment", customer=customer)
        story.promise(about, due=10, name="delivery", customer=customer)
        story.add("shipment", customer, at=3, about=about)
        story.add("review", customer, at=4, about=about, scale="csat", score=5)
        story.add("delivery", customer, at=20, about=about)
        story.add("review", customer, at=21, about=about, scale="csat", score=2)
        story.add("review", customer, at=22, about=about, scale="csat", score=1)
    found = promises.summary(story.log(tmp_path / "w"))
    assert (found.made, found.kept, found.late) == (20, 10, 10)
    assert found.score_after["kept"].value == pytest.approx(5)
    assert found.score_after["kept"].n == 10
    assert found.score_after["late"].value == pytest.approx(1.5)  # both reviews count
    assert found.score_after["late"].n == 20


def test_the_older_effort_question_is_turned_round(tmp_path: Path) -> None:
    story = Story()
    for number in range(8):
        about, customer = f"ticket:{number}", f"user:{number}"
        story.promise(about, due=5, name="resolution", customer=customer)
        story.add("resolution", customer, at=2, about=about)
        story.add("answer", customer, at=3, about=about, scale="ces_effort", score=2)
    found = promises.summary(story.log(tmp_path / "w"))
    assert found.scale == "ces"
    assert found.score_after["kept"].value == pytest.approx(6)
    assert found.effect_on_score is None  # nothing was broken


def test_few_answers_after_are_hidden(tmp_path: Path) -> None:
    found = promises.summary(many(broken=3, kept=30).log(tmp_path / "w"))
    assert not found.score_after["late"].shown
    assert found.effect_on_score is None


def _told(tmp_path: Path, **customers: int) -> tuple[dict[str, int | None], bool]:
    """Return the counts shown, and whether the share is, where so many met each fate."""
    story, number = Story(), 0
    when: dict[str, list[tuple[str, float]]] = {
        "kept": [("delivery", 5)],
        "late": [("delivery", 15)],
        "unmet": [],
        "withdrawn": [("cancellation", 5)],
    }
    for fate, count in customers.items():
        for _ in range(count):
            number += 1
            about, who = f"order:{number}", f"user:{number}"
            story.promise(about, due=10, customer=who)
            for kind, at in when[fate]:
                story.add(kind, who, at=at, about=about)
    story.add("visit", at=200)
    found = promises.summary(story.log(tmp_path / "-".join(map(str, customers.values()))))
    share = found.kept_share
    assert share.shown
    assert found.kept_share_shown == (
        share if found.kept_share_shown.shown else Estimate.hidden(share.n, share.method)
    )
    return found.shown_counts, found.kept_share_shown.shown


def test_what_few_met_is_not_told_by_what_is_shown(tmp_path: Path) -> None:
    nobody = {"late": 0, "unmet": 0, "open": 0, "withdrawn": 0}
    assert _told(tmp_path, kept=9) == ({"kept": 9, **nobody}, True)
    many = {"kept": 9, "late": 6, "unmet": 5, "open": 0, "withdrawn": 0}
    assert _told(tmp_path, kept=9, late=6, unmet=5) == (many, True)
    # The share tells how many were broken.
    assert _told(tmp_path, kept=9, late=3) == ({"kept": 9, **nobody, "late": None}, False)
    few = {"kept": 9, **nobody, "late": None, "unmet": None}
    assert _told(tmp_path, kept=9, late=2, unmet=2) == (few, False)
    assert _told(tmp_path, kept=2, unmet=7) == ({**nobody, "kept": None, "unmet": 7}, False)
    # It does not where they are enough together.
    together = {"kept": 9, "broken": 8, "open": 0, "withdrawn": 0}
    assert _told(tmp_path, kept=9, late=7, unmet=1) == (together, True)
    # All that were made less the others would tell of these; that is not shown.
    away = {"kept": 9, "late": 6, "unmet": 0, "open": 0, "withdrawn": None}
    assert _told(tmp_path, kept=9, late=6, withdrawn=2) == (away, True)


def test_the_same_few_customers_are_few_together(tmp_path: Path) -> None:
    story = many(broken=0, kept=9)
    for who in range(3):
        for fate in ("late", "unmet"):
            about = f"order:{fate}{who}"
            story.promise(about, due=10, customer=f"few:{who}")
            if fate == "late":
                story.add("delivery", f"few:{who}", at=15, about=about)
    story.add("visit", at=200)
    found = promises.summary(story.log(tmp_path / "w"))
    assert (found.late, found.unmet) == (3, 3)
    assert found.hidden == ("late", "unmet")
    assert not found.kept_share_shown.shown


def test_a_log_without_promises(tmp_path: Path) -> None:
    story = Story()
    story.answers("stars", [5, 5, 4, 4, 3])
    for name, log in (
        ("answers", story.log(tmp_path / "answers")),
        ("empty", Story().log(tmp_path / "empty")),
    ):
        found = promises.summary(log)
        assert found.made == found.broken == 0, name
        assert not found.kept_share.shown
        assert found.effect_on_score is None
        assert found.scale is None
        assert promises.by(log, "month") == ()
        assert promises.by(log, "touchpoint") == ()


def test_groups_of_promises(orders: Log) -> None:
    log = orders
    regions = {each.group: each for each in promises.by(log, "property:region")}
    assert regions["nord"].kept_share.value == 0
    assert regions["nord"].differs
    assert regions["nord"].counts is not None
    assert regions["nord"].counts.broken == 20
    touchpoints = promises.by(log, "touchpoint")
    assert {each.group for each in touchpoints} == {"courier", "shop"}
    assert not any(each.differs for each in touchpoints)
    (month,) = promises.by(log, "month")
    assert month.group == "2026-01"
    assert month.kept_share.value == pytest.approx(75)
    assert month.rest_difference is None
    for dimension in ("name", "channel", "phase", "segment", "source"):
        assert promises.by(log, dimension)
    assert promises.by(log, "language") == ()


def test_a_month_is_that_of_the_due_time(tmp_path: Path) -> None:
    story = Story()
    for number in range(6):
        story.promise(f"order:{number}", due=24 * 40, customer=f"user:{number}")
    story.add("view", at=24 * 70)
    assert [each.group for each in promises.by(story.log(tmp_path / "w"), "month")] == ["2026-02"]


def test_months_due_after_the_log_ends(tmp_path: Path) -> None:
    story = Story()
    for number in range(6):
        customer, about = f"user:{number}", f"order:{number}"
        story.promise(about, due=24 * 90, customer=customer)
        story.add("delivery", customer, at=3, about=about)
    (found,) = promises.by(story.log(tmp_path / "w"), "month")
    assert found.group == "2026-04"
    assert found.kept_share.value == 100


def test_small_groups_of_promises_show_nothing(tmp_path: Path) -> None:
    story = many()
    story.promise("order:a", due=10, customer="user:a", touchpoint="market")
    story.add("view", at=90)
    found = {each.group: each for each in promises.by(story.log(tmp_path / "w"), "touchpoint")}
    assert found["market"].counts is None
    assert not found["market"].kept_share.shown


#: Customers with a promise kept and broken in each group, and whether it may be told of each.
FEW: list[list[tuple[int, int, bool]]] = [
    [(9, 9, True), (9, 6, True)],
    [(9, 0, True), (0, 9, True)],
    [(9, 4, False), (9, 6, False), (9, 9, True)],
    [(4, 9, False), (6, 9, False), (9, 9, True)],
    [(9, 4, False), (9, 3, False), (9, 9, True)],  # seven are hidden: no matter who
    [(9, 4, False), (9, 0, True), (9, 0, True)],  # and all that were broken are
    [(9, 2, False), (9, 0, True), (2, 9, False), (9, 9, True)],
    [(2, 1, False), (5, 9, False), (9, 9, True)],  # small in all, and the next that kept some
]


@pytest.mark.parametrize("groups", FEW)
def test_groups_in_which_few_had_one_kept_or_broken_are_not_told(
    tmp_path: Path, groups: list[tuple[int, int, bool]]
) -> None:
    story = Story()
    for place, (kept, broken, _) in enumerate(groups):
        for number in range(kept + broken):
            about, who = f"order:{place}.{number}", f"user:{place}.{number}"
            story.promise(about, due=10, customer=who, touchpoint=f"place{place}")
            if number < kept:
                story.add("delivery", who, at=5, about=about)
    story.add("visit", at=200)
    found = {each.group: each for each in promises.by(story.log(tmp_path / "w"), "touchpoint")}
    for place, (kept, broken, told) in enumerate(groups):
        each = found[f"place{place}"]
        share = each.kept_share_shown
        assert (each.kept_shown, each.broken_shown) == ((kept, broken) if told else (None, None))
        assert share == (each.kept_share if told else Estimate.hidden(share.n, share.method))


def test_a_selection_chooses_promises_not_what_fulfils_them(orders: Log) -> None:
    found = promises.summary(orders, selection=Selection(touchpoints=("courier",)))
    assert (found.made, found.kept, found.late) == (40, 30, 10)
    assert found.score_after["late"].n == 10


def test_promises_are_not_split_by_kind(orders: Log) -> None:
    with pytest.raises(DimensionError, match="name"):
        promises.by(orders, "kind")
