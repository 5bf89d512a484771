"""The pages of a survey's results. Every choice is in the address."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, Protocol
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET

from percorso import labels
from percorso.app import company
from percorso.app.accounts.asking import user_of
from percorso.app.filters import Scope, provenance, scope
from percorso.app.filters.emptiness import Nothing
from percorso.app.filters.filter import PROPERTY
from percorso.app.surveys import actions
from percorso.app.surveys import queries as asking
from percorso.app.surveys.answering.holding import LONGEST_WAIT
from percorso.app.surveys.building import shown as building
from percorso.app.surveys.building.views import found as survey_found
from percorso.app.surveys.contacting.queries import standing
from percorso.app.surveys.results import files, queries, shown, who_answered
from percorso.app.surveys.results.missed import missed
from percorso.app.ui.access import may_export_texts, may_look, may_see_customers, opens_to
from percorso.app.ui.components import few_or
from percorso.app.ui.export import csv_file, streamed_csv
from percorso.app.ui.fragment import show
from percorso.i18n import gettext as _
from percorso.metrics import GroupScore
from percorso.survey_results import (
    PMF_ANSWERS,
    Part,
    QuestionResult,
    Results,
    dimensions,
    words,
)
from percorso.surveys import Survey


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: the survey, the part of the log, what was found."""

    survey: Survey
    scope: Scope
    results: Results
    view: str

    def page(self, name: str, **changes: str) -> str:
        """Return the address of a page of the results, with the same filter."""
        address = self.scope.chosen.address(changes)
        return reverse(f"surveys:{name}", args=[self.survey.id]) + (
            "" if address == "?" else address
        )


class View(Protocol):
    __name__: str

    def __call__(self, request: HttpRequest, asked: Asked) -> HttpResponseBase: ...


def _of_results(view: View) -> Any:
    """Give a view what was asked and found; where nothing was answered, say what to do."""

    @opens_to(may_look)
    @require_GET
    @wraps(view)
    def looked(request: HttpRequest, survey: str) -> HttpResponseBase:
        latest = survey_found(survey)
        part = scope(company.log(), request.GET.dict(), known=may_see_customers(request.user))
        if part.empty:
            return _nothing(request, latest, part)
        results = queries.found(part, survey)
        asked = Asked(latest, part, results, view.__name__)
        if results.responses == 0 and results.response_rate is None and not results.steps:
            return _nothing(request, latest, part)
        return view(request, asked)

    return looked


def _nothing(request: HttpRequest, survey: Survey, part: Scope) -> HttpResponse:
    narrowed = not part.empty and (part.chosen.narrowed or part.chosen.period != "all")
    if narrowed:
        nothing = Nothing(
            _("Nobody answered in this part of the log"),
            _("Look at all of the time, and at everybody."),
            "?period=all",
            _("Show everything since the beginning"),
        )
    elif survey.anonymous:
        nothing = Nothing(
            _("No answers yet"),
            _(
                "Anonymous answers appear the day after, five or more together: how many came, and "
                "when, would tell who gave them."
            ),
            reverse("surveys:ask", args=[survey.id]),
            _("Where it is asked"),
        )
    else:
        nothing = Nothing(
            _("Nobody has answered yet"),
            _("Once they do, the figures stand here, seconds later: each with how sure it is."),
            reverse("surveys:ask", args=[survey.id]),
            _("Where it is asked"),
        )
    context = {
        **building.frame(request, survey, "results"),
        "nothing": nothing,
        "bar": None if part.empty else part.bar(),
    }
    return show(request, "surveys/results/page.html", context)


def _page(
    request: HttpRequest, asked: Asked, *, kept: Mapping[str, str] | None = None, **context: Any
) -> HttpResponse:
    """Show a page of results; ``kept`` are its own choices, which its address says too."""
    results = asked.results
    frame = {
        **building.frame(request, asked.survey, "results"),
        "view": f"surveys/results/{asked.view}.html",
        "views": _views(asked),
        "bar": asked.scope.bar(kept),
        "provenance": provenance(asked.scope),
        "results": results,
        "by": shown.people(results.people, few=not asked.scope.known),
        "csv": asked.page("results_csv"),
        "responses_csv": asked.page("responses_csv") if may_export_texts(request.user) else "",
        "when": shown.when(results, asked.scope.zone),
        "too_few": _too_few(asked.survey),
        "to_contact": len(standing(asked.survey.id).waiting)
        if may_see_customers(request.user)
        else 0,
    }
    return show(
        request,
        "surveys/results/page.html",
        frame | context,
        address=asked.scope.chosen.address(kept),
    )


