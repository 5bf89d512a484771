"""What the values of a column look like."""

from dataclasses import dataclass
from typing import Any, Final

from percorso.intake import numbers, times
from percorso.intake.sql import quoted
from percorso.intake.tables import Loaded, Tables

_ROWS: Final = 20_000
_EMAIL: Final = r"[^@\s]+@[^@\s]+\.[^@\s]+"


@dataclass(frozen=True, slots=True)
class Profile:
    """A column: shares, from 0 to 1, are of the values that are given (``filled`` of all rows).

    ``least`` and ``most`` are of its numbers; ``whole`` says that all of them are whole.
    """

    name: str
    example: str | None
    filled: float
    distinct: float
    times: float
    numbers: float
    whole: bool
    least: float | None
    most: float | None
    emails: float
    length: float
    words: tuple[str, ...]


def profiles(tables: Tables, loaded: Loaded) -> dict[str, Profile]:
    """Return the profile of every column, from the first rows."""
    found = {}
    for name in loaded.columns:
        found[name] = _profile(tables, loaded, name)
    return found


def _profile(tables: Tables, loaded: Loaded, name: str) -> Profile:
    value = f"given({quoted(name)})"
    source = f"(SELECT {value} AS v, _row AS r FROM {loaded.table} LIMIT {_ROWS})"
    bare = f"(SELECT *, {numbers.bare_sql('v')} AS bare FROM {source})"
    number = numbers.number_sql("v", numbers.NumberReading(plain=False), "bare")
    shape = times.shape_sql("v")
    read = f"(SELECT v, r, {number} AS read, {shape} AS shape FROM {bare})"
    shapes = times.profile_sql("v", "shape")
    row = tables.connection.execute(
        "SELECT count(*), count(v), count(DISTINCT v), arg_min(v, r), avg(length(v)),"
        f" count_if(regexp_full_match(v, '{_EMAIL}')), count(n), min(n), max(n),"
        f" count_if(n = floor(n)), {', '.join(shapes)}"
        f" FROM (SELECT *, {numbers.finite_sql('read')} AS n FROM {read})"
    ).fetchall()[0]
    rows, given, distinct, example, length = row[:5]
    emails, counted, least, most, whole = (row[5] or 0, row[6] or 0, row[7], row[8], row[9] or 0)
    timed = times.timed(row[10:])
    words = tables.connection.execute(
        f"SELECT v FROM {source} WHERE v IS NOT NULL GROUP BY v ORDER BY count(*) DESC, v LIMIT 40"
    ).fetchall()
    divisor: Any = given or 1
    return Profile(
        name,
        example,
        given / (rows or 1),
        distinct / divisor,
        timed / divisor,
        counted / divisor,
        counted > 0 and whole == counted,
        least,
        most,
        emails / divisor,
        length or 0.0,
        tuple(word for (word,) in words),
    )
