"""The control room: the one page that joins all others. It only asks."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from percorso.app import company
from percorso.app.control_room import next_steps, queries, shown, strip
from percorso.app.control_room.headline import headline
from percorso.app.filters import Scope, provenance, scope
from percorso.app.filters.emptiness import Nothing, nothing_in, nothing_yet
from percorso.app.intake import queries as intake
from percorso.app.journeys import ideal
from percorso.app.journeys import queries as journeys
from percorso.app.problems import queries as problem_queries
from percorso.app.problems import shown as problems_shown
from percorso.app.problems.views import address as problem_address
from percorso.app.ui.fragment import show
from percorso.i18n import gettext as _
from percorso.report.headline import summarise

PROBLEMS: Final = 5
IDEAL: Final = 3
#: Who is ideal shows over years, not weeks: that contrast is made over all of the log.
WHOLE_TIME: Final = {"period": "all", "since": "", "until": ""}


@require_GET
def control_room(request: HttpRequest) -> HttpResponse:
    asked = scope(company.log(), request.GET.dict())
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
    return show(
        request, "control_room/page.html", _context(asked, found), address=asked.chosen.address()
    )


def _context(asked: Scope, found: queries.Strip) -> dict[str, object]:
    scores = queries.scores(asked)
    promises = queries.promises(asked)
    problems = problem_queries.problems(asked)
    rows = problems_shown.rows(problems, lambda each: problem_address(asked, each))
    query = asked.chosen.address()
    query = "" if query == "?" else query
    journey_address = reverse("journeys:graph")
    quarantine = reverse("intake:quarantine")
    return {
        "bar": asked.bar(),
        "headline": headline(scores, promises),
        "lede": summarise(scores.metrics, scores.changes, promises.now, problems).lede,
        "scores": shown.scores(scores, promises),
        "promises": shown.promises(promises),
        "strip": strip.shown(
            found, lambda phase: asked.chosen.address(phase=phase), asked.chosen.phase
        ),
        "rows": rows[:PROBLEMS],
        "more_problems": max(0, len(rows) - PROBLEMS),
        "problems_address": reverse("problems:list") + query,
        "ideal": ideal.shown(
            journeys.ideal_path(asked.whole_time(), "promoters"),
            lambda **changes: journey_address + asked.chosen.address(WHOLE_TIME, **changes),
            most=IDEAL,
        ),
        "ideal_address": reverse("journeys:ideal") + asked.chosen.address(WHOLE_TIME),
        "journeys_address": journey_address + query,
        "steps": next_steps.steps(rows, scores, promises, intake.waiting(), data=quarantine),
        "provenance": provenance(asked),
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
