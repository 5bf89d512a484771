"""What the user says of a field: a column, a constant, a template, or a count of periods."""

import difflib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from percorso.i18n import gettext as _
from percorso.intake.model import IntakeError
from percorso.intake.sql import literal, quoted

_PERIODS: Final = {
    "day": "to_days",
    "week": "to_weeks",
    "month": "to_months",
    "year": "to_years",
}
_WORDS: Final = {
    "days": "day",
    "weeks": "week",
    "months": "month",
    "years": "year",
    "giorno": "day",
    "giorni": "day",
    "settimana": "week",
    "settimane": "week",
    "mese": "month",
    "mesi": "month",
    "anno": "year",
    "anni": "year",
}
_COUNTED: Final = re.compile(
    r"\s*(?P<start>\d{4}(?:-\d{2}(?:-\d{2})?)?)\s*\+\s*\{(?P<column>[^{}]+)\}\s*(?P<period>\w+)\s*"
)


@dataclass(frozen=True, slots=True)
class Expression:
    """A source as SQL over the columns of a file, and which of them it uses."""

    sql: str
    columns: tuple[str, ...]


@cache
def normalised(name: str) -> str:
    """Return a column's name without case, accents, spaces and signs."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    letters = "".join(
        each if each.isalnum() else "_" for each in plain if not unicodedata.combining(each)
    )
    return "_".join(part for part in letters.split("_") if part)


def read_source(source: str, columns: Sequence[str], field: str) -> Expression:
    """Return what ``source`` says, over a file with these ``columns``.

    ``Data`` is a column; ``'store'`` a constant; ``2018-{t}-01`` a template; ``2017-01 + {t}
    months`` counts periods from a start. Raises IntakeError where a column is not there.
    """
    source = source.strip()
    if len(source) >= 2 and source[0] == source[-1] and source[0] in "'\"":
        return Expression(literal(source[1:-1]), ())
    if source in columns:
        return Expression(quoted(source), (source,))
    if (counted := _COUNTED.fullmatch(source)) is not None:
        return _counted(counted, columns, field)
    if "{" in source:
        return _template(source, columns, field)
    column = find_column(source, columns, field)
    return Expression(quoted(column), (column,))


def find_column(name: str, columns: Sequence[str], field: str) -> str:
    """Return the column meant by ``name``. Raises IntakeError that says which there are."""
    by_name = {normalised(column): column for column in reversed(columns)}
    if (found := by_name.get(normalised(name))) is not None:
        return found
    near = difflib.get_close_matches(normalised(name), by_name, n=1)
    words = _("There is no column {name!r} for {field}.").format(name=name, field=field)
    if near:
        words += " " + _("Did you mean {column!r}?").format(column=by_name[near[0]])
    words += " " + _("The columns are: {columns}.").format(columns=", ".join(columns))
    words += " " + _("A constant goes in quotes: {field}={value}").format(
        field=field, value=f"\"'{name}'\""
    )
    raise IntakeError(words)


def _template(source: str, columns: Sequence[str], field: str) -> Expression:
    parts: list[str] = []
    used: list[str] = []
    for text, column in re.findall(r"([^{}]*)(?:\{([^{}]+)\})?", source):
        if text:
            parts.append(literal(text))
        if column:
            used.append(find_column(column, columns, field))
            parts.append(quoted(used[-1]))
    if not used:
        raise IntakeError(
            _("{source!r} is no template: a column goes in braces, as in {example}.").format(
                source=source, example="2018-{month}-01"
            )
        )
    return Expression(" || ".join(parts), tuple(used))


def _counted(match: "re.Match[str]", columns: Sequence[str], field: str) -> Expression:
    column = find_column(match["column"], columns, field)
    period = _WORDS.get(match["period"].lower(), match["period"].lower())
    if period not in _PERIODS:
        raise IntakeError(
            _("{field}: periods are days, weeks, months or years, not {given!r}.").format(
                field=field, given=match["period"]
            )
        )
    start = match["start"] + "-01-01"[len(match["start"]) - 4 :]
    number = f"try_cast({quoted(column)} AS INTEGER)"
    moved = f"CAST(DATE {literal(start)} + {_PERIODS[period]}({number}) AS DATE)"
    # What is no number is left as it is, so that it is told as a time that cannot be read.
    return Expression(f"coalesce(CAST({moved} AS VARCHAR), {quoted(column)})", (column,))
