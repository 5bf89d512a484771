"""Of two personas compared, neither tells how many few of the other did something."""

from pathlib import Path

import numpy as np
import pytest
from tests.metrics.given import Story

from percorso import journey_map
from percorso.explain.material import Tries
from percorso.journey_map import troubles
from percorso.log.selection import Selection
from percorso.log.steps import open_steps
from percorso.touchpoints import Registry

SIZE = 40


def tried(customers: int, begun_again: int) -> Tries:
    """Return one try each, of which so many were begun again."""
    number = np.arange(customers)
    return Tries(
        customer=number,
        at=number,
        touchpoint=np.zeros(customers, np.int64),
        family=np.zeros(customers, np.int64),
        repeated=number < begun_again,
        stopped=np.full(customers, -1),
    )


@pytest.mark.parametrize(
    ("here", "there", "told"),
    [(20, 0, True), (20, 5, True), (20, 4, False), (20, 1, False), (4, 20, None)],
)
def test_a_difference_from_what_few_did_is_not_told(
    tmp_path: Path, here: int, there: int, told: bool | None
) -> None:
    story = Story()
    story.add("search", touchpoint="site")
    index = open_steps(story.log(tmp_path))
    found = troubles.tries(index, tried(SIZE, here), tried(SIZE, there), {"site": "awareness"})
    assert [each.change is not None for each in found] == ([] if told is None else [told])


def test_what_few_of_the_other_did_is_on_neither_map(tmp_path: Path) -> None:
    """All of A come to the shop and order; 4 of B do, and 4 customers are all of C."""
    story = Story()
    for half, size, few in (("A", 30, 30), ("B", 30, 4), ("C", 4, 4)):
        for number in range(size):
            given = {"customer": f"user:{half}{number}", "properties": {"half": half}}
            story.add("view", touchpoint="site", at=number, **given)
            if number < few:
                story.add("order", touchpoint="shop", at=number + 100, **given)
                story.add("answer", at=number + 101, scale="csat", score=5, **given)
    log = story.log(tmp_path)
    a, b, c = (Selection(properties=[("half", each)]) for each in "ABC")
    registry = Registry(log.workspace)
    for one, other in ((a, b), (b, a), (a, c), (c, a)):
        found = journey_map.compare(log, registry, one, other)
        few_here = one != a
        for each in (found.one, found.other):
            columns = {column.phase: column for column in each.columns}
            assert not any(0 < column.customers < 5 for column in columns.values())
            assert not any(0 < item.customers < 5 for item in each.items)
        changed = [each for each in found.one.items if each.change is not None]
        assert not any(each.key in ("order", "shop", "csat") for each in changed)
        if c in (one, other):
            assert changed == []
            assert not any(column.change for column in found.one.columns)
        if few_here:
            assert not any(each.key == "order" for each in found.one.items)
