"""Asking again who it is before what guards the company is changed, and then going on with it.

allauth asks, and remembers it for as long as ``ACCOUNT_REAUTHENTICATION_TIMEOUT`` says. What waits
for the answer is kept in the session: of a request its address and what was typed.
"""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import wraps
from typing import Any, Final, Self

from allauth.account import app_settings
from allauth.account.internal.flows import reauthentication
from allauth.account.utils import get_next_redirect_url
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import resolve, reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from percorso.app.ui.access import SAFE_METHODS, View, access_of

_NEXT: Final = "next"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that waits: in words ``to`` do what, and ``back`` is the page it came from."""

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
        if "callback" not in kept:
            return None
        found = cls(**kept["state"])
        return found if get_next_redirect_url(request, _NEXT) == found.back else None


def confirmed(
    to: str | Promise, back: str, *, when: Callable[[HttpRequest], bool] = lambda _: True
) -> Callable[[View], View]:
    """Let a view change something only for whoever has confirmed who they are a moment ago.

    ``to`` says what it does, after "to": "make an API token". ``back`` names the page with the
    form, ``when`` the requests it is about. Put it below the decorators that judge the request.
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
            return _ask(request, str(to), reverse(back))

        return ask  # type: ignore[return-value] # it takes and returns what the view does

    return guard


def _ask(request: HttpRequest, to: str, back: str) -> HttpResponse:
    typed = request.POST.copy()
    typed.pop("csrfmiddlewaretoken", None)
    waits = Waiting(
        to, back, request.path_info, request.GET.urlencode(), typed.urlencode(), time.time()
    )
    there = reauthentication.stash_and_reauthenticate(
        request, asdict(waits), f"{__name__}.{go_on.__name__}"
    )
    return redirect(f"{there.url}?{urlencode({_NEXT: back})}")


def go_on(request: HttpRequest, state: dict[str, Any]) -> HttpResponse:
    """Do what waited, once allauth has had its answer.

    Nothing is done that waited for another page, or that the person left a while ago and may not
    think of any more: then they come back to the page. Raises PermissionDenied where the person may
    not any more: no middleware sees this request.
    """
    waits = Waiting(**state)
    if get_next_redirect_url(request, _NEXT) != waits.back:
        return redirect(get_next_redirect_url(request, _NEXT) or waits.back)
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
