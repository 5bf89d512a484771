"""Standard Webhooks 1.0: signing what is sent, and checking what is received.

The content is ``id.timestamp.body``, the signature its HMAC-SHA256 in base64 after ``v1,``. A
secret is ``whsec_`` and base64 of 24 to 64 bytes. Several signatures, separated by spaces, let an
old secret and a new one be valid together. https://www.standardwebhooks.com
"""

import base64
import binascii
import hashlib
import hmac
import secrets as random
import time
from collections.abc import Iterable, Mapping
from typing import Final

from percorso.vocabulary import N_, Phrase

ID: Final = "webhook-id"
TIMESTAMP: Final = "webhook-timestamp"
SIGNATURE: Final = "webhook-signature"
PREFIX: Final = "whsec_"
#: Seconds a timestamp may be off, either way, for a message not to count as a replay.
TOLERANCE_S: Final = 5 * 60
_VERSION: Final = "v1"
_NEW_BYTES: Final = 32
_LEAST_BYTES, _MOST_BYTES = 24, 64
_LONGEST_ID: Final = 200


class SignatureError(ValueError):
    """The message is not to be believed; ``phrase`` says why."""

    def __init__(self, phrase: Phrase) -> None:
        super().__init__(str(phrase))
        self.phrase = phrase


def new_secret() -> str:
    """Return a fresh secret of 32 random bytes."""
    return PREFIX + base64.b64encode(random.token_bytes(_NEW_BYTES)).decode()


def key_of(secret: str) -> bytes:
    """Return the bytes of a secret, whose prefix may be left off. Raises ValueError."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("the secret is not base64") from error
    if not _LEAST_BYTES <= len(key) <= _MOST_BYTES:
        raise ValueError(f"the secret must have {_LEAST_BYTES} to {_MOST_BYTES} bytes")
    return key


def sign(secrets: Iterable[str], message_id: str, timestamp: int, body: bytes) -> str:
    """Return the value of ``webhook-signature``: one signature for each secret."""
    return " ".join(
        f"{_VERSION},{_signature(key_of(each), message_id, str(timestamp), body)}"
        for each in secrets
    )


def headers(
    secrets: Iterable[str], message_id: str, body: bytes, now: float | None = None
) -> dict[str, str]:
    """Return the three headers of a message sent now."""
    timestamp = int(time.time() if now is None else now)
    return {
        ID: message_id,
        TIMESTAMP: str(timestamp),
        SIGNATURE: sign(secrets, message_id, timestamp, body),
    }


def verify(
    secrets: Iterable[str],
    given: Mapping[str, str],
    body: bytes,
    *,
    now: float | None = None,
    tolerance: float = TOLERANCE_S,
) -> tuple[str, int]:
    """Check a message against any of the secrets; return its id and timestamp (Unix seconds).

    ``given`` are its headers, whatever their capitals. Raises SignatureError: a header is missing,
    no signature fits, or the timestamp is off by more than ``tolerance`` seconds.
    """
    named = {name.lower(): value for name, value in given.items()}
    message_id, stamp = named.get(ID, ""), named.get(TIMESTAMP, "")
    if not message_id or not stamp or SIGNATURE not in named:
        raise SignatureError(
            Phrase(
                N_("The headers webhook-id, webhook-timestamp and webhook-signature are needed.")
            )
        )
    if (
        len(message_id) > _LONGEST_ID
        or not (stamp.isascii() and stamp.isdigit())
        or len(stamp) > 12
    ):
        raise SignatureError(Phrase(N_("The id or the timestamp makes no sense.")))
    _check_signature(secrets, named[SIGNATURE], message_id, stamp, body)
    if abs((time.time() if now is None else now) - int(stamp)) > tolerance:
        raise SignatureError(Phrase(N_("The timestamp is too far from now.")))
    return message_id, int(stamp)


def _check_signature(
    secrets: Iterable[str], header: str, message_id: str, stamp: str, body: bytes
) -> None:
    given = [
        value.encode("utf-8", "replace")
        for version, _, value in (each.partition(",") for each in header.split(" "))
        if version == _VERSION
    ]
    expected = [_signature(key_of(each), message_id, stamp, body).encode() for each in secrets]
    fits = [hmac.compare_digest(one, other) for one in given for other in expected]
    if not any(fits):
        raise SignatureError(Phrase(N_("No signature fits.")))


def _signature(key: bytes, message_id: str, stamp: str, body: bytes) -> str:
    content = b".".join((message_id.encode(), stamp.encode(), body))
    return base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
