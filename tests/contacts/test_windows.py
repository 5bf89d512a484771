"""Sliding windows against trying every moment."""

from bisect import bisect_right
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from percorso.contacts import windows
from percorso.contacts.windows import Window

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def _fits(times, at, most, span):
    together = [*times, at]
    for start in range(at - span + 1, at + 1):
        if sum(start <= each < start + span for each in together) > most:
            return False
    return True


@given(
    st.lists(st.integers(0, 30), max_size=12), st.integers(1, 4), st.integers(1, 12),
    st.integers(0, 30),
)  # fmt: skip
def test_the_first_free_moment_is_the_first(times, most, span, at):
    window = Window(most, span * HOUR, [START + each * HOUR for each in times])
    expected = next(each for each in range(at, 99) if _fits(times, each, most, span))
    assert window.free(START + at * HOUR) == START + expected * HOUR


def test_what_is_as_old_as_the_window_has_left_it():
    window = Window(1, timedelta(days=30), [START])
    assert window.free(START + timedelta(days=29)) == START + timedelta(days=30)


def test_of_many_too_many_it_does_not_try_each(monkeypatch):
    calls = []

    def counted(*given):
        calls.append(given)
        return bisect_right(*given)

    monkeypatch.setattr(windows, "bisect_right", counted)
    window = Window(100, 24 * HOUR, [START + each * timedelta(seconds=1) for each in range(20_000)])
    # The hundredth from the end is the last that has to leave.
    assert window.free(START + 6 * HOUR) == START + 19_900 * timedelta(seconds=1) + 24 * HOUR
    assert len(calls) < 10
