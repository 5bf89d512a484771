"""``contacts.toml``: the company's own contact budget. What it leaves out is as Percorso has it.

[person]
total = { most = 4, days = 30 }
service = false                      # no limit

[company]
an_hour = 500

[calendar]
quiet = ["20:00", "09:00"]
weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday"]
holidays = "IT-MI"
closed = ["2026-08-10/2026-08-23", 2026-12-07]

[service]
free_of = ["total", "company", "closed_days"]
"""

import difflib
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from typing import Any, Final, NoReturn

from percorso import durable_file, toml_text
from percorso.contacts.calendar import places, public_holidays, subdivisions
from percorso.contacts.errors import ContactsError
from percorso.contacts.model import FREEDOMS, WEEKDAYS, Budget, Limit
from percorso.contacts.words import clock
from percorso.i18n import gettext as _
from percorso.workspace import Workspace

MOST_DAYS: Final = 3650
MOST_CONTACTS: Final = 1_000_000
MOST_CLOSED: Final = 500
#: Of the file, in characters: as many closed days as are possible take a tenth.
LARGEST: Final = 200_000
_HEADING: Final = (
    "# Percorso: how often, and when, customers are written to. "
    "See docs/reference/contact-budget.md.\n"
)
_LIMIT: Final = ("most", "days")
_CLOCK: Final = re.compile(r"(?:[01]?\d|2[0-3])[:.][0-5]\d")
_COUNTRY: Final = re.compile(r"[A-Z]{2}(?:-[A-Z0-9]{1,3})?")


def load(workspace: Workspace) -> Budget:
    """Return the budget of a workspace, in the company's zone. Raises ContactsError."""
    file = workspace.contact_budget
    zone = workspace.settings.zone
    try:
        written = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Budget(zone=zone)
    except (OSError, UnicodeDecodeError) as error:
        raise ContactsError(
            _("{file} cannot be read: {error}").format(file=file, error=error)
        ) from error
    return read(written, zone, str(file))


def text(workspace: Workspace) -> str:
    """Return the file as it is written, or as it would be where there is none."""
    file = workspace.contact_budget
    if file.exists():
        return file.read_text(encoding="utf-8", errors="replace")
    return as_toml(Budget())


def save(workspace: Workspace, written: str) -> Budget:
    """Check a budget and put it in the place of the one before. Raises ContactsError."""
    budget = read(written, workspace.settings.zone)
    durable_file.write(workspace.contact_budget, written.replace("\r\n", "\n"))
    return budget


def read(written: str, zone: str, file: str = "contacts.toml") -> Budget:
    """Read a budget. Raises ContactsError that names file, field, rule and value."""
    if len(written) > LARGEST:
        raise ContactsError(
            _("{file} has {n} characters; at most {most} are read.").format(
                file=file, n=len(written), most=LARGEST
            )
        )
    try:
        given = tomllib.loads(written)
    # Of numbers with thousands of digits, and of thousands of brackets, tomllib raises these.
    except (ValueError, RecursionError) as error:
        raise ContactsError(
            _("{file} cannot be read: {error}").format(file=file, error=error)
        ) from error
    found: dict[str, Any] = {}
    for name, table in given.items():
        if name not in _TABLES:
            _unknown(file, name, name, _TABLES)
        if not isinstance(table, dict):
            _wrong(file, name, _("must be a table, such as [{name}]").format(name=name), table)
        for field, value in table.items():
            if field not in _TABLES[name]:
                _unknown(file, f"{name}.{field}", field, _TABLES[name])
            found.update(_TABLES[name][field](file, f"{name}.{field}", value))
    return Budget(zone=zone, **found)


def as_toml(budget: Budget) -> str:
    """Return a budget as its file has it. Its zone is the workspace's."""
    quiet: Any = False
    if budget.quiet_from is not None and budget.quiet_until is not None:
        quiet = [clock(budget.quiet_from), clock(budget.quiet_until)]
    tables: dict[str, dict[str, Any]] = {
        "person": {
            "total": budget.total,
            "survey": budget.survey,
            "marketing": budget.marketing,
            "service": budget.service,
            "between_surveys": budget.between_surveys,
            "same_survey": budget.same_survey,
        },
        "company": {"a_day": budget.a_day, "an_hour": budget.an_hour},
        "calendar": {
            "quiet": quiet,
            "weekdays": [WEEKDAYS[each] for each in sorted(budget.weekdays)],
            "holidays": budget.holidays or False,
            "closed": [
                first.isoformat() if first == last else f"{first}/{last}"
                for first, last in budget.closed
            ],
        },
        "service": {"free_of": [each for each in FREEDOMS if each in budget.service_free_of]},
    }
    lines = [_HEADING]
    for name, fields in tables.items():
        lines.append(f"\n[{name}]\n")
        lines.extend(f"{field} = {_value(value)}\n" for field, value in fields.items())
    return "".join(lines)


def _value(value: Any) -> str:
    if isinstance(value, Limit):
        return f"{{ most = {value.most}, days = {value.days} }}"
    return toml_text.value(False if value is None else value)


# What each field takes


def _limit(file: str, field: str, value: Any) -> Limit | None:
    if value is False:
        return None
    if not isinstance(value, dict):
        _wrong(file, field, _("must be such as { most = 2, days = 30 }, or false for none"), value)
    for name in value:
        if name not in _LIMIT:
            _unknown(file, f"{field}.{name}", name, _LIMIT)
    for name in _LIMIT:
        if name not in value:
            _wrong(file, field, _("must have {name}").format(name=name), value)
    return Limit(
        _count(file, f"{field}.most", value["most"], 1, MOST_CONTACTS),
        _count(file, f"{field}.days", value["days"], 1, MOST_DAYS),
    )


