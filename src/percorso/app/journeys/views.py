"""The pages of the journeys. Every choice is in the address, so that each view can be sent on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any, Final, cast

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from percorso.app import company
from percorso.app.filters import Scope, provenance, scope
from percorso.app.filters.emptiness import Nothing, nothing_in, nothing_yet
from percorso.app.journeys import explorer, lists, queries
from percorso.app.journeys import ideal as ideal_page
from percorso.app.journeys.card import Card
from percorso.app.journeys.headline import headline
from percorso.app.problems import queries as problems
from percorso.app.problems.views import address as problem_address
from percorso.app.ui.access import may_look, may_see_customers, opens_to
from percorso.app.ui.export import csv_file
from percorso.app.ui.fragment import show
from percorso.i18n import gettext as _
from percorso.journeys.results import Ideal

#: The pages' own parameters, beside the filter's.
OWN: Final = ("top", "least", "at", "to", "ideal", "within", "step")
WITHIN: Final = 30
MOST_DAYS: Final = 3650

View = Callable[[HttpRequest], HttpResponse]


@dataclass(frozen=True, slots=True)
class Tab:
    words: str
    address: str
    current: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to a journey page: the part of the log and the page's own choices."""

    scope: Scope
    options: explorer.Options
    ideal: Ideal
    own: Mapping[str, str]

    def link(self, **changes: str) -> str:
        """Return the address of the same page with some choices changed."""
        return self.scope.chosen.address(self.own, **changes)

    def elsewhere(self, page: str, **changes: str) -> str:
        """Return the address of another journey page with the same filter."""
        address = self.scope.chosen.address(**changes)
        return reverse(f"journeys:{page}") + ("" if address == "?" else address)

    def to_graph(self, **changes: str) -> str:
        return self.elsewhere("graph", **changes)


def _asked(request: HttpRequest) -> Asked:
    query = request.GET
    own = {name: query[name][:500] for name in OWN if query.get(name) and name != "step"}
    ideal = own.get("ideal", "")
    return Asked(
        scope=scope(company.log(), query.dict(), known=may_see_customers(request.user)),
        options=explorer.Options(
            top=_whole(own.get("top", ""), explorer.TOP, 200),
            least=_whole(own.get("least", ""), 0, 10_000_000) or None,
            at=own.get("at", ""),
            to=own.get("to", ""),
        ),
        ideal=cast("Ideal", ideal) if ideal in ideal_page.IDEALS else "promoters",
        own=own,
    )


def _whole(given: str, otherwise: int, most: int) -> int:
    """Read a whole number of 1 or more from the address."""
    if not given.isdecimal() or len(given) > 9 or int(given) < 1:
        return otherwise
    return min(int(given), most)


def _of_journeys(view: Callable[[HttpRequest, Asked], HttpResponse]) -> View:
    """Give a view what was asked; where the log is empty its page says what to do in its place."""

    @opens_to(may_look)
    @require_GET
    @wraps(view)
    def asked_view(request: HttpRequest) -> HttpResponse:
        asked = _asked(request)
        if asked.scope.empty:
            return _nothing(request, asked, view.__name__, nothing_yet())
        return view(request, asked)

    return asked_view


@_of_journeys
def graph(request: HttpRequest, asked: Asked) -> HttpResponse:
    found = queries.explored(asked.scope)
    if not found.graph.shown.nodes:
        return _nothing(request, asked, "graph", nothing_in(asked.scope.chosen))
    picture = explorer.picture(found, asked.options, asked.link)
    path = queries.ideal_path(asked.scope, asked.ideal)
    card = picture.card
    return _page(
        request,
        asked,
        "graph",
        picture=picture,
        customers=explorer.customers(found),
        headline=headline(found),
        standing_out=lists.standing_out(found.stops, found.friction, asked.link),
        problems=_problems_of(card, asked.scope) if card else (),
        card_filter=asked.scope.chosen.address(touchpoint=card.touchpoint) if card else "",
        ideal=ideal_page.shown(path, asked.link, most=8),
        ideal_address=asked.elsewhere("ideal", ideal=asked.own.get("ideal", "")),
        table_address=asked.elsewhere("table"),
    )


@dataclass(frozen=True, slots=True)
class ProblemLink:
    words: str
    address: str


def _problems_of(card: Card, asked: Scope) -> tuple[ProblemLink, ...]:
    """Return the problems at what is picked, where they were looked for: nobody waits for them."""
    if not problems.known(asked):
        return ()
    return tuple(
        ProblemLink(each.title(), problem_address(asked, each))
        for each in problems.problems(asked)
        if card.is_about(each.source, each.touchpoint)
    )


@_of_journeys
def table(request: HttpRequest, asked: Asked) -> HttpResponse:
    found = queries.explored(asked.scope)
    return _page(
        request,
        asked,
        "table",
        headline=headline(found),
        nodes=explorer.node_rows(found, asked.to_graph),
        rows=explorer.table(found, asked.to_graph),
        csv=asked.elsewhere("table_csv"),
    )


@_of_journeys
def variants(request: HttpRequest, asked: Asked) -> HttpResponse:
    return _page(
        request,
        asked,
        "variants",
        headline=headline(queries.explored(asked.scope)),
        variants=lists.variants(queries.variants(asked.scope)),
        csv=asked.elsewhere("variants_csv"),
    )


