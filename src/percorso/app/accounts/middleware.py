"""Language and role of whoever asks."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from percorso import i18n
from percorso.app.ui.access import Role, needed_role


class Preferences:
    """Answers in the person's language; the library's words follow."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = getattr(request.user, "language", "") if request.user.is_authenticated else ""
        if chosen:
            translation.activate(chosen)
            request.LANGUAGE_CODE = chosen
        language = (translation.get_language() or "en").split("-")[0]
        with i18n.in_language(language):
            return self.get_response(request)


class RoleRequired:
    """Turns away whoever's role does not cover what the view asks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], *_: Any
    ) -> HttpResponse | None:
        """Compare the roles. Whoever is not signed in was turned away before, or may pass."""
        if not request.user.is_authenticated:
            return None
        if not Role(request.user.role).covers(needed_role(view, request)):
            raise PermissionDenied
        return None
