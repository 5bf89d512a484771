"""The page a customer comes to from a link: no account, no cookie, no script.

Looking changes nothing (programs that check mail follow links); a POST does. The address is the
secret, so that a form of another site cannot send it: no other token is needed.
"""

from collections.abc import Callable
from functools import wraps
from typing import Final

from allauth.account.adapter import get_adapter
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from percorso.app import company
from percorso.app.privacy import actions, links, queries
from percorso.app.privacy.models import PreferenceLink, Request
from percorso.app.ui.errors import too_many_requests
from percorso.app.ui.language import of_visitor
from percorso.app.ui.rates import too_often
from percorso.log.errors import LogBusyError

#: Requests a minute from one address, and changes a minute of one link.
_FROM_ADDRESS: Final = 60
_OF_LINK: Final = 10
_View = Callable[[HttpRequest, PreferenceLink, str], HttpResponse]


def _with_link(view: _View) -> Callable[[HttpRequest, str], HttpResponse]:
    """Give a view the link of the token, in the language that was asked for."""

    @wraps(view)
    def checked(request: HttpRequest, token: str) -> HttpResponse:
        if too_often("choices", get_adapter().get_client_ip(request), _FROM_ADDRESS):
            return too_many_requests(request)
        if request.method == "POST" and too_often("choices link", token, _OF_LINK):
            return too_many_requests(request)
        with translation.override(of_visitor(request)):
            link = links.link_of(token)
            if link is None:
                answer = render(
                    request, "privacy/link_spent.html", {"policy": queries.stated()}, status=410
                )
            else:
                try:
                    answer = view(request, link, token)
                except LogBusyError:
                    answer = render(request, "privacy/link_busy.html", status=503)
                    answer["Retry-After"] = "60"
        answer["Referrer-Policy"] = "no-referrer"
        answer["X-Robots-Tag"] = "noindex, nofollow"
        return answer

    return login_not_required(never_cache(csrf_exempt(checked)))


def _page(request: HttpRequest, link: PreferenceLink, token: str) -> HttpResponse:
    """Show what holds, and take what the customer chooses."""
    if request.method != "POST":
        return _shown(request, link, token)
    language = of_visitor(request)
    if request.POST.get("words", "") != queries.words_version(language):
        # Nobody agrees to words they have not read: the proof would be none.
        return _shown(request, link, token, changed=True)
    choices = {each.purpose: each.purpose in request.POST for each in queries.offered()}
    actions.choose(link, choices, language)
    return _back(request, token, "saved")


def _shown(
    request: HttpRequest, link: PreferenceLink, token: str, *, changed: bool = False
) -> HttpResponse:
    """Show what holds; ``changed`` where the words are others than those the customer read."""
    shown = queries.shown_consents(link.reference)
    language = of_visitor(request)
    context = {
        "token": token,
        "version": queries.words_version(language),
        "changed": changed,
        "language": language,
        "chosen": [(each, each.terms.words(language)) for each in shown if each.terms.may_object],
        "needed": [
            (each, each.terms.words(language)) for each in shown if not each.terms.may_object
        ],
        "policy": queries.stated(),
        "company": company.workspace().settings.company,
        "done": request.GET.get("done", ""),
        "until": link.expires_at,
    }
    return render(request, "privacy/preferences.html", context, status=409 if changed else 200)


def _leave(request: HttpRequest, link: PreferenceLink, token: str) -> HttpResponse:
    """Withdraw from everything that can be refused, at one press (RFC 8058 too).

    Mail programs that press no button themselves open the address: it asks, and changes nothing.
    """
    if request.method != "POST":
        shown = queries.shown_consents(link.reference)
        refusable = [each for each in shown if each.terms.may_object]
        return render(request, "privacy/leave.html", {"token": token, "refusable": refusable})
    offered = [each.purpose for each in queries.offered()]
    language = of_visitor(request)
    actions.choose(link, dict.fromkeys(offered, False), language)
    if request.POST.get("List-Unsubscribe") == "One-Click":
        # A mail program asks, which shows no page and follows nothing.
        return HttpResponse(status=200)
    return _back(request, token, "left")


def _ask(request: HttpRequest, link: PreferenceLink, token: str) -> HttpResponse:
    """Note that the customer wants a copy, or to be erased."""
    if request.method != "POST":
        return redirect(links.path_to(token))
    kind = request.POST.get("kind", "")
    if kind not in (Request.Kind.COPY, Request.Kind.ERASE):
        return HttpResponse(status=400)
    actions.ask(link, kind)
    return _back(request, token, kind)


def _back(request: HttpRequest, token: str, done: str) -> HttpResponse:
    language = of_visitor(request)
    return redirect(f"{links.path_to(token)}?done={done}&lang={language}")


page = _with_link(require_http_methods(["GET", "HEAD", "POST"])(_page))
leave = _with_link(require_http_methods(["GET", "HEAD", "POST"])(_leave))
ask = _with_link(require_http_methods(["GET", "HEAD", "POST"])(_ask))
