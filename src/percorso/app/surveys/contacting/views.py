"""The page of who waits to be contacted, for those who serve customers."""

from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from percorso.app import company
from percorso.app.accounts.asking import user_of
from percorso.app.audit.looks import note_once
from percorso.app.sources.words import why
from percorso.app.surveys.building.queries import title_of
from percorso.app.surveys.building.views import found as survey_found
from percorso.app.surveys.contacting import actions, queries, shown
from percorso.app.surveys.errors import AskingError
from percorso.app.ui.access import may_log_contacts, may_see_customers, opens_to
from percorso.app.ui.pages import Pages
from percorso.i18n import gettext as _
from percorso.live import LiveError

_PER_PAGE: Final = 50
_DONE: Final = 20


@opens_to(may_see_customers, change=may_log_contacts)
@require_http_methods(["GET", "POST"])
def waiting(request: HttpRequest) -> HttpResponse:
    """Show who waits to be contacted and who was; note that somebody was."""
    survey = request.GET.get("survey", "")
    if request.method == "POST":
        _note(request)
        query = f"?{urlencode({'survey': survey})}" if survey else ""
        return redirect(reverse("surveys:contact") + query)
    log, now = company.log(), timezone.now()
    everybody = queries.standing()
    found = queries.standing(survey) if survey else everybody
    pages = Pages.of(request, _PER_PAGE).over(len(found.waiting))
    some = found.waiting[pages.offset : pages.offset + pages.size]
    done = found.done[:_DONE]
    surveys = {each.survey for each in everybody.waiting} | {
        each.survey for each, _made in everybody.done
    }
    if survey and survey not in surveys:
        surveys.add(survey_found(survey).id)
    titles = {each: title_of(each) for each in surveys}
    if some or done:
        note_once(request.user, "survey.contacts_seen", survey)
    context = {
        "survey": survey,
        "titles": sorted(titles.items(), key=lambda each: each[1].lower()),
        "survey_title": titles.get(survey, ""),
        "rows": shown.rows(log, some, queries.said(some), titles, now),
        "done": shown.done(log, done, titles, now),
        "number": len(found.waiting),
        "late": sum(each.due_at < now for each in found.waiting),
        "pages": pages,
        "ways": {"phone": _("by telephone"), "email": _("by e-mail"), "other": _("otherwise")},
    }
    return render(request, "surveys/contacting/list.html", context)


def _note(request: HttpRequest) -> None:
    given = request.POST
    try:
        actions.note_made(
            user_of(request), given.get("response", ""), given.get("how", ""), given.get("note", "")
        )
    except AskingError as error:
        messages.warning(request, str(error))
    except LiveError as error:
        words = _("It could not be kept: %(why)s Try again.")
        messages.error(request, words % {"why": why(error)})
    else:
        messages.success(request, _("Noted: they were contacted."))
