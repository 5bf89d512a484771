"""Signing in and new passwords happen inside allauth; its signals put them in the trail."""

from typing import Any

from allauth.account.signals import password_changed, password_reset
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver

from percorso.app.accounts.models import User
from percorso.app.audit.actions import record
from percorso.app.audit.looks import note_once


@receiver(user_logged_in)
def signed_in(sender: Any, user: User, **_: Any) -> None:  # noqa: ARG001
    """Note who signed in."""
    record(user, "person.signed_in", user.email)


@receiver(user_logged_out)
def signed_out(sender: Any, user: User | None, **_: Any) -> None:  # noqa: ARG001
    """Note who signed out."""
    if user is not None:
        record(user, "person.signed_out", user.email)


@receiver(user_login_failed)
def refused(sender: Any, **_: Any) -> None:  # noqa: ARG001
    """Note that somebody tried, and not as whom: what was typed may be anything, a password too."""
    note_once(None, "person.refused")


@receiver([password_changed, password_reset])
def password(sender: Any, user: User, **_: Any) -> None:  # noqa: ARG001
    """Note who has a new password."""
    record(user, "person.password", user.email)


@receiver(mfa.authenticator_added)
def factor_added(sender: Any, user: User, authenticator: Authenticator, **_: Any) -> None:  # noqa: ARG001
    """Note who has one more way to prove who they are."""
    record(user, "person.factor_added", str(authenticator), type=authenticator.type)


@receiver(mfa.authenticator_removed)
def factor_removed(sender: Any, user: User, authenticator: Authenticator, **_: Any) -> None:  # noqa: ARG001
    """Note who has one less."""
    record(user, "person.factor_removed", str(authenticator), type=authenticator.type)


@receiver(mfa.authenticator_reset)
def codes_renewed(sender: Any, user: User, **_: Any) -> None:  # noqa: ARG001
    """Note whose recovery codes are new."""
    record(user, "person.codes_renewed", user.email)


@receiver(mfa.authentication_failed)
def code_refused(sender: Any, user: User, **_: Any) -> None:  # noqa: ARG001
    """Note a wrong code: the password was right, so somebody may know it."""
    record(user, "person.code_refused", user.email)
