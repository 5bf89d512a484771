"""Links to maps for readers without an account: making and withdrawing them, and what they open.

A reader sees what a viewer would: figures of five customers and more, words masked. Nothing can be
chosen or changed there but the language.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from percorso import labels
from percorso.app import company
from percorso.app.accounts.asking import user_of
from percorso.app.filters import scope
from percorso.app.maps import actions, comparing, links, queries
from percorso.app.maps.asked import Asked
from percorso.app.maps.draft_views import beneath, of_draft, persona_gone
from percorso.app.maps.errors import MapsError
from percorso.app.maps.models import SharedMap
from percorso.app.maps.queries import Against
from percorso.app.maps.shown import MapShown, shown
from percorso.app.maps.views import page
from percorso.app.maps.waiting import later
from percorso.app.ui.access import may_edit_maps, opens_to
from percorso.app.ui.errors import too_many_requests
from percorso.app.ui.language import of_visitor
from percorso.app.ui.rates import too_often
from percorso.i18n import gettext as _
from percorso.i18n import in_language
from percorso.journey_map import DraftError, Drafts, JourneyMap
from percorso.workspace import LANGUAGES

#: Requests a minute from one address.
_FROM_ADDRESS = 60


@dataclass(frozen=True, slots=True)
class LinkShown:
    id: str
    title: str
    address: str
    by: str
    made: str
    until: str
    read: str
    works: bool
    state: str


def title(link: SharedMap) -> str:
    """Return what stands above a map that was shared; where nobody said, in the reader's words."""
    return link.title or _("Journey map")


def _state(link: SharedMap, now: datetime) -> str:
    if link.withdrawn_at is not None:
        return _("withdrawn by hand")
    return _("works") if link.expires_at > now else _("expired")


@opens_to(may_edit_maps)
@require_GET
def shares(request: HttpRequest) -> HttpResponse:
    """List the links, those that work first."""
    zone, now = company.workspace().settings.zone_info, timezone.now()
    rows = []
    for each in SharedMap.objects.all()[:500]:
        works = each.withdrawn_at is None and each.expires_at > now
        rows.append(
            LinkShown(
                str(each.id),
                title(each),
                request.build_absolute_uri(links.path_of(each)) if works else "",
                each.made_by_name,
                labels.day(each.made_at, zone),
                labels.day(each.expires_at, zone),
                labels.day(each.last_read_at, zone) if each.last_read_at else "",
                works,
                _state(each, now),
            )
        )
    rows.sort(key=lambda each: not each.works)
    return page(request, "links", rows=rows)


@opens_to(may_edit_maps)
@require_POST
def share(request: HttpRequest) -> HttpResponse:
    """Make a link to the map that was looked at."""
    given = request.POST
    draft = given.get("draft", "")
    days = next((each for each in links.LASTS if str(each) == given.get("days", "")), 0)
    asked = _asked(dict(parse_qsl(given.get("query", ""))))
    try:
        if draft and Drafts(company.workspace()).find(draft) is None:
            raise MapsError(_("There is no such draft: somebody may have deleted it."))
        problem = _problem(asked)
        if problem:
            # A link to another map than the one that was looked at would say what nobody meant.
            raise MapsError(_("A link cannot be narrowed like this map. {why}").format(why=problem))
        actions.share(
            user_of(request),
            given.get("title", ""),
            days,
            query=urlencode({**asked.scope.chosen.parameters(), **asked.own}),
            draft=draft,
        )
        messages.success(request, _("The link is made: whoever has it can read the map."))
    except (MapsError, DraftError) as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(reverse("maps:shares"))


@opens_to(may_edit_maps)
@require_POST
def withdraw(request: HttpRequest, number: UUID) -> HttpResponse:
    try:
        actions.withdraw(user_of(request), number)
        messages.success(request, _("The link is withdrawn: it opens nothing any more."))
    except MapsError as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(reverse("maps:shares"))


