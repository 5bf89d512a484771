"""Words of the data page in templates."""

from typing import Final

from django import template
from django.utils.translation import gettext as _

from percorso import labels
from percorso.app.intake import choices
from percorso.app.intake.words import FIELDS, STATUS
from percorso.vocabulary import Phrase

register = template.Library()
#: What a result and the log's history write where no recipe fitted: a name, or its title then.
_GUESSED: Final = ("guessed", "columns guessed", "colonne ipotizzate")


@register.filter
def status_words(status: str) -> str:
    """Name the state of an import."""
    return str(STATUS.get(status, (status, ""))[0])


@register.filter
def status_tone(status: str) -> str:
    """Return the tone of its chip."""
    return STATUS.get(status, ("", "still"))[1]


@register.filter
def on_the_page(text: str) -> str:
    """Say what the intake says with the fields of the page, in place of a terminal's."""
    return choices.on_the_page(text)


@register.filter
def phrase(given: Phrase) -> str:
    """Say a rule."""
    return labels.phrase(given)


@register.filter
def field_words(field: str) -> str:
    """Name a field of an interaction."""
    return str(FIELDS.get(field, (field, ""))[0])


@register.filter
def refusal_words(refusal: str) -> str:
    """Say why a mended row is refused, with the page's word for the field it begins with."""
    field, colon, why = refusal.partition(": ")
    return f"{field_words(field)}: {why}" if colon and field in FIELDS else refusal


@register.filter
def recipe_words(recipe: str) -> str:
    """Say which recipe read a file; guessed columns in the reader's language."""
    if recipe in _GUESSED:
        return _("columns guessed")
    return _("recipe {name}").format(name=recipe)
