"""The pages of the outbox: what was sent or why not, the contact budget, the sender."""

import uuid
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from percorso import labels
from percorso.app import company
from percorso.app.accounts.asking import user_of
from percorso.app.audit.looks import leaves_trace
from percorso.app.outbox import actions, addresses, queries, suppression, told, words
from percorso.app.outbox.errors import OutboxError
from percorso.app.outbox.forms import AddressForm, BudgetForm, SenderForm
from percorso.app.outbox.queries import Missing
from percorso.app.ui.access import (
    may_export_customers,
    may_look,
    may_manage_sending,
    may_see_customers,
    opens_to,
)
from percorso.app.ui.export import streamed_csv
from percorso.app.ui.pages import Pages
from percorso.contacts import Budget, ContactsError, as_toml, next_allowed
from percorso.contacts.calendar import why_closed
from percorso.i18n import current_language

_SIZE: Final = 50
_WORDS: Final[dict[str, Any]] = {
    "states": words.STATES,
    "tones": words.TONES,
    "chosen_states": words.CHOSEN,
    "purposes": words.PURPOSES,
    "missing_words": words.MISSING,
}


@opens_to(may_look)
@require_GET
@leaves_trace("outbox.record_seen", to=may_see_customers)
def record(request: HttpRequest) -> HttpResponse:
    """Show how sending stands, and for each customer what was sent, or why not."""
    pages = Pages.of(request, _SIZE)
    campaign, state, text = _asked(request)
    counts = queries.overview()
    known = may_see_customers(request.user)
    lines: tuple[queries.Line, ...] = ()
    if known:
        people = queries.those_called(text) if text else None
        found = queries.lines(
            campaign=campaign,
            state=state,
            people=people,
            limit=_SIZE + 1,
            offset=pages.offset,
        )
        lines, pages = found[:_SIZE], pages.of_unknown(len(found))
    standing = queries.standing()
    shown = {
        "standing": standing,
        "rows": [(name, _cells(each)) for name, each in counts.items()],
        "columns": [words.CHOSEN[each] for each in words.CHOSEN],
        "campaigns": list(counts),
        "titles": queries.titles(counts),
        "lines": lines,
        "pages": pages,
        "campaign": campaign,
        "state": state,
        "q": text,
        "known": known,
        "csv": _csv(campaign, state, text) if may_export_customers(request.user) else "",
        "setup": {Missing.SENDER: "outbox:sender", Missing.BUDGET: "outbox:budget"},
        "open": _open_now(standing),
        **_WORDS,
    }
    return render(request, "outbox/record.html", shown)


@opens_to(may_export_customers)
@require_GET
def record_csv(request: HttpRequest) -> HttpResponseBase:
    """Send what the record shows as a file, all pages of it. That is written down."""
    campaign, state, text = _asked(request)
    actions.note_export(user_of(request), campaign, state)
    people = queries.those_called(text) if text else None
    found = queries.all_lines(campaign, state, people)
    return streamed_csv("percorso-contacts.csv", told.COLUMNS, told.rows(found, current_language()))


def _asked(request: HttpRequest) -> tuple[str, str, str]:
    """Return which campaign, which state, and the words of which customer are asked for."""
    given = request.GET
    return given.get("campaign", ""), given.get("state", ""), given.get("q", "").strip()[:200]


def _csv(campaign: str, state: str, text: str) -> str:
    given = {"campaign": campaign, "state": state, "q": text}
    query = urlencode({name: said for name, said in given.items() if said})
    return reverse("outbox:csv") + (f"?{query}" if query else "")


def _cells(counts: Any) -> list[int]:
    return [counts.get(each, 0) for each in words.CHOSEN]


def _open_now(standing: queries.Standing) -> dict[str, Any]:
    """Return whether surveys may go now; else why not, and when they may next."""
    if Missing.BUDGET in standing.missing:
        return {}
    budget, now = queries.budget(), timezone.now()
    why = why_closed(budget, now, "survey")
    if why is None:
        return {}
    try:
        return {"why": why, "next": next_allowed(budget, now)}
    except ContactsError:
        return {"why": why, "next": None}


@opens_to(may_manage_sending)
@require_POST
def act(request: HttpRequest) -> HttpResponse:
    """Pause all that is sent, or go on."""
    if request.POST.get("do") == "pause":
        actions.pause(user_of(request))
        messages.success(request, _("Nothing is sent any more until you resume."))
    elif request.POST.get("do") == "resume":
        actions.resume(user_of(request))
        messages.success(request, _("Messages go out again in the next seconds."))
    return redirect("outbox:record")


