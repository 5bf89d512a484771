"""The pages of connectors: how each is, what it brought; adding, changing, trying one out."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from percorso import labels
from percorso.app.accounts.asking import user_of
from percorso.app.connectors import actions, queries
from percorso.app.connectors.errors import ConnectorSetupError
from percorso.app.connectors.forms import FORMS, ConnectorForm
from percorso.app.connectors.words import ABOUT, HEALTH, KINDS, SKIPPED, TONES
from percorso.app.sources import health
from percorso.app.sources.words import HEALTH as SOURCE_HEALTH
from percorso.app.sources.words import HEALTH_TONES as SOURCE_TONES
from percorso.app.sources.words import why
from percorso.app.ui.access import may_look, may_manage_sources, opens_to
from percorso.app.ui.fragment import is_partial
from percorso.connectors import ConnectorError
from percorso.live import InboxError

_RUNS = 20
_WORDS = {"kinds": KINDS, "health": HEALTH, "tones": TONES, "skipped": SKIPPED}


@opens_to(may_look)
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """List the connectors, and how each is."""
    shown = {"connectors": queries.connectors(), "about": ABOUT, **_WORDS}
    return render(request, "connectors/list.html", shown)


@opens_to(may_look)
@require_GET
def beside(request: HttpRequest) -> HttpResponse:
    """Show how sources and connectors are; a part of the data page."""
    if not is_partial(request):
        return redirect("sources:list")
    lines: tuple[health.Line, ...] = ()
    trouble, state = "", None
    try:
        lines = tuple(each for each in health.lines() if each.health != health.Health.CLOSED)
        state = health.state()
    except InboxError as error:
        trouble = why(error)
    shown = {
        "lines": lines,
        "state": state,
        "trouble": trouble,
        "connectors": queries.connectors(),
        "source_health": SOURCE_HEALTH,
        "source_tones": SOURCE_TONES,
        **_WORDS,
    }
    return render(request, "connectors/beside.html", shown)


@opens_to(may_manage_sources)
@sensitive_post_parameters("password", "token", "secret_value")
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, kind: str) -> HttpResponse:
    """Set up a connector of a kind; or fetch once without keeping anything."""
    if kind not in FORMS:
        raise Http404
    form = FORMS[kind](request.POST or None)
    tried: actions.Tried | None = None
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            if request.POST.get("do") == "try":
                tried = actions.try_out(kind, form.settings, by=user_of(request))
            else:
                made = actions.add(
                    user_of(request), given["name"], kind, form.settings, given["every_minutes"]
                )
                messages.success(
                    request, _("The connector is set up. It runs in the next seconds.")
                )
                return redirect("connectors:one", made)
        except ConnectorSetupError as error:
            _note(form, error)
        except ConnectorError as error:
            form.add_error(None, labels.phrase(error.phrase))
    shown = {"form": form, "kind": KINDS[kind], "about": ABOUT[kind], "tried": tried, **_WORDS}
    status = 422 if form.errors else 200
    return render(request, "connectors/add.html", shown, status=status)


@opens_to(may_manage_sources)
@sensitive_post_parameters("password", "token", "secret_value")
@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, setup_id: uuid.UUID) -> HttpResponse:
    """Show a connector and its runs; change it."""
    found = queries.connector(setup_id, _RUNS)
    if found is None:
        raise Http404
    wanted = FORMS[found.kind]
    initial = {**wanted.initial_of(found.settings), "every_minutes": found.every_minutes}
    form = wanted(request.POST or None, initial=initial, named=False)
    tried: actions.Tried | None = None
    if request.method == "POST" and form.is_valid():
        try:
            if request.POST.get("do") == "try":
                tried = actions.try_out(found.kind, form.settings, setup_id, by=user_of(request))
            else:
                every = form.cleaned_data["every_minutes"]
                actions.change(user_of(request), setup_id, form.settings, every)
                messages.success(request, _("The connector was changed."))
                return redirect("connectors:one", setup_id)
        except ConnectorSetupError as error:
            _note(form, error)
        except ConnectorError as error:
            form.add_error(None, labels.phrase(error.phrase))
    runs_now = found.next_at is not None and found.next_at <= timezone.now()
    shown: dict[str, Any] = {
        "connector": found,
        "form": form,
        "tried": tried,
        "runs_now": runs_now,
        **_WORDS,
    }
    return render(request, "connectors/one.html", shown, status=422 if form.errors else 200)


@opens_to(may_manage_sources)
@require_POST
def act(request: HttpRequest, setup_id: uuid.UUID) -> HttpResponse:
    """Run now, pause, resume, remove."""
    by = user_of(request)
    try:
        match request.POST.get("do"):
            case "run":
                actions.run_now(by, setup_id)
                messages.success(request, _("It runs in the next seconds."))
            case "pause":
                actions.pause(by, setup_id)
            case "resume":
                actions.resume(by, setup_id)
            case "remove":
                actions.remove(by, setup_id)
                messages.success(request, _("The connector was removed. What it brought stays."))
                return redirect("connectors:list")
    except ConnectorSetupError as error:
        raise Http404 from error
    return redirect("connectors:one", setup_id)


def _note(form: ConnectorForm, error: ConnectorSetupError) -> None:
    """Put an error where its setting is."""
    field = "kind_" if error.field == "kind" else error.field
    form.add_error(field if field in form.fields else None, str(error))
