"""What people change on the voice's pages: labels of texts, topics and needs."""

import re
from dataclasses import asdict, dataclass
from typing import Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from percorso.app import company
from percorso.app.accounts.asking import user_of
from percorso.app.intake import reading
from percorso.app.ui.access import may_correct_readings, opens_to
from percorso.app.ui.fragment import is_partial
from percorso.app.voice import actions, corrections, queries, stream
from percorso.i18n import gettext as _
from percorso.text.voice import FIELDS

#: What was just said of a text, for the page that comes next, in the session.
JUST: Final = "voice.just"
_NUMBER: Final = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True, slots=True)
class Just:
    """What was just said of the labels of a text; what was ``said`` can be taken back."""

    id: str
    words: str
    said: tuple[str, ...] = ()


@opens_to(may_correct_readings)
@require_POST
def correct(request: HttpRequest) -> HttpResponse:
    """Correct or confirm labels of a text, or take back what was said of them."""
    user, log = user_of(request), company.log()
    text_id = request.POST.get("id", "")
    row = queries.text(log, text_id)
    if row is None:
        raise Http404
    back = _to_take_back(request.POST.getlist("undo"))
    if back:
        gone = actions.take_back(user, text_id, back)
        just = Just(
            text_id,
            _("Taken back: what you said counts no more.")
            if gone
            else _("It was taken back before."),
        )
    else:
        try:
            said = actions.say(user, text_id, corrections.said(request.POST))
        except actions.NotPossible as error:
            messages.error(request, str(error))
            return redirect(_back(request))
        done = _done(right=all(each.right for each in said)) if said else ""
        just = Just(text_id, done, tuple(f"{each.field}:{each.number}" for each in said))
    if not is_partial(request):
        request.session[JUST] = asdict(just)
        return redirect(f"{_back(request)}#{stream.anchor(text_id)}")
    row, factor = queries.text(log, text_id) or row, request.POST.get("factor", "")
    context = {
        "each": stream.text(row, factor, log.workspace.settings.zone_info, all_of_it=True),
        "may_correct": True,
        "just": just,
        "back": _back(request),
        "sought": {"factor": factor},
        **stream.to_choose(queries.languages(log)),
    }
    return render(request, "voice/parts/text.html", context)


def _to_take_back(given: list[str]) -> list[tuple[str, int]]:
    """Return the words that a form takes back: each a label, and the number of what was said."""
    parts = (each.partition(":") for each in given[: len(FIELDS)])
    return [
        (field, int(number))
        for field, _colon, number in parts
        if field in FIELDS and _NUMBER.fullmatch(number)
    ]


def _done(*, right: bool) -> str:
    if right:
        return _("Noted: the reading is right. It counts for how often it is.")
    return _("Corrected. Every figure counts it so from now on, and the next training learns it.")


@opens_to(may_correct_readings)
@require_POST
def change_topic(request: HttpRequest, topic_id: str) -> HttpResponse:
    """Rename, merge, pin or hide a topic or a need."""
    do = request.POST.get("do", "")
    try:
        look_at = actions.change_topic(user_of(request), topic_id, do, request.POST.dict())
    except actions.NotPossible as error:
        messages.error(request, str(error))
        return redirect(_back(request))
    messages.success(request, _("Saved. It stays so when the topics are looked for anew."))
    here = reverse("voice:topic", args=[topic_id])
    back = _back(request)
    if look_at != topic_id and back.startswith(here):
        there = reverse("voice:topic", args=[look_at])
        return redirect(back.replace(here, there, 1))
    return redirect(back)


@opens_to(may_correct_readings)
@require_POST
def read_again(request: HttpRequest) -> HttpResponse:
    """Have the worker try again to read the texts, or to find topics in them."""
    reading.again(user_of(request))
    messages.success(request, _("It is tried again in the background."))
    return redirect(_back(request))


def _back(request: HttpRequest) -> str:
    """Return where the form came from, if that is a page of the voice."""
    back = request.POST.get("next", "")
    here = reverse("voice:overview")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return back.partition("#")[0] if safe and back.startswith(here) else here
