"""Chance that can be asked again: by a keyed hash, the same answer for the same draw always."""

import hashlib
import hmac
from typing import Final

_ALL: Final = 1 << 64


def chosen(share: float, campaign: str, one: str, key: bytes) -> bool:
    """Say whether one, a person or an occasion, is among a campaign's share (0..1) at random.

    Stable: asked again, and by any process with the key, the answer is the same; a share that
    grows keeps those it had. Independent between campaigns. Nobody without the key can tell.
    Raises ValueError where the share is out of range.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"A share is from 0 to 1, not {share!r}.")
    return _drawn(campaign, one, key) < share * _ALL


def _drawn(campaign: str, one: str, key: bytes) -> int:
    """Return a number from 0 to less than 2**64, uniform (HMAC-SHA-256, RFC 2104)."""
    # With its length before it no campaign and what is drawn for it can read as another's.
    name = f"share:{len(campaign)}:{campaign}{one}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hmac.new(key, name, hashlib.sha256).digest()[:8])
