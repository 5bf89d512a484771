"""Budgets and moments, drawn at random."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain

from hypothesis import strategies as st

from percorso.contacts import Budget, Limit
from percorso.contacts.model import FREEDOMS


def _utc(*given):
    return datetime(*given, tzinfo=UTC)


#: Clocks that jump by an hour, by half of one, at midnight, and by a whole day.
MOMENTS = {
    "Europe/Rome": [_utc(2026, 3, 29, 1), _utc(2026, 10, 25, 1)],
    "America/New_York": [_utc(2026, 3, 8, 7), _utc(2026, 11, 1, 6)],
    "Australia/Lord_Howe": [_utc(2026, 4, 4, 15), _utc(2026, 10, 3, 15, 30)],
    "America/St_Johns": [_utc(2010, 11, 7, 2, 31), _utc(2010, 3, 14, 3, 31)],
    "America/Sao_Paulo": [_utc(2018, 11, 4, 3), _utc(2018, 2, 18, 2)],
    "Africa/Casablanca": [_utc(2026, 2, 15, 2), _utc(2026, 3, 22, 2)],
    "Pacific/Apia": [_utc(2011, 12, 30, 10)],
    "Asia/Kathmandu": [_utc(2026, 4, 14, 18, 15)],
}
#: Times of day on a raster of half an hour, in which clocks are changed too.
HALF_HOURS = st.builds(time, st.integers(0, 23), st.sampled_from([0, 30]))
MINUTE = timedelta(minutes=1)
QUIET = ("quiet_from", "quiet_until")
#: What is edited together.
PARTS = [QUIET, *((each.name,) for each in fields(Budget) if each.name not in QUIET)]


@st.composite
def places_in_time(draw):
    """Draw a zone, and a moment within two days of when its clocks are changed."""
    zone = draw(st.sampled_from(sorted(MOMENTS)))
    change = draw(st.sampled_from(MOMENTS[zone]))
    return zone, change + draw(st.integers(-2880, 2880)) * MINUTE


def limits(most, days):
    return st.none() | st.none() | st.builds(Limit, st.integers(1, most), st.integers(1, days))


@st.composite
def budgets(draw, zone):
    """Draw a budget so small that it is felt."""
    quiet = draw(st.none() | st.lists(HALF_HOURS, min_size=2, max_size=2, unique=True))
    start, end = quiet or (None, None)
    first = date(draw(st.sampled_from([2010, 2018, 2026])), draw(st.integers(1, 12)), 2)
    return Budget(
        zone=zone,
        total=draw(limits(4, 9)),
        survey=draw(limits(3, 9)),
        marketing=draw(limits(3, 9)),
        service=draw(limits(3, 5)),
        between_surveys=draw(st.integers(0, 3)),
        same_survey=draw(st.integers(1, 6)),
        a_day=draw(st.none() | st.integers(1, 6)),
        an_hour=draw(st.none() | st.integers(1, 4)),
        quiet_from=start,
        quiet_until=end,
        weekdays=draw(st.just(frozenset(range(7))) | st.frozensets(st.integers(0, 6), min_size=2)),
        holidays=draw(st.sampled_from(["", "IT"])),
        closed=draw(st.just(()) | st.just(((first, first + timedelta(days=2)),))),
        service_free_of=draw(st.frozensets(st.sampled_from(FREEDOMS))),
    )


def budgets_in_turn(zone):
    """Draw a budget in a zone, and others, anywhere, that some of it is edited to be like."""
    anywhere = st.sampled_from(sorted(MOMENTS)).flatmap(budgets)
    return st.tuples(budgets(zone), anywhere, anywhere)


def edited(budget, others, chance):
    """Return a budget of which somebody edited one thing or several."""
    other = chance.choice(others)
    names = chain(*chance.sample(PARTS, chance.randint(1, 4)))
    return replace(budget, **{name: getattr(other, name) for name in names})
