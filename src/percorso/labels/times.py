"""Days, moments, months and lengths of time as a reader sees them, through Babel."""

from datetime import UTC, date, datetime, tzinfo

from percorso.i18n import current_language, ngettext
from percorso.i18n import gettext as _
from percorso.labels.figures import NOTHING, number, plural


def day(given: date | None, zone: tzinfo | None = None) -> str:
    """Return a day, such as ``4 Oct 2025``; of a time, the day in ``zone`` (UTC by default)."""
    if given is None:
        return NOTHING
    from babel.dates import format_date

    if isinstance(given, datetime):
        given = given.astimezone(zone or UTC).date()
    text: str = format_date(given, "d MMM y", locale=current_language())
    return text


def moment(given: datetime | None, zone: tzinfo | None = None) -> str:
    """Return a day and time of day in ``zone`` (UTC by default)."""
    if given is None:
        return NOTHING
    from babel.dates import format_time

    local = given.astimezone(zone or UTC)
    return f"{day(local.date())}, {format_time(local.time(), 'HH:mm', locale=current_language())}"


def month(given: date | str | None) -> str:
    """Return a month, such as ``Oct 2025``. Takes a date or text that begins ``2025-10``."""
    if given is None:
        return NOTHING
    from babel.dates import format_date

    try:
        first = date.fromisoformat(given[:7] + "-01") if isinstance(given, str) else given
    except ValueError:
        return str(given)
    text: str = format_date(first, "LLL y", locale=current_language())
    return text


def hours(value: float | None) -> str:
    """Return a length of time given in hours, in the unit a person would use."""
    if value is None or value != value:
        return NOTHING
    if value * 60 < 1:
        return _("under a minute")
    if value < 1.5:
        return _("{n} min").format(n=number(value * 60))
    if value < 36:
        return _counted(value, ngettext("{n} hour", "{n} hours", plural(value)))
    return _counted(value / 24, ngettext("{n} day", "{n} days", plural(value / 24)))


def _counted(value: float, pattern: str) -> str:
    return pattern.format(n=number(value, _decimals(value)))


def _decimals(value: float) -> int:
    # One decimal up to 10: 1.5 and 2.4 days are told apart, 31.2 days is noise.
    return 1 if value < 10 and round(value, 1) != round(value) else 0
