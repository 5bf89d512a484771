"""Names and phrases in templates, as they are said."""

from collections.abc import Mapping

from django import template
from django.utils.functional import Promise

from percorso import labels
from percorso.vocabulary import Phrase

register = template.Library()


@register.filter
def called(name: str, words: Mapping[str, str | Promise]) -> str | Promise:
    """Return what a name is called; the name itself where nobody said."""
    return words.get(name, name)


@register.filter
def said(phrase: Phrase | None) -> str:
    """Say a phrase in the reader's language."""
    return "" if phrase is None else labels.phrase(phrase)