@_of_journeys
def funnel(request: HttpRequest, asked: Asked) -> HttpResponse:
    known = queries.touchpoints(asked.scope.log)
    chosen = [each for each in request.GET.getlist("step") if each in known]
    chosen = chosen[: lists.FUNNEL_STEPS]
    days = _whole(asked.own.get("within", ""), WITHIN, MOST_DAYS)
    found = queries.funnel(asked.scope, chosen, timedelta(days=days)) if len(chosen) > 1 else None
    places = min(max(len(chosen) + 1, 3), lists.FUNNEL_STEPS)
    return _page(
        request,
        asked,
        "funnel",
        headline=headline(queries.explored(asked.scope)),
        touchpoints=known,
        places=[
            (number + 1, chosen[number] if number < len(chosen) else "") for number in range(places)
        ],
        within=days,
        most_days=MOST_DAYS,
        filter_parameters=asked.scope.chosen.parameters().items(),
        funnel=lists.funnel(found) if found else None,
    )


@_of_journeys
def stops(request: HttpRequest, asked: Asked) -> HttpResponse:
    found = queries.explored(asked.scope)
    return _page(
        request,
        asked,
        "stops",
        headline=headline(found),
        troubles=lists.troubles(found.stops, found.friction, asked.to_graph),
    )


@_of_journeys
def ideal(request: HttpRequest, asked: Asked) -> HttpResponse:
    path = queries.ideal_path(asked.scope, asked.ideal)

    def link(**changes: str) -> str:
        # Who counts as ideal is chosen here; a step is looked at in the graph.
        return asked.link(**changes) if "ideal" in changes else asked.to_graph(**changes)

    return _page(
        request,
        asked,
        "ideal",
        headline=headline(queries.explored(asked.scope)),
        ideal=ideal_page.shown(path, link),
        csv=asked.elsewhere("ideal_csv", ideal=asked.own.get("ideal", "")),
    )


@opens_to(may_look)
@require_GET
def table_csv(request: HttpRequest) -> HttpResponse:
    found = queries.explored(_asked(request).scope)
    return csv_file(
        "percorso-transitions.csv",
        (
            "from",
            "to",
            "customers",
            "count",
            "median_hours",
            "p90_hours",
            "score_after",
            "low",
            "high",
            "n",
        ),
        (
            (
                each.source,
                each.target,
                each.customers,
                each.count,
                each.median_hours,
                each.p90_hours,
                *_figures(each.score_after),
            )
            for each in found.graph.shown.edges
        ),
    )


@opens_to(may_look)
@require_GET
def variants_csv(request: HttpRequest) -> HttpResponse:
    found = queries.variants(_asked(request).scope)
    return csv_file(
        "percorso-variants.csv",
        ("customers", "share_percent", "steps"),
        ((each.customers, each.share, " > ".join(each.steps)) for each in found.shown.rows),
    )


@opens_to(may_look)
@require_GET
def ideal_csv(request: HttpRequest) -> HttpResponse:
    asked = _asked(request)
    path = queries.ideal_path(asked.scope, asked.ideal)
    return csv_file(
        "percorso-ideal-path.csv",
        (
            "step",
            "kind",
            "ideal_percent",
            "other_percent",
            "difference_points",
            "low",
            "high",
            "p_adjusted",
        ),
        (
            (
                " > ".join(each.step),
                each.kind,
                each.ideal_share,
                each.other_share,
                each.difference.value,
                each.difference.low,
                each.difference.high,
                each.p_adjusted,
            )
            for each in path.rows
        ),
    )


def _figures(score: Any) -> tuple[Any, ...]:
    if score is None or not score.shown:
        return ("", "", "", "")
    return (score.value, score.low, score.high, score.n)


def _page(request: HttpRequest, asked: Asked, tab: str, **context: Any) -> HttpResponse:
    return show(
        request,
        "journeys/page.html",
        {
            "view": f"journeys/views/{tab}.html",
            "bar": asked.scope.bar(asked.own),
            **_tabbed(asked, tab),
            "provenance": provenance(asked.scope),
            **context,
        },
        address="" if tab == "funnel" else asked.link(),
    )


def _nothing(request: HttpRequest, asked: Asked, tab: str, nothing: Nothing) -> HttpResponse:
    bar = None if asked.scope.empty else asked.scope.bar(asked.own)
    return show(
        request, "journeys/page.html", {"nothing": nothing, "bar": bar, **_tabbed(asked, tab)}
    )


def _tabbed(asked: Asked, current: str) -> dict[str, Any]:
    """Return the tabs, and the page's title: the tab, then the section."""
    tabs = _tabs(asked, current)
    own = [each.words for each in tabs if each.current]
    return {"tabs": tabs, "page_title": " · ".join([*own, _("Journeys")])}


def _tabs(asked: Asked, current: str) -> tuple[Tab, ...]:
    named = {
        "graph": _("Graph"),
        "variants": _("Variants"),
        "funnel": _("Funnel"),
        "stops": _("Stops and waits"),
        "ideal": _("Ideal path"),
        "table": _("As a table"),
    }
    return tuple(
        Tab(words, asked.elsewhere(name), name == current) for name, words in named.items()
    )