@login_not_required
@never_cache
@require_GET
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """Show a map to whoever has its link."""
    if too_often("maps", get_adapter().get_client_ip(request), _FROM_ADDRESS):
        return too_many_requests(request)
    language = of_visitor(request)
    with translation.override(language), in_language(language):
        answer = _shared(request, token, language)
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def _shared(request: HttpRequest, token: str, language: str) -> HttpResponse:
    found = links.shared_of(token)
    given: dict[str, object] = {}
    asked = None
    if found is not None:
        asked = _asked(dict(parse_qsl(found.query)))
        try:
            where = _later(request, found, asked)
            given = {"later": where} if where else _drawn(found, asked)
        except DraftError:
            # What is wrong is for those who can mend it.
            given = {}
    if found is None or asked is None or not given:
        return render(request, "maps/link_spent.html", status=410)
    if "map" in given:
        actions.note_read(found)
    settings = company.workspace().settings
    context = {
        **given,
        "title": title(found),
        "company": settings.company,
        "scope": asked.scope.words,
        "held_against": asked.held_against,
        "until": found.expires_at,
        "is_draft": bool(found.draft),
        "language": language,
    }
    return render(request, "maps/shared.html", context)


def _asked(query: dict[str, str]) -> Asked:
    """Return what a link asks, as a viewer may: by no property, of no fewer than 5 customers."""
    own = {name: query.get(name, "")[:100] for name in ("scale", "against", "other")}
    found = scope(company.log(), query, known=False)
    return Asked(found, Against.of(own["against"], own["other"]), own["scale"], own["other"])


def _problem(asked: Asked) -> str:
    """Say why a reader may not be shown what a link asks; empty where they may."""
    problem = asked.scope.chosen.problem
    if problem or not asked.other:
        return problem
    beside = asked.beside.chosen
    if beside.problem or beside.segment != asked.other:
        return beside.problem or _("The other persona is one that not everybody may see.")
    return ""


def _later(request: HttpRequest, found: SharedMap, asked: Asked) -> str:
    """Return where a link's map comes once it is worked out; empty where nobody has to wait."""
    query = f"?lang={request.GET['lang']}" if request.GET.get("lang") in LANGUAGES else ""
    if found.draft:
        draft = Drafts(company.workspace()).find(found.draft)
        return later(request, query, *(beneath(asked, draft) if draft else ()))
    if _problem(asked):
        return ""
    maps = [(asked.scope, asked.against)]
    if asked.other:
        maps.append((asked.beside, Against()))
    return later(request, query, *maps)


def _drawn(found: SharedMap, asked: Asked) -> dict[str, object]:
    """Return what the page of a link shows; nothing where it opens nothing any more."""
    if found.draft:
        draft = Drafts(company.workspace()).find(found.draft)
        if draft is None:
            return {}
        return {"map": _plain(of_draft(asked, draft)), "gone": persona_gone(asked, draft)}
    # Where the persona is there no more, or so few, another map would stand below the same title.
    if asked.scope.empty or _problem(asked):
        return {}
    if not asked.other:
        return {"map": _picture(asked, queries.shown(asked.scope, asked.against))}
    one, beside = queries.two(asked.scope, asked.beside)
    return {
        "map": _picture(asked, one),
        "comparison": comparing.side_by_side(one, beside, asked),
        "differences": comparing.differences(one),
    }


def _picture(asked: Asked, given: JourneyMap) -> MapShown:
    return _plain(
        shown(given, metric=asked.scale, metric_address=lambda _name: "", address=lambda _item: "")
    )


def _plain(given: MapShown) -> MapShown:
    """Return a map without links: they lead where its reader may not go."""
    phases = tuple(
        replace(
            phase,
            cells=tuple(
                replace(cell, items=tuple(replace(each, address="") for each in cell.items))
                for cell in phase.cells
            ),
        )
        for phase in given.phases
    )
    everywhere = tuple(replace(each, address="") for each in given.everywhere)
    return replace(given, phases=phases, everywhere=everywhere, metrics=())
