"""What kinds of data, and ways to say yes, are called."""

from django import template
from django.utils.translation import gettext as _

from percorso import labels
from percorso.privacy.consents import WAY_WORDS
from percorso.privacy.retention import EVERYTHING_ELSE

register = template.Library()


@register.filter
def kind_words(kind: str) -> str:
    """Return what a kind of interaction is called; of ``*``, all the others."""
    return _("everything else") if kind == EVERYTHING_ELSE else labels.kind(kind)


@register.filter
def how_words(how: str) -> str:
    """Return what a way to say yes or no is called."""
    return _(WAY_WORDS.get(how, how))
