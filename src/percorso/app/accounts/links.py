"""Links that open a door once: the first administrator's, invitations, new passwords."""

import hashlib
import secrets
from datetime import timedelta
from typing import Final

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.urls import reverse

from percorso.app.accounts.models import User

WELCOME_LASTS: Final = timedelta(hours=24)
INVITATION_LASTS: Final = timedelta(days=7)
_SALT: Final = "percorso.accounts.first-administrator"


def welcome_path() -> str:
    """Return the path of a new link for the first administrator."""
    token = signing.dumps(secrets.token_urlsafe(12), salt=_SALT)
    # By the accounts' own addresses, so that whoever prints it need not load every page.
    return reverse("accounts:welcome", urlconf="percorso.app.accounts.urls", args=[token])


def welcome_is_valid(token: str) -> bool:
    """Say whether we made the link, and not too long ago."""
    try:
        signing.loads(token, salt=_SALT, max_age=WELCOME_LASTS)
    except signing.BadSignature:
        return False
    return True


def address(request: HttpRequest, path: str) -> str:
    """Return the whole address of a link that opens a door.

    It is at PERCORSO_URL where that is set: a visitor can write the name of any host the server
    answers to into a request, and must not choose where the link in somebody's e-mail leads.
    """
    url: str = settings.ENVIRONMENT.url
    return f"{url}{path}" if url else request.build_absolute_uri(path)


def new_token() -> str:
    """Return a token that cannot be guessed."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """Return what is kept of a token: enough to know it again, not enough to use it."""
    return hashlib.sha256(token.encode()).hexdigest()


def reset_path(user: User) -> str:
    """Return the path of a link with which the person chooses a new password, within a day."""
    return reverse(
        "account_reset_password_from_key",
        kwargs={
            "uidb36": user_pk_to_url_str(user),
            "key": default_token_generator.make_token(user),
        },
    )