@opens_to(may_see_customers, change=may_manage_sending)
@require_http_methods(["GET", "POST"])
@leaves_trace("outbox.message_seen")
def message(request: HttpRequest, number: uuid.UUID) -> HttpResponse:
    """Show one message and what became of it; send it again, or stop it."""
    found = queries.message(number)
    if found is None:
        raise Http404
    if request.method == "POST":
        try:
            if request.POST.get("do") == "again":
                actions.send_again(user_of(request), number)
                messages.success(request, _("It goes out once more in the next seconds."))
            elif request.POST.get("do") == "stop":
                actions.stop(user_of(request), number)
                messages.success(request, _("It is not sent."))
        except OutboxError as error:
            messages.error(request, str(error))
        return redirect("outbox:message", number)
    shown = {
        "message": found,
        "titles": queries.titles([found.campaign]),
        "written_in": labels.language(found.language),
        **_WORDS,
    }
    return render(request, "outbox/message.html", shown)


@opens_to(may_look, change=may_manage_sending)
@require_http_methods(["GET", "POST"])
def budget(request: HttpRequest) -> HttpResponse:
    """Show and change how often, and when, customers are written to."""
    zone = company.workspace().settings.zone
    trouble = ""
    try:
        stands = queries.budget()
    except ContactsError as error:
        stands, trouble = Budget(zone=zone), str(error)
    form = BudgetForm(request.POST or None, initial=BudgetForm.initial_of(stands), zone=zone)
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_budget(user_of(request), form.budget)
        except OutboxError as error:
            form.add_error(None, str(error))
        else:
            messages.success(
                request, _("The contact budget was changed. What waits is weighed again.")
            )
            return redirect("outbox:budget")
    shown = {
        "form": form,
        "zone": zone,
        "trouble": trouble,
        "file": as_toml(stands),
    }
    return render(request, "outbox/budget.html", shown, status=422 if form.errors else 200)


@opens_to(may_manage_sending)
@require_POST
def redate(request: HttpRequest) -> HttpResponse:
    """Mend what a wrong clock dated into the future."""
    count = actions.redate(user_of(request))
    messages.success(
        request,
        ngettext(
            "%(n)s contact was dated later than now; it counts from now on.",
            "%(n)s contacts were dated later than now; they count from now on.",
            count,
        )
        % {"n": count},
    )
    return redirect("outbox:budget")


@opens_to(may_manage_sending)
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sender(request: HttpRequest) -> HttpResponse:
    """Say who writes to customers, and where returns come to."""
    stands = queries.sender()
    form = SenderForm(request.POST or None, initial=SenderForm.initial_of(stands))
    found: int | None = None
    if request.method == "POST" and form.is_valid():
        try:
            if request.POST.get("do") == "try":
                found = actions.try_mailbox(form.given)
            else:
                actions.save_sender(user_of(request), form.given)
                messages.success(request, _("Saved. Messages go out under this name."))
                return redirect("outbox:sender")
        except OutboxError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
    shown = {"form": form, "found": found, "sender": stands, "standing": queries.standing()}
    return render(request, "outbox/sender.html", shown, status=422 if form.errors else 200)


@opens_to(may_manage_sending)
@require_http_methods(["GET", "POST"])
def silent(request: HttpRequest) -> HttpResponse:
    """Look up whether an address is not written to; put it on that list, or take it off."""
    form = AddressForm(request.POST if request.method == "POST" else None)
    looked: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        address = form.cleaned_data["address"]
        try:
            if request.POST.get("do") == "add":
                actions.suppress(user_of(request), address)
                messages.success(request, _("This address is not written to any more."))
            elif request.POST.get("do") == "lift":
                actions.lift(user_of(request), address)
                messages.success(request, _("This address may be written to again."))
            found = suppression.find(address)
            looked = {"address": address, "found": found}
        except addresses.AddressError:
            form.add_error("address", _("This is not an address of e-mail."))
    shown = {
        "form": form,
        "looked": looked,
        "counts": [(words.SILENT[why], n) for why, n in queries.silent().items()],
        "why": words.SILENT,
    }
    return render(request, "outbox/silent.html", shown, status=422 if form.errors else 200)
