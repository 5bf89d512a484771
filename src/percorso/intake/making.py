"""One output of a recipe, from its SQL to checked rows of the log."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from percorso import labels
from percorso.i18n import gettext as _
from percorso.intake.checking import Made, check
from percorso.intake.composing import (
    TIMES,
    Readings,
    Seen,
    inner_sql,
    readings,
    stream,
    typed_sql,
)
from percorso.intake.model import IntakeError
from percorso.intake.recipes import Output, Recipe
from percorso.intake.tables import Tables
from percorso.workspace import Settings

_BATCH: Final = 50_000
#: Stands between a file's name and the label of an output, where a row gives several.
LABEL: Final = " · "


@dataclass(frozen=True, slots=True)
class Making:
    """An output ready to run: ``typed`` gives its rows, as text and with their values.

    Local times are those of ``zone``, amounts that name none are in ``currency``.
    """

    output: Output
    number: int
    typed: str
    readings: Readings
    zone: str
    currency: str


def whole_numbers(field: str, column: str) -> str:
    """Say what to do where a column counts periods, or names months, instead of telling times."""
    return _(
        "{field} holds whole numbers, not times. If they count months from a first one (or days, "
        'weeks, years), say from which: --map {field}="2024-01 + {{{column}}} months". If they are '
        'months of a year, say which: --map {field}="2024-{{{column}}}-01"'
    ).format(field=field, column=column)


def make(
    tables: Tables,
    recipe: Recipe,
    output: Output,
    number: int,
    settings: Settings,
    *,
    said: Mapping[str, str] | None = None,
    known: Readings | None = None,
    seen: Seen | None = None,
) -> Making:
    """Compose an output and find out how its times and numbers are written.

    ``known`` tells it, or ``seen`` what the outputs before found out of it. Raises IntakeError for
    SQL that cannot be run, and where times are whole numbers.
    """
    how = known or readings(tables, recipe, output, seen or Seen())
    for name, reading in how.times.items():
        if reading.whole_numbers and known is None:
            raise IntakeError(whole_numbers(name, (said or {}).get(name, "COLUMN")))
    return Making(
        output,
        number,
        typed_sql(output, inner_sql(tables, recipe, output), how),
        how,
        recipe.zone or settings.zone,
        recipe.currency or settings.currency,
    )


def make_all(
    tables: Tables, recipe: Recipe, settings: Settings, said: Mapping[str, str]
) -> list[Making]:
    """Compose every output of a recipe; see ``make``."""
    seen = Seen()
    return [
        make(tables, recipe, output, number, settings, said=said, seen=seen)
        for number, output in enumerate(recipe.outputs)
    ]


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
    sql = making.typed + (f" LIMIT {limit}" if limit else "")
    for batch in stream(tables, recipe, sql, _BATCH):
        made = check(
            batch,
            making.output,
            making.readings,
            zone=making.zone,
            currency=making.currency,
            received_at=received_at,
            source=source,
        )
        received_at += made.rows
        yield made


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
