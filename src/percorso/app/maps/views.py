"""The pages of the journey map: the map, two personas side by side, next steps, files."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from percorso import labels
from percorso.app.filters import provenance
from percorso.app.filters.emptiness import Nothing, nothing_in, nothing_yet
from percorso.app.filters.filter import Option, period_options, segment_options
from percorso.app.filters.scope import anybodys_segments, saved_segments
from percorso.app.maps import comparing, queries, shown, steps_shown
from percorso.app.maps.asked import Asked, asked_by, item_address
from percorso.app.maps.links import LASTS
from percorso.app.maps.queries import Against
from percorso.app.maps.waiting import WAIT, later
from percorso.app.ui.access import may_look, opens_to
from percorso.app.ui.export import csv_file
from percorso.app.ui.fragment import show
from percorso.app.voice import queries as voice
from percorso.i18n import gettext as _
from percorso.journey_map import MAP_COLUMNS, JourneyMap, map_rows
from percorso.touchpoints import TouchpointError

View = Callable[[HttpRequest], HttpResponse]


@dataclass(frozen=True, slots=True)
class Tab:
    words: str
    address: str
    current: bool


def tabs(asked: Asked | None, current: str) -> tuple[Tab, ...]:
    """Return the views of the maps, with the same filter where a page has one."""
    named = {
        "map": _("Map"),
        "compare": _("Two personas"),
        "steps": _("Next steps"),
        "beliefs": _("Beliefs"),
        "drafts": _("As it is to be"),
    }

    def address(page: str) -> str:
        if asked is None or page == "drafts":
            return reverse(f"maps:{page}")
        return asked.link(page, **({} if page in ("map", "compare") else {"other": ""}))

    return tuple(Tab(words, address(name), name == current) for name, words in named.items())


def page(
    request: HttpRequest, tab: str, asked: Asked | None = None, **context: Any
) -> HttpResponse:
    """Show a page of the maps; ``context`` is its view's."""
    bar = asked.scope.bar(asked.own) if asked and not asked.scope.empty else None
    shown_tabs = tabs(asked, tab)
    own = [each.words for each in shown_tabs if each.current]
    response = show(
        request,
        "maps/page.html",
        {
            "view": f"maps/views/{tab}.html",
            "tabs": shown_tabs,
            "page_title": " · ".join([*own, _("Journey maps")]),
            "bar": bar,
            "provenance": provenance(asked.scope) if asked and bar else None,
            **context,
        },
        address=asked.query() or "?" if asked else "",
    )
    if WAIT in request.GET and "HX-Push-Url" in response:
        # The page that asks for it has this address already.
        del response["HX-Push-Url"]
    return response


def of_the_log(view: Callable[[HttpRequest, Asked], HttpResponse]) -> View:
    """Give a view what was asked; where the log is empty its page says what to do instead."""

    @opens_to(may_look)
    @require_GET
    @wraps(view)
    def asked_view(request: HttpRequest) -> HttpResponse:
        asked = asked_by(request)
        if asked.scope.empty:
            return page(request, view.__name__, asked, nothing=nothing_yet())
        return view(request, asked)

    return asked_view


@of_the_log
def map(request: HttpRequest, asked: Asked) -> HttpResponse:  # noqa: A001 - what it is
    asked = replace(asked, other="", against=Against.of(asked.against.kind))
    where = later(request, asked.query(), (asked.scope, asked.against))
    if where:
        return page(request, "map", asked, later=where, title=_("Journey map"))
    found = queries.shown(asked.scope, asked.against)
    if not found.customers:
        return page(request, "map", asked, nothing=nothing_in(asked.scope.chosen))
    return page(
        request,
        "map",
        asked,
        map=picture(asked, found),
        persona=asked.scope.chosen.segment,
        headline=comparing.headline(found),
        against=asked.against_word,
        against_options=comparing.against_options(),
        held_against=asked.held_against,
        too_short=asked.too_short,
        differences=comparing.differences(found) if found.compared else (),
        unread=_unread(asked),
        unreadable=queries.problem_with_the_registry(asked.scope.log),
        files=files(asked),
        lasts=LASTS,
        filter_parameters=asked.scope.chosen.parameters().items(),
        scale=asked.scale,
        query=asked.query().removeprefix("?"),
    )


