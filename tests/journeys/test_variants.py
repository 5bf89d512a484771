"""Variants against comparing journeys as tuples."""

import numpy as np
import pytest
from hypothesis import given, settings
from tests.journeys.cases import Row, index_of, journeys_of, rows, sequences

from percorso import journeys
from percorso.journeys import Variants, same_journeys


def test_of_nothing() -> None:
    assert journeys.variants(index_of([])) == Variants(0, 0, ())


@settings(max_examples=150, deadline=None)
@given(rows(touchpoints="ab", customers=30, most=60))
def test_equals_comparing_tuples(log: list[Row]) -> None:
    _check(log)


@settings(max_examples=40, deadline=None)
@given(rows(touchpoints="ab", customers=30, most=60))
def test_a_hash_that_misleads_changes_nothing(log: list[Row]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(same_journeys, "hash64", lambda values: np.zeros(len(values), np.uint64))
        patched.setattr(same_journeys, "_AT_ONCE", 3)
        _check(log)


def test_the_order_does_not_depend_on_what_came_first() -> None:
    log = [
        Row(f"user:{number}", place, touchpoint)
        for number, steps in enumerate(["ab", "ba", "ab", "c", "abc", "cba", "acb", "ba"])
        for place, touchpoint in enumerate(steps)
    ]
    first = journeys.variants(index_of(log))
    assert [variant.customers for variant in first.rows] == [2, 2, 1, 1, 1, 1]
    assert len(first.rows[2].steps) == 1
    renamed = [Row(f"user:{9 - int(row.customer[5:])}", row.at, row.touchpoint) for row in log]
    more = [*renamed, Row("user:z", 0, "A")]
    second = journeys.variants(index_of(more))
    assert [v for v in second.rows if v.steps != ("A",)] == [
        type(v)(v.steps, v.customers, 100 * v.customers / 9) for v in first.rows
    ]
    assert journeys.variants(index_of(log), limit=3).rows == first.rows[:3]
    assert journeys.variants(index_of(log), limit=3).distinct == 6
    assert first.shown.rows == ()


def _check(log: list[Row]) -> None:
    found = journeys.variants(index_of(log))
    wanted = sequences(journeys_of(log))
    assert {variant.steps: variant.customers for variant in found.rows} == wanted
    assert len(found.rows) == found.distinct == len(wanted)
    assert found.customers == wanted.total()
    assert sum(variant.share for variant in found.rows) == pytest.approx(100 if wanted else 0)
