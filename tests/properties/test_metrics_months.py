"""The company's zone, worked out in pieces, against the zone itself."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from percorso.metrics.dimensions import offsets

START = datetime(1998, 1, 1, tzinfo=UTC)
ZONES = ["Europe/Rome", "UTC", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"]


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(ZONES),
    st.integers(0, 20 * 365 * 86_400 * 10**6).map(
        lambda each: START + timedelta(microseconds=each)
    ),
    st.integers(1, 1500),
    st.floats(0, 1),
)
@example("Europe/Rome", datetime(2026, 3, 29, 0, 59, 59, 999_999, UTC), 1, 0.0)
@example("Europe/Rome", datetime(2026, 3, 28, 1, 0, 0, 1, UTC), 1, 1.0)
@example("Europe/Rome", datetime(2026, 10, 24, 12, tzinfo=UTC), 2, 0.27)
def test_each_time_finds_its_distance(name: str, first: datetime, days: int, part: float) -> None:
    zone = ZoneInfo(name)
    pieces = offsets(first, first + timedelta(days=days), zone)
    times = [first + timedelta(days=days) * part]
    for moment, _ in pieces:
        times += [max(moment, first), moment + timedelta(microseconds=1)]
        times += [max(moment - timedelta(microseconds=1), first)]
    for time in times:
        found = [seconds for begins, seconds in pieces if begins <= time or begins == first][-1]
        assert timedelta(seconds=found) == time.astimezone(zone).utcoffset()
    assert len(pieces) <= 2 + days / 150
