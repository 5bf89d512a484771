"""A quarantined row, mended, on its way into the log."""

import contextlib
import csv
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import msgspec

from percorso import labels
from percorso.i18n import gettext as _
from percorso.intake.checking import Made
from percorso.intake.composing import NUMBERS, TEXTS, TIMES, Readings, prepare
from percorso.intake.history import History
from percorso.intake.making import LABEL, Making, batches, make
from percorso.intake.model import IntakeError, Replayed
from percorso.intake.readers.dialect import splitting
from percorso.intake.recipes import Binding, Match, Output, Recipe, RecipeTable
from percorso.intake.scratch import scratch
from percorso.intake.sql import quoted
from percorso.intake.tables import Tables

if TYPE_CHECKING:
    import pyarrow as pa

    from percorso.log import Log
    from percorso.log.quarantine import Quarantined

#: A row of this quarantine column holds a line that could not be taken apart.
_LINE: Final = "line"
_REST: Final = "properties"


class _File(msgspec.Struct):
    """A file of an import: the table it served as and its columns."""

    name: str
    table: str
    columns: dict[str, str | None]
    names: tuple[str, ...]
    delimiter: str
    taken: list[str]


class _Remembered(msgspec.Struct):
    recipe: Recipe
    files: list[_File]
    readings: list[Readings]


def remembered(match: Match, makings: list[Making]) -> dict[str, Any]:
    """Return what is needed to read a row of this import again, as plain values."""
    kept = _Remembered(
        match.recipe,
        [
            _File(
                each.loaded.name,
                each.table.name,
                dict(each.columns),
                each.loaded.columns,
                each.loaded.delimiter,
                sorted(each.taken),
            )
            for each in match.bindings
        ],
        [making.readings for making in makings],
    )
    plain: dict[str, Any] = msgspec.to_builtins(kept)
    return plain


def replay(log: "Log", quarantine_id: int, values: Mapping[str, str]) -> Replayed:
    """Read a quarantined row again with ``values`` in the place of what was there.

    ``values`` are fields of the interaction, or columns of the file where the row could not be
    taken apart (``line`` is then the whole line). Accepted, the row enters the log and leaves the
    quarantine; refused, it waits on, as mended. Raises LogError where it does not wait, and
    IntakeError where its import is not known any more.
    """
    from percorso.log.quarantine import Quarantine

    quarantine = Quarantine(log.workspace)
    row = quarantine.mend(quarantine_id, values) if values else quarantine.get(quarantine_id)
    tables, broken = _read_again(log, row)
    if broken:
        return Replayed(0, 0, tuple(broken))
    appended = log.append(batch for table in tables for batch in table.to_batches())
    quarantine.replayed(quarantine_id)
    return Replayed(appended.added, appended.duplicates)


def replay_many(log: "Log", quarantine_ids: Sequence[int], values: Mapping[str, str]) -> int:
    """Read rows again, each with ``values``, and return how many entered the log, in one commit.

    The others wait on, as mended; so do those that somebody else was quicker with. Raises
    IntakeError where their import is not known any more.
    """
    from percorso.log import LogError
    from percorso.log.quarantine import Quarantine

    quarantine = Quarantine(log.workspace)
    accepted: list[int] = []
    batches_read: list[pa.RecordBatch] = []
    for number in quarantine_ids:
        with contextlib.suppress(LogError):
            row = quarantine.mend(number, values)
            tables, broken = _read_again(log, row)
            if not broken:
                accepted.append(number)
                batches_read += [batch for table in tables for batch in table.to_batches()]
    log.append(batches_read)
    for number in accepted:
        with contextlib.suppress(LogError):
            quarantine.replayed(number)
    return len(accepted)