def _unread(asked: Asked) -> str:
    """Say how many texts of the log wait to be read; empty where none does."""
    waiting = voice.standing(asked.scope.log).waiting
    return labels.number(waiting) if waiting else ""


def picture(asked: Asked, found: JourneyMap, **more: Any) -> shown.MapShown:
    """Return a map as its page shows it."""
    return shown.shown(
        found,
        metric=asked.scale,
        metric_address=lambda name: asked.query(scale=name) or "?",
        address=lambda item: item_address(asked, found, item),
        **more,
    )


def unreadable(error: TouchpointError) -> Nothing:
    """Return what to say where the file of touchpoints and beliefs is wrong."""
    return Nothing(_("The file of touchpoints cannot be read"), str(error), "", "")


@dataclass(frozen=True, slots=True)
class File:
    words: str
    address: str


def files(asked: Asked) -> tuple[File, ...]:
    """Return the files that a map can be downloaded as."""
    named = {"pdf": "PDF", "png": "PNG", "csv": "CSV"}
    return tuple(File(words, asked.link(name)) for name, words in named.items())


@of_the_log
def compare(request: HttpRequest, asked: Asked) -> HttpResponse:
    names = saved_segments if asked.scope.known else anybodys_segments
    options = segment_options(names(asked.scope.log))
    context = {
        "options": options[1:],
        "all_customers": options[0],
        "one": asked.scope.chosen.segment,
        "other": asked.other,
        "periods": _periods(),
        "period": asked.scope.chosen.period,
        "problem": asked.scope.chosen.problem,
    }
    # Two times the same is no comparison.
    if not asked.other or asked.other == asked.scope.chosen.segment:
        return page(request, "compare", asked, **context, bar=None)
    beside = asked.beside
    if asked.scope.chosen.nobody or beside.chosen.nobody:
        # Of fewer than may be shown nothing is, nor what they differ in.
        few = asked.scope if asked.scope.chosen.nobody else beside
        return page(
            request, "compare", asked, **{**context, "problem": few.chosen.problem}, bar=None
        )
    where = later(request, asked.query(), (asked.scope, asked.against), (beside, Against()))
    if where:
        title = _("Two personas side by side")
        return page(request, "compare", asked, bar=None, later=where, title=title)
    one, other = queries.two(asked.scope, beside)
    return page(
        request,
        "compare",
        asked,
        **context,
        bar=None,
        comparison=comparing.side_by_side(one, other, asked),
        differences=comparing.differences(one),
        map=picture(asked, one),
        held_against=asked.held_against,
        files=files(asked),
        lasts=LASTS,
        query=asked.query().removeprefix("?"),
    )


def _periods() -> tuple[Option, ...]:
    return tuple(each for each in period_options() if each.value != "custom")


@of_the_log
def steps(request: HttpRequest, asked: Asked) -> HttpResponse:
    if not request.GET.get("period"):
        # Who goes on shows over months: the same as on the map.
        asked = replace(asked, scope=asked.scope.whole_time())
    return page(
        request,
        "steps",
        asked,
        phases=steps_shown.phases(queries.steps(asked.scope)),
        whole=asked.scope.chosen.address(period="all", since="", until=""),
        is_whole=asked.scope.chosen.period == "all",
    )


@opens_to(may_look)
@require_GET
def csv(request: HttpRequest) -> HttpResponse:
    asked = asked_by(request)
    nothing = asked.scope.empty or asked.scope.chosen.nobody
    rows = () if nothing else map_rows(queries.shown(asked.scope, asked.against))
    return csv_file("percorso-journey-map.csv", MAP_COLUMNS, rows)
