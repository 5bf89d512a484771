"""Maps as they are to be: the list of drafts, one draft, what is written in its cells."""

from dataclasses import dataclass, replace

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from percorso import labels
from percorso.app import company
from percorso.app.accounts.asking import user_of
from percorso.app.filters import Scope, scope
from percorso.app.filters.emptiness import Nothing
from percorso.app.filters.filter import segment_options
from percorso.app.filters.scope import saved_segments
from percorso.app.maps import actions, queries
from percorso.app.maps.asked import Asked, asked_by, is_segment
from percorso.app.maps.links import LASTS
from percorso.app.maps.queries import Against
from percorso.app.maps.shown import MapShown
from percorso.app.maps.views import File, page, picture
from percorso.app.maps.waiting import later
from percorso.app.ui.access import may_edit_maps, may_look, opens_to
from percorso.i18n import gettext as _
from percorso.journey_map import LANES, PHASES, Draft, DraftError, Drafts, JourneyMap, wording
from percorso.journey_map.drafts import LONGEST_TEXT
from percorso.metrics.definitions import METRICS


@dataclass(frozen=True, slots=True)
class DraftRow:
    name: str
    persona: str
    entries: str
    by: str
    day: str
    address: str


@opens_to(may_look, change=may_edit_maps)
@require_http_methods(["GET", "POST"])
def drafts(request: HttpRequest) -> HttpResponse:
    """List the drafts; make a new one."""
    if request.method == "POST":
        segment = request.POST.get("segment", "")
        try:
            made = actions.make_draft(
                user_of(request), request.POST.get("name", ""), _segment(segment)
            )
        except DraftError as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(reverse("maps:drafts"))
        return HttpResponseRedirect(reverse("maps:draft", args=[made.id]))
    zone = company.workspace().settings.zone_info
    try:
        found = Drafts(company.workspace()).all()
    except DraftError as error:
        return page(request, "drafts", nothing=_unreadable(error))
    rows = [
        DraftRow(
            each.name,
            labels.segment(each.segment) if each.segment else _("All customers"),
            labels.number(len(each.entries)),
            each.by,
            labels.day(each.at, zone) if each.at else "",
            reverse("maps:draft", args=[each.id]),
        )
        for each in found
    ]
    return page(
        request, "drafts", rows=rows, options=segment_options(saved_segments(company.log()))
    )


def _segment(name: str) -> str:
    """Return the segment where there is one of the name, else all customers."""
    return name if name and is_segment(scope(company.log(), {}), name) else ""


def _unreadable(error: Exception) -> Nothing:
    return Nothing(_("The file of drafts cannot be read"), str(error), "", "")


