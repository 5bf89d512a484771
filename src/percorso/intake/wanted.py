"""The columns somebody asks for by name: the user, a recipe, the guess."""

import re
from collections.abc import Mapping
from functools import cache

from percorso.intake import recipes
from percorso.intake.mapping import normalised
from percorso.intake.model import IntakeError
from percorso.intake.narrowing import Wanted
from percorso.intake.synonyms import SCORES, SYNONYMS, WORDS
from percorso.workspace import Workspace


def columns_wanted(workspace: Workspace, recipe: str | None, mapping: Mapping[str, str]) -> Wanted:
    """Return what says of a column whether it is wanted. Recipes are read when first asked."""

    @cache
    def names() -> frozenset[str]:
        said = {
            normalised(each)
            for source in mapping.values()
            for each in (source, *re.findall(r"\{([^{}]+)\}", source))
        }
        guessed = {name for each in (SYNONYMS, SCORES) for known in each.values() for name in known}
        return frozenset(said | guessed | _of_recipes(workspace, recipe))

    def wanted(column: str) -> bool:
        name = normalised(column)
        return name in names() or any(word in name for word, _scale in WORDS)

    return wanted


def _of_recipes(workspace: Workspace, recipe: str | None) -> set[str]:
    try:
        chosen = [recipes.load(workspace, recipe)] if recipe else recipes.load_all(workspace)
    except IntakeError:
        return set()  # told when the recipe is chosen
    return {
        normalised(each)
        for one in chosen
        for table in one.tables
        for name, others in table.columns.items()
        for each in (name, *others)
    }
