"""The token in an invitation's link, and what is kept of it."""

import hashlib
import secrets


def new_token() -> str:
    """Return a token that cannot be guessed: 144 random bits."""
    return secrets.token_urlsafe(18)


def digest(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