@opens_to(may_look)
@require_GET
def draft(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Show a map as it is to be, what is today beneath."""
    try:
        found = _found(draft_id)
    except DraftError as error:
        return page(request, "draft", nothing=_unreadable(error))
    asked = asked_by(request)
    where = later(request, asked.query(), *beneath(asked, found))
    if where:
        return page(request, "draft", later=where, title=found.name)
    named = {"pdf": "PDF", "png": "PNG"}
    return page(
        request,
        "draft",
        draft=found,
        map=of_draft(asked, found),
        gone=persona_gone(asked, found),
        persona=labels.segment(found.segment) if found.segment else _("All customers"),
        options=segment_options(saved_segments(company.log())),
        files=[
            File(words, f"{reverse(f'maps:{name}')}?draft={found.id}")
            for name, words in named.items()
        ],
        lasts=LASTS,
        metrics=[(name, labels.metric(name)) for name in METRICS if name != "stars_top2"],
    )


def of_draft(asked: Asked, found: Draft) -> MapShown:
    """Return a draft with the map of today beneath; with none where its persona is gone."""
    asked = with_persona(asked, found)
    given = today(asked.scope, found)
    return picture(replace(asked, scale=asked.scale or _aimed(found)), given, draft=found)


def beneath(asked: Asked, found: Draft) -> tuple[tuple[Scope, Against], ...]:
    """Return the map of today that stands beneath a draft, as it is asked for; none where gone."""
    scope = with_persona(asked, found).scope
    return ((scope, Against()),) if scope.chosen.segment == found.segment else ()


def with_persona(asked: Asked, found: Draft) -> Asked:
    """Return the question about the draft's persona."""
    query = {**asked.scope.chosen.parameters(), "segment": found.segment}
    return replace(
        asked,
        scope=scope(asked.scope.log, query, known=asked.scope.known),
        against=Against(),
        other="",
    )


def today(asked: Scope, found: Draft) -> JourneyMap:
    """Return the map as it is; an empty one where the log is empty, or the persona is gone.

    The map of everybody would stand under the persona's name.
    """
    if asked.empty or asked.chosen.nobody or asked.chosen.segment != found.segment:
        return JourneyMap.empty()
    return queries.shown(asked, Against())


def persona_gone(asked: Asked, found: Draft) -> str:
    """Say that a draft's persona is there no more, or not for who looks; empty where it is."""
    if not found.segment or is_segment(asked.scope, found.segment):
        return ""
    return _(
        "This map is for the persona “{persona}”. The segment of this name was deleted, or not "
        "everybody may see it: what is today is not shown, only what is to be."
    ).format(persona=labels.segment(found.segment))


def _aimed(found: Draft) -> str:
    return next((each.metric for each in found.targets), "")


def _found(draft_id: str) -> Draft:
    found = Drafts(company.workspace()).find(draft_id)
    if found is None:
        raise Http404
    return found


@opens_to(may_edit_maps)
@require_http_methods(["GET", "POST"])
def entry(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Show the form of an entry, a new one or one that changes, and save it."""
    try:
        found = _found(draft_id)
    except DraftError as error:
        return page(request, "draft", nothing=_unreadable(error))
    asked = request.POST if request.method == "POST" else request.GET
    before = found.entry(asked.get("entry", ""))
    given = {
        "phase": asked.get("phase", before.phase if before else PHASES[0]),
        "lane": asked.get("lane", before.lane if before else LANES[0]),
        "text": asked.get("text", before.text if before else ""),
    }
    problem = ""
    if request.method == "POST":
        try:
            actions.write_entry(
                user_of(request), draft_id, **given, entry=before.id if before else ""
            )
            return HttpResponseRedirect(_back(draft_id, given["phase"], given["lane"]))
        except DraftError as error:
            problem = str(error)
    return page(
        request,
        "entry",
        draft=found,
        entry=before,
        given=given,
        problem=problem,
        longest=LONGEST_TEXT,
        phases=[(each, labels.phase(each)) for each in PHASES],
        lanes=[(each, wording.lane(each)) for each in LANES],
    )


def _back(draft_id: str, phase: str, lane: str) -> str:
    return f"{reverse('maps:draft', args=[draft_id])}#{phase}-{lane}"


@opens_to(may_edit_maps)
@require_POST
def act(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Change a draft: ``do`` says what."""
    by, given = user_of(request), request.POST
    there = reverse("maps:draft", args=[draft_id])
    do, entry_id = given.get("do", ""), given.get("entry", "")
    try:
        if do == "rename":
            name, segment = given.get("name", ""), _segment(given.get("segment", ""))
            actions.rename_draft(by, draft_id, name, segment)
        elif do == "delete":
            actions.delete_draft(by, draft_id)
            messages.success(request, _("The draft is deleted."))
            there = reverse("maps:drafts")
        elif do in ("up", "down"):
            actions.move_entry(by, draft_id, entry_id, up=do == "up")
            there = _where(draft_id, entry_id, there)
        elif do == "put":
            where = {name: given.get(name, "") for name in ("phase", "lane", "before")}
            actions.put_entry(by, draft_id, entry_id, **where)
            there = _where(draft_id, entry_id, there)
        elif do == "remove":
            there = _where(draft_id, entry_id, there)
            actions.remove_entry(by, draft_id, entry_id)
        elif do == "aim":
            value = _number(given.get("value", ""))
            actions.aim(by, draft_id, given.get("phase", ""), given.get("metric", ""), value)
    except DraftError as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(there)


def _where(draft_id: str, entry_id: str, otherwise: str) -> str:
    found = Drafts(company.workspace()).find(draft_id)
    moved = found.entry(entry_id) if found else None
    return _back(draft_id, moved.phase, moved.lane) if moved else otherwise


def _number(text: str) -> float | None:
    """Read a number as people write it; nothing where nothing is there. Raises DraftError."""
    text = text.strip().replace(",", ".")
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not -1e6 < value < 1e6:
        raise DraftError(_("{value} is not a number.").format(value=text[:40]))
    return value