def _read_again(log: "Log", row: "Quarantined") -> tuple[list["pa.Table"], list[str]]:
    """Return the interactions a row gives now, and the rules it still breaks."""
    plan = History(log.workspace).plan(row.import_id)
    if not plan:
        raise IntakeError(
            _("The import this row came with is not known any more. Import the mended file again.")
        )
    kept = msgspec.convert(plan, _Remembered)
    rows: list[pa.Table] = []
    broken: list[str] = []
    for made in _made(log, kept, row):
        rows.append(made.table)
        broken += [
            labels.violation(violation) for each in made.refused for violation in each.violations
        ]
    if not broken and not any(table.num_rows for table in rows):
        broken.append(_("This row gives no interaction with the recipe it came with."))
    return rows, broken


def _made(log: "Log", kept: _Remembered, row: "Quarantined") -> Iterator[Made]:
    settings = log.workspace.settings
    with Tables(scratch(log.workspace, "replay")) as tables:
        if row.field:
            match, before = _interaction(tables, kept, row)
        else:
            match, before = _cells(tables, kept, row)
        tables.shut()
        prepare(tables, match)
        for number, output in enumerate(match.recipe.outputs):
            found = make(tables, match.recipe, output, number, settings).readings
            how = _as_before(found, before[number])
            making = make(tables, match.recipe, output, number, settings, known=how)
            yield from batches(
                tables,
                match.recipe,
                making,
                received_at=time.time_ns() // 1000,
                source=kept.recipe.name,
            )


def _interaction(
    tables: Tables, kept: _Remembered, row: "Quarantined"
) -> tuple[Match, list[Readings]]:
    """Take the row as an interaction in text, as the quarantine holds it."""
    fields = (*TEXTS, *TIMES, *NUMBERS)
    loaded = tables.put(row.file, {name: _text(row.raw.get(name)) for name in (*fields, _REST)})
    table = RecipeTable("given_row", dict.fromkeys((*fields, _REST), ()), ())
    output = Output(
        constants={},
        fields={name: quoted(name) for name in fields},
        source=table.name,
        row=f"{table.name}._row",
        properties={"*": _REST},
    )
    recipe = Recipe(
        kept.recipe.name, "", "", (table,), (output,), {}, kept.recipe.zone, kept.recipe.currency
    )
    columns = {name: quoted(name) for name in (*fields, _REST)}
    label = row.file.rpartition(LABEL)[2]
    before = next(
        (
            how
            for each, how in zip(kept.recipe.outputs, kept.readings, strict=True)
            if each.label == label
        ),
        kept.readings[0],
    )
    return Match(recipe, (Binding(table, loaded, columns, frozenset(fields)),)), [before]


def _cells(tables: Tables, kept: _Remembered, row: "Quarantined") -> tuple[Match, list[Readings]]:
    """Take the row as cells of its file, and run the recipe over it alone."""
    file = next((each for each in kept.files if each.name == row.file), None)
    if file is None:
        raise IntakeError(_("The file {name} is not part of that import.").format(name=row.file))
    raw = {name: _text(value) or "" for name, value in row.raw.items()}
    if set(raw) == {_LINE}:
        cells = next(csv.reader([raw[_LINE]], **splitting(file.delimiter)), [])
        raw = dict(zip(file.names, cells, strict=False))
    loaded = tables.put(file.name, {name: raw.get(name) for name in file.names})
    table = next(each for each in kept.recipe.tables if each.name == file.table)
    binding = Binding(table, loaded, file.columns, frozenset(file.taken))
    return Match(kept.recipe, (binding,)), kept.readings


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _as_before(found: Readings, before: Readings) -> Readings:
    """Read the row as its column was read: 03/04 stays what it was there."""
    found_times = dict(found.times)
    for name, how in found.times.items():
        if name in before.times and before.times[name].ordered:
            found_times[name] = replace(how, order=before.times[name].order)
    found_numbers = dict(found.numbers)
    for name, number in found.numbers.items():
        old = before.numbers.get(name)
        if old is not None and old.decimal == "," and number.assumed:
            found_numbers[name] = replace(number, decimal=",", plain=False)
    return Readings(found_times, found_numbers)
