"""The pages customers answer on: no account, no cookie, no script.

Looking keeps nothing: programs that check mail follow links, so that a POST answers and nothing
else. Who knows the address may answer, so a form of another site could do no more than a person
with the link; no other token is needed.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, wraps
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Final

from allauth.account.adapter import get_adapter
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from percorso import i18n
from percorso.app.api.limits import Limit
from percorso.app.surveys.answering import calling_back, courses, shown, steps, ways
from percorso.app.surveys.answering.sheets import unseal
from percorso.app.surveys.answering.shown import Frame
from percorso.app.surveys.answering.steps import Finished, Page, Press
from percorso.app.surveys.answering.ways import Way
from percorso.app.surveys.building import logos
from percorso.app.surveys.errors import SpentError
from percorso.app.ui.language import of_visitor
from percorso.live import LiveError
from percorso.surveys import Course

#: Pages shown to one address, and pages it sends, in a minute: a shop's whole staff and customers
#: may share one.
LOOKS: Final = Limit(600, 60)
ANSWERS: Final = Limit(180, 60)
_LATER_S: Final = 30

#: As Django's ``never_cache`` says it.
_NEVER: Final = "max-age=0, no-cache, no-store, must-revalidate, private"
#: Without a request it is the same for all; finding its class takes longer than asking it.
_adapter: Final = cache(get_adapter)

_View = Callable[..., HttpResponseBase]


def caller(address: str) -> str:
    """Return what is limited of an address: of IPv6 its network, which one line has whole (/64)."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address) or found.ipv4_mapped:
        return address
    return str(IPv6Network((int(found), 64), strict=False))


def _public(view: _View) -> _View:
    """Open a view to whoever has its address, not too often; it says kindly what does not work."""

    def answer(request: HttpRequest, **kwargs: str) -> HttpResponseBase:
        limit = ANSWERS if request.method == "POST" else LOOKS
        wait = limit.wait(caller(_adapter().get_client_ip(request) or ""))
        frame = Frame("", widget="widget" in request.GET)
        if wait:
            page = shown.spent(of_visitor(request), frame, busy=True)
            busy = shown.answer(page, frame, status=429)
            busy["Retry-After"] = str(int(wait) + 1)
            return busy
        try:
            return view(request, **kwargs)
        except SpentError:
            page = shown.spent(of_visitor(request), frame, door="code" in kwargs)
            return shown.answer(page, frame, status=410)

    @wraps(view)
    def unkept(request: HttpRequest, **kwargs: str) -> HttpResponseBase:
        made = answer(request, **kwargs)
        made.headers["Cache-Control"] = _NEVER
        return made

    return login_not_required(csrf_exempt(unkept))


@_public
@require_http_methods(["GET", "HEAD", "POST"])
def door(request: HttpRequest, code: str) -> HttpResponseBase:
    """Ask whoever came through a door."""
    return _ask(request, ways.by_door(code))


@_public
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponseBase:
    """Ask whoever was invited by this link."""
    return _ask(request, ways.by_token(token))


@_public
@require_http_methods(["GET", "HEAD", "POST"])
def call_back(request: HttpRequest) -> HttpResponseBase:
    """Take that somebody wants to be contacted, after they answered."""
    if request.method != "POST":
        # Its page was opened once more, from the history: what was sent is not with it.
        raise SpentError
    try:
        done, way, reach = calling_back.take(request.POST)
    except LiveError:
        frame = Frame("", widget="widget" in request.GET)
        page = shown.spent(of_visitor(request), frame, unkept=True)
        unkept = shown.answer(page, frame, status=503)
        unkept["Retry-After"] = str(_LATER_S)
        return unkept
    frame = _frame(request, way, ways.path_of(way) if way.door else "")
    language = done.sheet.language
    with _in(language):
        page = shown.thanks(done, way, frame, reach=reach)
    right = reach.checked.right
    made = shown.answer(page, frame, way, status=200 if right else 422)
    return _at_kiosk(made, frame, way, thanks=right)


@login_not_required
@require_GET
def look(request: HttpRequest, survey: str, version: int, digest: str) -> HttpResponse:  # noqa: ARG001 - the address changes with it
    """Give the colours of a published survey."""
    course = courses.course(survey, version)
    if course is None:
        raise Http404
    made = HttpResponse(shown.look(course.survey), content_type="text/css; charset=utf-8")
    made["Cache-Control"] = "public, max-age=31536000, immutable"
    return made


