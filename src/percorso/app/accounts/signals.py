"""Signing in and new passwords happen inside allauth; its signals put them in the trail."""

from typing import Any

from allauth.account.signals import password_changed, password_reset
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver

from percorso.app.accounts.models import User
from percorso.app.audit.actions import record


@receiver(user_logged_in)
def signed_in(sender: Any, user: User, **_: Any) -> None:  # noqa: ARG001
    """Note who signed in."""
    record(user, "person.signed_in", user.email)


@receiver([password_changed, password_reset])
def password(sender: Any, user: User, **_: Any) -> None:  # noqa: ARG001
    """Note who has a new password."""
    record(user, "person.password", user.email)
