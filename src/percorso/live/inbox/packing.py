"""Requests as they lie in a row of the inbox."""

from collections.abc import Iterable
from typing import Final

import msgspec

from percorso.live.received import Received

_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(list[tuple[str, str, int, int, bytes]]).decode


def pack(received: Iterable[Received]) -> bytes:
    """Return the bytes that hold these requests."""
    return _encode(
        [(each.source, each.call, each.received_at, each.events, each.body) for each in received]
    )


def unpack(packed: bytes) -> list[Received]:
    """Return the requests that some bytes hold."""
    return [
        Received(source, call, received_at, body, events)
        for source, call, received_at, events, body in _decode(packed)
    ]
