"""Two taps for staff who had a visit or a call; and the page that a counter's code leads to."""

from typing import Final

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from percorso.app import company
from percorso.app.accounts.asking import user_of
from percorso.app.sources import contacts
from percorso.app.sources.errors import SourceError
from percorso.app.sources.forms import AnswerForm, ContactForm
from percorso.app.sources.words import CONTACTS, REASONS, why
from percorso.app.ui.access import may_log_contacts, opens_to
from percorso.app.ui.errors import too_many_requests
from percorso.app.ui.language import of_visitor
from percorso.app.ui.rates import too_often
from percorso.live import LiveError

#: Where this person works is remembered on their device.
_PLACE: Final = "contact_place"
#: Answers a minute from one address, and at one counter.
_FROM_ADDRESS: Final = 20
_AT_COUNTER: Final = 60
_SCORES: Final = (5, 4, 3, 2, 1)


@opens_to(may_log_contacts)
@require_http_methods(["GET", "POST"])
def log(request: HttpRequest) -> HttpResponse:
    """Write down a visit or a call: one tap says what it was, the next one about what."""
    given = request.POST if request.method == "POST" else request.GET
    what = given.get("what", "")
    what = what if what in CONTACTS else ""
    place = request.session.get(_PLACE, "")
    form = ContactForm(request.POST or None, initial={"place": place})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            contacts.log_contact(user_of(request), what, request.POST.get("reason", ""), **said)
        except SourceError as error:
            form.add_error("customer" if what else None, str(error))
        except LiveError as error:
            words = _("It could not be kept: %(why)s Try again.")
            form.add_error(None, words % {"why": why(error)})
        else:
            request.session[_PLACE] = said["place"].strip()
            words = _("Logged: %(what)s, %(reason)s.")
            reason = REASONS[request.POST["reason"]]
            messages.success(request, words % {"what": CONTACTS[what][1], "reason": reason})
            return redirect("contacts:log")
    shown = {
        "what": what,
        "what_words": CONTACTS[what][1] if what else "",
        "contacts": {name: words for name, (_event, words, _reasons) in CONTACTS.items()},
        "reasons": [(each, REASONS[each]) for each in CONTACTS[what][2]] if what else [],
        "form": form,
        "place": place,
    }
    return render(request, "sources/log.html", shown, status=422 if form.errors else 200)


@login_not_required
@csrf_exempt  # no cookie: the address is what one has to know, and whoever has it may answer
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def counter(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whoever scanned the code at a shop's counter how it was; looking keeps nothing."""
    language = of_visitor(request)
    with translation.override(language):
        answer = _counter(request, token, language)
    answer["Referrer-Policy"] = "no-referrer"
    return answer


def _counter(request: HttpRequest, token: str, language: str) -> HttpResponse:
    found = contacts.read_counter(token)
    context = {
        "company": company.workspace().settings.company,
        "language": language,
        "scores": _SCORES,
        "done": "done" in request.GET,
        "place": found[1] if found else "",
        "gone": found is None,
        # What was written is still there where it could not be kept.
        "words": request.POST.get("words", ""),
    }
    if found is None:
        return render(request, "sources/here.html", context, status=410)
    if request.method == "POST":
        address = get_adapter().get_client_ip(request)
        if too_often("counter-address", address, _FROM_ADDRESS) or too_often(
            "counter", token, _AT_COUNTER
        ):
            return too_many_requests(request)
        form = AnswerForm(request.POST)
        if not form.is_valid():
            return render(request, "sources/here.html", {**context, "wrong": True}, status=422)
        given = form.cleaned_data
        try:
            contacts.answer_at_counter(*found, given["score"], given["words"])
        except LiveError:
            answer = render(request, "sources/here.html", {**context, "busy": True}, status=503)
            answer["Retry-After"] = "30"
            return answer
        back = reverse("counter:page", args=[token])
        return redirect(f"{back}?{urlencode({'done': 'yes', 'lang': language})}")
    return render(request, "sources/here.html", context)
