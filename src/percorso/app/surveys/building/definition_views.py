"""A survey's definition as a file: taken in, and given out."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods

from percorso.app.accounts.asking import user_of
from percorso.app.surveys.building import actions, queries
from percorso.app.surveys.building.definition_form import Given, Read, given, read
from percorso.app.ui.access import may_build_surveys, may_look, opens_to
from percorso.app.ui.fragment import show
from percorso.i18n import gettext as _
from percorso.i18n import ngettext
from percorso.surveys import Survey, SurveyError, problems, to_json


@opens_to(may_build_surveys)
@require_http_methods(["GET", "POST"])
def from_file(request: HttpRequest) -> HttpResponse:
    """Make a survey of its definition. Whatever is wrong is said, and the text stays."""
    sent, found = Given(""), Read()
    if request.method == "POST":
        upload: Any = request.FILES.get("file")
        # Browsers send line ends of their own.
        text = request.POST.get("text", "").replace("\r\n", "\n")
        sent = given(text, upload, upload.name if upload else "")
        if not sent.problem and not sent.text.strip():
            sent = Given("", problem=_("Choose a file, or paste the definition."))
        if not sent.problem:
            found, problem = _made(request, sent.text)
            if found.survey is not None and not problem:
                return redirect("surveys:one", found.survey.id)
            sent = Given(sent.text, sent.file, problem)
    wrong = bool(sent.problem or found.fault or found.problems)
    context = {"given": sent, "fault": found.fault, "problems": found.problems}
    response = show(request, "surveys/building/from_file.html", context)
    response.status_code = 422 if wrong else 200
    return response


def _made(request: HttpRequest, text: str) -> tuple[Read, str]:
    """Make the survey that a text defines; return it, and why it could not be made."""
    found = read(text)
    if found.survey is None:
        return found, ""
    try:
        made = actions.make(user_of(request), found.survey)
    except SurveyError as error:
        return found, str(error)
    _tell(request, found, made)
    return found, ""


def _tell(request: HttpRequest, found: Read, made: Survey) -> None:
    messages.success(request, _("The survey is made, as a draft: nobody is asked yet."))
    if found.renamed:
        words = _("Its short name is “{name}”: the one in the file is taken, or is none.")
        messages.warning(request, words.format(name=made.id))
    if found.lost_logo:
        words = _("The logo is not in the file. Upload it again on the page “Look”.")
        messages.warning(request, words)
    left = len(problems(made))
    if left:
        words = ngettext(
            "{n} thing is to be mended before it can be published.",
            "{n} things are to be mended before it can be published.",
            left,
        )
        messages.warning(request, words.format(n=left))


@opens_to(may_look)
@require_GET
def definition(request: HttpRequest, survey: str, version: int) -> HttpResponse:  # noqa: ARG001
    """Send a version of a survey as a file."""
    try:
        found = queries.find(survey, version)
    except SurveyError as error:
        raise Http404(str(error)) from error
    if found is None:
        raise Http404
    name = f"percorso-survey-{found.id}-{found.version}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(to_json(found), content_type="application/json", headers=headers)
