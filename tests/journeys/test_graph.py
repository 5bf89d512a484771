"""The directly-follows graph against counting by hand."""

from collections import Counter, defaultdict
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.journeys.cases import (
    DAY,
    HOUR,
    Journeys,
    Row,
    answer_after,
    index_of,
    journeys_of,
    pairs,
    rows,
)

from percorso import journeys
from percorso.estimation import MIN_SHOWN, mean
from percorso.journeys import JourneyGraph, grouping, walks
from percorso.vocabulary import Estimate


def test_of_two_customers() -> None:
    index = index_of(
        [
            Row("user:1", 0, "shop"),
            Row("user:1", 2 * HOUR, "order"),
            Row("user:1", 8 * HOUR, "shop"),
            Row("user:1", 9 * HOUR, "order"),
            Row("user:2", 5 * HOUR, "shop"),
        ]
    )
    graph = journeys.graph(index)
    assert (graph.customers, graph.steps, graph.scale) == (2, 5, None)
    assert [(n.touchpoint, n.count, n.customers, n.score) for n in graph.nodes] == [
        ("shop", 3, 2, None),
        ("order", 2, 1, None),
    ]
    assert [(e.source, e.target, e.count, e.customers, e.median_hours) for e in graph.edges] == [
        ("shop", "order", 2, 1, 1.5),
        ("order", "shop", 1, 1, 6.0),
    ]
    assert graph.edges[0].p90_hours == pytest.approx(1.9)
    assert graph.starts == {"shop": 2}
    assert graph.ends == {"order": 1, "shop": 1}
    assert graph.shown.nodes == graph.shown.edges == ()
    assert graph.shown.starts == graph.shown.ends == {}


def test_of_nothing() -> None:
    assert journeys.graph(index_of([])) == JourneyGraph(0, 0, None, (), (), {}, {})


def test_an_answer_counts_once_for_a_touchpoint_and_only_for_30_days() -> None:
    log = []
    for number in range(6):
        customer = f"user:{number}"
        log += [
            Row(customer, 0, "old"),
            Row(customer, 40 * DAY, "call"),
            Row(customer, 41 * DAY, "call"),
            Row(customer, 42 * DAY, "survey", kind="answer", scale="nps", score=number),
            Row(customer, 43 * DAY, "later"),
        ]
    scores = {node.touchpoint: node.score for node in journeys.graph(index_of(log)).nodes}
    assert scores["call"] == scores["survey"] == mean(range(6), low=0, high=10)
    assert scores["old"] is None
    assert scores["later"] is None


def _asked_again_and_again(people: int) -> list[Row]:
    """Make nine customers who walk alike, of whom the first few answer seven times each."""
    log = []
    for number in range(9):
        for day in range(7):
            log += [
                Row(f"user:{number}", day * DAY, "shop"),
                Row(f"user:{number}", day * DAY + HOUR, "call"),
            ]
            if number < people:
                at = day * DAY + 2 * HOUR
                score = float(number + day)
                log.append(Row(f"user:{number}", at, "survey", "answer", "survey", "nps", score))
    return log


def test_many_answers_of_few_customers_are_not_shown() -> None:
    graph = journeys.graph(index_of(_asked_again_and_again(4)))
    assert {each.touchpoint: each.customers for each in graph.nodes}["call"] == 9
    estimates = [each.score for each in graph.nodes] + [each.score_after for each in graph.edges]
    told = [each for each in estimates if each is not None]
    # Each of the few answered on every day after both steps.
    assert {each.n for each in told} == {24, 28}
    assert not any(each.shown for each in told)
    enough = journeys.graph(index_of(_asked_again_and_again(5)))
    scores = {each.touchpoint: each.score for each in enough.nodes}
    answers = [number + day for number in range(5) for day in range(7)]
    assert scores["shop"] == scores["call"] == mean(answers, low=0, high=10)


