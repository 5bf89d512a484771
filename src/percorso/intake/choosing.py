"""Which recipe reads the files: the one named, the one that fits, or one made by guessing."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from percorso import labels
from percorso.i18n import gettext as _
from percorso.intake import guessing, recipes
from percorso.intake.mapping import read_source
from percorso.intake.model import FieldGuess, IntakeError, Question
from percorso.intake.recipes import Match, Recipe
from percorso.intake.recipes.recipe import SETTABLE
from percorso.intake.tables import Tables
from percorso.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Chosen:
    """The recipe with its files, and what there is to say or ask about the choice."""

    match: Match | None
    guessed: bool
    fields: tuple[FieldGuess, ...] = ()
    questions: tuple[Question, ...] = ()
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def choose(
    workspace: Workspace, tables: Tables, name: str | None, mapping: Mapping[str, str]
) -> Chosen:
    """Choose, or guess. A recipe that does not exist raises IntakeError."""
    try:
        recipe = recipes.load(workspace, name) if name is not None else None
        if not any(each.rows for each in tables.loaded):
            raise IntakeError(_no_rows(tables))
        if recipe is not None:
            _check_names(mapping, recipe)
            match: Match | None = recipes.bind(recipe, tables.loaded, mapping)
        else:
            match = recipes.best_match(recipes.load_all(workspace), tables.loaded, mapping)
            if match is not None and not _all_known(mapping, match.recipe):
                match = None
        if match is not None:
            _check_columns(match, mapping)
            match = replace(match, recipe=_with_fields(match, mapping))
            return Chosen(match, guessed=False, fields=_said(mapping))
        return _guessed(tables, mapping)
    except IntakeError as error:
        if name is not None and name not in _names(workspace):
            raise
        return Chosen(None, guessed=name is None, problems=(str(error),))


def _guessed(tables: Tables, mapping: Mapping[str, str]) -> Chosen:
    guess = guessing.guess(tables, mapping)
    return Chosen(
        guess.match,
        guessed=True,
        fields=guess.fields,
        questions=guess.questions,
        notes=guess.notes,
    )


def _no_rows(tables: Tables) -> str:
    """Say that nothing can be read, and what was wrong with the first row that was there."""
    words = _("There are no rows that can be read in these files.")
    for number, reject in tables.rejects:
        first = tables.loaded[number].name
        return f"{words} {first}, {reject.row}: {labels.phrase(reject.rule)}."
    return words


def _names(workspace: Workspace) -> set[str]:
    return {each.name for each in recipes.available(workspace)}


def _columns(recipe: Recipe) -> set[str]:
    return {name for table in recipe.tables for name in table.columns}


def _all_known(mapping: Mapping[str, str], recipe: Recipe) -> bool:
    """Say whether the recipe understands all that the user said."""
    names = _columns(recipe) | {"zone"}
    return all(
        field in names or (field in SETTABLE and _is_constant(source))
        for field, source in mapping.items()
    )


def _is_constant(source: str) -> bool:
    return len(source) >= 2 and source[0] == source[-1] and source[0] in "'\""


def _check_names(mapping: Mapping[str, str], recipe: Recipe) -> None:
    names = sorted(_columns(recipe) | set(SETTABLE) | {"zone"})
    for field, source in mapping.items():
        if field not in names:
            near = difflib.get_close_matches(field, names, n=1)
            raise IntakeError(
                _("The recipe {recipe} has no {field!r}.").format(recipe=recipe.name, field=field)
                + (" " + _("Did you mean {name!r}?").format(name=near[0]) if near else "")
                + " "
                + _("It has: {names}.").format(names=", ".join(sorted(_columns(recipe))))
            )
        if field not in _columns(recipe) and field != "zone" and not _is_constant(source):
            raise IntakeError(
                _("With the recipe {recipe}, {field} can only be a constant in quotes.").format(
                    recipe=recipe.name, field=field
                )
            )


def _check_columns(match: Match, mapping: Mapping[str, str]) -> None:
    """Raise IntakeError for a source that none of the recipe's files has."""
    for field, source in mapping.items():
        bindings = [each for each in match.bindings if field in each.columns]
        if bindings and not any(each.columns[field] for each in bindings):
            read_source(source, bindings[0].loaded.columns, field)


def _with_fields(match: Match, mapping: Mapping[str, str]) -> Recipe:
    """Return the recipe without outputs the files have nothing for, and with what was said."""
    recipe = match.recipe
    found = {name for each in match.bindings for name, column in each.columns.items() if column}
    said = {
        field: read_source(source, (), field).sql
        for field, source in mapping.items()
        if field in SETTABLE and field not in _columns(recipe)
    }
    outputs = tuple(
        replace(
            output,
            constants={k: v for k, v in output.constants.items() if k not in said},
            fields={**output.fields, **said},
        )
        for output in recipe.outputs
        if not output.only_with or output.only_with in found
    )
    zone = mapping.get("zone", "").strip("'\"") or recipe.zone
    return replace(recipe, outputs=outputs, zone=zone)


def _said(mapping: Mapping[str, str]) -> tuple[FieldGuess, ...]:
    return tuple(
        FieldGuess(field, source, 1.0, reason=_("as you said")) for field, source in mapping.items()
    )
