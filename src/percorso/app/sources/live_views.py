"""The live debugger: what arrives, what was rejected and why, and sending it in again."""

from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from percorso.app.accounts.asking import user_of
from percorso.app.audit.looks import leaves_trace
from percorso.app.inbox import inbox
from percorso.app.sources import actions, arrivals, health, mapping, queries
from percorso.app.sources.words import FATE_TONES, FATES, FIELDS, field_value, why
from percorso.app.ui.access import may_import, may_see_raw_rows, opens_to
from percorso.app.ui.fragment import show
from percorso.live import InboxError, LiveError, Rejected

PER_PAGE: Final = 40
_MOST_CHOSEN: Final = 1_000
_FAR: Final = 2**62


@opens_to(may_see_raw_rows)
@require_GET
@leaves_trace("event.seen")
def live(request: HttpRequest) -> HttpResponse:
    """Show what arrived, the newest first; the page asks again by itself."""
    source = _source(request)
    before = arrivals.read_place(request.GET.get("before", ""))
    found: tuple[arrivals.Arrived, ...] = ()
    trouble = ""
    state = None
    try:
        found = arrivals.arrived(PER_PAGE, before, source)
        state = health.state()
    except LiveError as error:
        trouble = why(error)
    older = found[-1].number if len(found) == PER_PAGE else ""
    here = {"source": source} if source else {}
    shown = {
        "arrived": found,
        "state": state,
        "trouble": trouble,
        "source": source,
        "sources": _sources(),
        "older": f"?{urlencode({**here, 'before': older})}" if older else "",
        "newest": f"{request.path}?{urlencode(here)}" if here else request.path,
        "moving": before is None and "still" not in request.GET,
        "still": f"?{urlencode({**here, 'still': 'yes'})}",
        "first": before is None,
        "fates": FATES,
        "tones": FATE_TONES,
    }
    return show(request, "sources/live.html", shown)


@opens_to(may_see_raw_rows)
@require_GET
@leaves_trace("event.seen")
def event(request: HttpRequest, number: str) -> HttpResponse:
    """Show one event as it came, and what the rules make of it."""
    place = arrivals.read_place(number)
    try:
        found = arrivals.event(place) if place and place[0] < _FAR else None
    except LiveError as error:
        return render(request, "sources/event.html", {"trouble": why(error)}, status=503)
    if found is None:
        raise Http404
    rows = [
        [
            (words, field_value(name, row[name]))
            for name, words in FIELDS.items()
            if _given(row, name)
        ]
        for row in found.rows
    ]
    shown = {"event": found, "rows": rows, "fates": FATES, "tones": FATE_TONES}
    return render(request, "sources/event.html", shown)


def _given(row: dict[str, Any], name: str) -> bool:
    return row.get(name) is not None


@opens_to(may_see_raw_rows)
@require_GET
@leaves_trace("event.seen")
def rejected(request: HttpRequest) -> HttpResponse:
    """Show what could not enter the log, with the reason."""
    source = _source(request)
    given = request.GET.get("before", "")
    before = int(given) if given.isascii() and given.isdigit() and len(given) < 18 else None
    found: tuple[Rejected, ...] = ()
    count, trouble = 0, ""
    try:
        found = inbox().rejected(PER_PAGE + 1, before, source or None)
        count = inbox().rejected_count()
    except InboxError as error:
        trouble = why(error)
    shown_ = found[:PER_PAGE]
    here: dict[str, str | int] = {"source": source} if source else {}
    older = shown_[-1].id if len(found) > PER_PAGE else 0
    shown = {
        "rejected": [
            (each, arrivals.as_time(each.received_at), arrivals.pretty(each.body))
            for each in shown_
        ],
        "count": count,
        "trouble": trouble,
        "source": source,
        "sources": _sources(),
        "older": f"?{urlencode({**here, 'before': older})}" if older else "",
    }
    return render(request, "sources/rejected.html", shown)


@opens_to(may_import)
@require_POST
def settle(request: HttpRequest) -> HttpResponse:
    """Send rejected events in again, or say that they are not wanted."""
    given = request.POST.getlist("id")[:_MOST_CHOSEN]
    chosen = [int(each) for each in given if each.isascii() and each.isdigit() and len(each) < 18]
    by = user_of(request)
    try:
        if request.POST.get("do") == "discard":
            count = actions.discard_rejected(by, chosen)
            words = ngettext("%d event was discarded.", "%d events were discarded.", count)
        else:
            count = actions.replay_rejected(by, chosen)
            words = ngettext(
                "%d event goes in again. What still does not fit comes back here.",
                "%d events go in again. What still does not fit comes back here.",
                count,
            )
    except InboxError as error:
        messages.error(request, why(error))
    else:
        if count:
            messages.success(request, words % count)
        else:
            messages.info(request, _("Choose at least one that still waits."))
    source = _source(request)
    back = reverse("sources:rejected")
    return redirect(f"{back}?{urlencode({'source': source})}" if source else back)


@opens_to(may_see_raw_rows)
@require_GET
@leaves_trace("event.seen")
def unmapped(request: HttpRequest) -> HttpResponse:
    """List the names that no rule knows."""
    try:
        shown = {"names": [(each, arrivals.as_time(each.last_at)) for each in mapping.unknown()]}
    except InboxError as error:
        shown = {"trouble": why(error)}  # type: ignore[dict-item] # the template takes either
    return render(request, "sources/unmapped.html", shown)


def _source(request: HttpRequest) -> str:
    given = request.GET.get("source", request.POST.get("source", ""))
    return given if given in _sources() else ""


def _sources() -> list[str]:
    names = [each.name for each in queries.sources() if each.closed_at is None]
    return sorted({*names, health.STAFF})
