"""At the door a request is only measured and its key found.

What its events say is looked at when they are drained, because the service this follows answers 200
to events it rejects too.
"""

import base64
import binascii
import zlib
from functools import lru_cache
from typing import Any, Final

import msgspec

from percorso.live.segment.protocol import (
    MOST_EVENT,
    MOST_EVENTS,
    MOST_REQUEST,
    UNREADABLE,
    RefusedError,
)


class _Request(msgspec.Struct):
    writeKey: Any = None  # noqa: N815 - as sent


class _Batch(msgspec.Struct):
    batch: list[msgspec.Raw]
    writeKey: Any = None  # noqa: N815 - as sent


_request: Final = msgspec.json.Decoder(_Request).decode
_batch: Final = msgspec.json.Decoder(_Batch).decode


def inflate(body: bytes, encoding: bytes) -> bytes:
    """Return a body as it was before it was packed. Raises RefusedError."""
    if encoding in (b"", b"identity"):
        return body
    if encoding not in (b"gzip", b"deflate"):
        raise RefusedError(400, "Send it plain, or packed with gzip.")
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 32)
    try:
        plain = unpack.decompress(body, MOST_REQUEST + 1)
    except zlib.error:
        raise RefusedError(400, "It is not what its Content-Encoding says.") from None
    if len(plain) > MOST_REQUEST:
        raise RefusedError(400, _TOO_LARGE)
    if not unpack.eof:
        raise RefusedError(400, "It is cut short.")
    return plain


_TOO_LARGE: Final = f"A request may hold {MOST_REQUEST // 1024} KB at most."


def measure(call: str, body: bytes) -> tuple[int, str]:
    """Return how many events a request holds, and the key in it. Raises RefusedError."""
    if len(body) > (MOST_REQUEST if call == "batch" else MOST_EVENT):
        most = (MOST_REQUEST if call == "batch" else MOST_EVENT) // 1024
        raise RefusedError(400, f"A {call} request may hold {most} KB at most.")
    try:
        if call == "batch":
            whole = _batch(body)
            events = len(whole.batch)
            key = whole.writeKey
        else:
            events, key = 1, _request(body).writeKey
    except UNREADABLE:
        what = "an object with a list named batch" if call == "batch" else "an object"
        raise RefusedError(400, f"The body must be JSON: {what}.") from None
    if events > MOST_EVENTS:
        raise RefusedError(400, f"A batch may hold {MOST_EVENTS} events at most.")
    return events, key if isinstance(key, str) else ""


@lru_cache(maxsize=512)
def key_of(authorization: bytes) -> str:
    """Return the key in an Authorization header, empty where there is none."""
    scheme, _, value = authorization.strip().partition(b" ")
    if scheme.lower() == b"bearer":
        return value.strip().decode("ascii", "replace")
    if scheme.lower() != b"basic":
        return ""
    try:
        user = base64.b64decode(value.strip(), validate=True).partition(b":")[0]
    except (ValueError, binascii.Error):
        return ""
    return user.decode("ascii", "replace")
