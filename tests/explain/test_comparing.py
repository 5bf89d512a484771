"""Each group beside all others, checked against counting by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from percorso.explain.comparing import _tallies, compare
from percorso.explain.correcting import correct
from percorso.metrics.definitions import MEANS

CSAT = MEANS["csat"]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 6), st.integers(1, 5)), min_size=1, max_size=60
    )
)
def test_sums_of_a_group_and_of_what_is_outside_of_it(rows: list[tuple[int, int, int]]) -> None:
    group, customer, worth = (np.array(each) for each in zip(*rows, strict=True))
    own, rest = _tallies(CSAT, group, customer, worth.astype(float))
    for code in range(group.max() + 1):
        for tally, chosen in ((own, group == code), (rest, group != code)):
            m = [np.sum(customer[chosen] == c) for c in np.unique(customer[chosen])]
            y = [worth[chosen][customer[chosen] == c].sum() for c in np.unique(customer[chosen])]
            expected = (
                chosen.sum(), len(m), worth[chosen].sum(), (worth[chosen] ** 2).sum(),
                np.dot(m, m), np.dot(m, y), np.dot(y, y),
            )  # fmt: skip
            seen = (
                tally.n, tally.customers, tally.total, tally.squares,
                tally.sum_mm, tally.sum_my, tally.sum_yy,
            )  # fmt: skip
            assert [each[code] for each in seen] == pytest.approx(expected)


def test_groups_of_few_customers_are_not_compared() -> None:
    rng = np.random.default_rng(1)
    group = np.repeat([0, 1, 2], [100, 100, 19])
    found = compare(CSAT, group, np.arange(219), rng.integers(1, 6, 219).astype(float))
    assert [each.group for each in found] == [0, 1]
    assert compare(CSAT, np.zeros(0, int), np.zeros(0, int), np.zeros(0)) == []


def test_difference_is_here_minus_there() -> None:
    group = np.repeat([0, 1], 50)
    worth = np.where(group == 0, 2.0, 4.0) + np.tile([-1, 1], 50)
    first, second = compare(CSAT, group, np.arange(100), worth)
    assert first.difference.value == pytest.approx(-2)
    assert second.difference.value == pytest.approx(2)
    assert first.p_value < 1e-6


def test_a_family_with_many_findings_does_not_let_chance_into_another() -> None:
    many = [1e-9] * 40
    adjusted, level = correct([many, [0.04, 0.3, 0.5, 0.7]])
    assert (adjusted[0] <= 0.05).all()
    assert (adjusted[1] > 0.05).all()
    # One of the two families is chosen: half of the level is left within it.
    assert level == pytest.approx(0.025)
    # All in one family, the 0.04 would be a finding.
    together, _ = correct([[*many, 0.04, 0.3, 0.5, 0.7]])
    assert together[0][40] <= 0.05


def test_correction_by_family_worked_by_hand() -> None:
    """Simes: 0.01 * 3 / 1 = 0.03 and 0.02 * 2 / 1 = 0.04; chosen by BH at 0.04: both."""
    adjusted, level = correct([[0.01, 0.2, 0.9], [0.02, 0.5], []])
    assert adjusted[0] == pytest.approx([0.03, 0.3, 0.9])
    assert adjusted[1] == pytest.approx([0.04, 0.5])
    assert len(adjusted[2]) == 0
    assert level == pytest.approx(0.05)


def test_where_nothing_is_so_something_is_found_in_one_case_of_twenty() -> None:
    rng = np.random.default_rng(3)
    any_found = []
    for _ in range(4000):
        families = [rng.random(size).tolist() for size in (3, 10, 40, 1, 8)]
        adjusted, _ = correct(families)
        any_found.append(any((each <= 0.05).any() for each in adjusted))
    assert np.mean(any_found) == pytest.approx(0.05, abs=0.012)


def test_no_tests_at_all() -> None:
    assert correct([]) == ([], 0.05)
    assert [len(each) for each in correct([[], []])[0]] == [0, 0]
