"""Pages of people and the company: beginning, joining, who is here, what was chosen for all."""

from collections.abc import Callable
from dataclasses import asdict, replace
from smtplib import SMTPException

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from percorso.app.accounts import actions, deeds, forms, links, queries
from percorso.app.accounts.asking import user_of
from percorso.app.accounts.confirming import confirmed
from percorso.app.accounts.models import ROLES, User
from percorso.app.company import workspace
from percorso.app.ui.access import (
    Role,
    may_change_settings,
    may_keep_account,
    may_manage_people,
    opens_to,
)
from percorso.app.ui.context import THEMES
from percorso.workspace import Settings

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
#: In the address of the company's settings: the server is new, and nobody has chosen them.
FIRST = "first"
YEAR = 365 * 24 * 60 * 60


@login_not_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def welcome(request: HttpRequest, token: str) -> HttpResponse:
    """Make the first administrator, with the link that was printed at the first start."""
    if queries.anybody() or not links.welcome_is_valid(token):
        return _spent(request)
    form = forms.Begin(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        return _enter(
            request,
            lambda: actions.found(given["email"], given["name"], given["password"], _language()),
            then="home" if _is_named() else f"{reverse('accounts:company')}?{FIRST}=1",
        )
    return render(request, "accounts/welcome.html", {"form": form, "named": _is_named()})


@login_not_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Make the account of somebody who was invited."""
    invitation = queries.invitation(token)
    if invitation is None:
        return _spent(request)
    form = forms.Join(request.POST or None, email=invitation.email)
    if form.is_valid():
        given = form.cleaned_data
        return _enter(
            request,
            lambda: actions.accept(token, given["name"], given["password"], _language()),
        )
    return render(request, "accounts/join.html", {"form": form, "invitation": invitation})


def _invites_an_administrator(request: HttpRequest) -> bool:
    return request.POST.get("role") == Role.ADMINISTRATOR


@opens_to(may_manage_people)
@require_http_methods(["GET", "POST"])
@confirmed(deeds.invite, "people:list", when=_invites_an_administrator)
def people(request: HttpRequest) -> HttpResponse:
    """Show who is here, and invite more."""
    form = forms.Invite(request.POST or None)
    link = ""
    if form.is_valid():
        email, role = form.cleaned_data["email"], Role(form.cleaned_data["role"])
        try:
            token = actions.invite(user_of(request), email, role)
        except actions.NotPossible as reason:
            form.add_error("email", str(reason))
        else:
            link = links.address(request, _join_path(token))
            _send(request, email, link)
            form = forms.Invite()
    return _people(request, form, link)


@opens_to(may_manage_people)
@require_POST
@confirmed(deeds.change, "people:list")
def change(request: HttpRequest, user_id: int) -> HttpResponse:
    """Change a person's role or access, or make a link for a new password."""
    if not User.objects.filter(id=user_id).exists():
        raise Http404
    by = user_of(request)
    try:
        match request.POST.get("what"):
            case "role" if request.POST.get("role") in list(Role):
                actions.change_role(by, user_id, Role(request.POST["role"]))
            case "close":
                actions.set_active(by, user_id, active=False)
            case "open":
                actions.set_active(by, user_id, active=True)
            case "factors":
                if actions.clear_factors(by, user_id):
                    messages.success(request, _("Their second step is removed."))
            case "password":
                link = links.address(request, actions.reset_link(by, user_id))
                return _people(request, forms.Invite(), link)
    except actions.NotPossible as reason:
        messages.error(request, str(reason))
    return redirect("people:list")


@opens_to(may_manage_people)
@require_POST
def withdraw(request: HttpRequest, invitation_id: int) -> HttpResponse:
    """Withdraw an invitation."""
    actions.withdraw(user_of(request), invitation_id)
    return redirect("people:list")


@login_not_required
@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Keep the chosen language and look, and go back."""
    response = HttpResponseRedirect(_back(request))
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES):
        _keep(response, settings.LANGUAGE_COOKIE_NAME, language)
        if request.user.is_authenticated:
            actions.choose_language(user_of(request), language)
    theme = request.POST.get("theme", "")
    if theme in THEMES:
        _keep(response, "percorso_theme", theme)
    return response


@opens_to(may_keep_account)
@require_GET
def me(request: HttpRequest) -> HttpResponse:
    """Show the person's own settings."""
    return render(request, "accounts/me.html", {"role": dict(ROLES)[user_of(request).role]})


def _changes_the_second_factor(request: HttpRequest) -> bool:
    """Say whether it says anew who must have one; the form of the first start does not ask."""
    now = workspace().settings.second_factor
    return FIRST not in request.GET and request.POST.get("second_factor", now) != now


@opens_to(may_change_settings)
@require_http_methods(["GET", "POST"])
@confirmed(
    deeds.require_second_factor,
    "accounts:company",
    when=_changes_the_second_factor,
)
def company(request: HttpRequest) -> HttpResponse:
    """Show and change what the company chose; it is asked at the first start too."""
    first = FIRST in request.GET
    form = forms.Company(request.POST or None, initial=_chosen(first=first), first=first)
    if form.is_valid():
        actions.change_company(user_of(request), replace(workspace().settings, **form.cleaned_data))
        if first:
            return redirect("home")
        messages.success(request, _("The settings are saved."))
        return redirect("accounts:company")
    shown = {"form": form, "first": first, "layout": "ui/lone.html" if first else "ui/base.html"}
    return render(request, "accounts/company.html", shown, status=422 if form.errors else 200)


def _chosen(*, first: bool) -> dict[str, str]:
    """Return what the fields hold; at first no name, and the language the page is read in."""
    chosen = asdict(workspace().settings)
    if first:
        chosen["language"] = _language()
        chosen["company"] = chosen["company"] if _is_named() else ""
    return chosen


def _is_named() -> bool:
    """Say whether somebody has given the company its name."""
    return workspace().settings.company != Settings().company


def _people(request: HttpRequest, form: forms.Invite, link: str) -> HttpResponse:
    shown = {
        "people": queries.people(),
        "invitations": queries.invitations(),
        "roles": ROLES,
        "form": form,
        "link": link,
        "mail": settings.EMAIL_CONFIGURED,
    }
    return render(request, "accounts/people.html", shown, status=422 if form.errors else 200)


def _send(request: HttpRequest, email: str, link: str) -> None:
    if not settings.EMAIL_CONFIGURED:
        return
    try:
        actions.send_invitation(user_of(request), email, link)
    except (OSError, SMTPException):
        messages.warning(
            request, _("The e-mail could not be sent. Give the link to the person yourself.")
        )
    else:
        messages.success(request, _("The invitation is on its way to %s.") % email)


def _enter(request: HttpRequest, make: Callable[[], User], then: str = "home") -> HttpResponse:
    try:
        user = make()
    except actions.NotPossible:
        return _spent(request)
    login(request, user, backend=BACKEND)
    return redirect(then)


def _spent(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/spent.html", {"anybody": queries.anybody()}, status=410)


def _join_path(token: str) -> str:
    return reverse("accounts:join", args=[token])


def _language() -> str:
    return (get_language() or "en").split("-")[0]


def _back(request: HttpRequest) -> str:
    there = request.POST.get("next", "")
    allowed = url_has_allowed_host_and_scheme(
        there, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return there if allowed else "/"


def _keep(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=YEAR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
