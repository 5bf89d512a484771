"""Where customers stop, go in circles and wait, against counting by hand."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from tests.journeys.cases import HOUR, Row, index_of, journeys_of, pairs, rows

from percorso import journeys
from percorso.estimation import proportion
from percorso.journeys import Friction, Stops


def test_nothing_stops_where_nothing_is() -> None:
    assert journeys.stops(index_of([])) == Stops(None, 0, 0, ())
    assert journeys.friction(index_of([])) == Friction(0, (), (), ())


def test_where_nobody_ever_went_on_nobody_can_be_said_to_have_stopped() -> None:
    found = journeys.stops(index_of([Row(f"user:{n}", n, "shop") for n in range(9)]))
    assert (found.customers, found.stopped, found.rows) == (9, 0, ())


def test_who_waits_no_longer_than_usual_is_counted_neither_way() -> None:
    log = []
    for number in range(30):
        log += [Row(f"user:{number}", 0, "cart"), Row(f"user:{number}", 10 * HOUR, "order")]
    log += [Row(f"left:{number}", 50 * HOUR, "cart") for number in range(10)]
    log += [Row(f"new:{number}", 95 * HOUR, "cart") for number in range(5)]
    log += [Row("clock", 100 * HOUR, "other")]
    found = journeys.stops(index_of(log))
    cart = next(row for row in found.rows if row.touchpoint == "cart")
    assert (cart.customers, cart.stopped, cart.idle_hours) == (40, 10, 10.0)
    assert cart.share == proportion(10, 40)
    # Too few went on from an order: there the usual wait is that of all.
    order = next(row for row in found.rows if row.touchpoint == "order")
    assert (order.customers, order.stopped, order.idle_hours) == (30, 30, 10.0)
    assert found.stopped == 40
    assert [row.touchpoint for row in found.rows] == ["order", "cart"]


@settings(max_examples=100, deadline=None)
@given(rows(touchpoints="ab", customers=20, most=80))
def test_stops_equal_counting_by_hand(log: list[Row]) -> None:
    by_customer = journeys_of(log)
    waits = defaultdict(list)
    for _, before, after in pairs(by_customer):
        waits[before.touchpoint].append(after.at - before.at)
    everything = [wait for each in waits.values() for wait in each]
    found = journeys.stops(index_of(log))
    if not everything:
        assert found.rows == ()
        return
    end = max(row.at for row in log)
    usual = {
        touchpoint: np.quantile(
            waits[touchpoint] if len(waits[touchpoint]) >= 20 else everything, 0.9
        )
        for touchpoint in "ab"
    }
    wanted = {}
    for touchpoint in "ab":
        passing = [
            each for each in by_customer.values() if touchpoint in [r.touchpoint for r in each]
        ]
        last = [each[-1].at for each in passing if each[-1].touchpoint == touchpoint]
        stopped = sum(end - at > usual[touchpoint] for at in last)
        decided = len(passing) - len(last) + stopped
        if decided >= 5:
            wanted[touchpoint] = (decided, stopped, pytest.approx(usual[touchpoint] / HOUR))
    assert {r.touchpoint: (r.customers, r.stopped, r.idle_hours) for r in found.rows} == wanted


def test_friction_of_a_constructed_log() -> None:
    log = []
    for number in range(30):
        customer = f"user:{number}"
        steps = ["visit", "cart", "visit", "help", "help"] if number < 6 else ["visit", "cart"]
        wait = 90 if number in (1, 2, 3, 4, 5) else 2
        log += [
            Row(customer, (wait if place else 0) * HOUR + place * 2 * HOUR, touchpoint)
            for place, touchpoint in enumerate(steps)
        ]
    found = journeys.friction(index_of(log))
    assert found.customers == 30
    (loop,) = found.loops
    assert (loop.touchpoint, loop.count, loop.customers, loop.median_hours) == ("help", 6, 6, 2.0)
    assert loop.share == proportion(6, 6)
    (back,) = found.back_and_forth
    assert (back.touchpoint, back.via, back.customers) == ("visit", "cart", 6)
    assert back.share == proportion(6, 30)
    (wait_,) = found.waits
    assert (wait_.source, wait_.target, wait_.count, wait_.customers) == ("visit", "cart", 5, 5)
    assert (wait_.typical_hours, wait_.long_hours, wait_.lost_hours) == (4.0, 12.0, 5 * 88.0)
    assert wait_.share == proportion(5, 30)


@settings(max_examples=100, deadline=None)
@given(rows(touchpoints="abc", customers=9, most=90, days=400))
def test_friction_equals_counting_by_hand(log: list[Row]) -> None:
    by_customer = journeys_of(log)
    found = journeys.friction(index_of(log))
    made = defaultdict(list)
    for customer, before, after in pairs(by_customer):
        made[before.touchpoint, after.touchpoint].append((customer, after.at - before.at))
    loops = {
        edge[0]: (len(each), len({who for who, _ in each}))
        for edge, each in made.items()
        if edge[0] == edge[1] and len({who for who, _ in each}) >= 5
    }
    assert {row.touchpoint: (row.count, row.customers) for row in found.loops} == loops
    returns = defaultdict(list)
    for customer, steps in by_customer.items():
        names = [row.touchpoint for row in steps]
        for a, b, c in zip(names, names[1:], names[2:], strict=False):
            if a == c != b:
                returns[a, b].append(customer)
    assert {(r.touchpoint, r.via): (r.count, r.customers) for r in found.back_and_forth} == {
        pair: (len(each), len(set(each))) for pair, each in returns.items() if len(set(each)) >= 5
    }
    waits = {}
    for edge, each in made.items():
        median = np.median([wait for _, wait in each])
        long = [(who, wait) for who, wait in each if wait > max(3 * median, HOUR)]
        if len(each) >= 20 and len({who for who, _ in long}) >= 5:
            lost = sum(wait - median for _, wait in long) / HOUR
            waits[edge] = (len(long), len({who for who, _ in long}), pytest.approx(lost))
    assert {
        (row.source, row.target): (row.count, row.customers, row.lost_hours) for row in found.waits
    } == waits
