"""Asking again who it is before what guards the company is changed, and then going on with it.

allauth asks, and remembers it for as long as ``ACCOUNT_REAUTHENTICATION_TIMEOUT`` says. What waits
for the answer is kept in the session: of a request its address and what was typed.
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import wraps
from typing import Any, Final, Self

from allauth.account import app_settings
from allauth.account.internal.flows import reauthentication
from allauth.account.utils import get_next_redirect_url
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect
from django.urls import resolve, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from percorso.app.ui.access import SAFE_METHODS, View, access_of

_NEXT: Final = "next"
#: In the form that asks: the number of the request that it speaks of.
_NUMBER: Final = "waits"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that waits: in words ``to`` do what, and ``back`` is the page it came from.

    One waits at a time. Its ``number`` tells it from another that a second tab put in its place:
    nobody confirms what they were not shown.
    """

    number: str
    to: str
    back: str
    path: str
    query: str
    posted: str
    since: float

    @classmethod
    def of(cls, request: HttpRequest) -> Self | None:
        """Return what waits for the page that is asked; None where something else, or nothing."""
        kept = request.session.get(reauthentication.STATE_SESSION_KEY) or {}
        found = cls.read(kept.get("state"))
        if found is None or get_next_redirect_url(request, _NEXT) != found.back:
            return None
        return found if request.POST.get(_NUMBER, found.number) == found.number else None

    @classmethod
    def read(cls, state: Any) -> Self | None:
        """Return what the session kept; None where another release kept it, in its own way."""
        try:
            return cls(**state)
        except TypeError:
            return None


def confirmed(
    to: Callable[..., str], back: str, *, when: Callable[[HttpRequest], bool] = lambda _: True
) -> Callable[[View], View]:
    """Let a view change something only for whoever has confirmed who they are a moment ago.

    ``to`` takes what the view takes, and says what it does after "to": "make an API token".
    ``back`` names the page with the form, ``when`` the requests it is about. Put it below the
    decorators that judge the request.
    """

    def guard(view: View) -> View:
        @wraps(view)
        def ask(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if (
                request.method in SAFE_METHODS
                or not when(request)
                or not reauthentication.is_reauthentication_required(request, app="percorso")
            ):
                answer: HttpResponse = view(request, *args, **kwargs)
                return answer
            return _ask(request, to(request, *args, **kwargs), reverse(back))

        return ask  # type: ignore[return-value] # it takes and returns what the view does

    return guard


def _ask(request: HttpRequest, to: str, back: str) -> HttpResponse:
    typed = request.POST.copy()
    typed.pop("csrfmiddlewaretoken", None)
    waits = Waiting(
        number=secrets.token_urlsafe(),
        to=to,
        back=back,
        path=request.path_info,
        query=request.GET.urlencode(),
        posted=typed.urlencode(),
        since=time.time(),
    )
    there = _wait(request, waits)
    return redirect(f"{there.url}?{urlencode({_NEXT: back})}")


def _wait(request: HttpRequest, waits: Waiting) -> HttpResponseRedirect:
    """Keep what waits, and return where it is asked who one is."""
    there: HttpResponseRedirect = reauthentication.stash_and_reauthenticate(
        request, asdict(waits), f"{__name__}.{go_on.__name__}"
    )
    return there


def go_on(request: HttpRequest, state: dict[str, Any]) -> HttpResponse:
    """Do what waited, once allauth has had its answer.

    Nothing is done that waited for another page, that the form they confirmed did not speak of, or
    that they left a while ago and may not think of any more: they come back to the page. Raises
    PermissionDenied where the person may not any more: no middleware sees this request.
    """
    waits, there = Waiting.read(state), get_next_redirect_url(request, _NEXT)
    if waits is None:
        return redirect(there or settings.LOGIN_REDIRECT_URL)
    if there != waits.back:
        return redirect(there or waits.back)
    if request.POST.get(_NUMBER) != waits.number:
        _wait(request, waits)  # the tab that speaks of it may still confirm it
        words = _("Another request took the place of this one, so nothing was done. Do it again.")
        messages.warning(request, words)
        return redirect(waits.back)
    if time.time() - waits.since > app_settings.REAUTHENTICATION_TIMEOUT:
        messages.warning(request, _("That was a while ago, so nothing was done. Do it again."))
        return redirect(waits.back)
    match = resolve(waits.path)
    marked = access_of(match.func)
    if marked is None or not marked.allows(request.user, "POST"):
        raise PermissionDenied
    request.path = request.path_info = waits.path
    request.META["QUERY_STRING"] = waits.query
    request.GET = QueryDict(waits.query)
    request.POST = QueryDict(waits.posted)
    request.resolver_match = match
    answer: HttpResponse = match.func(request, *match.args, **match.kwargs)
    return answer
