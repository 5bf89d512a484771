"""What every page's template can use."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from percorso.app.company import workspace
from percorso.app.ui import navigation
from percorso.app.ui.access import Role

THEMES = ("system", "light", "dark")


@dataclass(frozen=True, slots=True)
class Person:
    """What the person who looks may do; for templates to show or leave out."""

    may_change: bool
    may_administer: bool


def page(request: HttpRequest) -> dict[str, Any]:
    """Return ``company``, ``theme``, ``can_send_mail``, ``person`` and ``navigation``."""
    user = getattr(request, "user", None)
    signed_in = bool(user and user.is_authenticated)
    role = Role(getattr(user, "role", Role.VIEWER)) if signed_in else Role.VIEWER
    return {
        "company": workspace().settings.company if settings.WORKSPACE else "Percorso",
        "theme": theme(request),
        "can_send_mail": settings.EMAIL_CONFIGURED,
        "person": Person(
            may_change=signed_in and role.covers(Role.ANALYST),
            may_administer=signed_in and role.covers(Role.ADMINISTRATOR),
        ),
        "navigation": SimpleLazyObject(lambda: navigation.shown(request) if signed_in else ()),
    }


def theme(request: HttpRequest) -> str:
    """Return the chosen look: ``system``, ``light`` or ``dark``."""
    chosen = request.COOKIES.get("percorso_theme", "")
    return chosen if chosen in THEMES else "system"
