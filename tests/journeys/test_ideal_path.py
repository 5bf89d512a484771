"""The ideal path contrast: who is compared, what before, and how."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from tests.journeys.cases import HOUR, Journeys, Row, index_of, journeys_of, rows

from percorso import journeys
from percorso.estimation import adjust, difference_of_proportions
from percorso.journeys import IdealPath, ideal
from percorso.log import open_log
from percorso.log.schema import as_table
from percorso.log.selection import Selection
from percorso.log.steps import open_steps
from percorso.vocabulary import Interaction
from percorso.workspace import Workspace


def walk(customer: str, *steps: str, score: float | None = None, scale: str = "nps") -> list[Row]:
    """Return steps an hour apart, then an answer."""
    found = [Row(customer, place * HOUR, name) for place, name in enumerate(steps)]
    if score is not None:
        at = len(steps) * HOUR
        found.append(Row(customer, at, "survey", kind="answer", scale=scale, score=score))
    return found


def shares(found: IdealPath) -> dict[tuple[str, tuple[str, ...]], tuple[int, int]]:
    return {(row.kind, row.step): (row.ideal_customers, row.other_customers) for row in found.rows}


def test_promoters_against_the_others_who_answered() -> None:
    log = []
    for number in range(30):
        log += walk(f"good:{number}", "event", "shop", score=9 + number % 2)
        log += walk(f"bad:{number}", "ad", "shop", score=number % 9)
        log += walk(f"silent:{number}", "ad", "event")
    # What comes after the last answer counts for nothing, and the last answer decides.
    log += [Row(f"good:{number}", 99 * HOUR, "after") for number in range(30)]
    log += [
        Row(f"good:{n}", -HOUR, "survey", kind="answer", scale="nps", score=0) for n in range(15)
    ]
    found = journeys.ideal_path(index_of(log), "promoters")
    assert (found.ideal, found.others, found.chosen_by) == (30, 30, "promoters")
    assert shares(found) == {
        ("start", ("event",)): (15, 0),
        ("start", ("survey",)): (15, 0),
        ("start", ("ad",)): (0, 30),
        ("step", ("survey",)): (15, 0),
        ("step", ("event",)): (30, 0),
        ("step", ("ad",)): (0, 30),
        ("transition", ("survey", "event")): (15, 0),
        ("transition", ("event", "shop")): (30, 0),
        ("transition", ("ad", "shop")): (0, 30),
    }
    # Everybody passed the shop: there is nothing to test.
    assert found.tested == 9
    first = found.rows[0]
    assert (first.ideal_share, first.other_share) == (0.0, 100.0)
    assert first.significant
    assert first.effect == pytest.approx(-np.pi)
    wanted = difference_of_proportions(0, 30, 30, 30)
    assert first.difference.value == pytest.approx(-100)
    assert first.difference.high == pytest.approx(wanted.estimate.high)
    assert first.difference.high < 0


def test_without_nps_answers_the_best_on_the_main_scale_is_ideal() -> None:
    log = []
    for number in range(20):
        log += walk(f"good:{number}", "event", score=5, scale="stars")
        log += walk(f"bad:{number}", "ad", score=4.5, scale="stars")
    found = journeys.ideal_path(index_of(log))
    assert (found.ideal, found.others) == (20, 20)
    effort = [
        row
        for number in range(20)
        for row in (
            *walk(f"easy:{number}", "event", score=1, scale="ces_effort"),
            *walk(f"hard:{number}", "ad", score=7, scale="ces_effort"),
        )
    ]
    assert shares(journeys.ideal_path(index_of(effort)))["step", ("event",)] == (20, 0)


@pytest.mark.parametrize(
    ("nps", "stars", "scale"),
    [(99, 100, "stars"), (100, 120, "nps"), (60, 60, "nps"), (60, 59, "nps"), (0, 30, "stars")],
)
def test_the_answer_that_makes_promoters_is_chosen_by_customers_not_answers(
    nps: int, stars: int, scale: str
) -> None:
    log = [
        row
        for number in range(nps)
        for row in walk(f"nps:{number}", "web", score=9 if number % 2 else 3)
    ]
    # Many answers of one customer are one customer's.
    log += (
        [
            Row("nps:1", 50 * HOUR, "survey", kind="answer", scale="csat", score=5)
            for _ in range(500)
        ]
        if nps
        else []
    )
    for number in range(stars):
        log += walk(f"stars:{number}", "ad", score=5 if number % 2 else 2, scale="stars")
    found = journeys.ideal_path(index_of(log))
    assert (found.scale, found.ideal + found.others) == (scale, nps if scale == "nps" else stars)
    assert journeys.ideal_path(index_of(log), "advocates").scale is None


def test_a_selection_in_which_nobody_answered_nps_takes_what_they_answered() -> None:
    log = [row for n in range(200) for row in walk(f"nps:{n}", "web", score=9 if n % 2 else 3)]
    for number in range(40):
        steps = walk(f"stars:{number}", "ad", score=5 if number % 2 else 2, scale="stars")
        log += [replace(row, channel="email") for row in steps]
    index = index_of(log)
    assert journeys.ideal_path(index).scale == "nps"
    found = journeys.ideal_path(index, selection=Selection(channels=("email",)))
    assert (found.scale, found.ideal, found.others) == ("stars", 20, 20)


def test_groups_under_five_are_not_compared() -> None:
    log = [row for n in range(30) for row in walk(f"user:{n}", "shop", score=10 if n < 4 else 5)]
    assert journeys.ideal_path(index_of(log)) == IdealPath("promoters", 4, 26, 0, (), "nps")
    assert journeys.ideal_path(index_of([])) == IdealPath("promoters", 0, 0, 0, ())
    assert journeys.ideal_path(index_of([]), "advocates") == IdealPath("advocates", 0, 0, 0, ())
    with pytest.raises(ValueError, match="not 'friends'"):
        journeys.ideal_path(index_of([]), "friends")  # type: ignore[arg-type]


def test_nothing_before_the_answer_leaves_nothing_to_test() -> None:
    log = [row for n in range(30) for row in walk(f"user:{n}", score=10 if n < 15 else 5)]
    assert journeys.ideal_path(index_of(log)) == IdealPath("promoters", 15, 15, 0, (), "nps")


def test_advocates_by_what_came_before_and_others_for_as_long() -> None:
    log = []
    for number in range(20):
        # Ideal: two hours from the first step to the review.
        log += walk(f"a:{number}", "event", "shop", score=None)
        log.append(Row(f"a:{number}", 2 * HOUR, "web", kind="review", scale="stars", score=5))
        log.append(Row(f"a:{number}", 3 * HOUR, "thanks"))
        # Other: the third step comes after as long, the fourth much later.
        log += walk(f"b:{number}", "ad", "shop", "call", "thanks", score=None)
        # Other, with a bad review after an hour: nothing from there on.
        log += walk(f"c:{number}", "ad", score=None)
        log.append(Row(f"c:{number}", HOUR, "web", kind="review", scale="stars", score=1))
    found = journeys.ideal_path(index_of(log), "advocates")
    assert (found.ideal, found.others) == (20, 40)
    assert shares(found) == {
        ("start", ("event",)): (20, 0),
        ("start", ("ad",)): (0, 40),
        ("step", ("event",)): (20, 0),
        ("step", ("ad",)): (0, 40),
        ("step", ("shop",)): (20, 20),
        ("transition", ("event", "shop")): (20, 0),
        ("transition", ("ad", "shop")): (0, 20),
    }


def test_whoever_brought_somebody_is_an_advocate() -> None:
    log = []
    for number in range(20):
        log += walk(f"a:{number}", "event", "shop")
        log.append(Row(f"a:{number}", 2 * HOUR, "friend", kind="referral"))
        log += walk(f"b:{number}", "ad", "shop", "call")
    found = journeys.ideal_path(index_of(log), "advocates")
    assert (found.ideal, found.others) == (20, 20)
    assert shares(found)["step", ("event",)] == (20, 0)


def test_by_value_before_the_first_purchase(workspace: Workspace) -> None:
    log = open_log(workspace)
    start = datetime(2025, 1, 1, tzinfo=UTC)
    found: list[Interaction] = []

    def add(customer: str, hour: int, kind: str, **more: Any) -> None:
        at = start + timedelta(hours=hour)
        given = {"id": f"{customer}-{hour}", "at": at, "customer": customer, "kind": kind}
        given |= {"source": "test", "touchpoint": kind} | more
        found.append(Interaction(**given))

    for number in range(100):
        customer = f"user:{number}"
        add(customer, 0, "attendance" if number < 20 else "view")
        add(customer, 1, "order", amount=1000.0 - number, currency="EUR")
        add(customer, 2, "delivery")
        if number < 20:
            add(customer, 3, "order", amount=1.0, currency="EUR")
    for number in range(30):
        add(f"looks:{number}", 0, "view")
    log.append(as_table(found))
    result = journeys.ideal_path(open_steps(log), "value")
    assert (result.ideal, result.others) == (20, 80)
    assert shares(result) == {
        ("start", ("attendance",)): (20, 0),
        ("start", ("view",)): (0, 80),
        ("step", ("attendance",)): (20, 0),
        ("step", ("view",)): (0, 80),
    }
    assert all(row.significant for row in result.rows)


def test_chance_alone_is_no_finding() -> None:
    random = np.random.default_rng(11)
    named = "abcdefgh"
    false = 0
    for _ in range(40):
        log = []
        for number in range(150):
            steps = [named[place] for place in random.integers(0, 8, 6)]
            log += walk(f"user:{number}", *steps, score=int(random.integers(5, 11)))
        false += bool(journeys.ideal_path(index_of(log)).significant)
    # Benjamini-Hochberg at 5%: with nothing to find, one log in twenty shows something.
    assert false <= 6


@settings(max_examples=80, deadline=None)
@given(rows(touchpoints="abc", customers=40, most=150, days=30))
def test_promoters_equal_counting_by_hand(log: list[Row]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ideal, "LEAST", 1)
        found = journeys.ideal_path(index_of(log))
    groups = _before_last_answer(journeys_of(log))
    assert (found.ideal, found.others) == (len(groups[True]), len(groups[False]))
    counts = {good: _count(groups[good]) for good in groups}
    if min(found.ideal, found.others) < 5:
        assert found.tested == 0
        return
    wanted = {
        each: (counts[True][each], counts[False][each])
        for each in counts[True] | counts[False]
        if counts[True][each] + counts[False][each] < found.ideal + found.others
    }
    assert shares(found) == wanted
    assert found.tested == len(found.rows) == len(wanted)
    singles = [
        difference_of_proportions(
            row.ideal_customers, found.ideal, row.other_customers, found.others
        )
        for row in found.rows
    ]
    corrected = adjust([single.p_value for single in singles])
    for row, single, p_adjusted in zip(found.rows, singles, corrected, strict=True):
        assert row.p_value == pytest.approx(single.p_value)
        assert row.p_adjusted == pytest.approx(float(p_adjusted))
        assert row.difference.low == pytest.approx(single.estimate.low)
        assert row.ideal_share - row.other_share == pytest.approx(row.difference.value)


def _before_last_answer(by_customer: Journeys) -> dict[bool, list[list[str]]]:
    groups: dict[bool, list[list[str]]] = {True: [], False: []}
    for steps in by_customer.values():
        answers = [place for place, row in enumerate(steps) if row.score is not None]
        if answers:
            good = (steps[answers[-1]].score or 0) >= 9
            groups[good].append([row.touchpoint for row in steps[: answers[-1]]])
    return groups


def _count(walks: list[list[str]]) -> Counter[tuple[str, tuple[str, ...]]]:
    counts: Counter[tuple[str, tuple[str, ...]]] = Counter()
    for names in walks:
        counts.update({("start", (name,)) for name in names[:1]})
        counts.update({("step", (name,)) for name in names})
        counts.update({("transition", pair) for pair in pairwise(names)})
    return counts
