"""A door's own page, to print and hang up: its address, its QR code, its line for a website."""

import io
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from percorso.app import company
from percorso.app.accounts.links import address
from percorso.app.surveys import queries
from percorso.app.surveys.answering import courses
from percorso.app.surveys.queries import DoorInfo
from percorso.app.ui.access import may_look, opens_to

#: Dots of a code's module, and modules of white around it: scanners need four.
_SCALE: Final = 8
_QUIET: Final = 4


@opens_to(may_look)
@require_GET
def door(request: HttpRequest, survey: str, code: str) -> HttpResponse:
    """Show where a door leads, and how it is put up."""
    found = _door(survey, code)
    course = courses.asked(survey)
    language = (get_language() or "it")[:2]
    asked = course.survey if course else None
    here = address(request, found.path)
    context = {
        "door": found,
        "survey_id": survey,
        "title": asked.say(asked.title, asked.language_for(language)) if asked else survey,
        "address": here,
        "shown_address": here.partition("://")[2],
        "kiosk": f"{here}?kiosk",
        "script": address(request, reverse("survey_widget")),
        "api": address(request, f"/api/v1/surveys/{survey}/answers"),
        "host": address(request, "/").rstrip("/"),
        "company": company.workspace().settings.company,
    }
    return render(request, "surveys/answering/door.html", context)


@opens_to(may_look)
@require_GET
def code_picture(request: HttpRequest, survey: str, code: str, kind: str) -> HttpResponse:
    """Give the QR code of a door as a picture to print: ``svg`` or ``png``."""
    import segno

    found = _door(survey, code)
    if kind not in ("svg", "png"):
        raise Http404
    # A quarter of the code may be dirty or torn.
    made = segno.make(address(request, found.path), error="q", micro=False)
    out = io.BytesIO()
    if kind == "svg":
        made.save(out, kind="svg", scale=_SCALE, border=_QUIET, light="#ffffff", xmldecl=False)
    else:
        made.save(out, kind="png", scale=2 * _SCALE, border=_QUIET, light="#ffffff")
    content_type = "image/svg+xml" if kind == "svg" else "image/png"
    answer = HttpResponse(out.getvalue(), content_type=content_type)
    if "save" in request.GET:
        answer["Content-Disposition"] = f'attachment; filename="{survey}-{code}.{kind}"'
    return answer


def _door(survey: str, code: str) -> DoorInfo:
    found = queries.door(code)
    if found is None or found.survey != survey:
        raise Http404
    return found
