"""The pages of a survey being made: the list, a new one, its questions, one question."""

from typing import Any
from urllib.parse import urlencode

import msgspec
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from percorso.app import company
from percorso.app.accounts.asking import user_of
from percorso.app.surveys.building import (
    actions,
    conditions,
    edits,
    places,
    queries,
    question_form,
    shown,
)
from percorso.app.surveys.building.new_form import NewSurvey
from percorso.app.surveys.building.question_form import Written
from percorso.app.surveys.building.words import type_groups, type_names
from percorso.app.surveys.contacting.queries import standing
from percorso.app.surveys.results.answered import answered
from percorso.app.ui.access import may_build_surveys, may_look, may_see_customers, opens_to
from percorso.app.ui.fragment import is_partial, show
from percorso.i18n import current_language
from percorso.i18n import gettext as _
from percorso.surveys import Survey, SurveyChangedError, SurveyError, problems, state
from percorso.surveys.answers import places_of
from percorso.surveys.model import ID, AnyQuestion
from percorso.surveys.parsing import RESERVED


@opens_to(may_look)
@require_GET
def surveys(request: HttpRequest) -> HttpResponse:
    """Show all surveys with their states, and how many answered."""
    log, known = company.log(), may_see_customers(request.user)
    so_far = answered(log)
    rows = [
        shown.listed(each, so_far.get(each.id), log.workspace.settings.zone_info, known=known)
        for each in queries.surveys()
    ]
    waiting = len(standing().waiting) if known else 0
    return show(request, "surveys/building/list.html", {"rows": rows, "waiting": waiting})