@login_not_required
@require_GET
def logo(request: HttpRequest, name: str) -> HttpResponse:  # noqa: ARG001 - the address says it all
    """Give the picture of a survey."""
    found = logos.find(name)
    if found is None:
        raise Http404
    made = HttpResponse(found, content_type=logos.TYPES[name.rpartition(".")[2]])
    made["Cache-Control"] = "public, max-age=31536000, immutable"
    return made


def ask(
    request: HttpRequest, way: Way, course: Course, frame: Frame, *, test: bool = False
) -> HttpResponse:
    """Show the page that comes next, and keep what was said; nothing is kept of a ``test``."""
    if request.method != "POST":
        language = shown.language_of(request, course.survey, way)
        with _in(language):
            picked = {name: request.GET.getlist(name) for name in request.GET}
            page = steps.begin(way, course, language, picked, counts=not test and _is_get(request))
            return _page(page, way, frame)
    form = {name: request.POST.getlist(name) for name in request.POST}
    try:
        sheet = unseal(request.POST.get("sheet", ""))
        whole = course if test else courses.course(sheet.survey, sheet.version)
        if whole is None:
            raise SpentError
        press, language = _pressed(request, sheet.language, whole)
        sheet = steps.replace_sheet(sheet, language=language)
    except SpentError:
        return _anew(request, way, course, frame, test=test)
    with _in(language):
        try:
            page = steps.step(whole, way, sheet, form, press)
        except LiveError:
            again = steps.step(whole, way, sheet, form, "language")
            made = _page(again, way, frame, notice="busy", status=503)
            made["Retry-After"] = str(_LATER_S)
            return made
        return _page(page, way, frame)


def _ask(request: HttpRequest, way: Way) -> HttpResponse:
    course = courses.asked(way.survey)
    if course is None:
        raise SpentError
    return ask(request, way, course, _frame(request, way, request.path))


def _anew(
    request: HttpRequest, way: Way, course: Course, frame: Frame, *, test: bool
) -> HttpResponse:
    """Begin again: the page that was sent was open for too long, or is none of ours."""
    language = shown.language_of(request, course.survey, way)
    with _in(language):
        page = steps.begin(way, course, language, {}, counts=not test)
        return _page(page, way, frame, notice="old", status=422)


def _page(
    page: Page | Finished, way: Way, frame: Frame, *, notice: str = "", status: int = 200
) -> HttpResponse:
    if isinstance(page, Finished):
        made = shown.answer(shown.thanks(page, way, frame), frame, way)
        return _at_kiosk(made, frame, way, thanks=not shown.offers_contact(page))
    status = 422 if page.mistakes else status
    made = shown.answer(shown.questions(page, way, frame, notice=notice), frame, way, status=status)
    return _at_kiosk(made, frame, way, thanks=False) if page.before else made


def _at_kiosk(made: HttpResponse, frame: Frame, way: Way, *, thanks: bool) -> HttpResponse:
    """Have a kiosk go back to its first page by itself: the next person finds nothing of this.

    Where there is something to fill in, later than where there are ``thanks`` alone.
    """
    if frame.kiosk and way.door:
        seconds = shown.THANKS_S if thanks else shown.RESTS_S
        made["Refresh"] = f"{seconds}; url={frame.path}?kiosk"
    return made


def _pressed(request: HttpRequest, language: str, course: Course) -> tuple[Press, str]:
    """Return which button was pressed, and the language from now on."""
    if "back" in request.POST:
        return "back", language
    asked = request.POST.get("language", "")
    if asked in course.survey.languages:
        return "language", asked
    return "on", language


def _frame(request: HttpRequest, way: Way, path: str) -> Frame:
    kiosk = way.kind == "kiosk" or ("kiosk" in request.GET and bool(way.door))
    return Frame(path, kiosk=kiosk, widget=not kiosk and "widget" in request.GET)


def _is_get(request: HttpRequest) -> bool:
    return request.method == "GET"


@contextmanager
def _in(language: str) -> Iterator[None]:
    """Have the pages' own words in a language, for a block."""
    with i18n.in_language(shown.own_language(language)):
        yield
