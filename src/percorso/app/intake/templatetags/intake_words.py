"""Words of the data page in templates."""

from typing import Any

from django import template
from django.utils.translation import gettext as _

from percorso import labels
from percorso.app.intake.words import FIELDS, STATUS

register = template.Library()


@register.filter
def status_words(status: str) -> str:
    """Name the state of an import."""
    return str(STATUS.get(status, (status, ""))[0])


@register.filter
def status_tone(status: str) -> str:
    """Return the tone of its chip."""
    return STATUS.get(status, ("", "still"))[1]


@register.filter
def field_words(field: str) -> str:
    """Name a field of an interaction."""
    return str(FIELDS.get(field, (field, ""))[0])


@register.filter
def cell(value: Any) -> str:
    """Show a value of a sample, short."""
    if value is None:
        return ""
    text = str(value)
    return text if len(text) <= 60 else text[:59] + "…"


@register.filter
def count(value: int) -> str:
    """Write a whole number as the reader does."""
    return labels.number(value)


@register.filter
def size(bytes_: int) -> str:
    """Write a file's size: 1.2 MB."""
    amount = float(bytes_)
    for unit in (_("bytes"), "kB", "MB"):
        if amount < 1000:
            return (
                f"{labels.number(amount, 0 if amount >= 100 or unit == _('bytes') else 1)} {unit}"
            )
        amount /= 1000
    return f"{labels.number(amount, 1)} GB"
