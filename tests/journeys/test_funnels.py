"""Funnels against trying every attempt, and against graph and variants."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.journeys.cases import DAY, HOUR, Row, index_of, journeys_of, rows, sequences

from percorso import journeys
from percorso.estimation import proportion
from percorso.log.selection import Selection


def walk(customer: str, *steps: tuple[int, str]) -> list[Row]:
    return [Row(customer, hour * HOUR, touchpoint) for hour, touchpoint in steps]


def reached(log: list[Row], steps: Sequence[str], hours: int | None = None) -> list[int]:
    within = None if hours is None else timedelta(hours=hours)
    found = journeys.funnel(index_of(log), steps, within)
    assert [step.touchpoint for step in found.steps] == list(steps)
    return [step.customers for step in found.steps]


def test_steps_come_in_their_order_with_anything_between() -> None:
    log = [
        *walk("user:1", (0, "visit"), (1, "help"), (2, "cart"), (3, "order")),
        *walk("user:2", (0, "cart"), (1, "visit"), (2, "order")),
        *walk("user:3", (0, "order")),
    ]
    assert reached(log, ["visit", "cart", "order"]) == [2, 1, 1]


def test_the_time_is_from_the_first_step_and_includes_its_end() -> None:
    log = walk("user:1", (0, "visit"), (10, "cart"), (20, "order"))
    assert reached(log, ["visit", "cart", "order"], 20) == [1, 1, 1]
    assert reached(log, ["visit", "cart", "order"], 19) == [1, 1, 0]


def test_a_customer_who_comes_back_and_succeeds_has_succeeded() -> None:
    log = walk("user:1", (0, "visit"), (90, "visit"), (91, "cart"), (99, "order"))
    assert reached(log, ["visit", "cart", "order"], 10) == [1, 1, 1]
    # The cart of one attempt does not serve another.
    log = walk("user:1", (0, "visit"), (1, "cart"), (90, "visit"), (91, "order"))
    assert reached(log, ["visit", "cart", "order"], 10) == [1, 1, 0]


def test_a_touchpoint_named_twice_is_passed_twice() -> None:
    log = [*walk("user:1", (0, "call"), (1, "call")), *walk("user:2", (0, "call"))]
    assert reached(log, ["call", "call"]) == [2, 1]
    assert reached(log, ["call", "call", "call"]) == [2, 1, 0]


def test_steps_of_one_time_are_in_the_order_of_the_log() -> None:
    log = walk("user:1", (0, "order"), (0, "visit"))
    assert reached(log, ["visit", "order"]) == [1, 0]
    assert reached(log, ["order", "visit"], 1) == [1, 1]


def test_a_touchpoint_that_nobody_passed() -> None:
    log = walk("user:1", (0, "visit"), (1, "order"))
    assert reached(log, ["visit", "nowhere", "order"]) == [1, 0, 0]
    assert reached(log, ["nowhere", "visit"]) == [0, 0]
    assert reached([], ["visit", "order"], 3) == [0, 0]


def test_who_is_still_under_way() -> None:
    log = [
        *walk("user:1", (0, "visit"), (5, "cart")),
        *walk("user:2", (95, "visit"), (96, "cart")),
        *walk("user:3", (92, "visit"), (99, "order")),
        *walk("user:4", (100, "other")),
    ]
    found = journeys.funnel(index_of(log), ["visit", "order"], timedelta(hours=10))
    assert (found.customers, found.open, found.within_hours) == (4, 1, 10.0)
    until = datetime(1970, 1, 1, 6, tzinfo=UTC)
    earlier = journeys.funnel(
        index_of(log), ["visit", "order"], timedelta(hours=10), Selection(until=until)
    )
    assert (earlier.customers, earlier.open) == (1, 1)


def test_shares_have_intervals_and_small_groups_no_time() -> None:
    log = [
        row
        for number in range(10)
        for row in walk(f"user:{number}", (0, "visit"), (number, "order" if number < 6 else "help"))
    ]
    found = journeys.funnel(index_of(log), ["visit", "order", "help"])
    assert found.steps[1].share == found.steps[1].step_share == proportion(6, 10)
    assert found.steps[1].median_hours == 2.5
    assert found.steps[2].customers == 0
    assert found.steps[2].median_hours is None
    assert found.steps[0].step_share is None


def test_what_is_no_funnel_is_an_error() -> None:
    with pytest.raises(ValueError, match="two steps"):
        journeys.funnel(index_of([]), ["visit"])
    with pytest.raises(ValueError, match="longer than nothing"):
        journeys.funnel(index_of([]), ["visit", "order"], timedelta(0))


funnels = st.lists(st.sampled_from("abc"), min_size=2, max_size=4)


@settings(max_examples=200, deadline=None)
@given(rows(touchpoints="abcd", customers=4, days=8), funnels, st.integers(1, 200) | st.none())
def test_equals_trying_every_attempt(log: list[Row], steps: list[str], hours: int | None) -> None:
    limit = None if hours is None else hours * HOUR
    took: list[list[float]] = [[] for _ in steps]
    for journey in journeys_of(log).values():
        for level in range(1, len(steps) + 1):
            attempts = list(_attempts(journey, steps[:level], limit))
            if attempts:
                first = min(end for _, end in attempts)
                begun = max(begin for begin, end in attempts if end == first)
                took[level - 1].append((journey[first].at - journey[begun].at) / HOUR)
    within = None if hours is None else timedelta(hours=hours)
    found = journeys.funnel(index_of(log), steps, within)
    assert [step.customers for step in found.steps] == [len(each) for each in took]
    for step, each in list(zip(found.steps, took, strict=True))[1:]:
        if len(each) >= 5:
            assert step.median_hours == pytest.approx(float(np.median(each)))


def _attempts(journey: list[Row], steps: list[str], limit: int | None) -> list[tuple[int, int]]:
    """Return (first row, last row) of every way to take the steps in order in time."""
    ways = [(place, place) for place, row in enumerate(journey) if row.touchpoint == steps[0]]
    for step in steps[1:]:
        ways = [
            (begin, place)
            for begin, end in ways
            for place in range(end + 1, len(journey))
            if journey[place].touchpoint == step
        ]
    return [
        (begin, end)
        for begin, end in set(ways)
        if limit is None or journey[end].at - journey[begin].at <= limit
    ]


@settings(max_examples=100, deadline=None)
@given(rows(touchpoints="abc", customers=10), funnels)
def test_agrees_with_variants_and_graph(log: list[Row], steps: list[str]) -> None:
    index = index_of(log)
    found = [step.customers for step in journeys.funnel(index, steps).steps]
    variants = journeys.variants(index).rows
    assert sum(v.customers for v in variants) == len(journeys_of(log))
    for level, customers in enumerate(found, start=1):
        assert customers == sum(v.customers for v in variants if _holds(v.steps, steps[:level]))
    graph = journeys.graph(index)
    passing = {node.touchpoint: node.customers for node in graph.nodes}
    assert found[0] == passing.get(steps[0], 0)
    for edge in graph.edges:
        if [edge.source, edge.target] == steps[:2]:
            # Whoever made the transition took both steps in order; others took them with steps
            # between.
            assert edge.customers <= found[1]
            directly = sum(
                v.customers
                for v in variants
                if tuple(steps[:2]) in list(zip(v.steps, v.steps[1:], strict=False))
            )
            assert edge.customers == directly
    assert {v.steps: v.customers for v in variants} == sequences(journeys_of(log))


def _holds(steps: Sequence[str], wanted: Sequence[str]) -> bool:
    remaining = iter(steps)
    return all(step in remaining for step in wanted)


def test_the_hours_of_a_long_time() -> None:
    log = [Row("user:1", 0, "a"), Row("user:1", 400 * DAY, "b")]
    found = journeys.funnel(index_of(log), ["a", "b"], timedelta(days=400))
    assert found.steps[1].customers == 1
    assert found.within_hours == 9600
