"""What every page's template can use."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from percorso.app.company import workspace
from percorso.app.ui import navigation
from percorso.app.ui.access import may

THEMES = ("system", "light", "dark")


def page(request: HttpRequest) -> dict[str, Any]:
    """Return ``company``, ``theme``, ``can_send_mail``, ``may`` and ``navigation``."""
    user = getattr(request, "user", None)
    return {
        "company": workspace().settings.company if settings.WORKSPACE else "Percorso",
        "theme": theme(request),
        "can_send_mail": settings.EMAIL_CONFIGURED,
        "may": may(user),
        "navigation": SimpleLazyObject(lambda: navigation.shown(request)),
    }


def theme(request: HttpRequest) -> str:
    """Return the chosen look: ``system``, ``light`` or ``dark``."""
    chosen = request.COOKIES.get("percorso_theme", "")
    return chosen if chosen in THEMES else "system"