def _too_few(survey: Survey) -> list[str]:
    """Say what of an anonymous survey is gone because too few answered alike."""
    found = asking.too_few(survey.id)
    if found is None:
        return []
    told = []
    if found.responses:
        told.append(
            _(
                "Deleted after {days} days: {n} anonymous responses, because fewer than 5 people "
                "had answered the survey as it was then."
            ).format(days=LONGEST_WAIT.days, n=few_or(found.responses))
        )
    if found.answers:
        told.append(
            _(
                "Left out: {n} answers to questions that were changed, because fewer than 5 people "
                "had answered them in these words."
            ).format(n=few_or(found.answers))
        )
    return told


def _views(asked: Asked) -> list[tuple[str, str, bool]]:
    names = {"overview": ("results", _("Answers")), "people": ("people", _("Who answered"))}
    if _scored(asked.results):
        names["split"] = ("split", _("By group"))
    if _of_type(asked.results, "pyramid"):
        names["pyramid"] = ("pyramid", _("Pyramid"))
    if _of_type(asked.results, "pmf"):
        names["pmf"] = ("pmf", _("Would miss it"))
    return [
        (words, asked.page(address), view == asked.view) for view, (address, words) in names.items()
    ]


def _of_type(results: Results, name: str) -> QuestionResult | None:
    return next((each for each in results.questions if each.type == name), None)


def _scored(results: Results) -> list[tuple[QuestionResult, Part]]:
    """Return every score that can be split: of a question, or of a part of one."""
    return [
        (each, part)
        for each in results.questions
        for part in each.parts
        if part.metric and part.estimate is not None and part.answers
    ]


@_of_results
def overview(request: HttpRequest, asked: Asked) -> HttpResponseBase:
    """Show the scores, the response rate, where people stop, and every question."""
    results = asked.results
    rate = results.response_rate
    return _page(
        request,
        asked,
        scores=shown.scores(results),
        weighted=_weighted(results),
        rate=shown.figure(rate.rate) if rate and rate.invited else None,
        waiting=who_answered.waiting(rate),
        invited=few_or(rate.invited) if rate else "",
        answered=few_or(rate.answered) if rate else "",
        steps=who_answered.steps(results),
        steps_of=who_answered.period(
            queries.counted(asked.scope, asked.survey.id),
            narrowed=asked.scope.chosen.narrowed,
        ),
        questions=[
            (each, _texts_address(request, asked, each.id)) for each in shown.questions(results)
        ],
    )


def _texts_address(request: HttpRequest, asked: Asked, question: str) -> str:
    """Return the page with all that was written; properties narrow it, which some may not see."""
    if not may_see_customers(request.user):
        return ""
    narrowed = {f"{PROPERTY}survey": asked.survey.id, f"{PROPERTY}question": question}
    given = {**asked.scope.chosen.parameters(), **narrowed}
    return f"{reverse('voice:texts')}?{urlencode(given)}"


def _weighted(results: Results) -> str:
    """Say how those who answered were weighted, or why they were not."""
    weighting = results.weighting
    if weighting is None:
        return ""
    if weighting.why_not is not None:
        return labels.phrase(weighting.why_not)
    return _(
        "Weighted so that the answers are like all invitations in: {facts}. {answers} answers tell "
        "as much so as {effective} without weights; the largest weight is {largest}."
    ).format(
        facts=", ".join(words.fact(each).lower() for each in weighting.facts),
        answers=labels.number(weighting.answers),
        effective=labels.number(weighting.effective),
        largest=labels.number(weighting.largest, 1),
    )


@_of_results
def people(request: HttpRequest, asked: Asked) -> HttpResponseBase:
    """Show who answered and who did not, and what that does to the figures."""
    results = asked.results
    rate, non_response = results.response_rate, results.non_response
    return _page(
        request,
        asked,
        rate=shown.figure(rate.rate) if rate and rate.invited else None,
        waiting=who_answered.waiting(rate),
        invited=few_or(rate.invited) if rate else "",
        answered=few_or(rate.answered) if rate else "",
        dimensions=who_answered.rate_dimensions(results),
        facts=who_answered.facts(non_response.facts) if non_response else (),
        differ=[
            words.fact(each.fact).lower()
            for each in (non_response.facts if non_response else ())
            if each.differs
        ],
        why_not=labels.phrase(non_response.why_not)
        if non_response and non_response.why_not
        else "",
        weighted=_weighted(results),
        weighted_scores=[each for each in shown.scores(results) if each.weighted],
    )


