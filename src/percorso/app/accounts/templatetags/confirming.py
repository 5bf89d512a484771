"""What waits while a person confirms who they are, for the page that asks."""

from typing import Any

from django import template

from percorso.app.accounts.confirming import Waiting

register = template.Library()


@register.simple_tag(takes_context=True)
def waiting(context: dict[str, Any]) -> Waiting | None:
    """Return what waits for the answer; None where the person only goes to another page."""
    return Waiting.of(context["request"])
