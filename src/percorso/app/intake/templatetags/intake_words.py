"""Words of the data page in templates."""

from django import template

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