@settings(max_examples=150, deadline=None)
@given(rows(), st.sampled_from([1, 5, 1 << 16]))
def test_equals_counting_by_hand(log: list[Row], block: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(walks, "_BLOCK", block)
        _check(journeys.graph(index_of(log)), journeys_of(log))


@settings(max_examples=40, deadline=None)
@given(rows(touchpoints="".join(chr(0x4E00 + n) for n in range(300)), most=80))
def test_equals_counting_by_hand_with_hundreds_of_touchpoints(log: list[Row]) -> None:
    _check(journeys.graph(index_of(log)), journeys_of(log))


def test_without_scores_all_else_is_the_same() -> None:
    log = [Row(f"user:{n}", n, "survey", kind="answer", scale="nps", score=9) for n in range(9)]
    index = index_of([*log, Row("user:0", 99, "shop")])
    plain = journeys.graph(index, with_scores=False)
    assert plain.scale is None
    assert plain.nodes == tuple(replace(n, score=None) for n in journeys.graph(index).nodes)
    assert plain.edges == tuple(replace(e, score_after=None) for e in journeys.graph(index).edges)


def test_large_groups_have_exact_quantiles_too() -> None:
    random = np.random.default_rng(3)
    log = [
        Row(f"user:{random.integers(40)}", int(random.integers(10**12)), "ab"[random.integers(2)])
        for _ in range(3000)
    ]
    _check(journeys.graph(index_of(log)), journeys_of(log))


def test_grouping_by_wide_codes() -> None:
    random = np.random.default_rng(5)
    # More different codes than 16 bits can tell apart.
    codes = random.integers(0, 1 << 18, 300_000).astype(np.uint64)
    codes[::1000] = 1 << 18
    found = grouping.group(codes, (1 << 18) + 1, leave_out=1 << 18)
    kept = np.flatnonzero(codes < 1 << 18)
    assert np.array_equal(found.order, kept[np.argsort(codes[kept], kind="stable")])
    present, counts = np.unique(codes[kept], return_counts=True)
    assert np.array_equal(found.codes, present)
    assert np.array_equal(found.counts, counts)


def _check(graph: JourneyGraph, by_customer: Journeys) -> None:
    steps = [(customer, row) for customer, each in by_customer.items() for row in each]
    assert graph.customers == len(by_customer)
    assert graph.steps == len(steps)
    _check_nodes(graph, by_customer)
    waits = defaultdict(list)
    who = defaultdict(set)
    for customer, before, after in pairs(by_customer):
        edge = (before.touchpoint, after.touchpoint)
        waits[edge].append((after.at - before.at) / HOUR)
        who[edge].add(customer)
    found = {(edge.source, edge.target): edge for edge in graph.edges}
    assert found.keys() == waits.keys()
    assert len(found) == len(graph.edges)
    scored = graph.scale is not None
    for edge, each in found.items():
        assert each.count == len(waits[edge])
        assert each.customers == len(who[edge])
        assert each.median_hours == pytest.approx(float(np.median(waits[edge])))
        assert each.p90_hours == pytest.approx(float(np.quantile(waits[edge], 0.9)))
        answers = {
            (customer, *answer)
            for customer, journey in by_customer.items()
            for place in range(1, len(journey))
            if (journey[place - 1].touchpoint, journey[place].touchpoint) == edge
            and (answer := answer_after(journey, place))
        }
        _check_score(each.score_after, answers, scored=scored)
    order = [(-edge.count, edge.source, edge.target) for edge in graph.edges]
    assert order == sorted(order)
    assert graph.starts == Counter(each[0].touchpoint for each in by_customer.values())
    assert graph.ends == Counter(each[-1].touchpoint for each in by_customer.values())


def _check_nodes(graph: JourneyGraph, by_customer: Journeys) -> None:
    counts = Counter(row.touchpoint for each in by_customer.values() for row in each)
    assert {node.touchpoint: node.count for node in graph.nodes} == counts
    for node in graph.nodes:
        passing = [
            customer
            for customer, each in by_customer.items()
            if node.touchpoint in {row.touchpoint for row in each}
        ]
        assert node.customers == len(passing)
        answers = {
            (customer, *answer)
            for customer in passing
            for place, row in enumerate(by_customer[customer])
            if row.touchpoint == node.touchpoint
            and (answer := answer_after(by_customer[customer], place))
        }
        _check_score(node.score, answers, scored=graph.scale is not None)


def _check_score(
    found: Estimate | None, answers: set[tuple[str, int, float]], *, scored: bool
) -> None:
    """Check the score of the answers: by whom, where in their journey, and what."""
    if not answers:
        assert found is None
        return
    assert scored
    wanted = mean([score for *_, score in answers], low=0, high=10)
    assert found is not None
    assert found.n == wanted.n
    assert found.shown == (len({customer for customer, *_ in answers}) >= MIN_SHOWN)
    if found.shown:
        got = (found.value, found.low, found.high)
        assert got == pytest.approx((wanted.value, wanted.low, wanted.high))
