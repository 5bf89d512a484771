"""What was tried, and where answers came from, read from journeys made by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from percorso.explain.material import (
    FAMILIES,
    customers_at,
    customers_between,
    gather,
)
from percorso.log import open_log
from percorso.log.schema import as_table
from percorso.log.selection import Selection
from percorso.log.steps import StepsIndex, open_steps
from percorso.vocabulary import Interaction
from percorso.workspace import Workspace

START = datetime(2026, 3, 2, 10, tzinfo=UTC)


def index_of(workspace: Workspace, rows: list[tuple[str, float, str, str, Any]]) -> StepsIndex:
    """Make a log of (customer, hours, kind, touchpoint, csat score or None) and index it."""
    log = open_log(workspace)
    interactions = [
        Interaction(
            id=str(number),
            at=START + timedelta(hours=hours),
            customer=customer,
            kind=kind,
            source="test",
            touchpoint=touchpoint,
            scale=None if score is None else "csat",
            score=score,
        )
        for number, (customer, hours, kind, touchpoint, score) in enumerate(rows)
    ]
    log.append(as_table(interactions))
    return open_steps(log)


def tried(index: StepsIndex, selection: Selection | None = None) -> dict[str, list[Any]]:
    """Return the tries: touchpoint -> [(family, repeated, stopped)...]."""
    _, tries = gather(index, selection)
    found: dict[str, list[Any]] = {}
    for place, family, repeated, stopped in zip(
        tries.touchpoint, tries.family, tries.repeated, tries.stopped, strict=True
    ):
        each = (FAMILIES[family].name, bool(repeated), int(stopped))
        found.setdefault(index.touchpoints[place], []).append(each)
    return found


def test_a_cart_that_ends_in_an_order_was_not_given_up(workspace: Workspace) -> None:
    index = index_of(
        workspace,
        [
            ("a", 0, "cart", "Phone", None),
            ("a", 0.1, "checkout", "Phone", None),
            ("a", 0.2, "order", "Order", None),
            ("b", 0, "checkout", "Phone", None),
            ("b", 0.1, "checkout", "Phone", None),
            ("z", 500, "visit", "Shop", None),
        ],
    )
    assert sorted(tried(index)["Phone"]) == [("buying", False, 0), ("buying", True, 1)]


def test_buying_twice_is_no_repeating_and_a_late_order_is_giving_up(workspace: Workspace) -> None:
    index = index_of(
        workspace,
        [
            ("a", 0, "checkout", "Phone", None),
            ("a", 0.1, "order", "Order", None),
            ("a", 2, "checkout", "Phone", None),
            ("a", 2.1, "order", "Order", None),
            ("b", 0, "checkout", "Desk", None),
            ("b", 80, "order", "Order", None),
            ("z", 500, "visit", "Shop", None),
        ],
    )
    seen = tried(index)
    assert seen["Phone"] == [("buying", False, 0)] * 2
    assert seen["Desk"] == [("buying", False, 1)]


def test_what_is_not_over_yet_was_not_given_up(workspace: Workspace) -> None:
    index = index_of(
        workspace,
        [
            ("a", 0, "checkout", "Phone", None),
            ("a", 0.1, "order", "Order", None),
            ("b", 50, "checkout", "Phone", None),
            ("c", 60, "visit", "Shop", None),
        ],
    )
    assert sorted(tried(index)["Phone"]) == [("buying", False, -1), ("buying", False, 0)]


def test_where_nothing_is_ever_bought_nothing_is_given_up(workspace: Workspace) -> None:
    index = index_of(
        workspace,
        [("a", 0, "cart", "Phone", None), ("z", 500, "visit", "Shop", None)],
    )
    assert tried(index)["Phone"] == [("buying", False, -1)]


def test_answers_know_where_their_touchpoint_was_reached_from(workspace: Workspace) -> None:
    index = index_of(
        workspace,
        [
            # Reached from the mail; what was said in between is no move.
            ("a", 0, "ticket", "Mail", None),
            ("a", 1, "answer", "Other", 3),
            ("a", 2, "call", "Phone", None),
            ("a", 2.5, "resolution", "Phone", None),
            ("a", 3, "answer", "Phone", 2),
            # Reached from nowhere.
            ("b", 0, "call", "Phone", None),
            ("b", 1, "answer", "Phone", 5),
            # An answer elsewhere than the last step: the last step is where it came from.
            ("c", 0, "delivery", "Home", None),
            ("c", 5, "review", "Review", 4),
            # Too long ago to be the way here.
            ("d", 0, "delivery", "Home", None),
            ("d", 24 * 40, "review", "Review", 1),
        ],
    )
    answers, _ = gather(index, None)
    names = ("", *index.touchpoints)
    seen = {
        (index.touchpoints[place], score): names[source + 1]
        for place, score, source in zip(
            answers.touchpoint, answers.score, answers.source, strict=True
        )
    }
    assert seen == {
        ("Other", 3): "Mail",
        ("Phone", 2): "Mail",
        ("Phone", 5): "",
        ("Review", 4): "Home",
        ("Review", 1): "",
    }


def test_customers_are_counted_once(workspace: Workspace) -> None:
    rows = [
        ("a", 0, "view", "Book", None),
        ("a", 1, "view", "Cart", None),
        ("a", 2, "view", "Book", None),
        ("a", 3, "view", "Cart", None),
        ("b", 0, "view", "Cart", None),
        ("b", 1, "view", "Book", None),
        ("c", 0, "answer", "Book", 5),
    ]
    index = index_of(workspace, rows)
    code = {name: number for number, name in enumerate(index.touchpoints)}
    assert customers_at(index, None, code["Book"]) == 2
    assert customers_between(index, None, code["Book"], code["Cart"]) == 1
    only = Selection(since=START + timedelta(hours=2))
    assert customers_at(index, only, code["Book"]) == 1


def test_an_empty_log_holds_nothing(workspace: Workspace) -> None:
    answers, tries = gather(open_steps(open_log(workspace)), None)
    assert len(answers.at) == 0
    assert len(tries.touchpoint) == 0


@pytest.mark.parametrize("family", FAMILIES, ids=lambda each: each.name)
def test_each_family_is_seen(workspace: Workspace, family: Any) -> None:
    kind = family.kinds[0]
    index = index_of(workspace, [("a", 0, kind, "X", None), ("a", 0.1, kind, "X", None)])
    assert tried(index)["X"][0][:2] == (family.name, True)
