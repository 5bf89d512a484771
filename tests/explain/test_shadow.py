"""What was broken before an answer: found among integers, however large."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from percorso.explain.comparisons import last_before

#: The year 9999 in microseconds: the latest time that a log can hold.
LATEST = 253_402_300_799_999_999
#: Times a float cannot tell apart, and times far from each other.
TIMES = st.one_of(st.integers(LATEST - 3, LATEST), st.integers(-LATEST, LATEST))
MOMENTS = st.lists(st.tuples(st.sampled_from([0, 1, 2, 10**9, 10**9 + 1]), TIMES), max_size=30)


def columns(moments: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    rows = np.array(moments, dtype=np.int64).reshape(-1, 2)
    return rows[:, 0], rows[:, 1]


@settings(max_examples=200, deadline=None)
@given(MOMENTS, MOMENTS)
def test_the_last_event_before_is_the_one_that_counting_finds(
    events: list[tuple[int, int]], moments: list[tuple[int, int]]
) -> None:
    found = last_before(*columns(events), *columns(moments))
    for (customer, when), place in zip(moments, found.tolist(), strict=True):
        before = [at for name, at in events if name == customer and at <= when]
        assert (place >= 0) == bool(before)
        if before:
            assert events[place] == (customer, max(before))


@pytest.mark.parametrize(("later", "there"), [(-1, False), (0, True), (1, True)])
def test_one_microsecond_decides_among_a_thousand_million_customers(
    later: int, there: bool
) -> None:
    customer, at = 10**9, LATEST - 10
    found = last_before(
        np.array([0, customer]), np.array([0, at]), np.array([customer]), np.array([at + later])
    )
    assert (found[0] == 1) == there
