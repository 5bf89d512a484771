"""The list of problems and the page of each."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from percorso.app import company
from percorso.app.customers.queries import by_key
from percorso.app.filters import Scope, provenance, scope
from percorso.app.filters.emptiness import nothing_yet
from percorso.app.problems import meeting, queries, shown
from percorso.app.ui.access import may_look, may_see_customers, opens_to
from percorso.app.ui.export import csv_file
from percorso.app.ui.fragment import is_partial, show
from percorso.explain import Problem
from percorso.vocabulary import Estimate


@opens_to(may_look)
@require_GET
def problems(request: HttpRequest) -> HttpResponse:
    asked = scope(company.log(), request.GET.dict(), known=may_see_customers(request.user))
    if asked.empty:
        return show(request, "problems/list.html", {"nothing": nothing_yet()})
    found = queries.problems(asked)
    return show(
        request,
        "problems/list.html",
        {
            "bar": asked.bar(),
            "rows": shown.rows(found, lambda each: address(asked, each)),
            "csv": reverse("problems:csv") + _query(asked),
            "provenance": provenance(asked),
        },
        address=asked.chosen.address(),
    )


@opens_to(may_look)
@require_GET
def problem(request: HttpRequest, problem_id: str) -> HttpResponse:
    asked = scope(company.log(), request.GET.dict(), known=may_see_customers(request.user))
    if asked.empty:
        raise Http404
    found = queries.problem(asked, problem_id)
    # A link that was sent on may be about a problem that is there no more, or not in this period.
    if found is None:
        back = reverse("problems:list")
        return show(
            request, "problems/gone.html", {"bar": asked.bar(), "back": back + _query(asked)}
        )
    return show(
        request,
        "problems/problem.html",
        {
            "bar": asked.bar(),
            "row": shown.rows([found], lambda each: address(asked, each))[0],
            "problem": found,
            "evidence": [shown.evidence(each) for each in found.evidence],
            "quotes": shown.quotes(queries.quotes(asked, found)),
            "back": reverse("problems:list") + _query(asked),
            "explorer": _explorer(asked, found),
            "group": _group(asked, found),
            "provenance": provenance(asked),
        },
        address=asked.chosen.address(),
    )


@opens_to(may_look)
@require_GET
def met(request: HttpRequest, key: str) -> HttpResponse:
    """Show which of the problems found lately a customer met; a part of the customer's page."""
    log = company.log()
    row = by_key(log, key)
    if row is None:
        raise Http404
    asked = scope(log, {})
    found = meeting.met(asked, row.customer)
    rows = shown.rows(found, lambda each: address(asked, each))
    return render(
        request,
        "problems/met.html",
        {"rows": rows, "key": row.key, "scope": asked.words, "partial": is_partial(request)},
    )


@opens_to(may_look)
@require_GET
def problems_csv(request: HttpRequest) -> HttpResponse:
    asked = scope(company.log(), request.GET.dict(), known=may_see_customers(request.user))
    found = () if asked.empty else queries.problems(asked)
    return csv_file(
        "percorso-problems.csv",
        (
            "rank", "title", "where", "kind", "customers", "score_lost", "score_lost_low",
            "score_lost_high", "scale", "p_adjusted",
        ),
        (
            (
                number,
                each.title(),
                each.where(),
                each.kind,
                each.customers,
                *_ends(each.score_lost),
                each.scale,
                each.p_adjusted,
            )
            for number, each in enumerate(found, 1)
        ),
    )  # fmt: skip


def _ends(given: Estimate | None) -> tuple[float | None, float | None, float | None]:
    return (None, None, None) if given is None else (given.value, given.low, given.high)


def address(asked: Scope, found: Problem) -> str:
    """Return the address of a problem's page, with the filter it was found under."""
    return reverse("problems:problem", args=[found.id]) + _query(asked)


def _query(asked: Scope) -> str:
    query = asked.chosen.address()
    return "" if query == "?" else query


def _explorer(asked: Scope, found: Problem) -> str:
    """Return the address of the journeys with the problem's place picked."""
    picked = {
        "at": found.source or found.touchpoint,
        "to": found.touchpoint if found.source else "",
    }
    return reverse("journeys:graph") + asked.chosen.address(picked)


def _group(asked: Scope, found: Problem) -> str:
    """Return the address of the journeys of those it touches; empty where no filter says them."""
    names = [name for name, _ in found.groups]
    # A filter holds one value of a property.
    if not names or len(set(names)) < len(names):
        return ""
    only = {f"property.{name}": value for name, value in found.groups}
    return reverse("journeys:graph") + asked.chosen.address(only, at=found.touchpoint)
