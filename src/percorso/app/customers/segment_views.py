"""Segments: the list of them, the builder with its live count, saving and deleting."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from percorso import labels
from percorso.app import company
from percorso.app.accounts.asking import user_of
from percorso.app.customers import actions, building, queries, shown
from percorso.app.customers.asked import Asked
from percorso.app.customers.building import Draft
from percorso.app.filters.emptiness import nothing_yet
from percorso.app.ui.access import (
    may_look,
    may_save_segments,
    may_see_customers,
    opens_to,
)
from percorso.app.ui.fragment import show
from percorso.i18n import current_language
from percorso.i18n import gettext as _
from percorso.segments import Catalogue, Rule, Segment, SegmentError, parse
from percorso.segments.ready import BY_PURCHASES, RFM
from percorso.segments.saved import LONGEST_NAME

if TYPE_CHECKING:
    from percorso.log import Log


@dataclass(frozen=True, slots=True)
class SegmentShown:
    """A segment in the list; ``size`` is empty and ``problem`` says why where it is broken."""

    name: str
    words: str
    meaning: str
    rule: str
    size: str
    share: str
    problem: str
    made_by: str
    made_at: str
    customers: str
    edit: str


@opens_to(may_look)
@require_GET
def segments(request: HttpRequest) -> HttpResponse:
    """Show the saved segments and the ready-made ones, with their sizes."""
    log = company.log()
    if log.summary().interactions == 0:
        return show(request, "customers/segments.html", {"nothing": nothing_yet()})
    problem = ""
    try:
        saved = Catalogue(log.workspace).saved()
    except SegmentError as error:
        saved, problem = (), str(error)
    ready = (
        tuple(each for each in Catalogue(log.workspace).all()[: len(BY_PURCHASES + RFM)])
        if (not problem)
        else ()
    )
    known = may_see_customers(request.user)
    if not known:
        saved = tuple(each for each in saved if not _tells_who(log, each))
    found = _shown(log, [*saved, *ready], known=known)
    count = len(saved)
    context = {
        "saved": found[:count],
        "by_purchases": found[count : count + len(BY_PURCHASES)],
        "rfm": found[count + len(BY_PURCHASES) :],
        "problem": problem,
        "total": labels.number(queries.count_of(log)),
    }
    return show(request, "customers/segments.html", context)


def _shown(log: "Log", given: list[Segment], *, known: bool) -> list[SegmentShown]:
    from percorso.log import segments as members

    total = queries.count_of(log) or 1
    sizes = members.sizes(log, given)
    zone = log.workspace.settings.zone_info
    return [
        SegmentShown(
            name=each.name,
            words=labels.segment(each.name),
            meaning=_meanings().get(each.name, ""),
            rule=_text(each),
            size=_size(size, known=known),
            share=labels.percent(100 * size / total)
            if size is not None and (known or size >= queries.FEWEST)
            else "",
            problem=queries.problem_of(log, each) if size is None else "",
            made_by=each.made_by,
            made_at=labels.day(each.made_at, zone) if each.made_at else "",
            customers=reverse("customers:list") + Asked(segment=each.name).address(),
            edit=reverse("segments:build") + "?" + urlencode({"name": each.name}),
        )
        for each, size in zip(given, sizes, strict=True)
    ]


def _size(size: int | None, *, known: bool) -> str:
    if size is None:
        return ""
    if not known and size < queries.FEWEST:
        return _("fewer than {n}").format(n=queries.FEWEST)
    return labels.number(size)


def _tells_who(log: "Log", segment: Segment) -> bool:
    return queries.tells_who(log, Asked(segment=segment.name))


def _meanings() -> dict[str, str]:
    return {
        "champions": _("bought lately, often and for much"),
        "loyal": _("buy often, or bought lately more than once"),
        "promising": _("bought lately, few times or for little so far"),
        "needs_attention": _("neither lately nor long ago, not often"),
        "at_risk": _("bought often, and not for a while"),
        "sleeping": _("bought little, and not for a while"),
        "cannot_lose": _("among the best once, not seen for longest"),
        "lost": _("bought little, longest ago"),
        "no_purchase": _("never bought"),
        "one_purchase": _("bought once, below the top fifth"),
        "repeat": _("bought twice or more, below the top fifth"),
        "top_fifth": _("the fifth of those who bought with the highest value"),
    }


def _text(segment: Segment) -> str:
    try:
        return segment.parsed().as_text(current_language())
    except SegmentError:
        return segment.rule


@opens_to(may_look)
@require_GET
def build(request: HttpRequest) -> HttpResponse:
    """Build a rule by choosing, or by writing it; how many customers fit is said at once."""
    log = company.log()
    if log.summary().interactions == 0:
        return show(request, "customers/build.html", {"nothing": nothing_yet()})
    return show(request, "customers/build.html", _building(request, log))


def _building(request: HttpRequest, log: "Log") -> dict[str, Any]:
    query = request.GET
    name = query.get("name", "")[:LONGEST_NAME]
    editing = _editing(request, log, name)
    written, problem, draft, rule = query.get("rule"), "", None, None
    if written is None and "rows" not in query and editing is not None:
        written = _text(editing)
    if written is not None and query.get("by") != "text":
        # A rule that was linked to, or is edited: in rows where that can be.
        try:
            rule = parse(written)
            draft = Draft.of_rule(rule)
        except SegmentError:
            draft = None
    elif written is None:
        draft = Draft.of(query)
    if draft is not None:
        rule, problem = _rule_of(draft)
        written = rule.as_text(current_language()) if rule else ""
    elif written:
        try:
            rule = parse(written)
        except SegmentError as error:
            problem = str(error)
    known = may_see_customers(request.user)
    return {
        **_counted(log, rule, problem, known=known),
        "by_text": draft is None,
        "brackets": draft is None and query.get("by") != "text",
        "match": draft.match if draft else "all",
        "rows": building.shown(log, draft, say=query.get("do") != "add") if draft else [],
        "rule": written or "",
        "canonical": rule.as_text() if rule else "",
        "editing": editing.name if editing else "",
        "name": query.get("as", "") or (editing.name if editing else ""),
        "longest": LONGEST_NAME,
        "as_text": "?" + urlencode({"by": "text", "rule": written or "", **_named(name)}),
        "as_rows": "?" + urlencode({"rule": written or "", **_named(name)}),
        "can_rows": draft is None and rule is not None and Draft.of_rule(rule) is not None,
    }


def _named(name: str) -> dict[str, str]:
    return {"name": name} if name else {}


def _editing(request: HttpRequest, log: "Log", name: str) -> Segment | None:
    """Return the segment that is looked at; its rule may name people."""
    found = next((each for each in _saved(log) if each.name == name), None) if name else None
    if found and not may_see_customers(request.user) and _tells_who(log, found):
        raise PermissionDenied
    return found


def _saved(log: "Log") -> tuple[Segment, ...]:
    try:
        return Catalogue(log.workspace).saved()
    except SegmentError:
        return ()


def _rule_of(draft: Draft) -> tuple[Rule | None, str]:
    try:
        return draft.rule(), ""
    except SegmentError as error:
        return None, str(error) if any(each.get("values") for each in draft.rows) else ""


def _counted(log: "Log", rule: Rule | None, problem: str, *, known: bool) -> dict[str, Any]:
    from percorso.log import segments as members

    total = queries.count_of(log)
    context: dict[str, Any] = {"total": labels.number(total), "problem": problem, "count": None}
    if rule is None:
        return context
    try:
        if not known and members.tells_who(log, rule):
            # Asked letter by letter, the count would say who is a customer.
            words = _("Only who may see customers may ask for traits and sources.")
            return {**context, "problem": words}
        count = members.count(log, rule)
    except SegmentError as error:
        return {**context, "problem": str(error)}
    if not known and count < queries.FEWEST:
        return {**context, "problem": shown.too_few()}
    return {
        **context,
        "count": labels.number(count),
        "share": labels.percent(100 * count / total if total else 0),
        "customers": reverse("customers:list") + Asked(rule=rule.as_text()).address(),
        "moment": labels.day(members.moment(log), log.workspace.settings.zone_info),
    }


@opens_to(may_save_segments)
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Save a rule under a name."""
    given = {name: request.POST.get(name, "") for name in ("as", "rule", "editing")}
    try:
        made = actions.save_segment(user_of(request), given["as"], given["rule"], given["editing"])
    except SegmentError as error:
        messages.error(request, str(error))
        query = {"rule": given["rule"], "as": given["as"], **_named(given["editing"])}
        return HttpResponseRedirect(reverse("segments:build") + "?" + urlencode(query))
    messages.success(
        request,
        _("“{name}” is saved: every page and report can be filtered by it.").format(name=made.name),
    )
    return HttpResponseRedirect(reverse("segments:list"))


@opens_to(may_save_segments)
@require_POST
def delete(request: HttpRequest) -> HttpResponse:
    """Delete a saved segment."""
    name = request.POST.get("name", "")
    try:
        actions.delete_segment(user_of(request), name)
    except SegmentError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("“{name}” is deleted.").format(name=name))
    return HttpResponseRedirect(reverse("segments:list"))
