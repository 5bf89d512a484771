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
