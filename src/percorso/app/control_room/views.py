"""The control room: the one page that joins all others. It only asks."""

from dataclasses import dataclass
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from percorso.app import company
from percorso.app.control_room import next_steps, queries, shown, strip, voice
from percorso.app.control_room.headline import headline
from percorso.app.filters import Scope, provenance, scope
from percorso.app.filters.emptiness import Nothing, nothing_in, nothing_yet
from percorso.app.intake import queries as intake
from percorso.app.journeys import ideal
from percorso.app.journeys import queries as journeys
from percorso.app.problems import queries as problem_queries
from percorso.app.problems import shown as problems_shown
from percorso.app.problems.views import address as problem_address
from percorso.app.surveys.contacting import queries as contacting
from percorso.app.ui.access import may_look, may_see_customers, opens_to
from percorso.app.ui.fragment import is_partial, show
from percorso.i18n import gettext as _
from percorso.log.state import digest
from percorso.report.headline import summarise

PROBLEMS: Final = 5
IDEAL: Final = 3
#: Who is ideal shows over years, not weeks: that contrast is made over all of the log.
WHOLE_TIME: Final = {"period": "all", "since": "", "until": ""}


@dataclass(frozen=True, slots=True)
class Later:
    """Where the part that takes longer comes from, and its place on the page."""

    id: str
    address: str


@opens_to(may_look)
@require_GET
def control_room(request: HttpRequest) -> HttpResponse:
    asked = scope(company.log(), request.GET.dict(), known=may_see_customers(request.user))
    if asked.empty:
        return show(request, "control_room/page.html", {"nothing": _nothing()})
    found = queries.strip(asked)
    if not found.customers:
        return show(
            request,
            "control_room/page.html",
            {"nothing": nothing_in(asked.chosen), "bar": asked.bar()},
            address=asked.chosen.address(),
        )
    context = _quick(asked, found)
    # The page asks for what takes longer once it shows the rest. Without script nobody comes here
    # by htmx, and everything is there at once.
    if is_partial(request) and not problem_queries.known(asked):
        address = reverse("rest") + _query(asked)
        context["later"] = Later(f"rest-{digest(address)}", address)
    else:
        context |= _rest(asked)
    return show(request, "control_room/page.html", context, address=asked.chosen.address())


@opens_to(may_look)
@require_GET
def rest(request: HttpRequest) -> HttpResponse:
    """Answer with what takes longer, for a page that shows what is quick; it is no page itself."""
    asked = scope(company.log(), request.GET.dict(), known=may_see_customers(request.user))
    if asked.empty or not is_partial(request):
        raise Http404
    return render(request, "control_room/parts/rest.html", _rest(asked) | {"apart": True})


def _query(asked: Scope) -> str:
    query = asked.chosen.address()
    return "" if query == "?" else query


def _quick(asked: Scope, found: queries.Strip) -> dict[str, object]:
    """Return the headline, the scores and the journey."""
    scores, promises = queries.scores(asked), queries.promises(asked)
    return {
        "bar": asked.bar(),
        "headline": headline(scores, promises),
        "lede": summarise(scores.metrics, scores.changes, promises.now, ()).lede,
        "scores": shown.scores(scores, promises),
        "strip": strip.shown(
            found, lambda phase: asked.chosen.address(phase=phase), asked.chosen.phase
        ),
        "journeys_address": reverse("journeys:graph") + _query(asked),
        "map_address": reverse("maps:map") + _query(asked),
        "provenance": provenance(asked),
    }


def _rest(asked: Scope) -> dict[str, object]:
    """Return the problems, the promises, the ideal path and what to do next."""
    scores, promises = queries.scores(asked), queries.promises(asked)
    problems = problem_queries.problems(asked)
    rows = problems_shown.rows(problems, lambda each: problem_address(asked, each))
    journey_address = reverse("journeys:graph")
    quarantine = reverse("intake:quarantine")
    return {
        "lede": summarise(scores.metrics, scores.changes, promises.now, problems).lede,
        "promises": shown.promises(promises),
        "voice": voice.part(asked),
        "rows": rows[:PROBLEMS],
        "more_problems": max(0, len(rows) - PROBLEMS),
        "problems_address": reverse("problems:list") + _query(asked),
        "ideal": ideal.shown(
            journeys.ideal_path(asked.whole_time(), "promoters"),
            lambda **changes: journey_address + asked.chosen.address(WHOLE_TIME, **changes),
            most=IDEAL,
        ),
        "ideal_address": reverse("journeys:ideal") + asked.chosen.address(WHOLE_TIME),
        "steps": next_steps.steps(
            rows,
            scores,
            promises,
            intake.waiting(),
            data=quarantine,
            unread=voice.failed(asked),
            contact=contacting.standing() if asked.known else None,
        ),
    }


def _nothing() -> Nothing:
    """Return what to say while the log is empty: data on its way, or nothing set up yet."""
    if intake.overview(limit=1, offset=0).open:
        return Nothing(
            _("Data is on its way"),
            _("A file was sent and waits to be checked or brought in. The page fills then."),
            reverse("intake:home"),
            _("See how far it is"),
        )
    return nothing_yet()
