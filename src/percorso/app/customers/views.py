"""The list of customers, and the page of each."""

from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from percorso import labels
from percorso.app import company
from percorso.app.accounts.asking import user_of
from percorso.app.audit.looks import leaves_trace
from percorso.app.customers import actions, lists, person, queries, shown
from percorso.app.customers.asked import Asked
from percorso.app.customers.errors import CustomersError
from percorso.app.customers.queries import Row
from percorso.app.filters.emptiness import nothing_yet
from percorso.app.ui.access import (
    may_export_customers,
    may_join_customers,
    may_look,
    may_note_customers,
    may_see_customers,
    may_see_privacy,
    opens_to,
)
from percorso.app.ui.export import csv_file
from percorso.app.ui.fragment import show
from percorso.app.ui.pages import Pages
from percorso.i18n import gettext as _
from percorso.segments import SegmentError

PAGE: Final = 40
EVENTS: Final = 40


@opens_to(may_look)
@require_GET
@leaves_trace("customer.listed")
def customers(request: HttpRequest) -> HttpResponse:
    """Show who the customers are, narrowed as the address says."""
    from percorso import identity
    from percorso.log import segments

    log = company.log()
    if log.summary().interactions == 0:
        return show(request, "customers/list.html", {"nothing": nothing_yet()})
    known = may_see_customers(request.user)
    asked = Asked.of(request.GET.dict())
    if not known and (asked.q or queries.tells_who(log, asked)):
        # A search tells who is a customer; so does a rule that asks for an e-mail.
        raise PermissionDenied
    pages = Pages.of(request, PAGE)
    problem = ""
    try:
        found = queries.listed(log, asked, pages.size, pages.offset)
    except SegmentError as error:
        found, problem = queries.Listed((), 0), str(error)
    few = not known and found.total < queries.FEWEST and not problem
    if few:
        found, problem = queries.Listed((), 0), shown.too_few()
    called = identity.called(log, [each.customer for each in found.rows]) if known else {}
    settings = log.workspace.settings
    context = {
        "asked": asked,
        "rule": shown.rule(asked.rule),
        "known": known,
        "selects": lists.selects(log, asked, known=known),
        "rows": shown.rows(
            found.rows,
            called,
            segments.moment(log),
            settings.zone_info,
            known=known,
        ),
        "total": labels.number(found.total),
        "count": found.total,
        "few": few,
        "pages": pages.over(found.total),
        "problem": problem,
        "csv": reverse("customers:csv") + _query(asked)
        if may_export_customers(request.user)
        else "",
        "waiting": lists.waiting(log) if may_join_customers(request.user) else 0,
        "as_segment": reverse("segments:build") + lists.as_rule(asked) if not problem else "",
        "moment": labels.day(segments.moment(log), settings.zone_info),
    }
    return show(request, "customers/list.html", context, address=asked.address())


def _query(asked: Asked) -> str:
    query = asked.address()
    return "" if query == "?" else query


@opens_to(may_export_customers)
@require_GET
def customers_csv(request: HttpRequest) -> HttpResponse:
    """Send the customers asked for as a file."""
    log, asked = company.log(), Asked.of(request.GET.dict())
    try:
        found = queries.listed(log, asked, queries.MOST_EXPORTED, 0)
    except SegmentError:
        raise Http404 from None
    actions.note_export(user_of(request), len(found.rows))
    columns = (
        "customer", "first", "last", "last_order", "interactions", "orders", "value", "segment",
        "rfm", "phase", "nps", "csat", "stars", "promises", "broken_promises", "open_promises",
    )  # fmt: skip
    rows = ([_plain(getattr(each, name)) for name in columns] for each in found.rows)
    return csv_file("percorso-customers.csv", columns, rows)


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


@opens_to(may_look)
@require_GET
def customer(request: HttpRequest, key: str) -> HttpResponse:
    """Show one customer; who looks is noted."""
    row = _found(key)
    if row.key != key:
        # The reference was joined with another since the link was made.
        return HttpResponseRedirect(_address(row))
    actions.note_look(user_of(request), row.customer)
    return _page(request, row)


def _found(key: str) -> Row:
    row = queries.by_key(company.log(), key)
    if row is None:
        raise Http404
    return row


def _address(row: Row) -> str:
    return reverse("customers:customer", args=[row.key])


def _page(request: HttpRequest, row: Row, *, note: str = "", problem: str = "") -> HttpResponse:
    from percorso import identity
    from percorso.log import segments
    from percorso.log.facts import key_of

    log = company.log()
    known = may_see_customers(request.user)
    pages = Pages.of(request, EVENTS)
    only = request.GET.get("only", "")
    found = person.person(log, row.customer, only, pages.size, pages.offset)
    settings = log.workspace.settings
    zone, now = settings.zone_info, segments.moment(log)
    called = identity.called(log, [row.customer]) if known else {}
    name, beside = shown.name_of(row, called, known=known)
    context = {
        "row": row,
        "known": known,
        "name": name,
        "beside": beside,
        "tiles": shown.tiles(row, now, zone),
        "phases": shown.phases(found, row.phase),
        "facts": shown.facts(found, zone) if known else [],
        "references": shown.references(found, zone) if known else [],
        "answers": shown.answers(found.answers, zone),
        "consents": shown.consents(found.consents, zone, known=known),
        "promises": shown.timeline(found.open_promises, zone, row.customer, known=known),
        "segments": [
            (labels.segment(each), f"{reverse('customers:list')}{Asked(segment=each).address()}")
            for each in found.segments
        ],
        "events": shown.timeline(found.timeline.events, zone, row.customer, known=known),
        "pages": pages.over(found.timeline.total),
        "only": only if only in person.ONLY else "",
        "tabs": lists.tabs(only),
        "notes": person.notes(found.references) if known else [],
        "anybodys": may_see_privacy(request.user),
        "note": note,
        "problem": problem,
        "looks": person.looks([key_of(log, each) for each in found.references])
        if may_see_privacy(request.user)
        else [],
        "moment": labels.day(now, zone),
        "met": reverse("problems:met", args=[row.key]),
        "rights": f"{reverse('privacy:person')}?{urlencode({'who': row.customer})}"
        if known
        else "",
    }
    return show(request, "customers/customer.html", context)


@opens_to(may_note_customers)
@require_POST
def note(request: HttpRequest, key: str) -> HttpResponse:
    """Write a note about a customer."""
    row, text = _found(key), request.POST.get("text", "")
    try:
        actions.write_note(user_of(request), row.customer, text)
    except CustomersError as error:
        response = _page(request, row, note=text, problem=str(error))
        response.status_code = 422
        return response
    return HttpResponseRedirect(_address(row) + "#notes")


@opens_to(may_note_customers)
@require_POST
def remove_note(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Remove a note."""
    row = _found(key)
    references = company.log().identity.references_of(row.customer)
    anybodys = may_see_privacy(request.user)
    try:
        actions.remove_note(user_of(request), references, number, anybodys=anybodys)
    except CustomersError as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(_address(row) + "#notes")


@opens_to(may_join_customers)
@require_POST
def undo(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Take apart what was joined; both are customers of their own again, in the past too."""
    row = _found(key)
    try:
        one, other = actions.undo_join(user_of(request), row.customer, number)
    except CustomersError as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(_address(row))
    messages.success(
        request,
        _("{one} and {other} are two customers again.").format(
            one=shown.reference(one), other=shown.reference(other)
        ),
    )
    left = queries.by_name(company.log(), other)
    return HttpResponseRedirect(_address(left) if left else reverse("customers:list"))
