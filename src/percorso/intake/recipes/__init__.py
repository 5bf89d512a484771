"""Recipes: how the exports of a tool become interactions. See docs/reference/recipes.md."""

from percorso.intake.recipes.matching import Binding, Match, best_match, bind
from percorso.intake.recipes.recipe import (
    Output,
    Recipe,
    RecipeInfo,
    RecipeTable,
    Skip,
    available,
    load,
    load_all,
    parse,
    text,
)

__all__ = [
    "Binding",
    "Match",
    "Output",
    "Recipe",
    "RecipeInfo",
    "RecipeTable",
    "Skip",
    "available",
    "best_match",
    "bind",
    "load",
    "load_all",
    "parse",
    "text",
]
