"""Two maps against each other: what differs is found, and chance makes nothing up."""

import random
from pathlib import Path

import pytest
from tests.metrics.given import Story

from percorso import journey_map
from percorso.journey_map import Comparison
from percorso.log.selection import Selection
from percorso.touchpoints import Registry


def halves(path: Path, seed: int, *, gap: float) -> Comparison:
    """Compare two halves of customers, drawn by lot; those of B score lower by ``gap``."""
    story, chance = Story(), random.Random(seed)
    for number in range(500):
        who, half = f"user:{number}", chance.choice("AB")
        given = {"customer": who, "properties": {"half": half}}
        at = chance.random() * 1000
        story.add("view", touchpoint="site", at=at, **given)
        for kind, touchpoint, share in (
            ("search", "search", 0.5), ("signup", "site", 0.6), ("checkout", "cart", 0.5),
        ):  # fmt: skip
            at += 1
            if chance.random() < share:
                story.add(kind, touchpoint=touchpoint, at=at, **given)
        if chance.random() < 0.5:
            story.add("order", touchpoint="shop", at=at + 1, **given)
            mean = 4 - (gap if half == "B" else 0)
            score = min(max(round(chance.gauss(mean, 0.9)), 1), 5)
            story.add("answer", touchpoint="shop", at=at + 2, scale="csat", score=score, **given)
    log = story.log(path)
    one, other = (Selection(properties=[("half", each)]) for each in "AB")
    return journey_map.compare(log, Registry(log.workspace), one, other)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_halves_drawn_by_lot_do_not_differ(tmp_path: Path, seed: int) -> None:
    found = halves(tmp_path, seed, gap=0)
    assert found.one.compared
    assert sum(each.change is not None for each in found.one.items) > 5
    assert found.differences == ()


def test_what_differs_is_found_where_it_is_and_nowhere_else(tmp_path: Path) -> None:
    found = halves(tmp_path, 4, gap=1.5)
    assert {(each.phase, each.what, each.key) for each in found.differences} == {
        ("purchase", "score", "csat")
    }
    [only] = found.differences
    assert only.change is not None
    assert (only.change.difference.low or 0) > 10  # points of the share of 4 and 5
    beside = found.beside(only)
    assert beside is not None
    assert beside.figure is not None
    assert only.figure is not None
    gap = (only.figure.value or 0) - (beside.figure.value or 0)
    assert only.change.difference.value == pytest.approx(gap)


def test_a_phase_has_the_customers_a_plain_count_finds(tmp_path: Path) -> None:
    found = halves(tmp_path, 5, gap=0).one
    checkout = next(each for each in found.items if (each.what, each.key) == ("did", "checkout"))
    column = next(each for each in found.columns if each.phase == "activation")
    assert checkout.figure is not None
    assert checkout.figure.value == pytest.approx(100 * checkout.customers / column.customers)
    assert column.share.value == pytest.approx(100 * column.customers / found.customers)


def test_what_was_left_out_of_the_cells_is_corrected_for_too(tmp_path: Path) -> None:
    story, chance = Story(), random.Random(6)
    places = [f"page {number}" for number in range(12)]
    for number in range(400):
        given = {"customer": f"user:{number}", "properties": {"half": chance.choice("AB")}}
        for at, place in enumerate(places):
            if chance.random() < 0.5:
                story.add("view", touchpoint=place, at=at, **given)
    log = story.log(tmp_path)
    one, other = (Selection(properties=[("half", each)]) for each in "AB")
    found = journey_map.compare(log, Registry(log.workspace), one, other).one
    changes = [each.change for each in found.items if each.what == "passed" and each.change]
    # Two phases, four touchpoints in each; the others were looked at as well.
    assert len(changes) == 8
    surest = min(changes, key=lambda each: each.p_value)
    assert surest.p_adjusted >= min(1.0, 2 * 8 * surest.p_value)


def test_a_count_does_not_tell_what_its_share_hides(tmp_path: Path) -> None:
    story = Story()
    for number in range(40):
        given = {"touchpoint": "site", "customer": f"user:{number}"}
        for hour in range(2):
            story.add("view", at=number + hour, **given)
        if number >= 3:
            story.add("search", at=number + 2, **given)
    log = story.log(tmp_path)
    found = journey_map.build(log, Registry(log.workspace))
    [search] = (each for each in found.items if (each.what, each.key) == ("did", "search"))
    assert search.figure is not None
    assert not search.figure.shown
    assert (search.customers, search.n) == (0, 0)
