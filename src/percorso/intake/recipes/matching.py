"""Which recipe fits which files, by the names of their columns."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch

from percorso.i18n import gettext as _
from percorso.intake.mapping import Expression, normalised, read_source
from percorso.intake.model import IntakeError
from percorso.intake.recipes.recipe import Recipe, RecipeTable
from percorso.intake.sql import quoted
from percorso.intake.tables import Loaded


@dataclass(frozen=True, slots=True)
class Binding:
    """A loaded file that serves as a table.

    ``columns``: the recipe's column -> SQL over the file's columns, or nothing where it has none.
    ``taken`` are the file's columns that are used so.
    """

    table: RecipeTable
    loaded: Loaded
    columns: Mapping[str, str | None]
    taken: frozenset[str]


@dataclass(frozen=True, slots=True)
class Match:
    """A recipe with the files it will read."""

    recipe: Recipe
    bindings: tuple[Binding, ...]

    @property
    def strength(self) -> tuple[int, int, int]:
        """Rate a match: what the recipe asks for before all, then how much of it is there."""
        needed = {(each.table.name, name) for each in self.bindings for name in each.table.needs}
        found = {
            (each.table.name, name)
            for each in self.bindings
            for name, column in each.columns.items()
            if column
        }
        return self.recipe.priority, len(needed), len(found)


def best_match(
    recipes: Iterable[Recipe], loaded: Sequence[Loaded], mapping: Mapping[str, str]
) -> Match | None:
    """Return the recipe that fits the files best, if one does; ties go to the first."""
    matches = [match for each in recipes if (match := _match(each, loaded, mapping)) is not None]
    return max(matches, key=lambda match: match.strength, default=None)


def bind(recipe: Recipe, loaded: Sequence[Loaded], mapping: Mapping[str, str]) -> Match:
    """Return the recipe with its files. Raises IntakeError that says which column is missing."""
    match = _match(recipe, loaded, mapping)
    if match is not None:
        return match
    for table in recipe.tables:
        if not table.required or any(_bind(table, each, mapping) for each in loaded):
            continue
        closest = min(loaded, key=lambda each: len(_missing(table, each, mapping)))
        missing = _missing(table, closest, mapping)
        raise IntakeError(_explain(recipe, table, closest, missing))
    raise IntakeError(_("The recipe {name} does not fit these files.").format(name=recipe.name))


def _match(recipe: Recipe, loaded: Sequence[Loaded], mapping: Mapping[str, str]) -> Match | None:
    bindings: list[Binding] = []
    taken: set[int] = set()
    # The table that asks for most chooses first: what fits it may fit a less particular one too.
    for table in sorted(recipe.tables, key=lambda each: -len(each.needs)):
        fits = [
            binding
            for each in loaded
            if each.number not in taken and (binding := _bind(table, each, mapping))
        ]
        hinted = [each for each in fits if _hinted(table, each.loaded)]
        chosen = hinted or fits
        if not chosen and table.required:
            return None
        taken.update(each.loaded.number for each in chosen)
        bindings.extend(chosen)
    return Match(recipe, tuple(bindings))


def _bind(table: RecipeTable, loaded: Loaded, mapping: Mapping[str, str]) -> Binding | None:
    columns: dict[str, str | None] = {}
    taken: set[str] = set()
    for name, others in table.columns.items():
        source = _find(name, others, loaded, mapping)
        columns[name] = source.sql if source else None
        taken.update(source.columns if source else ())
    if not loaded.rows or any(columns[name] is None for name in table.needs):
        return None
    if table.needs_one and all(columns[name] is None for name in table.needs_one):
        return None
    return Binding(table, loaded, columns, frozenset(taken))


def _missing(table: RecipeTable, loaded: Loaded, mapping: Mapping[str, str]) -> list[str]:
    def lacks(name: str) -> bool:
        return _find(name, table.columns[name], loaded, mapping) is None

    one = table.needs_one
    return [
        *(name for name in table.needs if lacks(name)),
        *(one[:1] if one and all(lacks(name) for name in one) else ()),
    ]


def _find(
    name: str, others: tuple[str, ...], loaded: Loaded, mapping: Mapping[str, str]
) -> Expression | None:
    if name in mapping:
        try:
            return read_source(mapping[name], loaded.columns, name)
        except IntakeError:
            return None
    by_name = {normalised(column): column for column in reversed(loaded.columns)}
    for each in (name, *others):
        if (found := by_name.get(normalised(each))) is not None:
            return Expression(quoted(found), (found,))
    return None


def _hinted(table: RecipeTable, loaded: Loaded) -> bool:
    return any(fnmatch(loaded.name.lower(), hint.lower()) for hint in table.files)


def _explain(recipe: Recipe, table: RecipeTable, closest: Loaded, missing: list[str]) -> str:
    words = _("The recipe {recipe} needs a column {column} in {file}, which is not there.").format(
        recipe=recipe.name, column=missing[0], file=closest.name
    )
    wanted = (missing[0], *table.columns[missing[0]])
    by_name = {normalised(column): column for column in closest.columns}
    for each in wanted:
        near = difflib.get_close_matches(normalised(each), by_name, n=1)
        if near:
            words += " " + _("Did you mean {column}? Then say: --map {field}={value}").format(
                column=by_name[near[0]], field=missing[0], value=by_name[near[0]]
            )
            return words
    return (
        words
        + " "
        + _("Its columns are: {columns}.").format(columns=", ".join(closest.columns[:30]))
    )
