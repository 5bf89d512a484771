"""What is counted and tested for many things at once is what it is for one."""

import random
from collections import defaultdict
from pathlib import Path

from tests.metrics.given import Story

from percorso.estimation import difference_of_proportions
from percorso.journey_map import Material, doing
from percorso.journey_map.counting import share_of, shares_tested
from percorso.log.selection import Selection
from percorso.vocabulary import NOT_STEPS


def test_many_shares_are_tested_as_each_one_is() -> None:
    chance = random.Random(3)
    pairs = []
    for _ in range(800):
        sizes = [chance.choice((0, 3, 5, 9, 40, 3_000, 30_000)) for _ in range(2)]
        one, other = ((chance.randint(0, size), size) for size in sizes)
        pairs.append((one, other))
    found = shares_tested(pairs)
    assert sum(each is not None for each in found) > 100
    for (one, other), tested in zip(pairs, found, strict=True):
        few = any(whole < 5 or 0 < part < 5 or 0 < whole - part < 5 for part, whole in (one, other))
        if few or not (share_of(*one).shown or share_of(*other).shown):
            assert tested is None
            continue
        single = difference_of_proportions(*one, *other)
        assert tested is not None
        assert (tested.difference, tested.p_value) == (single.estimate, single.p_value)


def test_what_customers_do_is_what_a_plain_count_finds(tmp_path: Path) -> None:
    story, chance = Story(), random.Random(8)
    kinds = ("view", "order", "message", "promise", "search", "consent")
    for number in range(300):
        story.add(
            chance.choice(kinds), f"user:{number % 40}", at=number,
            touchpoint=chance.choice(("site", "till", "blog")),
            channel=chance.choice(("website", "store")),
        )  # fmt: skip
    log = story.log(tmp_path)
    for selection in (None, Selection(channels=["store"])):
        table = log.interactions()
        table = table if selection is None else selection.apply(log, table)
        rows = table.select("customer", "phase", "kind", "touchpoint").to_pyarrow().to_pylist()
        people: dict[tuple[str, str], set[str]] = defaultdict(set)
        times: dict[tuple[str, str], int] = defaultdict(int)
        phases: dict[str, set[str]] = defaultdict(set)
        for row in rows:
            phases[row["phase"]].add(row["customer"])
            if row["kind"] in NOT_STEPS:
                continue
            for name in (row["kind"], row["touchpoint"]):
                people[row["phase"], name].add(row["customer"])
                times[row["phase"], name] += 1
        found = doing.count(log, selection)
        assert found.interactions == len(rows)
        assert found.customers == len({row["customer"] for row in rows})
        assert found.phases == {phase: len(who) for phase, who in phases.items()}
        expected = {key: (len(who), times[key]) for key, who in people.items()}
        assert found.kinds | found.touchpoints == expected


def test_material_counts_each_selection_once(tmp_path: Path) -> None:
    story = Story()
    for number in range(10):
        story.add("view", f"user:{number}", at=number)
    material = Material(story.log(tmp_path))
    shop = Selection(channels=["store"])
    assert material.done(None) is material.done(None)
    assert material.done(Selection(channels=["store"])) is material.done(shop)
    assert material.done(None) is not material.done(shop)
