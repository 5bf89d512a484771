"""Secrets of other systems, kept so that a copy of the database alone gives none away.

A password that is sent on cannot be kept as a digest. It is sealed (AES in CBC with HMAC: Fernet)
by a key made of the workspace's own, which lies in a file apart from the database.
"""

import base64
import hashlib

from django.conf import settings


class SealError(ValueError):
    """The secret was sealed with another key: it has to be entered again."""


def seal(secret: str) -> str:
    """Return a secret as it may be kept."""
    from cryptography.fernet import Fernet

    return Fernet(_key()).encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """Return a secret that was sealed. Raises SealError."""
    from cryptography.fernet import Fernet, InvalidToken

    try:
        return Fernet(_key()).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise SealError("sealed with another key") from error


def _key() -> bytes:
    secret = str(settings.SECRET_KEY).encode()
    made = hashlib.blake2b(secret, digest_size=32, person=b"percorso.sealing").digest()
    return base64.urlsafe_b64encode(made)
