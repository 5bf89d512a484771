"""No sequence of wishes, edits, zones, changes of clocks and restarts sends too much, or twice."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.contacts.books import Books
from tests.contacts.cases import budgets_in_turn, places_in_time
from tests.contacts.checker import Gone, complaints
from tests.contacts.world import World

from percorso.contacts import Budget, Ledger, Limit
from percorso.workspace import Settings, Workspace

#: A world that goes by chance does not shrink.
HOW = {
    "deadline": None,
    "phases": [Phase.explicit, Phase.generate],
    "suppress_health_check": [HealthCheck.too_slow],
}


def _holds(data, open_ledger, steps):
    zone, now = data.draw(places_in_time())
    world = World(open_ledger, data.draw(budgets_in_turn(zone)), now)
    world.live(steps, data.draw(st.randoms(use_true_random=True)))
    assert complaints(world.in_order()) == []


def _holds_in_memory(data, steps):
    books = Books()
    _holds(data, lambda: books, steps)


def _holds_on_disk(data, folder, steps):
    workspace = Workspace(folder, Settings())
    Ledger(workspace).redate(datetime.now(UTC))
    # While one connection stays open the others need not tidy up when they close.
    with closing(sqlite3.connect(workspace.contacts)) as database:
        with database:
            database.execute("DELETE FROM wishes")
        _holds(data, lambda: Ledger(workspace), steps)


@pytest.fixture
def quick_disk(monkeypatch):
    """Leave out waiting for the disk: hundreds of worlds are made, and no power is cut."""
    connected = sqlite3.connect

    class Quick(sqlite3.Connection):
        def execute(self, sql, *values):
            return super().execute(sql.replace("synchronous = FULL", "synchronous = OFF"), *values)

    monkeypatch.setattr(
        "sqlite3.connect", lambda *given, **named: connected(*given, factory=Quick, **named)
    )


@given(st.data())
@settings(max_examples=150, **HOW)
def test_nothing_more_than_allowed_is_decided(data):
    _holds_in_memory(data, 150)


@pytest.mark.slow  # two thousand worlds take minutes
@given(st.data())
@settings(max_examples=2000, **HOW)
def test_nothing_more_than_allowed_is_decided_in_thousands_of_worlds(data):
    _holds_in_memory(data, 200)


@given(st.data())
@settings(max_examples=12, **HOW)
def _on_disk(folder, data):
    _holds_on_disk(data, folder, 50)


@given(st.data())
@settings(max_examples=150, **HOW)
def _on_disk_at_length(folder, data):
    _holds_on_disk(data, folder, 100)


def test_nothing_more_than_allowed_leaves_the_ledger(workspace, quick_disk):
    _on_disk(workspace.path)


@pytest.mark.slow  # hundreds of worlds on a disk take minutes
def test_nothing_more_than_allowed_leaves_the_ledger_in_hundreds_of_worlds(workspace, quick_disk):
    _on_disk_at_length(workspace.path)


NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
OPEN = Budget(
    total=None, survey=None, marketing=None, between_surveys=0, same_survey=1, a_day=None,
    an_hour=None, quiet_from=None, quiet_until=None, weekdays=frozenset(range(7)), holidays="",
)  # fmt: skip
DAY = timedelta(days=1)


def _gone(number, at, **given):
    given = {"people": ("a",), "person": "a", "purpose": "survey", "campaign": "nps", **given}
    return Gone(f"w{number}", at=at, truly=at, **{"budget": OPEN, **given})


def _by(gone, **limits):
    return complaints([replace(each, budget=replace(OPEN, **limits)) for each in gone])


def test_the_judge_itself_finds_what_is_wrong():
    twice = [_gone(1, NOON), _gone(1, NOON + 9 * DAY)]
    assert complaints(twice) == ["a wish went out twice"]
    near = [_gone(1, NOON), _gone(2, NOON + 2 * DAY - timedelta(microseconds=1))]
    assert complaints(near) == []
    assert len(_by(near, same_survey=2)) == 2  # by both clocks
    assert _by([near[0], _gone(2, NOON + 2 * DAY)], same_survey=2) == []
    assert _by(near, total=Limit(1, 3))
    assert _by(near, survey=Limit(1, 3))
    assert _by([_gone(1, NOON), _gone(2, NOON, person="b", people=("b",))], an_hour=1)
    assert _by([_gone(1, NOON)], weekdays=frozenset({0}))
    christmas = [_gone(1, datetime(2026, 12, 25, 12, tzinfo=UTC))]
    assert _by(christmas, holidays="IT")
    quiet = {"quiet_from": time(22), "quiet_until": time(13, 30)}
    assert _by([_gone(1, NOON)], **quiet)
    assert _by([_gone(1, NOON + timedelta(hours=1))], **quiet) == []


def test_the_judge_goes_by_the_budget_that_each_was_decided_by():
    strict = replace(OPEN, survey=Limit(1, 3))
    first, second = _gone(1, NOON), _gone(2, NOON + 2 * DAY)
    # Made stricter, it counts what went before; made looser, it lets the next one go.
    assert complaints([first, replace(second, budget=strict)])
    assert complaints([replace(first, budget=strict), second]) == []
    # What was decided first goes by its own budget, even where it goes out later.
    late = replace(first, budget=strict, at=NOON + 4 * DAY, truly=NOON + 4 * DAY)
    assert complaints([late, second]) == []
    assert complaints([second, late])
    assert complaints([replace(first, budget=replace(OPEN, weekdays=frozenset({0}))), second])
