"""When the company writes: out of quiet hours, on its business days, by the clocks of its zone.

What is quiet is read off the clock on the wall: an hour that comes twice in autumn is judged twice,
and quiet hours that end within the hour left out in spring end when the clock jumps over it.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache, lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from percorso.contacts.errors import ContactsError
from percorso.contacts.model import WEEKDAYS, Budget, ContactPurpose, in_utc
from percorso.contacts.words import DAYS, clock
from percorso.i18n import gettext as _
from percorso.vocabulary import N_, Phrase

#: How far ahead an open moment is looked for.
FURTHEST: Final = timedelta(days=3653)
_DAY: Final = timedelta(days=1)
_SECOND: Final = timedelta(seconds=1)


def next_allowed(budget: Budget, moment: datetime, purpose: ContactPurpose = "survey") -> datetime:
    """Return the first moment, ``moment`` or later, out of quiet hours and closed days, in UTC.

    Raises ContactsError where there is none in ten years, ValueError where ``moment`` has no zone.
    """
    found = first_open(budget, moment, purpose, moment + FURTHEST)
    if found is None:
        raise ContactsError(_("The contact budget leaves no day open in ten years."))
    return found


def first_open(
    budget: Budget, moment: datetime, purpose: ContactPurpose, before: datetime
) -> datetime | None:
    """Return the first open moment, ``moment`` or later, in UTC; None where none is ``before``."""
    return _first(budget, in_utc(moment), purpose, in_utc(before), wanted_open=True)


def closing(
    budget: Budget, moment: datetime, purpose: ContactPurpose, before: datetime
) -> datetime | None:
    """Return when an open ``moment`` ends, in UTC; None where it lasts until ``before``."""
    return _first(budget, in_utc(moment), purpose, in_utc(before), wanted_open=False)


def why_closed(budget: Budget, moment: datetime, purpose: ContactPurpose) -> Phrase | None:
    """Return, in words, why nobody is written to at a moment; None where it is open."""
    local = moment.astimezone(ZoneInfo(budget.zone))
    if budget.holds(purpose, "closed_days"):
        closed = _why_day_closed(budget, local.date())
        if closed is not None:
            return closed
    start, end = budget.quiet_from, budget.quiet_until
    if start is None or end is None or not budget.holds(purpose, "quiet_hours"):
        return None
    if not _within(local.time(), start, end):
        return None
    return Phrase(
        N_("quiet hours, from {start} to {end}"), {"start": clock(start), "end": clock(end)}
    )


def _why_day_closed(budget: Budget, day: date) -> Phrase | None:
    if day.weekday() not in budget.weekdays:
        return Phrase(N_("no messages on {day}"), {"day": Phrase(DAYS[WEEKDAYS[day.weekday()]])})
    if any(first <= day <= last for first, last in budget.closed):
        return Phrase(N_("a day on which the company is closed"))
    if budget.holidays and day in public_holidays(budget.holidays, day.year):
        name = public_holidays(budget.holidays, day.year)[day]
        return Phrase(N_("a public holiday: {name}"), {"name": name})
    return None


def _within(now: time, start: time, end: time) -> bool:
    return start <= now < end if start < end else now >= start or now < end


def _first(
    budget: Budget,
    moment: datetime,
    purpose: ContactPurpose,
    before: datetime,
    *,
    wanted_open: bool,
) -> datetime | None:
    for each in _changes(budget, moment, before):
        if (why_closed(budget, each, purpose) is None) is wanted_open:
            return each
    return None


def _changes(budget: Budget, moment: datetime, before: datetime) -> Iterator[datetime]:
    """Yield the moment, then every one at which it may open or close, in their order."""
    if moment < before:
        yield moment
    day = moment.date()
    while day <= before.date():
        for each in _changes_of(day, budget.zone, budget.quiet_from, budget.quiet_until):
            if moment < each < before:
                yield each
        day += _DAY


@lru_cache(maxsize=4096)
def _changes_of(day: date, zone: str, *quiet: time | None) -> tuple[datetime, ...]:
    """Return when, on a day of UTC, it may open or close.

    At a local midnight, where quiet hours begin or end, both times where that comes twice, and
    where the clocks are changed: what a jump leaves out takes effect right after it.
    """
    info = ZoneInfo(zone)
    begin = datetime.combine(day, time(), UTC)
    end = begin + _DAY
    walls = {time(), *(each for each in quiet if each is not None)}
    found = {
        datetime.combine(local, wall, info).replace(fold=fold).astimezone(UTC)
        for local in (day - _DAY, day, day + _DAY)
        for wall in walls
        for fold in (0, 1)
    }
    found.update(_clock_changes(begin, info))
    return tuple(sorted(each for each in found if begin <= each < end))


def _clock_changes(begin: datetime, zone: tzinfo) -> Iterator[datetime]:
    """Yield when the clocks of a zone are changed in a day from ``begin``, to the second."""
    # One hour before, for a change at the very beginning.
    for hour in range(-1, 24):
        low = begin + timedelta(hours=hour)
        high = low + timedelta(hours=1)
        if _offset(low, zone) == _offset(high, zone):
            continue
        while high - low > _SECOND:
            middle = low + timedelta(seconds=(high - low) // _SECOND // 2)
            if _offset(middle, zone) == _offset(low, zone):
                low = middle
            else:
                high = middle
        yield high


def _offset(moment: datetime, zone: tzinfo) -> timedelta | None:
    return moment.astimezone(zone).utcoffset()


@cache
def public_holidays(where: str, year: int) -> Mapping[date, str]:
    """Return a country's public holidays of a year with their names in the country's language.

    ``where`` is ISO 3166-1 alpha-2, perhaps with a subdivision: ``IT``, ``IT-MI``. Raises
    ContactsError where the library knows no such place.
    """
    import holidays

    country, _dash, subdivision = where.partition("-")
    try:
        language = holidays.country_holidays(country).default_language
        found = holidays.country_holidays(
            country, subdiv=subdivision or None, years=year, language=language
        )
    except NotImplementedError as error:
        raise ContactsError(_("The holidays of {place} are not known.").format(place=where)) from (
            error
        )
    return dict(found)


@cache
def places() -> Mapping[str, str]:
    """Return every country whose holidays are known, by its code."""
    from holidays.registry import COUNTRIES

    return {codes[1]: codes[0] for codes in COUNTRIES.values()}


def subdivisions(country: str) -> tuple[str, ...]:
    """Return the subdivisions of a country that have holidays of their own."""
    import holidays

    return tuple(holidays.country_holidays(country).subdivisions)
