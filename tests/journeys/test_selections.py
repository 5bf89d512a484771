"""What a selection does to journeys."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from percorso import journeys
from percorso.log import open_log
from percorso.log.schema import as_table
from percorso.log.selection import Selection
from percorso.log.steps import StepsIndex, open_steps
from percorso.vocabulary import Interaction, Phase
from percorso.workspace import Workspace

START = datetime(2025, 1, 1, tzinfo=UTC)


def day(number: int) -> datetime:
    return START + timedelta(days=number)


@pytest.fixture
def index(workspace: Workspace) -> StepsIndex:
    """Return the index of three customers: a buyer, one who asks, one who only looks."""
    rows: list[Interaction] = []

    def add(customer: str, number: int, kind: str, channel: str, **more: Any) -> None:
        rows.append(
            Interaction(
                id=f"{customer}-{number}",
                at=day(number),
                customer=customer,
                kind=kind,
                source="test",
                touchpoint=more.pop("touchpoint", kind),
                channel=channel,
                **more,
            )
        )

    add("buyer", 0, "view", "website", properties={"campaign": "spring"})
    add("buyer", 1, "visit", "store")
    add("buyer", 2, "order", "website", amount=10.0, currency="EUR")
    add("buyer", 3, "review", "reviews")
    add("asks", 0, "view", "website")
    add("asks", 4, "call", "phone")
    add("asks", 5, "view", "website")
    add("looks", 6, "view", "website", properties={"campaign": "autumn"})
    log = open_log(workspace)
    log.append(as_table(rows))
    return open_steps(log)


def sequences(index: StepsIndex, **given: Any) -> dict[tuple[str, ...], int]:
    found = journeys.variants(index, Selection(**given))
    return {variant.steps: variant.customers for variant in found.rows}


BUYER = ("view", "visit", "order", "review")
ASKS = ("view", "call", "view")


def test_an_empty_selection_leaves_everything(index: StepsIndex) -> None:
    assert sequences(index) == {BUYER: 1, ASKS: 1, ("view",): 1}


def test_a_period_keeps_steps(index: StepsIndex) -> None:
    assert sequences(index, since=day(2)) == {
        ("order", "review"): 1,
        ("call", "view"): 1,
        ("view",): 1,
    }
    assert sequences(index, since=day(2), until=day(4)) == {("order", "review"): 1}
    assert sequences(index, until=START) == {}


def test_channels_and_kinds_keep_steps(index: StepsIndex) -> None:
    assert sequences(index, channels=["website"]) == {
        ("view", "order"): 1,
        ("view", "view"): 1,
        ("view",): 1,
    }
    assert sequences(index, kinds=["view", "order"]) == sequences(index, channels=["website"])


def test_touchpoints_keep_whole_journeys_that_pass_one(index: StepsIndex) -> None:
    assert sequences(index, touchpoints=["call", "review"]) == {BUYER: 1, ASKS: 1}
    # ... within what the period leaves.
    assert sequences(index, touchpoints=["visit"], since=day(2)) == {}
    assert sequences(index, touchpoints=["no such touchpoint"]) == {}


def test_segments_keep_customers(index: StepsIndex) -> None:
    assert sequences(index, segments=["no_purchase"]) == {ASKS: 1, ("view",): 1}
    assert sequences(index, segments=["no_purchase"], since=day(1), kinds=["view"]) == {
        ("view",): 2
    }


def test_properties_keep_customers(index: StepsIndex) -> None:
    assert sequences(index, properties=[("campaign", "spring")]) == {BUYER: 1}
    assert sequences(index, properties=[("campaign", "spring")], since=day(1)) == {}


def test_phases_keep_customers(index: StepsIndex) -> None:
    table = index.log.interactions()
    for phase in Phase:
        passing = table.filter(table.phase == str(phase)).customer.to_pyarrow().to_pylist()
        assert sum(sequences(index, phases=[str(phase)]).values()) == len(set(passing))


def test_every_question_takes_a_selection(index: StepsIndex) -> None:
    chosen = Selection(touchpoints=["call"])
    assert journeys.graph(index, chosen).customers == 1
    assert journeys.graph(index, chosen).starts == {"view": 1}
    assert journeys.funnel(index, ["view", "call"], None, chosen).customers == 1
    assert journeys.stops(index, chosen).customers == 1
    assert journeys.friction(index, chosen).customers == 1
    assert journeys.ideal_path(index, "advocates", chosen).others == 1
