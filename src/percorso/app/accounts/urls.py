"""Addresses of people.

Those called ``account_...`` and ``mfa_...`` are allauth's; it asks for them by that.
"""

from allauth.account import views as allauth
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as passkeys
from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.decorators.http import require_GET

from percorso.app.accounts import security_views, views
from percorso.app.ui.access import may_keep_account, opens_to

_own = opens_to(may_keep_account)

_accounts = (
    [
        path("welcome/<str:token>", views.welcome, name="welcome"),
        path("invitation/<str:token>", views.join, name="join"),
        path("preferences", views.preferences, name="preferences"),
        path("settings/me", views.me, name="me"),
        path("settings/devices", security_views.devices, name="devices"),
        path("settings/devices/<int:session_id>/end", security_views.end_device, name="end_device"),
        path(
            "settings/devices/end-others",
            security_views.end_other_devices,
            name="end_other_devices",
        ),
        path("settings/company", views.company, name="company"),
    ],
    "accounts",
)
_people = (
    [
        path("", views.people, name="list"),
        path("<int:user_id>", views.change, name="change"),
        path("invitations/<int:invitation_id>/withdraw", views.withdraw, name="withdraw"),
    ],
    "people",
)
_tokens = (
    [
        path("", security_views.api_tokens, name="list"),
        path("<int:token_id>/revoke", security_views.revoke_token, name="revoke"),
    ],
    "tokens",
)
_security: list[URLPattern | URLResolver] = [
    path("", _own(require_GET(mfa.index)), name="mfa_index"),
    path("confirm", _own(allauth.reauthenticate), name="account_reauthenticate"),
    path("confirm/code", _own(mfa.reauthenticate), name="mfa_reauthenticate"),
    path(
        "confirm/passkey",
        _own(passkeys.reauthenticate_webauthn),
        name="mfa_reauthenticate_webauthn",
    ),
    path("app", _own(app.activate_totp), name="mfa_activate_totp"),
    path("app/remove", _own(app.deactivate_totp), name="mfa_deactivate_totp"),
    path("codes", _own(require_GET(codes.view_recovery_codes)), name="mfa_view_recovery_codes"),
    path("codes/new", _own(codes.generate_recovery_codes), name="mfa_generate_recovery_codes"),
    path(
        "codes/recovery-codes.txt",
        _own(require_GET(codes.download_recovery_codes)),
        name="mfa_download_recovery_codes",
    ),
    path("passkeys", security_views.passkeys, name="mfa_list_webauthn"),
    path("passkeys/add", _own(passkeys.add_webauthn), name="mfa_add_webauthn"),
    path("passkeys/<int:pk>/remove", _own(passkeys.remove_webauthn), name="mfa_remove_webauthn"),
    path("passkeys/<int:pk>/name", _own(passkeys.edit_webauthn), name="mfa_edit_webauthn"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(_accounts)),
    path("settings/people/", include(_people)),
    path("settings/tokens/", include(_tokens)),
    path("settings/security/", include(_security)),
    path("sign-in", _own(allauth.login), name="account_login"),
    path("sign-in/second", mfa.authenticate, name="mfa_authenticate"),
    path(
        "sign-in/passkey",
        login_not_required(passkeys.login_webauthn),
        name="mfa_login_webauthn",
    ),
    path("sign-out", _own(allauth.logout), name="account_logout"),
    path("settings/password", _own(allauth.password_change), name="account_change_password"),
    path("reset", _own(allauth.password_reset), name="account_reset_password"),
    path("reset/sent", _own(allauth.password_reset_done), name="account_reset_password_done"),
    re_path(
        r"^reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        _own(allauth.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "reset/done",
        _own(allauth.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
]
