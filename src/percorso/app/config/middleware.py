"""Headers that every answer carries."""

import logging
from collections.abc import Callable
from functools import lru_cache

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase


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


class ContentSecurityPolicy(CSPMiddleware):
    """Says where a page may load from: put together once for all pages that say the same.

    Making the words takes longer than many a page. No page of ours has a nonce, which would be
    another for each; one that asks for more than ``_csp_replace`` gets its own from the library.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Leave the request as it is: there is no nonce to give."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if any(name.startswith("_csp_") and name != "_csp_replace" for name in vars(response)):
            return super().process_response(request, response)
        replaced: dict[str, list[str]] = getattr(response, "_csp_replace", {})
        key = tuple((name, tuple(sources)) for name, sources in replaced.items())
        response.headers.setdefault(HEADER, _policy(key))
        return response


@lru_cache(maxsize=256)
def _policy(replaced: tuple[tuple[str, tuple[str, ...]], ...]) -> str:
    return build_policy(replace={name: list(sources) for name, sources in replaced})


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
