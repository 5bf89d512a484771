"""A survey as customers will see it, drafts too: every button works, and nothing is kept."""

from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from percorso.app import company
from percorso.app.surveys.answering import shown
from percorso.app.surveys.answering.shown import Frame
from percorso.app.surveys.answering.steps import TEST
from percorso.app.surveys.answering.views import ask
from percorso.app.surveys.answering.ways import Way
from percorso.app.surveys.errors import SpentError
from percorso.app.ui.access import may_look, opens_to
from percorso.surveys import Course, LogicError, Survey, SurveyError, Surveys


@opens_to(may_look)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def preview(request: HttpRequest, survey: str) -> HttpResponse:
    """Show a survey: the latest version, or the one that ``?version=`` names."""
    found = _found(request, survey)
    version = f"?version={found.version}"
    frame = Frame(
        request.path + version,
        test=True,
        csrf=get_token(request),
        look=reverse("surveys:preview_look", args=[survey]) + version,
    )
    try:
        course = Course(found)
    except LogicError as error:
        return _cannot(str(error))
    if not found.questions or not found.languages:
        return _cannot(_("There is no question yet."))
    try:
        return ask(request, _way(found), course, frame, test=True)
    except SpentError:
        # The draft was changed meanwhile.
        return redirect(frame.path)


@opens_to(may_look)
@require_GET
def preview_look(request: HttpRequest, survey: str) -> HttpResponse:
    """Give the colours of a survey, drafts too."""
    return HttpResponse(shown.look(_found(request, survey)), content_type="text/css; charset=utf-8")


def _found(request: HttpRequest, survey_id: str) -> Survey:
    wanted = request.GET.get("version", "")
    version = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 7 else None
    try:
        found = Surveys(company.workspace()).find(survey_id, version)
    except SurveyError:
        found = None
    if found is None:
        raise Http404
    return found


def _way(survey: Survey) -> Way:
    """Return the way of whoever tries a survey out: nobody, from nowhere."""
    facts = {
        "company": company.workspace().settings.company,
        "first_name": "Ada",
        "last_name": "Bianchi",
        "name": "Ada Bianchi",
    }
    return Way(
        key=f"{TEST}{survey.id}",
        survey=survey.id,
        touchpoint="",
        channel="other",
        kind="preview",
        facts=facts,
    )


def _cannot(why: str) -> HttpResponse:
    return shown.answer(shown.broken(why), Frame("", test=True), status=409)
