"""The pages of sources: what they are, what came from each, their keys."""

import io

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from percorso.app.accounts.asking import user_of
from percorso.app.sources import actions, contacts, health
from percorso.app.sources.errors import SourceError
from percorso.app.sources.forms import PlaceForm, SendingForm, SourceForm
from percorso.app.sources.words import HEALTH, HEALTH_TONES, why
from percorso.app.ui.access import may_look, may_manage_sources, opens_to
from percorso.live import InboxError

#: What stands in examples where the key itself is not shown any more.
_KEY = "WRITE-KEY"


@opens_to(may_look)
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """List the sources, with what came from each and how they are."""
    try:
        shown = {"lines": health.lines(), "state": health.state()}
    except InboxError as error:
        shown = {"trouble": why(error)}
    words = {"health": HEALTH, "tones": HEALTH_TONES, "staff": health.STAFF}
    return render(request, "sources/list.html", {**shown, **words})


@opens_to(may_manage_sources)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Add a source; its key is shown on the answer to this, and never again."""
    form = SourceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            key = actions.add(
                user_of(request),
                given["name"],
                form.given_origins,
                given["most_per_second"],
                given["channel"],
            )
        except SourceError as error:
            form.add_error(None, str(error))
        else:
            return _one(request, given["name"].strip().lower(), key=key)
    status = 422 if form.errors else 200
    return render(request, "sources/add.html", {"form": form}, status=status)


@opens_to(may_look, change=may_manage_sources)
@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, name: str) -> HttpResponse:
    """Show a source: how it is, how to send, its keys; change who may send."""
    if request.method == "GET":
        return _one(request, name)
    form = SendingForm(request.POST)
    if form.is_valid():
        try:
            given = form.cleaned_data
            actions.change(
                user_of(request),
                name,
                form.given_origins,
                given["most_per_second"],
                given["channel"],
            )
        except SourceError as error:
            form.add_error("origins", str(error))
        else:
            messages.success(request, _("The source was changed."))
            return redirect("sources:one", name)
    return _one(request, name, form=form, status=422)


def _one(
    request: HttpRequest,
    name: str,
    *,
    key: str = "",
    form: SendingForm | None = None,
    status: int = 200,
) -> HttpResponse:
    line = health.line(name)
    if line is None or line.info is None:
        raise Http404
    initial = {
        "origins": "\n".join(line.info.origins),
        "most_per_second": line.info.most_per_second,
        "channel": line.info.channel,
    }
    shown = {
        "line": line,
        "key": key,
        "shown_key": key or _KEY,
        "form": form or SendingForm(initial=initial),
        "place_form": PlaceForm(),
        "base": request.build_absolute_uri("/").rstrip("/"),
        "health": HEALTH,
        "tones": HEALTH_TONES,
        "working": sum(each.works for each in line.info.keys),
    }
    return render(request, "sources/one.html", shown, status=status)


@opens_to(may_manage_sources)
@require_POST
def act(request: HttpRequest, name: str) -> HttpResponse:
    """Make a new key, revoke one or all, close the source."""
    by = user_of(request)
    try:
        match request.POST.get("do"):
            case "rotate":
                return _one(request, name, key=actions.rotate(by, name))
            case "revoke":
                count = actions.revoke(by, name, request.POST.get("ending") or None)
                words = ngettext("%d key was revoked.", "%d keys were revoked.", count)
                messages.success(request, words % count)
            case "close":
                actions.close(by, name)
                messages.success(request, _("The source was closed. What came from it stays."))
                return redirect("sources:list")
    except SourceError as error:
        if health.line(name) is None:
            raise Http404 from error
        messages.error(request, str(error))
    return redirect("sources:one", name)


@opens_to(may_manage_sources)
@require_GET
def counter(request: HttpRequest, name: str) -> HttpResponse:
    """Show the link and the code for a shop's counter, to be printed."""
    form = PlaceForm(request.GET)
    line = health.line(name)
    if line is None or line.info is None or line.info.closed_at is not None:
        raise Http404
    if not form.is_valid():
        return redirect("sources:one", name)
    place = form.cleaned_data["place"]
    link = _counter_link(request, name, place)
    shown = {"name": name, "place": place, "link": link}
    return render(request, "sources/counter.html", shown)


@opens_to(may_manage_sources)
@require_GET
def counter_code(request: HttpRequest, name: str) -> HttpResponse:
    """Return the code as a drawing, which can be printed at any size."""
    form = PlaceForm(request.GET)
    line = health.line(name)
    if line is None or line.info is None or line.info.closed_at is not None or not form.is_valid():
        raise Http404
    import segno

    written = io.BytesIO()
    link = _counter_link(request, name, form.cleaned_data["place"])
    segno.make(link, error="m", micro=False).save(
        written, kind="svg", light="#fff", scale=8, border=4, svgns=True
    )
    answer = HttpResponse(written.getvalue(), content_type="image/svg+xml")
    how = "attachment" if "download" in request.GET else "inline"
    answer["Content-Disposition"] = f'{how}; filename="{name}.svg"'
    return answer


def _counter_link(request: HttpRequest, name: str, place: str) -> str:
    token = contacts.counter_token(name, place)
    return request.build_absolute_uri(reverse("counter:page", args=[token]))
