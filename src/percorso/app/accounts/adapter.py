"""What we ask of allauth: nobody signs up by themselves, and mail is optional."""

from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class Adapter(DefaultAccountAdapter):  # type: ignore[misc] # allauth ships no types
    """Closes signing up: people come by invitation."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the link of the e-mail, at the company's own address."""
        from percorso.app.accounts import links

        path = urlsplit(super().get_reset_password_from_key_url(key)).path
        return links.address(self.request, path)
