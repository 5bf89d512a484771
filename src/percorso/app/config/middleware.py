"""Headers that every answer carries."""

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class RulesReadable:
    """Says which file to mend where the rules of phases cannot be read: no figure is right then."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        from percorso.log.phases import PhaseRulesError

        if not isinstance(error, PhaseRulesError):
            return None
        from percorso.app.ui.errors import unreadable_rules

        logging.getLogger("percorso").error("%s", error)
        return unreadable_rules(request, error)


class PrivacyHeaders:
    """No search engine, no camera, no other site may make use of our pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("X-Robots-Tag", "noindex, nofollow, noarchive")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), microphone=(), geolocation=(), browsing-topics=()"
        )
        # Pages hold what customers said: neither a shared computer nor a proxy keeps them.
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response
