"""One's own devices, and the keys of programs."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from percorso.app.accounts import deeds, forms, sessions, tokens
from percorso.app.accounts.asking import user_of
from percorso.app.accounts.confirming import confirmed
from percorso.app.ui.access import may_keep_account, may_manage_tokens, opens_to


@opens_to(may_keep_account)
@require_GET
def devices(request: HttpRequest) -> HttpResponse:
    """Show where the person is signed in."""
    found = sessions.devices(user_of(request), request.session.session_key)
    return render(request, "accounts/devices.html", {"devices": found})


@opens_to(may_keep_account)
@require_POST
@confirmed(deeds.end_device, "accounts:devices")
def end_device(request: HttpRequest, session_id: int) -> HttpResponse:
    """Sign the person out of one of their devices."""
    if not sessions.end(user_of(request), session_id):
        raise Http404
    messages.success(request, _("That device is signed out."))
    return redirect("accounts:devices")


@opens_to(may_keep_account)
@require_POST
@confirmed(deeds.end_other_devices, "accounts:devices")
def end_other_devices(request: HttpRequest) -> HttpResponse:
    """Sign the person out everywhere else."""
    ended = sessions.end_others(user_of(request), request.session.session_key)
    said = ngettext("%d device is signed out.", "%d devices are signed out.", ended) % ended
    messages.success(request, said)
    return redirect("accounts:devices")


@opens_to(may_keep_account)
@require_GET
def passkeys(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Go to where the passkeys are listed: allauth asks for the address by this name."""
    return redirect("mfa_index")


@opens_to(may_manage_tokens)
@require_http_methods(["GET", "POST"])
@confirmed(deeds.make_token, "tokens:list")
def api_tokens(request: HttpRequest) -> HttpResponse:
    """Show the keys of programs, and make one, which is shown this once."""
    form = forms.NewToken(request.POST or None)
    key = ""
    if form.is_valid():
        given = form.cleaned_data
        key = tokens.make(user_of(request), given["name"], given["scopes"], given["days"])
        form = forms.NewToken()
    shown = {"tokens": tokens.listed(), "scopes": tokens.SCOPES, "form": form, "key": key}
    return render(request, "accounts/tokens.html", shown, status=422 if form.errors else 200)


@opens_to(may_manage_tokens)
@require_POST
@confirmed(deeds.revoke_token, "tokens:list")
def revoke_token(request: HttpRequest, token_id: int) -> HttpResponse:
    """End a program's key at once."""
    if not tokens.revoke(user_of(request), token_id):
        raise Http404
    messages.success(request, _("The token no longer works."))
    return redirect("tokens:list")
