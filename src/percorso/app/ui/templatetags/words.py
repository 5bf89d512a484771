"""Names and phrases in templates, as they are said."""

from collections.abc import Mapping

from django import template
from django.utils.functional import Promise
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

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


@register.filter
def unbroken(sentence: str) -> str:
    """Return a sentence whose intervals stay whole where a line ends."""
    return labels.unbroken(sentence)


@register.filter
def breaking(name: str) -> SafeString:
    """Return a name that breaks before its @ where a line is too short for an e-mail address."""
    local, at, domain = name.partition("@")
    parts = [local, at + domain] if at else [name]
    return format_html_join(SafeString("<wbr>"), "{}", ((each,) for each in parts))
