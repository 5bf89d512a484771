"""Language and permissions of whoever asks."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

from percorso import i18n
from percorso.app import company
from percorso.app.ui.access import access_of


class Preferences:
    """Answers in the language of the person, of the browser or of the company, library and all."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = _persons(request) or _asked(request) or _companys()
        translation.activate(language)
        request.LANGUAGE_CODE = language
        with i18n.in_language(language):
            return self.get_response(request)


def _persons(request: HttpRequest) -> str:
    return getattr(request.user, "language", "") if request.user.is_authenticated else ""


def _asked(request: HttpRequest) -> str:
    """Return the language of the cookie, or the first the browser names that we speak."""
    named = [request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")]
    named += [
        code for code, _ in parse_accept_lang_header(request.headers.get("Accept-Language", ""))
    ]
    spoken = dict(settings.LANGUAGES)
    return next((code for each in named if (code := each.split("-")[0].lower()) in spoken), "")


def _companys() -> str:
    """Return the company's language; Django keeps the one of when the server started."""
    return company.workspace().settings.language if settings.WORKSPACE else settings.LANGUAGE_CODE


class AccessRequired:
    """Turns away whoever may not do what the view does, and everybody where it does not say."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], *_: Any
    ) -> HttpResponse | None:
        """Ask the view's permission. Whoever is not signed in was turned away before."""
        if not getattr(view, "login_required", True):
            return None
        marked = access_of(view)
        if marked is None or not marked.allows(request.user, request.method):
            raise PermissionDenied
        return None