@opens_to(may_build_surveys)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Begin a survey: from a ready one, from another, or with nothing in it."""
    form = NewSurvey(request.POST or None, initial={"start": request.GET.get("start", "nps")})
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.make(user_of(request), form.made())
        except SurveyError as error:
            form.add_error(None, str(error))
        else:
            return redirect("surveys:one", made.id)
    response = show(request, "surveys/building/new.html", {"form": form, "starts": form.starts()})
    response.status_code = 422 if form.errors else 200
    return response


def found(survey_id: str) -> Survey:
    """Return a survey, or answer that there is none."""
    try:
        survey = queries.find(survey_id)
    except SurveyError as error:
        raise Http404(str(error)) from error
    if survey is None:
        raise Http404
    return survey


@opens_to(may_look, change=may_build_surveys)
@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, survey: str) -> HttpResponse:
    """Show the questions; add, move, copy and remove them."""
    latest = found(survey)
    if request.method == "POST":
        made, go_on = _rearranged(request, latest)
        if go_on is not None and not (is_partial(request) and go_on.startswith("#")):
            return HttpResponseRedirect(
                go_on if go_on.startswith("/") else reverse("surveys:one", args=[survey]) + go_on
            )
        latest = made
    context = {
        **shown.frame(request, latest, "one"),
        "questions": shown.questions(latest),
        "types": [
            (words, [(each, type_names()[each]) for each in names])
            for words, names in type_groups()
        ],
        "pages": latest.layout == "pages",
    }
    return show(request, "surveys/building/questions.html", context)


def _rearranged(request: HttpRequest, latest: Survey) -> tuple[Survey, str | None]:
    """Do what the pressed button says, and return where to go on."""
    verb, _colon, name = request.POST.get("do", "").partition(":")
    by = user_of(request)
    try:
        if verb == "add":
            return _added(request, latest)
        if verb == "copy":
            copied: list[str] = []

            def copy(survey: Survey) -> Survey:
                made, new_id = edits.duplicated(survey, name)
                copied.append(new_id)
                return made

            made = actions.change(by, latest.id, f"questions.{name}", copy)
            return made, places.anchor(copied[-1])
        edit = {
            "up": lambda survey: edits.moved(survey, name, -1),
            "down": lambda survey: edits.moved(survey, name, 1),
            "remove": lambda survey: edits.removed(survey, name),
            "page": lambda survey: edits.broken_at(survey, name),
        }.get(verb)
        if edit is None:
            return latest, "#main"
        made = actions.change(by, latest.id, f"questions.{name}", edit)
    except KeyError:
        messages.error(request, _("That question is not there any more."))
        return latest, "#main"
    except SurveyError as error:
        messages.error(request, str(error))
        return latest, "#main"
    return made, places.anchor(name) if verb != "remove" else "#questions"


def _added(request: HttpRequest, latest: Survey) -> tuple[Survey, str]:
    kind = request.POST.get("type", "")
    if kind not in type_names():
        messages.error(request, _("Choose what kind of question to add."))
        return latest, "#add"
    ids: list[str] = []

    def add(survey: Survey) -> Survey:
        question = edits.new_question(survey, kind)
        ids.append(question.id)
        return edits.added(survey, question, request.POST.get("after", ""))

    made = actions.change(user_of(request), latest.id, f"questions.{kind}", add)
    address = reverse("surveys:question", args=[latest.id, ids[-1]])
    return made, f"{address}?{urlencode({'new': 1})}"


@opens_to(may_build_surveys)
@require_http_methods(["GET", "POST"])
def question(request: HttpRequest, survey: str, name: str) -> HttpResponse:
    """Write one question: its words in each language, its answers, its logic."""
    latest = found(survey)
    saved = latest.question(name)
    if saved is None:
        raise Http404
    if request.method == "GET":
        new_one = "new" in request.GET
        return _question(
            request, latest, saved, question_form.of_question(saved), check=not new_one
        )
    written = question_form.read(request.POST, saved.type, latest)
    if request.POST.get("do") not in ("save", "again"):
        return _question(request, latest, saved, written, check=False)
    if not ID.fullmatch(written.plain["id"]) or written.plain["id"] in RESERVED:
        # Addresses and conditions are made of it: it is not saved.
        written.wrong["id"] = _(
            "Small letters, digits and _, beginning with a letter; not a word such as and, or, end."
        )
    if written.wrong:
        return _question(request, latest, saved, written, status=422)
    return _saved(request, latest, saved, written)


def _saved(
    request: HttpRequest, latest: Survey, saved: AnyQuestion, written: Written
) -> HttpResponse:
    was = request.POST.get("was", "")
    made = question_form.question_of(written)
    if made.id != saved.id and (
        latest.question(made.id) is not None or queries.was_asked(latest.id, saved.id)
    ):
        made = msgspec.structs.replace(made, id=saved.id)
        messages.warning(
            request,
            _("The question keeps its name: it was asked already, or another has that name."),
        )

    def edit(survey: Survey) -> Survey:
        here = survey.question(saved.id)
        if here is None or _digest(here) != was:
            raise SurveyChangedError(
                _(
                    "Somebody else changed this question meanwhile. Save again, and yours takes "
                    "the place of theirs."
                )
            )
        return edits.replaced(survey, saved.id, made)

    try:
        changed = actions.change(user_of(request), latest.id, f"questions.{saved.id}", edit)
    except SurveyError as error:
        return _question(request, latest, saved, written, problem=str(error), status=422)
    left = question_form.shown(
        changed, made.id, question_form.of_question(made), current_language()
    )
    if request.POST.get("do") == "again" or left.has_problems:
        words = (
            _("Saved. What is marked below is still to be mended before it can be published.")
            if left.has_problems
            else _("Saved.")
        )
        (messages.warning if left.has_problems else messages.success)(request, words)
        return redirect("surveys:question", latest.id, made.id)
    return HttpResponseRedirect(reverse("surveys:one", args=[latest.id]) + places.anchor(made.id))


def _question(
    request: HttpRequest,
    latest: Survey,
    saved: AnyQuestion,
    written: Written,
    *,
    check: bool = True,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    form = question_form.shown(latest, saved.id, written, current_language(), check=check)
    index = edits.index_of(latest, saved.id)
    context = {
        **shown.frame(request, latest, "one"),
        "form": form,
        "saved_id": saved.id,
        "number": index + 1,
        "was": _digest(saved),
        "problem": problem,
        "keeps_id": queries.was_asked(latest.id, saved.id),
        "earlier": tuple(places_of(latest.questions[:index])),
        "known": tuple(places_of(latest.questions[: index + 1])),
        "facts": question_form.facts(latest),
        "previous": latest.questions[index - 1].id if index else "",
        "following": latest.questions[index + 1].id if index + 1 < len(latest.questions) else "",
    }
    response = show(request, "surveys/building/question.html", context)
    response.status_code = status
    return response


def _digest(question: AnyQuestion) -> str:
    """Return letters that stand for a question as it is."""
    import hashlib

    return hashlib.sha256(msgspec.json.encode(question)).hexdigest()[:32]


@opens_to(may_build_surveys)
@require_POST
def act(request: HttpRequest, survey: str) -> HttpResponse:
    """Publish, delete the draft, or take an earlier version up again."""
    latest = found(survey)
    by = user_of(request)
    try:
        match request.POST.get("do", ""):
            case "publish":
                if request.POST.get("seen") not in ("", None, state(latest)):
                    raise SurveyChangedError(
                        _("Somebody changed the survey since you looked. Look again, then publish.")
                    )
                left = problems(latest)
                if left:
                    (first, *_more) = places.shown_problems(latest, left, current_language())
                    raise SurveyError(
                        _("It cannot be published yet. {where}: {what}").format(
                            where=first.where, what=first.what
                        )
                    )
                made = actions.publish(by, survey)
                messages.success(
                    request,
                    _("Version {n} is published: from now on it is what is asked.").format(
                        n=made.version
                    ),
                )
                return redirect("surveys:ask", survey)
            case "delete":
                if actions.delete_draft(by, survey):
                    messages.success(request, _("The survey is deleted."))
                    return redirect("surveys:list")
                messages.success(request, _("The draft is deleted."))
            case "take-up":
                number = request.POST.get("version", "")
                version = int(number) if number.isdecimal() and len(number) < 7 else 0
                actions.take_up(by, survey, version)
                messages.success(request, _("Version {n} is the draft again.").format(n=number[:7]))
            case _:
                pass
    except SurveyError as error:
        messages.error(request, str(error))
    return redirect("surveys:one", survey)


@opens_to(may_look)
@require_GET
def versions(request: HttpRequest, survey: str) -> HttpResponse:
    """Show every version, with the words it asked in."""
    latest = found(survey)
    every = queries.versions(survey)
    context: dict[str, Any] = {
        **shown.frame(request, latest, "versions"),
        "versions": [
            (each, shown.questions(each.survey), _changes(each.survey, before))
            for each, before in zip(every, [*[v.survey for v in every[1:]], None], strict=True)
        ],
    }
    return show(request, "surveys/building/versions.html", context)


def _changes(survey: Survey, before: Survey | None) -> tuple[str, ...]:
    """Return in words what a version changed."""
    if before is None:
        return ()
    ids = [each.id for each in survey.questions]
    old = {each.id: each for each in before.questions}
    new = [each for each in survey.questions if each.id not in old]
    out = [each for each in before.questions if each.id not in ids]
    changed = [each for each in survey.questions if each.id in old and old[each.id] != each]
    said = [_("new: {name}").format(name=_quoted(survey, each)) for each in new]
    said += [_("taken out: {name}").format(name=_quoted(before, each)) for each in out]
    said += [_("changed: {name}").format(name=_quoted(survey, each)) for each in changed]
    kept = [each for each in ids if each in old]
    if kept != [each for each in old if each in ids]:
        said.append(_("another order"))
    for name, words in (
        ("title", _("title")),
        ("intro", _("introduction")),
        ("languages", _("languages")),
        ("layout", _("layout")),
        ("endings", _("thanks")),
        ("links", _("links")),
        ("theme", _("appearance")),
        ("anonymous", _("anonymous or known")),
    ):
        if getattr(survey, name) != getattr(before, name):
            said.append(words)
    return tuple(said)


def _quoted(survey: Survey, question: AnyQuestion) -> str:
    return f"“{conditions.shown(survey, question, current_language())}”"