@_of_results
def split(request: HttpRequest, asked: Asked) -> HttpResponseBase:
    """Show a score by channel, touchpoint, segment, month and more.

    Where the address does not say by what, it goes to the first that has groups to compare.
    """
    offered = _scored(asked.results)
    if not offered:
        if any(part.metric for each in asked.results.questions for part in each.parts):
            return _nothing(request, asked.survey, asked.scope)
        raise Http404
    wanted = (request.GET.get("question", ""), request.GET.get("part", ""))
    question, part = next(
        ((each, one) for each, one in offered if (each.id, one.part) == wanted), offered[0]
    )
    offered_by = dimensions(anonymous=asked.results.anonymous)
    dimension = request.GET.get("by", "")
    if dimension not in offered_by:
        dimension = _first_with_groups(asked, question, part, offered_by)
    chosen = {"question": question.id, "part": part.part, "by": dimension}
    if any(request.GET.get(name, "") != value for name, value in chosen.items()):
        return redirect(asked.page("split", **chosen))
    rows = _groups(asked, question, part, dimension)
    called = {each: _dimension(each) for each in offered_by}
    return _page(
        request,
        asked,
        kept=chosen,
        question=shown.say(part.text) or shown.say(question.text),
        metric=shown.score_name(part),
        choices=[
            (
                shown.score_name(one),
                shown.say(one.text) or shown.say(each.text),
                asked.page("split", question=each.id, part=one.part, by=dimension),
                (each.id, one.part) == (question.id, part.part),
            )
            for each, one in offered
        ],
        dimensions=[
            (
                words,
                asked.page("split", question=question.id, part=part.part, by=each),
                each == dimension,
            )
            for each, words in called.items()
        ],
        dimension=called[dimension],
        title=_("{metric} by {dimension}").format(
            metric=shown.score_name(part), dimension=called[dimension].lower()
        ),
        groups=shown.groups(rows, dimension, part.points),
        hidden=sum(not each.estimate.shown for each in rows),
    )


def _groups(
    asked: Asked, question: QuestionResult, part: Part, dimension: str
) -> tuple[GroupScore, ...]:
    rows = queries.by(asked.scope, asked.survey.id, question.id, part.part, dimension)
    return tuple(each for each in rows if each.metric == part.metric)


def _first_with_groups(
    asked: Asked, question: QuestionResult, part: Part, offered_by: Sequence[str]
) -> str:
    """Return the first dimension with two groups to compare; else the first with one to show."""
    one = ""
    for each in offered_by:
        groups = sum(row.estimate.shown for row in _groups(asked, question, part, each))
        if groups > 1:
            return each
        if groups and not one:
            one = each
    return one or offered_by[0]


def _dimension(name: str) -> str:
    own = {"place": _("Place"), "version": _("Version"), "campaign": _("Sending")}
    return own.get(name) or labels.dimension(name)


@_of_results
def pyramid(request: HttpRequest, asked: Asked) -> HttpResponseBase:
    """Show the three levels, how each stands on the one below, and where it breaks."""
    question = _of_type(asked.results, "pyramid")
    if question is None:
        raise Http404
    found = question.pyramid
    return _page(
        request,
        asked,
        question=shown.say(question.text),
        found=found is not None,
        levels=shown.levels(found) if found else (),
        of=shown.people(found.people, few=True) if found else "",
        score=shown.figure(found.score, "pyramid_needs") if found else None,
        whole=shown.figure(found.whole) if found else None,
        breaks_at=words.level(found.breaks_at) if found and found.breaks_at else "",
        leading=words.level(found.leading) if found and found.leading else "",
        unbroken=bool(found and found.whole.value == 100),
    )


@_of_results
def pmf(request: HttpRequest, asked: Asked) -> HttpResponseBase:
    """Show the share who would be very disappointed, against the line of 40%."""
    question = _of_type(asked.results, "pmf")
    if question is None:
        raise Http404
    found = question.pmf
    drawn = next((each for each in shown.questions(asked.results) if each.id == question.id), None)
    return _page(
        request,
        asked,
        question=drawn,
        share=shown.figure(found.share, "pmf") if found else None,
        line=shown.pmf_bar(found.share) if found else None,
        verdict=words.verdict(found.verdict) if found else "",
        tone={"above": "good", "below": "bad"}.get(found.verdict, "still") if found else "",
        few=found.few if found else False,
        least=PMF_ANSWERS,
        left=shown.figure(found.left) if found else None,
        missed=missed(found.missed) if found and found.missed else None,
    )


@_of_results
def results_csv(request: HttpRequest, asked: Asked) -> HttpResponseBase:  # noqa: ARG001
    """Send every figure as a file."""
    name = f"percorso-{asked.survey.id}-figures.csv"
    return csv_file(name, files.COLUMNS, files.figures(asked.results))


@opens_to(may_export_texts)
@require_GET
def responses_csv(request: HttpRequest, survey: str) -> HttpResponseBase:
    """Send every response as a file: a row each. That is written down."""
    latest = survey_found(survey)
    part = scope(company.log(), request.GET.dict(), known=may_see_customers(request.user))
    actions.note_export(user_of(request), survey)
    columns = files.columns_of(latest)
    rows: Iterator[Mapping[str, Any]] = iter(()) if part.empty else queries.rows(part, survey)
    return streamed_csv(
        f"percorso-{survey}-responses.csv",
        [*files.about(latest), *(name for name, _path in columns)],
        files.responses(latest, rows),
    )