def _count(file: str, field: str, value: Any, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        _wrong(
            file,
            field,
            _("must be a whole number from {least} to {most}").format(least=least, most=most),
            value,
        )
    return int(value)


def _days(least: int) -> "Callable[[str, str, Any], int]":
    return lambda file, field, value: _count(file, field, value, least, MOST_DAYS)


def _quota(file: str, field: str, value: Any) -> int | None:
    return None if value is False else _count(file, field, value, 1, MOST_CONTACTS)


def _quiet(file: str, field: str, value: Any) -> dict[str, time | None]:
    if value is False:
        return {"quiet_from": None, "quiet_until": None}
    if not isinstance(value, list) or len(value) != 2:
        _wrong(file, field, _('must be such as ["20:00", "09:00"], or false for none'), value)
    start, end = (_clock(file, field, each) for each in value)
    if start == end:
        _wrong(file, field, _("must begin and end at different times"), value)
    return {"quiet_from": start, "quiet_until": end}


def _clock(file: str, field: str, value: Any) -> time:
    if isinstance(value, time) and not (value.second or value.microsecond):
        return value
    if not isinstance(value, str) or not _CLOCK.fullmatch(value):
        _wrong(file, field, _("must be times of day such as 20:00"), value)
    hour, minute = re.split("[:.]", value)
    return time(int(hour), int(minute))


def _weekdays(file: str, field: str, value: Any) -> frozenset[int]:
    days = _words(file, field, value, WEEKDAYS)
    if not days:
        _wrong(file, field, _("must hold at least one day"), value)
    return frozenset(WEEKDAYS.index(each) for each in days)


def _words(file: str, field: str, value: Any, known: Iterable[str]) -> list[str]:
    known = list(known)
    if not isinstance(value, list):
        _wrong(file, field, _("must be a list of: {known}").format(known=", ".join(known)), value)
    for each in value:
        if each not in known:
            _unknown(file, field, each, known)
    return value


def _holidays(file: str, field: str, value: Any) -> str:
    if value is False:
        return ""
    if not isinstance(value, str) or not _COUNTRY.fullmatch(value):
        rule = _("must be a country such as IT or IT-MI, or false for none")
        _wrong(file, field, rule, value, _hint(_shown(value).strip("'").upper(), places()))
    country, _dash, part = value.partition("-")
    if country not in places():
        _unknown(file, field, country, places())
    if part and part not in subdivisions(country):
        _unknown(file, field, value, [f"{country}-{each}" for each in subdivisions(country)])
    public_holidays(value, 2000)
    return value


def _closed(file: str, field: str, value: Any) -> tuple[tuple[date, date], ...]:
    if not isinstance(value, list) or len(value) > MOST_CLOSED:
        rule = _("must be a list of at most {most} days").format(most=MOST_CLOSED)
        _wrong(file, field, rule, value)
    return tuple(_stretch(file, field, each) for each in value)


def _stretch(file: str, field: str, value: Any) -> tuple[date, date]:
    rule = _("must hold days such as 2026-12-07, or stretches such as 2026-08-10/2026-08-23")
    if isinstance(value, date) and not isinstance(value, datetime):
        return value, value
    if not isinstance(value, str):
        _wrong(file, field, rule, value)
    first, slash, last = value.partition("/")
    try:
        found = date.fromisoformat(first), date.fromisoformat(last if slash else first)
    except ValueError:
        _wrong(file, field, rule, value)
    if not 0 <= (found[1] - found[0]).days <= 366:
        _wrong(file, field, _("must end after it begins, within a year"), value)
    return found


_Reading = Callable[[str, str, Any], dict[str, Any]]


def _into(name: str, check: Callable[[str, str, Any], Any]) -> _Reading:
    return lambda file, field, value: {name: check(file, field, value)}


def _free_of(file: str, field: str, value: Any) -> frozenset[str]:
    return frozenset(_words(file, field, value, FREEDOMS))


_TABLES: Final[Mapping[str, Mapping[str, _Reading]]] = {
    "person": {
        "total": _into("total", _limit),
        "survey": _into("survey", _limit),
        "marketing": _into("marketing", _limit),
        "service": _into("service", _limit),
        "between_surveys": _into("between_surveys", _days(0)),
        "same_survey": _into("same_survey", _days(1)),
    },
    "company": {"a_day": _into("a_day", _quota), "an_hour": _into("an_hour", _quota)},
    "calendar": {
        "quiet": _quiet,
        "weekdays": _into("weekdays", _weekdays),
        "holidays": _into("holidays", _holidays),
        "closed": _into("closed", _closed),
    },
    "service": {"free_of": _into("service_free_of", _free_of)},
}


def _unknown(file: str, field: str, value: Any, known: Iterable[str]) -> NoReturn:
    raise ContactsError(
        _("{file}: {field}: {value} is not known.").format(
            file=file, field=field[:80], value=_shown(value)
        )
        + _hint(value, known)
    )


def _hint(value: Any, known: Iterable[str]) -> str:
    """Return " Did you mean …?" where a known word is near, else all there are, where few."""
    names = list(known)
    near = difflib.get_close_matches(_shown(value).strip("'"), names, n=1, cutoff=0.6)
    if near:
        return " " + _("Did you mean “{word}”?").format(word=near[0])
    return " " + _("Known are: {words}.").format(words=", ".join(names)) if len(names) <= 12 else ""


def _wrong(file: str, field: str, rule: str, value: Any, hint: str = "") -> NoReturn:
    raise ContactsError(
        _("{file}: {field} {rule}, not {value}.").format(
            file=file, field=field[:80], rule=rule, value=_shown(value)
        )
        + hint
    )


def _shown(value: Any) -> str:
    try:
        return repr(value)[:80]
    except ValueError:
        # A number of so many digits that Python does not write them out.
        return "…"
