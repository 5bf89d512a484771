"""Filters that say names in templates."""

import pytest
from django.utils import translation

from percorso.app.intake.templatetags.intake_words import recipe_words
from percorso.app.ui.templatetags.words import breaking


@pytest.mark.parametrize("kept", ["guessed", "columns guessed", "colonne ipotizzate"])
def test_guessed_columns_are_said_in_the_readers_language(kept: str) -> None:
    with translation.override("it"):
        assert recipe_words(kept) == "colonne ipotizzate"
    with translation.override("en"):
        assert recipe_words(kept) == "columns guessed"


def test_a_recipe_is_called_by_its_name() -> None:
    with translation.override("it"):
        assert recipe_words("olist") == "ricetta olist"


def test_an_address_breaks_before_its_at_and_is_escaped() -> None:
    assert breaking("email:ada@example.org") == "email:ada<wbr>@example.org"
    assert breaking("Ada <b>") == "Ada &lt;b&gt;"
