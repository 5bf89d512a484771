"""Days, times, counts and sizes in templates, as the reader writes them."""

from datetime import date, datetime

from django import template
from django.utils.translation import gettext as _

from percorso import labels
from percorso.app.company import workspace
from percorso.app.ui import components

register = template.Library()


@register.filter
def day(given: date | None) -> str:
    """Show a day, in the company's zone: 4 Oct 2025."""
    return labels.day(given, workspace().settings.zone_info)


@register.filter
def moment(given: datetime | None) -> str:
    """Show a day and a time of day, in the company's zone: 4 Oct 2025, 09:30."""
    return labels.moment(given, workspace().settings.zone_info)


@register.filter
def clock(given: datetime | None) -> str:
    """Show a time of day to the second, in the company's zone, after the day where not today."""
    if given is None:
        return "–"
    zone = workspace().settings.zone_info
    local = given.astimezone(zone)
    time = f"{local:%H:%M:%S}"
    today = local.date() == datetime.now(zone).date()
    return time if today else f"{labels.day(given, zone)}, {time}"


@register.filter
def kind(name: str) -> str:
    """Show what a kind of interaction is called."""
    return labels.kind(name)


@register.filter
def count(value: int) -> str:
    """Show a whole number: 19,598."""
    return labels.number(value)


@register.filter
def few_or(value: int) -> str:
    """Show how many customers; of fewer than 5 only that they are fewer."""
    return components.few_or(value)


@register.filter
def size(octets: int) -> str:
    """Show a file's size: 1.2 MB."""
    amount = float(octets)
    if amount < 1000:
        return _("%(n)s bytes") % {"n": labels.number(amount)}
    for unit in ("kB", "MB"):
        amount /= 1000
        if amount < 1000:
            return f"{labels.number(amount, 0 if amount >= 100 else 1)} {unit}"
    return f"{labels.number(amount / 1000, 1)} GB"
