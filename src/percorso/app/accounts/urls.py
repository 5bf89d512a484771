"""Addresses of people. Those called ``account_...`` are allauth's; it looks them up by that."""

from allauth.account import views as allauth
from django.urls import URLPattern, URLResolver, include, path, re_path

from percorso.app.accounts import views
from percorso.app.ui.access import may_keep_account, opens_to

_own = opens_to(may_keep_account)

_accounts = (
    [
        path("welcome/<str:token>", views.welcome, name="welcome"),
        path("invitation/<str:token>", views.join, name="join"),
        path("preferences", views.preferences, name="preferences"),
        path("settings/me", views.me, name="me"),
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

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(_accounts)),
    path("settings/people/", include(_people)),
    path("sign-in", _own(allauth.login), name="account_login"),
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
