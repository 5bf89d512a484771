"""Looking at files before importing them: what they are, what they would become."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Final

from percorso import labels
from percorso.i18n import gettext as _
from percorso.i18n import ngettext
from percorso.intake import guessing
from percorso.intake.choosing import choose
from percorso.intake.composing import prepare
from percorso.intake.making import Making, first_rows, make_all, reading_notes
from percorso.intake.model import Column, FieldGuess, IntakeError, OnProgress, Plan, PlannedFile
from percorso.intake.recipes import Match
from percorso.intake.scratch import scratch
from percorso.intake.sources import Found, find
from percorso.intake.sql import quoted
from percorso.intake.tables import Loaded, Tables
from percorso.intake.wanted import columns_wanted
from percorso.workspace import Workspace

#: Up to this size related files are looked at whole, so that the preview joins them as the import
#: will; a file by itself up to less.
_WHOLE: Final = 24 * 1024 * 1024
_WHOLE_ALONE: Final = 4 * 1024 * 1024
#: How many times larger a packed table is, about.
_UNPACKS: Final = 10
_ROWS: Final = 5_000
_HEAD: Final = 8 * 1024 * 1024
_SAMPLE: Final = 12


def inspect(
    workspace: Workspace,
    paths: Iterable[Path | str],
    *,
    recipe: str | None = None,
    mapping: Mapping[str, str] | None = None,
    on_progress: OnProgress | None = None,
) -> Plan:
    """Look at files and say what importing them would do. Writes nothing.

    ``recipe`` names one (or its file); without it the one that fits is taken, or else the columns
    are guessed and asked about. ``mapping`` is what the user said: field -> source, as ``--map``
    takes it (see ``FieldGuess``). Raises IntakeError where there is nothing to show; what is wrong
    with the content is in ``Plan.problems``.
    """
    given = tuple(Path(path).resolve() for path in paths)
    mapping = dict(mapping or {})
    found = find(given)
    size = sum(each.bytes * (1 if each.plain else _UNPACKS) for each in found.sources)
    whole = size <= (_WHOLE if len(found.sources) > 1 else _WHOLE_ALONE)
    with Tables(scratch(workspace, "look")) as tables:
        # A packed or binary file may be large inside: without a limit only plain text is known.
        tables.load(
            found.sources,
            limit=None if whole else _ROWS,
            head=_HEAD,
            on_progress=on_progress,
            wanted=columns_wanted(workspace, recipe, mapping),
        )
        tables.shut()
        return _plan(workspace, tables, given, found, recipe, mapping)


def _plan(
    workspace: Workspace,
    tables: Tables,
    paths: tuple[Path, ...],
    found: Found,
    name: str | None,
    mapping: Mapping[str, str],
) -> Plan:
    chosen = choose(workspace, tables, name, mapping)
    match, problems, fields = chosen.match, list(chosen.problems), chosen.fields
    notes = [f"{each.name}: {note}" for each in tables.loaded for note in each.notes]
    notes += chosen.notes
    sample: tuple[Mapping[str, Any], ...] = ()
    if match is not None and not problems:
        try:
            prepare(tables, match)
            makings = make_all(tables, match.recipe, workspace.settings, mapping)
            sample = _sample(tables, makings, match)
            notes += reading_notes(makings)
            if chosen.guessed:
                fields = _with_readings(fields, makings)
        except IntakeError as error:
            problems.append(str(error))
    if tables.rejects:
        notes.append(
            ngettext(
                "{count} row cannot be read and will wait in quarantine.",
                "{count} rows cannot be read and will wait in quarantine.",
                len(tables.rejects),
            ).format(count=len(tables.rejects))
        )
    return Plan(
        paths=paths,
        recipe=_called(name, match) if match and not chosen.guessed else None,
        title=match.recipe.title if match else "",
        files=_files(tables, found, match),
        fields=fields,
        mapping=mapping,
        questions=chosen.questions,
        notes=tuple(notes),
        problems=tuple(problems),
        sample=sample,
        recipe_text=match.recipe.toml if match else "",
    )


def _called(given: str | None, match: Match) -> str:
    """Return what finds the recipe again: the path of its file, where that was given."""
    from_file = given is not None and given.endswith(".toml") and Path(given).is_file()
    return str(Path(given).resolve()) if given and from_file else match.recipe.name


def _sample(tables: Tables, makings: list[Making], match: Match) -> tuple[Mapping[str, Any], ...]:
    """Return the first interactions of each output in turn, a few in all."""
    each = max(2, _SAMPLE // max(len(makings), 1))
    rows: list[Mapping[str, Any]] = []
    for making in makings:
        rows += first_rows(tables, match.recipe, making, match.recipe.name, each)
    return tuple(rows[: max(_SAMPLE, 2 * len(makings))])


def _with_readings(fields: tuple[FieldGuess, ...], makings: list[Making]) -> tuple[FieldGuess, ...]:
    """Add to the guesses how their times are written."""
    described = {
        name: labels.phrase(how.described())
        for making in makings
        for name, how in making.readings.times.items()
    }
    return tuple(
        replace(each, reason="; ".join(filter(None, (each.reason, described.get(each.field)))))
        for each in fields
    )


def _files(tables: Tables, found: Found, match: Match | None) -> tuple[PlannedFile, ...]:
    used = {each.loaded.number: each.table.name for each in match.bindings} if match else {}
    files = [_planned(tables, each, used.get(each.number), match) for each in tables.loaded]
    files += [
        PlannedFile(name, "", size, used=False, use=_("left out: {why}").format(why=why))
        for name, size, why in found.left_out
    ]
    return tuple(files)


def _planned(tables: Tables, loaded: Loaded, table: str | None, match: Match | None) -> PlannedFile:
    if table is not None:
        # The one table of what was guessed has a name that says nothing.
        named = match is None or match.recipe.name != guessing.NAME
        use = _("read as {table}").format(table=table) if named else _("read row by row")
    else:
        why = _("this recipe has no use for it")
        for pattern, reason in (match.recipe.unused if match else {}).items():
            if fnmatch(loaded.name.lower(), pattern):
                why = reason
        use = _("not used: {why}").format(why=why)
    return PlannedFile(
        name=loaded.name,
        format=loaded.source.format,
        bytes=loaded.source.bytes,
        used=table is not None,
        use=use,
        table=table,
        rows=loaded.rows if loaded.whole else None,
        findings=loaded.findings,
        columns=_columns(tables, loaded),
    )


def _columns(tables: Tables, loaded: Loaded) -> tuple[Column, ...]:
    if not loaded.columns:
        return ()
    listed = ", ".join(quoted(name) for name in loaded.columns)
    rows = tables.connection.execute(f"SELECT {listed} FROM {loaded.table} LIMIT 50").fetchall()
    columns = []
    for index, name in enumerate(loaded.columns):
        values = dict.fromkeys(row[index][:80] for row in rows if row[index])
        columns.append(Column(name, tuple(list(values)[:3])))
    return tuple(columns)
