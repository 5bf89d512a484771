"""One output of a recipe, from its SQL to checked rows of the log."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from percorso import labels
from percorso.i18n import gettext as _
from percorso.intake import numbers, times, zones
from percorso.intake.composing import (
    NUMBERS,
    TEXTS,
    TIMES,
    Readings,
    inner_sql,
    readings,
    stream,
    typed_sql,
)
from percorso.intake.model import IntakeError
from percorso.intake.recipes import Output, Recipe
from percorso.intake.tables import Tables
from percorso.vocabulary import N_, Phrase, Violation
from percorso.workspace import Settings

if TYPE_CHECKING:
    import pyarrow as pa

_BATCH: Final = 50_000
#: Stands between a file's name and the label of an output, where a row gives several.
LABEL: Final = " · "


@dataclass(frozen=True, slots=True)
class Making:
    """An output ready to run: ``inner`` gives its rows as text, ``typed`` with their values."""

    output: Output
    number: int
    inner: str
    typed: str
    readings: Readings
    zone: str


def whole_numbers(field: str, column: str) -> str:
    """Say what to do where a column counts periods, or names months, instead of telling times."""
    return _(
        "{field} holds whole numbers, not times. If they count months from a first one (or days, "
        'weeks, years), say from which: --map {field}="2024-01 + {{{column}}} months". If they are '
        'months of a year, say which: --map {field}="2024-{{{column}}}-01"'
    ).format(field=field, column=column)


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that breaks rules: where it was, its fields as text, and the rules."""

    row: int | None
    fields: dict[str, str]
    violations: tuple[Violation, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """A batch: rows fit for the log, rows refused, how many were skipped for which reason.

    ``rows`` counts all of these.
    """

    table: "pa.Table"
    refused: list[Refused]
    skipped: dict[int, int]
    rows: int


def make(
    tables: Tables,
    recipe: Recipe,
    output: Output,
    number: int,
    settings: Settings,
    *,
    said: Mapping[str, str] | None = None,
    known: Readings | None = None,
) -> Making:
    """Compose an output and find out how its times and numbers are written.

    Raises IntakeError for SQL that cannot be run, and where times are whole numbers.
    """
    inner = inner_sql(tables, recipe, output, settings.currency)
    how = known or readings(tables, recipe, output, inner)
    for name, reading in how.times.items():
        if reading.whole_numbers and known is None:
            raise IntakeError(whole_numbers(name, (said or {}).get(name, "COLUMN")))
    zone = recipe.zone or settings.zone
    return Making(output, number, inner, typed_sql(output, inner, how), how, zone)


def batches(
    tables: Tables,
    recipe: Recipe,
    making: Making,
    *,
    received_at: int,
    source: str,
    limit: int | None = None,
) -> Iterator[Made]:
    """Yield the output's rows, checked. ``received_at`` (microseconds) rises by 1 with each row."""
    import pyarrow as pa

    sql = making.typed + (f" LIMIT {limit}" if limit else "")
    reader = stream(tables, recipe, sql, _BATCH)
    for batch in reader:
        table = pa.Table.from_batches([batch])
        made = _check(table, making, received_at, source)
        received_at += table.num_rows
        yield made


def _check(table: "pa.Table", making: Making, received_at: int, source: str) -> Made:
    import pyarrow as pa
    import pyarrow.compute as pc

    from percorso.log.validation import validate

    rows = table.num_rows
    table = table.append_column(
        "received_at", pa.array(np.arange(table.num_rows, dtype=np.int64) + received_at)
    )
    skipped: dict[int, int] = {}
    if table["_skip"].null_count < table.num_rows:
        counted = Counter(table["_skip"].to_pylist())
        skipped = {number: count for number, count in counted.items() if number is not None}
        table = table.filter(pc.is_null(table["_skip"]))
    typed, unread = _typed(table, making, source)
    if not unread:
        checked = validate(typed)
        rejected = list(checked.rejected)
    else:
        # What could not be read is refused for that alone; the rest of the rows are checked.
        bad = np.zeros(table.num_rows, dtype=bool)
        bad[list(unread)] = True
        kept = np.flatnonzero(~bad)
        checked = validate(typed.take(kept))
        rejected = [(int(kept[index]), violation) for index, violation in checked.rejected]
    broken: dict[int, list[Violation]] = {index: list(each) for index, each in unread.items()}
    for index, violation in rejected:
        broken.setdefault(index, []).append(violation)
    return Made(checked.valid, _refused(table, broken), skipped, rows)


def _typed(
    table: "pa.Table", making: Making, source: str
) -> tuple["pa.Table", dict[int, list[Violation]]]:
    """Return the rows with the log's types, and what could not be read in them."""
    import pyarrow as pa

    from percorso.log.schema import SCHEMA, TIME

    columns: dict[str, Any] = {name: table[name] for name in (*TEXTS, "properties")}
    unread: dict[int, list[Violation]] = {}
    for name in TIMES:
        columns[name] = _times(table, name, making.zone)
        _note_unread(unread, table, name, f"{name}_us", _time_rule(making, name))
    for name in NUMBERS:
        columns[name] = table[f"{name}_n"]
        _note_unread(unread, table, name, f"{name}_n", _number_rule(making, name))
    columns["received_at"] = table["received_at"].cast(TIME)
    columns["source"] = pa.array([source] * table.num_rows, pa.string())
    return pa.table([columns[name] for name in SCHEMA.names], schema=SCHEMA), unread


def _times(table: "pa.Table", name: str, zone: str) -> Any:
    import pyarrow as pa

    from percorso.log.schema import TIME

    column = table[f"{name}_us"].combine_chunks()
    missing = column.is_null().to_numpy(zero_copy_only=False)
    micros = column.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    kinds = table[f"{name}_kind"].combine_chunks().fill_null(0).to_numpy(zero_copy_only=False)
    local = kinds != times.ZONED
    if local.any():
        micros = micros.copy()
        micros[local] = zones.to_utc(micros[local], zone)
    if name == "due_at" and (days := kinds == times.DATE).any():
        # A promise for a day holds until that day ends.
        begun = column.fill_null(0).to_numpy(zero_copy_only=False)[days]
        micros[days] = zones.end_of_day(begun, zone)
    return pa.array(micros, pa.int64(), mask=missing).cast(TIME)


def _note_unread(
    unread: dict[int, list[Violation]], table: "pa.Table", name: str, typed: str, rule: Phrase
) -> None:
    import pyarrow.compute as pc

    text = table[name]
    if text.null_count == table.num_rows:
        return
    wrong = pc.and_(pc.is_valid(text), pc.is_null(table[typed]))
    for index in np.flatnonzero(wrong.to_numpy(zero_copy_only=False)).tolist():
        value = text[index].as_py()
        if name in NUMBERS and value.strip().lower() in _NOTHING:
            continue
        unread.setdefault(index, []).append(Violation(name, rule, value[:200]))


#: Words for "no number here" (see the macro ``given``).
_NOTHING: Final = frozenset(
    ("", "na", "n/a", "#n/a", "null", "none", "nan", "nat", "n.d.", "nd", "-", "--", "\\n")
)


def _time_rule(making: Making, name: str) -> Phrase:
    how = making.readings.times.get(name)
    if how is None or how.shapes <= {"other"}:
        return Phrase(N_("must be a time such as 2024-04-25 14:30 or 25/04/2024"))
    if how.order == "mixed":
        return Phrase(
            N_(
                "must be a time; in this column some dates begin with the day and some with the "
                "month, so that this one could be either"
            )
        )
    rule = N_("must be a time, written as in the rest of the column: {how}")
    return Phrase(rule, {"how": how.described()})


def _number_rule(making: Making, name: str) -> Phrase:
    how = making.readings.numbers.get(name, numbers.NumberReading())
    return Phrase(N_("must be a number, with a {how}"), {"how": how.described()})


def _refused(table: "pa.Table", broken: dict[int, list[Violation]]) -> list[Refused]:
    import pyarrow as pa

    if not broken:
        return []
    wanted = sorted(broken)
    names = [*TEXTS, *TIMES, *NUMBERS, "properties", "_row"]
    rows = table.select(names).take(pa.array(wanted)).to_pylist()
    return [
        Refused(
            row.pop("_row"),
            {name: value for name, value in row.items() if value is not None},
            tuple(broken[index]),
        )
        for index, row in zip(wanted, rows, strict=True)
    ]


def first_rows(
    tables: Tables, recipe: Recipe, making: Making, source: str, limit: int
) -> list[dict[str, Any]]:
    """Return the first interactions of an output, to show."""
    made = batches(tables, recipe, making, received_at=0, source=source, limit=limit)
    rows = [row for each in made for row in each.table.to_pylist()]
    return [
        {
            name: value.isoformat() if name in TIMES else value
            for name, value in row.items()
            if value is not None and name not in ("received_at", "source")
        }
        for row in rows
    ]


def reading_notes(makings: list[Making]) -> list[str]:
    """Say what was assumed about times and numbers, once for each field."""
    notes: dict[str, None] = {}
    for making in makings:
        for name, how in making.readings.times.items():
            if how.assumed:
                notes[
                    _(
                        "{field}: no date shows whether day or month comes first; read as {how}."
                    ).format(field=name, how=labels.phrase(how.described()))
                ] = None
            elif how.order == "mixed" and how.ordered:
                notes[
                    _(
                        "{field}: some dates begin with the day, some with the month; those that "
                        "could be either will wait in quarantine."
                    ).format(field=name)
                ] = None
        for name, number in making.readings.numbers.items():
            if number.assumed or number.decimal != ".":
                notes[
                    _("{field}: numbers are read with a {how}.").format(
                        field=name, how=labels.phrase(number.described())
                    )
                ] = None
    return list(notes)
