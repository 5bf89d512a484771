"""Quiet hours, business days and holidays, by the clock on the wall."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contacts.cases import budgets, places_in_time
from tests.contacts.checker import Gone, complaints

from percorso.contacts import Budget, ContactsError, Limit, next_allowed
from percorso.contacts.calendar import closing, public_holidays

MINUTE = timedelta(minutes=1)
ALWAYS = Budget(quiet_from=None, quiet_until=None, weekdays=frozenset(range(7)), holidays="")


def utc(*given):
    return datetime(*given, tzinfo=UTC)


def _is_open(budget, moment):
    budget = replace(budget, a_day=None, an_hour=None, survey=Limit(1, 1))
    return complaints([Gone("w", ("a",), "a", "survey", "nps", moment, moment, budget)]) == []


@given(st.data())
@settings(max_examples=20, deadline=None)
def test_the_next_open_moment_and_the_next_closed_one_are_the_first(data):
    zone, moment = data.draw(places_in_time())
    budget = data.draw(budgets(zone))
    # Whatever changes does so at a full quarter of an hour, or a minute after it in St. John's.
    minutes = (moment + n * MINUTE for n in range(3 * 1440))
    raster = [each for each in minutes if each == moment or each.minute % 15 < 2]
    opened = next((each for each in raster if _is_open(budget, each)), None)
    found = next_allowed(budget, moment)
    if opened is None:
        assert found > raster[-1]
        return
    assert found == opened
    closed = next((each for each in raster if each > opened and not _is_open(budget, each)), None)
    assert closing(budget, opened, "survey", raster[-1]) == closed


ROME = replace(ALWAYS, zone="Europe/Rome")


@pytest.mark.parametrize(
    ("quiet", "moment", "expected"),
    [
        # In winter Rome is an hour ahead of UTC, in summer two.
        ((time(20), time(9)), utc(2026, 1, 14, 19), utc(2026, 1, 15, 8)),
        ((time(20), time(9)), utc(2026, 7, 15, 18), utc(2026, 7, 16, 7)),
        ((time(20), time(9)), utc(2026, 7, 15, 17, 59), utc(2026, 7, 15, 17, 59)),
        ((time(13), time(15)), utc(2026, 7, 15, 12, 30), utc(2026, 7, 15, 13)),
        # The night of 28 March is an hour shorter, that of 24 October an hour longer.
        ((time(20), time(9)), utc(2026, 3, 28, 19), utc(2026, 3, 29, 7)),
        ((time(20), time(9)), utc(2026, 10, 24, 18), utc(2026, 10, 25, 8)),
        # Half past two does not come: the clock goes from two to three.
        ((time(20), time(2, 30)), utc(2026, 3, 29, 0), utc(2026, 3, 29, 1)),
        # It comes twice, and between half past two and three there is time the first time too.
        ((time(20), time(2, 30)), utc(2026, 10, 25, 0), utc(2026, 10, 25, 0, 30)),
        ((time(20), time(2, 30)), utc(2026, 10, 25, 1), utc(2026, 10, 25, 1, 30)),
    ],
)
def test_quiet_hours_in_rome(quiet, moment, expected):
    budget = replace(ROME, quiet_from=quiet[0], quiet_until=quiet[1])
    assert next_allowed(budget, moment) == expected


def test_a_moment_of_another_zone_is_the_same_moment():
    budget = replace(ROME, quiet_from=time(20), quiet_until=time(9))
    there = datetime(2026, 7, 15, 3, tzinfo=ZoneInfo("Asia/Tokyo"))  # 20:00 in Rome
    assert next_allowed(budget, there) == utc(2026, 7, 15, 7)


def test_closed_days():
    budget = replace(ROME, weekdays=frozenset(range(5)), holidays="IT")
    # Good Friday is none in Italy; the Saturday, Easter and its Monday are.
    assert next_allowed(budget, utc(2026, 4, 3, 22)) == utc(2026, 4, 6, 22)
    assert next_allowed(budget, utc(2026, 4, 3, 12)) == utc(2026, 4, 3, 12)
    own = replace(budget, closed=((date(2026, 4, 7), date(2026, 4, 8)),))
    assert next_allowed(own, utc(2026, 4, 3, 22)) == utc(2026, 4, 8, 22)


def test_the_saint_of_the_town_is_a_holiday_there():
    assert date(2026, 12, 7) in public_holidays("IT-MI", 2026)
    assert date(2026, 12, 7) not in public_holidays("IT", 2026)
    assert public_holidays("IT", 2026)[date(2026, 12, 26)] == "Santo Stefano"


def test_what_never_opens_is_said():
    years = tuple((date(2025 + n, 1, 1), date(2025 + n, 12, 31)) for n in range(20))
    with pytest.raises(ContactsError, match="no day open in ten years"):
        next_allowed(replace(ROME, closed=years), utc(2026, 1, 1))


def test_service_messages_are_free_of_closed_days_and_not_of_quiet_hours():
    sunday = utc(2026, 3, 1, 12)
    assert next_allowed(Budget(), sunday) == utc(2026, 3, 2, 8)
    assert next_allowed(Budget(), sunday, "service") == sunday
    assert next_allowed(Budget(), sunday + timedelta(hours=10), "service") == utc(2026, 3, 2, 8)
