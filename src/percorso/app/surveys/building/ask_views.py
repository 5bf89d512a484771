"""Where a survey is asked: doors of every kind, and how many answers to expect."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_http_methods

from percorso.app import company
from percorso.app.accounts.asking import user_of
from percorso.app.accounts.links import address
from percorso.app.filters.scope import choices
from percorso.app.surveys import actions, queries
from percorso.app.surveys.building import shown
from percorso.app.surveys.building.plan_form import plan
from percorso.app.surveys.building.views import found
from percorso.app.surveys.errors import AskingError
from percorso.app.surveys.models import Door
from percorso.app.surveys.queries import DoorInfo
from percorso.app.ui.access import may_build_surveys, may_look, opens_to
from percorso.app.ui.fragment import show
from percorso.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class Way:
    """A kind of door that can be opened, and what it is for."""

    kind: str
    words: str
    why: str


@dataclass(frozen=True, slots=True)
class DoorShown:
    """A door with what is put where: its address, of a website or a program its line, its page."""

    door: DoorInfo
    address: str
    snippet: str
    page: str


@opens_to(may_look, change=may_build_surveys)
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, survey: str) -> HttpResponse:
    """Show where the survey is asked; open and close doors; say what to expect."""
    latest = found(survey)
    given, problem = request.POST, ""
    if request.method == "POST":
        try:
            _done(request, survey)
        except AskingError as error:
            problem = str(error)
        else:
            return redirect("surveys:ask", survey)
    frame = shown.frame(request, latest, "ask")
    invited = queries.invited(survey)
    rate = queries.usual_rate(survey)
    every = [_door(request, each) for each in queries.doors(survey)]
    context = {
        **frame,
        "doors": [each for each in every if each.door.is_open],
        "closed": [each for each in every if not each.door.is_open],
        "ways": _ways(),
        "kind": given.get("kind", "link"),
        "given": {name: given.get(name, "") for name in ("touchpoint", "place", "websites")},
        "touchpoints": choices(company.log()).touchpoints if _has_log() else (),
        "problem": problem,
        "plan": plan(frame["asked"] or latest, request.GET, rate),
        "invited": invited,
        "sending": _address_or_none("surveys:sending", survey),
    }
    response = show(request, "surveys/building/ask.html", context)
    response.status_code = 422 if problem else 200
    return response


def _has_log() -> bool:
    return company.log().summary().interactions > 0


def _done(request: HttpRequest, survey: str) -> None:
    """Open, close or open again a door. Raises AskingError."""
    form, by = request.POST, user_of(request)
    do, _colon, code = form.get("do", "").partition(":")
    mine = {each.code for each in queries.doors(survey)}
    if do == "close" and code in mine and actions.close_door(by, code):
        messages.success(request, _("It is closed: whoever follows it is told kindly."))
    elif do == "reopen" and code in mine and actions.reopen_door(by, code):
        messages.success(request, _("It is open again."))
    elif do == "open":
        actions.open_door(
            by,
            survey,
            form.get("kind", ""),
            touchpoint=form.get("touchpoint", "") or _("Survey"),
            place=form.get("place", ""),
            websites=form.get("websites", "").split(),
        )
        messages.success(request, _("It is open: what is answered there counts from now on."))


def _ways() -> tuple[Way, ...]:
    kind = Door.Kind
    return (
        Way(kind.LINK, _("Link"), _("For a message, a receipt, a signature: one address for all.")),
        Way(kind.QR, _("QR code"), _("On a table, a parcel, a till: it says where it hangs.")),
        Way(
            kind.KIOSK,
            _("Kiosk"),
            _("A tablet on the counter: full screen, back to the start by itself."),
        ),
        Way(
            kind.WIDGET,
            _("Website"),
            _("A small window in your own pages: no cookie, a few kilobytes."),
        ),
        Way(kind.API, _("Program"), _("Your own app or till sends the answers.")),
    )


def _door(request: HttpRequest, door: DoorInfo) -> DoorShown:
    here = address(request, door.path)
    snippet = ""
    if door.kind == Door.Kind.KIOSK:
        here += "?kiosk"
    if door.kind == Door.Kind.WIDGET:
        script = address(request, reverse("survey_widget"))
        snippet = f'<script src="{script}" data-survey="{door.code}" async></script>'
    if door.kind == Door.Kind.API:
        snippet = "POST " + address(request, f"/api/v1/surveys/{door.survey}/answers")
    page = reverse("surveys:door", args=[door.survey, door.code])
    return DoorShown(door, here, snippet, page)


def _address_or_none(name: str, *arguments: str) -> str:
    """Return an address; empty where that page is none."""
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return ""
