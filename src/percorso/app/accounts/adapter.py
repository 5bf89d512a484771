"""What we ask of allauth: nobody signs up by themselves, and mail is optional."""

import logging
from smtplib import SMTPException
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

#: In place of an address that a proxy does not pass on.
UNKNOWN: Final = "0.0.0.0"  # noqa: S104 - listens nowhere


class Adapter(DefaultAccountAdapter):  # type: ignore[misc] # allauth ships no types
    """Closes signing up: people come by invitation."""

    error_messages: ClassVar = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": gettext_lazy(
            "The e-mail address or the password is not correct."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send, or note in the server's log that the mail server failed.

        Whoever asked for a link is told the same either way: an error would say that the address
        has an account.
        """
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, SMTPException):
            logging.getLogger("percorso").exception("an e-mail could not be sent")

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the visitor's address; where none is known all share one, and its limits."""
        try:
            return str(super().get_client_ip(request))
        except PermissionDenied:
            return UNKNOWN

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:  # noqa: ARG002
        """Send whoever was closed out back: a passkey outlives the access."""
        messages.error(request, _("This account has no access. Ask an administrator."))
        return redirect("account_login")

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the link of the e-mail, at the company's own address."""
        from percorso.app.accounts import links

        path = urlsplit(super().get_reset_password_from_key_url(key)).path
        return links.address(self.request, path)
