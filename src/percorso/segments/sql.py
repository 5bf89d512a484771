"""Turns a rule into a condition of SQL on the table of customers (``percorso.log.facts``).

Values are written into it as quoted literals, numbers as numbers: no word of a rule is ever SQL.
A condition is true or false, never unknown: who has no answer does not fit ``nps <= 6``, and does
fit ``not nps <= 6``.
"""

import calendar
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from percorso.segments import words
from percorso.segments.rule import AnyOf, Condition, Not, Part, Rule, Span, Value

_EARLIEST: Final = datetime(1, 1, 2, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a rule is read in: the moment that ``within 90 days`` counts from, and the days' zone.

    ``segment`` gives the condition of a segment by its name.
    """

    moment: datetime
    zone: tzinfo
    segment: Callable[[str], str]


def condition(rule: Rule, terms: Terms) -> str:
    """Return the SQL condition that is true of the customers who fit the rule."""
    return _part(rule.root, terms)


def _part(part: Part, terms: Terms) -> str:
    if isinstance(part, Condition):
        return f"coalesce({_condition(part, terms)}, false)"
    if isinstance(part, Not):
        return f"(NOT {_part(part.part, terms)})"
    joiner = " OR " if isinstance(part, AnyOf) else " AND "
    return "(" + joiner.join(_part(each, terms) for each in part.parts) + ")"


def _condition(given: Condition, terms: Terms) -> str:
    field = words.FIELDS[given.field]
    if given.field == "segment":
        return "(" + " OR ".join(terms.segment(str(each)) for each in given.values) + ")"
    column = quoted_name(field.column)
    if field.type == "trait":
        pointer = "/" + given.name.replace("~", "~0").replace("/", "~1")
        column = f"json_extract_string({column}, {literal(pointer)})"
    known = f"len({column}) > 0" if field.type == "words" else f"{column} IS NOT NULL"
    if given.operator == "known":
        return known
    if given.operator == "unknown":
        return f"NOT coalesce({known}, false)"
    if given.operator == "any":
        return _any(field, column, given.values)
    if field.type == "trait":
        column = f"try_cast({column} AS DOUBLE)"
    return _compared(given, column, terms)


def _any(field: words.Field, column: str, values: tuple[Value, ...]) -> str:
    listed = ", ".join(literal(str(each)) for each in values)
    if field.type == "words":
        return f"list_has_any({column}, [{listed}])"
    return f"{column} IN ({listed})"


def _compared(given: Condition, column: str, terms: Terms) -> str:
    [value] = given.values
    if isinstance(value, Span):
        moment = ago(terms.moment, value)
        return f"{column} {'>=' if given.operator == 'within' else '<'} {_time(moment)}"
    if isinstance(value, date):
        moment = datetime.combine(value, time(), terms.zone).astimezone(UTC)
        return f"{column} {'>=' if given.operator == 'since' else '<'} {_time(moment)}"
    return f"{column} {given.operator} {float(value)!r}"


def ago(moment: datetime, span: Span) -> datetime:
    """Return the moment that lies ``span`` before; months and years end with their last day."""
    try:
        if span.unit in ("month", "year"):
            months = span.count * (12 if span.unit == "year" else 1)
            year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
            day = min(moment.day, calendar.monthrange(year, month + 1)[1])
            return moment.replace(year=year, month=month + 1, day=day)
        hours = {"hour": 1, "day": 24, "week": 168}[span.unit]
        return moment - timedelta(hours=span.count * hours)
    except (ValueError, OverflowError):
        return _EARLIEST


def _time(moment: datetime) -> str:
    return f"TIMESTAMPTZ '{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}+00'"


def literal(text: str) -> str:
    """Return text as a literal of SQL."""
    return "'" + text.replace("'", "''").replace("\x00", "") + "'"


def quoted_name(name: str) -> str:
    """Return the name of a column, quoted."""
    return '"' + name.replace('"', '""') + '"'
