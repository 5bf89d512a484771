"""How a key is made, and what is kept of it."""

import hashlib
import secrets
from typing import Final

#: So that a key that lies about, in a repository say, is seen to be one.
PREFIX: Final = "prk_"


def new_key() -> str:
    return PREFIX + secrets.token_urlsafe(24)


def digest(key: str) -> str:
    """Return what is kept of a key. It is long and random: there is nothing to guess it from."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
