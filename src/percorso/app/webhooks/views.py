"""The pages of webhooks, and the way in."""

import uuid
from typing import Any, Final

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from percorso.app import sealing
from percorso.app.accounts.asking import user_of
from percorso.app.audit.looks import leaves_trace
from percorso.app.ui.access import may_manage_webhooks, opens_to
from percorso.app.ui.pages import Pages
from percorso.app.webhooks import actions, incoming, queries
from percorso.app.webhooks.errors import WebhookError
from percorso.app.webhooks.events import EVENTS
from percorso.app.webhooks.forms import EndpointForm, HookForm
from percorso.app.webhooks.words import HEALTH, STATE_TONES, STATES, TOLD, TONES
from percorso.live import InboxError, InboxFullError
from percorso.live.segment import MOST_REQUEST, RefusedError
from percorso.net.signatures import SignatureError

PER_PAGE: Final = 25
_RETRY_AFTER_S: Final = "30"


@opens_to(may_manage_webhooks)
@require_http_methods(["GET", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    """List webhooks and ways in, and add one."""
    form = EndpointForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made, secret = actions.add(user_of(request), **_told(form))
        except WebhookError as error:
            form.add_error(error.field or None, str(error))
        else:
            return _with_secret(request, made, secret)
    return _home(request, form, status=422 if form.errors else 200)


def _home(request: HttpRequest, form: EndpointForm, **more: Any) -> HttpResponse:
    status = more.pop("status", 200)
    free = queries.sources_without_way_in()
    shown = {
        "webhooks": queries.webhooks(),
        "ways_in": queries.ways_in(),
        "form": form,
        "hook_form": more.pop("hook_form", HookForm(sources=free)),
        "can_add_way_in": bool(free),
        "health": HEALTH,
        "tones": TONES,
        "events": EVENTS,
        "base": request.build_absolute_uri("/hooks/in/"),
        **more,
    }
    return render(request, "webhooks/home.html", shown, status=status)


@opens_to(may_manage_webhooks)
@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, endpoint_id: uuid.UUID) -> HttpResponse:
    """Show a webhook: what it is told, its log; change it."""
    found = queries.webhook(endpoint_id)
    if found is None:
        raise Http404
    form = EndpointForm(
        request.POST if request.method == "POST" else None,
        initial={
            "url": found.url,
            "description": found.description,
            "events": list(found.events),
            "kinds": list(found.kinds),
            "with_words": found.with_words,
        },
    )
    if request.method == "POST" and form.is_valid():
        try:
            secret = actions.change(user_of(request), endpoint_id, **_told(form))
        except WebhookError as error:
            form.add_error(error.field or None, str(error))
        else:
            messages.success(request, _("The webhook was changed."))
            if secret:
                return _with_secret(request, endpoint_id, secret)
            return redirect("webhooks:one", endpoint_id)
    return _one(request, found, form, status=422 if form.errors else 200)


def _one(
    request: HttpRequest,
    found: queries.Webhook,
    form: EndpointForm,
    status: int = 200,
    secret: str = "",
) -> HttpResponse:
    state = request.GET.get("state", "")
    state = state if state in STATES else ""
    pages = Pages.of(request, PER_PAGE)
    sent = queries.log(found.id, pages.size + 1, pages.offset, state)
    shown = {
        "webhook": found,
        "form": form,
        "sent": sent[: pages.size],
        "pages": pages.of_unknown(len(sent)),
        "state": state,
        "states": STATES,
        "state_tones": STATE_TONES,
        "told": TOLD,
        "health": HEALTH,
        "tones": TONES,
        "secret": secret,
    }
    return render(request, "webhooks/one.html", shown, status=status)


def _with_secret(request: HttpRequest, endpoint_id: uuid.UUID, secret: str) -> HttpResponse:
    """Show the webhook with its secret, this once: it is in no address and no session."""
    found = queries.webhook(endpoint_id)
    if found is None:
        raise Http404
    initial = {"url": found.url, "description": found.description, "events": list(found.events)}
    more = {"kinds": list(found.kinds), "with_words": found.with_words}
    return _one(request, found, EndpointForm(initial=initial | more), secret=secret)


@opens_to(may_manage_webhooks)
@require_POST
def act(request: HttpRequest, endpoint_id: uuid.UUID) -> HttpResponse:
    """Pause, resume, rotate, test, remove; or send messages again."""
    by = user_of(request)
    try:
        match request.POST.get("do"):
            case "rotate":
                return _with_secret(request, endpoint_id, actions.rotate(by, endpoint_id))
            case "pause":
                actions.pause(by, endpoint_id)
            case "resume":
                actions.resume(by, endpoint_id)
            case "test":
                number = actions.test(by, endpoint_id)
                return redirect("webhooks:sent", endpoint_id, number)
            case "again":
                count = actions.send_failed_again(by, endpoint_id)
                words = ngettext("%d message is sent again.", "%d messages are sent again.", count)
                messages.success(request, words % count)
            case "remove":
                actions.remove(by, endpoint_id)
                messages.success(request, _("The webhook was removed."))
                return redirect("webhooks:home")
    except WebhookError as error:
        raise Http404 from error
    return redirect("webhooks:one", endpoint_id)


@opens_to(may_manage_webhooks)
@require_http_methods(["GET", "POST"])
@leaves_trace("webhook.seen")
def sent(request: HttpRequest, endpoint_id: uuid.UUID, number: int) -> HttpResponse:
    """Show a message: what was sent, and each attempt; send it again."""
    webhook = queries.webhook(endpoint_id)
    found = queries.detail(endpoint_id, number) if webhook and number < 2**63 else None
    if webhook is None or found is None:
        raise Http404
    if request.method == "POST":
        actions.send_again(user_of(request), endpoint_id, [number])
        messages.success(request, _("The message is sent again, under the same id."))
        return redirect("webhooks:sent", endpoint_id, number)
    shown: dict[str, Any] = {
        "webhook": webhook,
        "found": found,
        "states": STATES,
        "state_tones": STATE_TONES,
        "told": TOLD,
    }
    due = found.sent.next_at
    shown["goes_now"] = found.sent.state == "waiting" and due is not None and due <= timezone.now()
    return render(request, "webhooks/sent.html", shown)


@opens_to(may_manage_webhooks)
@require_POST
def add_hook(request: HttpRequest) -> HttpResponse:
    """Open a way in for a source."""
    form = HookForm(request.POST, sources=queries.sources_without_way_in())
    if form.is_valid():
        source = form.cleaned_data["source"]
        try:
            secret = actions.add_hook(user_of(request), source, form.cleaned_data["customer_at"])
        except WebhookError as error:
            form.add_error(error.field or None, str(error))
        else:
            return _home(request, EndpointForm(), hook_secret=secret, hook_source=source)
    return _home(request, EndpointForm(), hook_form=form, status=422)


@opens_to(may_manage_webhooks)
@require_POST
def act_on_hook(request: HttpRequest, source: str) -> HttpResponse:
    """Make a new secret for a way in, or close it."""
    by = user_of(request)
    try:
        match request.POST.get("do"):
            case "rotate":
                secret = actions.rotate_hook(by, source)
                return _home(request, EndpointForm(), hook_secret=secret, hook_source=source)
            case "remove":
                actions.remove_hook(by, source)
                messages.success(request, _("The way in was closed."))
    except WebhookError as error:
        raise Http404 from error
    return redirect("webhooks:home")


@login_not_required
@csrf_exempt
@require_POST
def receive(request: HttpRequest, source: str) -> HttpResponse:
    """Take a signed message in: 202 once it is on the disk."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > MOST_REQUEST:
        return _refused(413, f"A message may hold {MOST_REQUEST // 1024} KB at most.")
    try:
        incoming.slow_down(get_adapter().get_client_ip(request))
        message_id = incoming.take(source, dict(request.headers), request.body)
    except SignatureError as error:
        return _refused(401, str(error))
    except RefusedError as error:
        return _refused(error.status, error.reason)
    except InboxFullError as full:
        return _refused(429, str(full), {"Retry-After": str(full.retry_after)})
    except (InboxError, sealing.SealError):
        return _refused(503, "It cannot be kept now.", {"Retry-After": _RETRY_AFTER_S})
    return JsonResponse({"id": message_id}, status=202)


def _refused(status: int, words: str, headers: dict[str, str] | None = None) -> HttpResponse:
    return JsonResponse({"error": words}, status=status, headers=headers)


def _told(form: EndpointForm) -> dict[str, Any]:
    given = form.cleaned_data
    return {
        "url": given["url"],
        "told": given["events"],
        "description": given["description"],
        "kinds": given["kinds"],
        "with_words": given["with_words"],
    }
