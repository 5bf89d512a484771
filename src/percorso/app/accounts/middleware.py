"""Language and permissions of whoever asks."""

import time
from collections.abc import Callable
from typing import Any, Final

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header

from percorso import i18n
from percorso.app import company
from percorso.app.accounts import second_factor
from percorso.app.ui.access import access_of

#: Where somebody may go who has to set up a second factor first.
SET_UP: Final = (
    "mfa_index",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "account_reauthenticate",
    "account_logout",
    "account_change_password",
    "accounts:preferences",
    "accounts:me",
)
#: In the session: when this device was last written down as seen.
_SEEN: Final = "seen"
_SEEN_EVERY_S: Final = 10 * 60


class Preferences:
    """Answers in the language of the person, of the browser or of the company, library and all."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = _persons(request) or visitors_language(request)
        translation.activate(language)
        request.LANGUAGE_CODE = language
        with i18n.in_language(language):
            return self.get_response(request)


def visitors_language(request: HttpRequest) -> str:
    """Return the language for somebody of whom no account says it."""
    return _asked(request) or _companys()


def _persons(request: HttpRequest) -> str:
    return getattr(request.user, "language", "") if request.user.is_authenticated else ""


def _asked(request: HttpRequest) -> str:
    """Return the language of the cookie, or the first the browser names that we speak."""
    named = [request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")]
    named += [
        code
        for code, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", ""))
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
        self, request: HttpRequest, view: Callable[..., Any], *_args: Any
    ) -> HttpResponse | None:
        """Ask the view's permission. Whoever is not signed in was turned away before."""
        if not getattr(view, "login_required", True):
            return None
        marked = access_of(view)
        if marked is None or not marked.allows(request.user, request.method):
            raise PermissionDenied
        return None


class SecondFactorRequired:
    """Sends whoever must have a second factor, and has none, to where it is set up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], *_args: Any
    ) -> HttpResponse | None:
        """Let pass who has one, who needs none, and what it takes to get one."""
        public = not getattr(view, "login_required", True)
        if public or (request.resolver_match and request.resolver_match.view_name in SET_UP):
            return None
        if not second_factor.is_required_of(request.user) or second_factor.has_one(request.user):
            return None
        messages.warning(
            request, _("Your company asks for a second step when you sign in. Set it up first.")
        )
        return redirect("mfa_index")


class SessionsSeen:
    """Writes down, now and then, from which devices a person is signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        now = int(time.time())
        # Reading a page must not cost a write each time.
        if request.user.is_authenticated and now - request.session.get(_SEEN, 0) > _SEEN_EVERY_S:
            request.session[_SEEN] = now
            UserSession.objects.create_from_request(request)
        return self.get_response(request)
