"""Sums, design effects and exact tests against plain Python over single answers."""

from collections import defaultdict
from fractions import Fraction
from math import comb
from statistics import fmean, variance

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from percorso.estimation import adjust
from percorso.estimation.proportions import exact_p_values
from percorso.log import Log, open_log
from percorso.metrics.definitions import METRICS, Metric
from percorso.metrics.tally import Tally, tally
from percorso.workspace import Workspace

SCORES = {"nps": 10, "csat": 5, "ces": 7, "ces_effort": 7, "pmf": 3, "stars": 5}


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Log:
    """Return an empty log, whose engine is asked."""
    return open_log(Workspace.create(tmp_path_factory.mktemp("tally") / "w"))


@st.composite
def answers(draw: st.DrawFn) -> list[dict[str, object]]:
    scale = st.sampled_from(sorted(SCORES))
    return [
        {
            "group": draw(st.sampled_from("abc")),
            "customer": f"user:{draw(st.integers(0, 6))}",
            "scale": (chosen := draw(scale)),
            "score": float(draw(st.integers(0 if chosen in ("nps", "pmf") else 1, SCORES[chosen]))),
        }
        for _ in range(draw(st.integers(1, 40)))
    ]


def worth(metric: str, scale: str, score: float) -> float | None:
    """Say what an answer is worth, as the concept pages do."""
    match metric, scale:
        case "nps", "nps":
            return 100.0 if score >= 9 else -100.0 if score <= 6 else 0.0
        case "csat", "csat":
            return 100.0 if score >= 4 else 0.0
        case "ces", "ces":
            return score
        case "ces", "ces_effort":
            return 8 - score
        case "pmf", "pmf":
            return None if score == 0 else 100.0 if score == 3 else 0.0
        case "stars", "stars":
            return score
        case "stars_top2", "stars":
            return 100.0 if score >= 4 else 0.0
    return None


@settings(max_examples=20, deadline=None)
@given(rows=answers())
def test_every_sum_is_what_single_answers_add_up_to(
    log: Log, rows: list[dict[str, object]]
) -> None:
    found = tally(log, pa.Table.from_pylist(rows), METRICS.values(), rest=True)
    for name in METRICS:
        cells: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
        for row in rows:
            value = worth(name, str(row["scale"]), float(str(row["score"])))
            if value is not None:
                cells[str(row["group"])][str(row["customer"])].append(value)
        assert (name in found) == bool(cells)
        if cells:
            check(found[name], cells)


def check(found: Tally, cells: dict[str, dict[str, list[float]]]) -> None:
    assert found.groups == tuple(sorted(cells))
    assert found.rest is not None
    for place, group in enumerate(found.groups):
        check_group(found, place, cells[group])
        elsewhere: dict[str, list[float]] = defaultdict(list)
        for other, customers in cells.items():
            if other != group:
                for customer, values in customers.items():
                    elsewhere[customer].extend(values)
        if elsewhere:
            check_group(found.rest, place, elsewhere)
        else:
            assert found.rest.n[place] == found.rest.customers[place] == 0


def check_group(found: Tally, place: int, customers: dict[str, list[float]]) -> None:
    values = [value for each in customers.values() for value in each]
    group = found.take([place])
    assert group.n[0] == len(values)
    assert group.customers[0] == len(customers)
    assert group.value[0] == pytest.approx(fmean(values))
    if len(values) > 1:
        assert group.variance[0] == pytest.approx(variance(values), abs=1e-6)
    mean = fmean(values)
    between = sum((sum(each) - len(each) * mean) ** 2 for each in customers.values())
    seen = group.sum_yy - 2 * mean * group.sum_my + mean**2 * group.sum_mm
    assert float(seen[0]) == pytest.approx(between, abs=1e-4)
    assert 1 <= group.design_effect[0] <= max(len(values) / 2, 1)
    if len(values) == len(customers):
        assert group.design_effect[0] == 1


METRIC = Metric("stars", "mean", ("stars",), 1, 5)


@settings(max_examples=10, deadline=None)
@given(scores=st.lists(st.integers(1, 5), min_size=3, max_size=20), times=st.integers(2, 6))
def test_the_same_answer_many_times_counts_about_once(
    log: Log, scores: list[int], times: int
) -> None:
    def rows(repeats: int) -> pa.Table:
        return pa.Table.from_pylist(
            [
                {"group": "a", "customer": f"user:{who}", "scale": "stars", "score": float(score)}
                for who, score in enumerate(scores)
                for _ in range(repeats)
            ]
        )

    once = tally(log, rows(1), [METRIC])["stars"]
    often = tally(log, rows(times), [METRIC])["stars"]
    assert often.n[0] == times * once.n[0]
    # Kish: answers that agree wholly are worth one each customer.
    expected = (
        len(scores)
        if len(set(scores)) == 1
        else len(scores) * ((1 - 1 / len(scores)) / (1 - 1 / (times * len(scores))))
    )
    assert often.effective_n[0] == pytest.approx(max(expected, 2), rel=1e-6)


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 30), st.integers(1, 30), st.data())
def test_exact_p_values_are_exact(n1: int, n2: int, data: st.DataObject) -> None:
    k1, k2 = data.draw(st.integers(0, n1)), data.draw(st.integers(0, n2))
    total = k1 + k2

    def chance(k: int) -> Fraction:
        if not (0 <= k <= n1 and 0 <= total - k <= n2):
            return Fraction(0)
        return Fraction(comb(n1, k) * comb(n2, total - k), comb(n1 + n2, total))

    above = sum((chance(k) for k in range(k1 + 1, n1 + 1)), Fraction(0)) + chance(k1) / 2
    below = sum((chance(k) for k in range(k1)), Fraction(0)) + chance(k1) / 2
    tail = above if k1 * n2 >= k2 * n1 else below
    expected = min(2 * tail, Fraction(1))
    found = float(exact_p_values(k1, n1, k2, n2))
    assert found == pytest.approx(float(expected), rel=1e-9)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(0, 1), max_size=30), st.floats(0.001, 0.2))
def test_adjusting_is_the_step_up_and_step_down_of_the_papers(
    p_values: list[float], level: float
) -> None:
    m = len(p_values)
    ordered = sorted(p_values)
    step_up = max((i for i, p in enumerate(ordered, 1) if p * m / i <= level), default=0)
    found = adjust(p_values)
    assert (
        (found <= level).sum() == sum(p <= ordered[step_up - 1] for p in p_values)
        if step_up
        else not (found <= level).any()
    )
    step_down = 0
    while step_down < m and ordered[step_down] * (m - step_down) <= level:
        step_down += 1
    assert (adjust(p_values, "holm") <= level).sum() == step_down
    assert np.all(found >= np.asarray(p_values) - 1e-15)
