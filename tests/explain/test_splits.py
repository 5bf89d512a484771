"""Low scores and giving up, located in the group of customers that has them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from percorso import explain
from percorso.explain import Problem
from percorso.explain.correcting import correct
from percorso.explain.properties import Property
from percorso.explain.splits import Split, matches
from percorso.i18n import in_language
from percorso.log import open_log
from percorso.log.schema import as_table
from percorso.log.steps import open_steps
from percorso.metrics.definitions import MEANS
from percorso.vocabulary import Interaction
from percorso.workspace import Workspace

START = datetime(2026, 1, 1, 9, tzinfo=UTC)
REGIONS = ("north", "east", "south", "west")
FLOORS = ("first", "second")


def row(number: int, hours: float, kind: str, touchpoint: str, **values: Any) -> Interaction:
    at = START + timedelta(hours=number + hours)
    return Interaction(
        id=f"{number}:{hours}:{kind}", at=at, customer=f"user:{number}", kind=kind,
        touchpoint=touchpoint, source="test", **values,
    )  # fmt: skip


def visits(rng: np.random.Generator, lower: dict[str, float]) -> list[Interaction]:
    """Make 1600 visits to two shops with an answer each; ``lower`` is by how much at the first.

    Its keys are regions, or ``all`` of them.
    """
    rows = []
    for number in range(1600):
        region = REGIONS[int(rng.integers(4))]
        properties = {"region": region, "floor": FLOORS[int(rng.integers(2))]}
        shop = ("Station", "Square")[number % 2]
        down = lower.get("all", 0) + lower.get(region, 0) if shop == "Station" else 0
        score = float(np.clip(np.rint(4.2 - down + rng.normal(0, 0.8)), 1, 5))
        rows += [
            row(number, 0, "visit", shop, properties=properties),
            row(number, 1, "answer", shop, properties=properties, scale="csat", score=score),
        ]
    return rows


def carts(rng: np.random.Generator, given_up: dict[str, float]) -> list[Interaction]:
    rows = []
    for number in range(1600):
        region = REGIONS[int(rng.integers(4))]
        rows.append(row(number, 0, "cart", "Cart", properties={"region": region}))
        if rng.random() > given_up.get(region, 0.1):
            rows.append(row(number, 1, "order", "Order"))
    return rows


def found_in(workspace: Workspace, rows: list[Interaction]) -> tuple[Problem, ...]:
    log = open_log(workspace)
    log.append(as_table(rows))
    return explain.problems(log, open_steps(log))


def test_low_scores_of_one_region_are_told_as_that_region(workspace: Workspace) -> None:
    (only,) = found_in(workspace, visits(np.random.default_rng(1), {"east": 1.2}))
    assert (only.kind, only.touchpoint, only.groups) == (
        "touchpoint",
        "Station",
        (("region", "east"),),
    )
    assert only.score_lost is not None
    assert only.score_lost.low < 1.15 < only.score_lost.high
    assert only.customers == pytest.approx(200, abs=35)
    assert {each.kind for each in only.evidence} == {"score_in"}
    with in_language("en"):
        assert only.where() == "Station · region: east"
        assert only.evidence[0].sentence().startswith("region east: the score is 3.")
    assert Problem.from_dict(only.as_dict()) == only


def test_two_regions_of_one_touchpoint_are_one_story(workspace: Workspace) -> None:
    (only,) = found_in(workspace, visits(np.random.default_rng(2), {"east": 1.2, "west": 1.0}))
    assert set(only.groups) == {("region", "east"), ("region", "west")}
    assert only.customers == pytest.approx(400, abs=45)


def test_what_all_find_is_told_of_the_touchpoint(workspace: Workspace) -> None:
    (only,) = found_in(workspace, visits(np.random.default_rng(3), {"all": 1.0}))
    assert (only.touchpoint, only.groups) == ("Station", ())
    assert only.customers == 800


def test_what_all_find_and_one_region_more_is_one_story(workspace: Workspace) -> None:
    (only,) = found_in(workspace, visits(np.random.default_rng(4), {"all": 0.9, "east": 1.2}))
    assert (only.touchpoint, only.groups, only.customers) == ("Station", (), 800)
    assert {each.kind for each in only.evidence} == {"score", "score_in"}
    # What the region loses is not what all lose.
    assert only.score_lost is not None
    assert only.score_lost.value == pytest.approx(1.15, abs=0.2)


def test_giving_up_in_one_region_is_found_there(workspace: Workspace) -> None:
    (only,) = found_in(workspace, carts(np.random.default_rng(5), {"south": 0.35}))
    assert (only.kind, only.groups) == ("stopping", (("region", "south"),))
    assert only.score_lost is None
    assert only.customers == pytest.approx(140, abs=30)
    with in_language("en"):
        assert "region south" in only.evidence[0].sentence()


def test_where_nothing_differs_chance_is_kept_to_its_rate() -> None:
    """With no least effect: 200 companies of 60 comparisons each, of customers with moods."""
    rng = np.random.default_rng(7)
    any_found = 0
    for _ in range(200):
        families = []
        for place in range(6):
            customer = np.sort(rng.integers(0, 250, 400))
            mood = rng.normal(0, 0.7, 250)[customer]
            worth = np.clip(np.rint(4.3 + mood + rng.normal(0, 0.7, 400)), 1, 5)
            home = rng.integers(0, 8, 250)[customer]
            properties = (
                Property("region", home, tuple("abcdefgh")),
                Property("floor", rng.integers(0, 2, 400), FLOORS),
            )
            families.append(
                Split(
                    "score_in", place, MEANS["csat"], np.arange(400), customer, worth,
                    np.full(400, -1), properties,
                )
            )  # fmt: skip
        p_values = [test.p_value for split in families for test in split.tests()]
        (adjusted,), _ = correct([p_values])
        any_found += bool((adjusted <= 0.05).any())
    assert any_found / 200 <= 0.075


def test_rows_are_matched_by_integers_no_float_can_tell_apart() -> None:
    large = 2**62
    known = (np.array([1, 1, 2, 1]), np.array([large, large + 1, large, large]))
    asked = (np.array([1, 2, 1, 3]), np.array([large + 1, large, large, large]))
    assert matches(known, asked).tolist() == [1, 2, 0, -1]
    assert matches((np.empty(0, int),) * 2, asked).tolist() == [-1] * 4
    assert matches(known, (np.empty(0, int),) * 2).tolist() == []
