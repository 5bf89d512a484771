"""Who asks: ``Authorization: Bearer prc_...``, with the scope the operation needs.

A session's cookie opens nothing here, so no other site can make a browser ask.
"""

import math
from typing import Any, Final, NoReturn

from allauth.account.adapter import get_adapter
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.errors import AuthenticationError, AuthorizationError, Throttled
from ninja.security import HttpBearer

from percorso.app.accounts import tokens
from percorso.app.accounts.tokens import Caller
from percorso.app.api.limits import Limit

#: Requests of one token, and wrong tokens from one address, in a minute.
REQUESTS: Final = Limit(600, 60)
WRONG: Final = Limit(30, 60)


class Token(HttpBearer):
    """Takes a token that has ``scope``; the operation finds a Caller in ``request.auth``."""

    def __init__(self, scope: str) -> None:
        if scope not in tokens.SCOPES:
            raise ValueError(f"{scope} is no scope")
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> Caller:
        """Return who asks. Raises what becomes a 401, a 403 or a 429."""
        found: Caller | None = super().__call__(request)
        if found is None:
            _refuse(request)
        wait = REQUESTS.wait(str(found.token_id))
        if wait:
            raise Throttled(math.ceil(wait))
        if self.scope not in found.scopes:
            raise AuthorizationError(message=_("The token lacks the scope %s.") % self.scope)
        return found

    def authenticate(self, request: HttpRequest, token: str) -> Any:  # noqa: ARG002 - ninja's
        return tokens.recognise(token.strip())


def _refuse(request: HttpRequest) -> NoReturn:
    wait = WRONG.wait(get_adapter().get_client_ip(request))
    if wait:
        raise Throttled(math.ceil(wait))
    raise AuthenticationError(
        message=_("Send a token that is valid: Authorization: Bearer prc_...")
    )


def caller(request: HttpRequest) -> Caller:
    """Return who asks, in an operation behind a Token."""
    found = getattr(request, "auth", None)
    if not isinstance(found, Caller):
        raise AuthenticationError
    return found
