"""Chance that can be asked again: by a keyed hash, the same answer for the same person always."""

import hashlib
import hmac
from datetime import timedelta
from typing import Final

_ALL: Final = 1 << 64


def chosen(share: float, campaign: str, person: str, key: bytes) -> bool:
    """Say whether a person is among the share (0..1) of a campaign that is taken at random.

    Stable: asked again, and by any process with the key, the answer is the same; a share that
    grows keeps those it had. Independent between campaigns. Nobody without the key can tell.
    Raises ValueError where the share is out of range.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"A share is from 0 to 1, not {share!r}.")
    return _drawn("share", campaign, person, key) < share * _ALL


def spread(within: timedelta, campaign: str, person: str, key: bytes) -> timedelta:
    """Return a delay at random, from 0 to less than ``within``, so that not all go out at once."""
    return within * (_drawn("spread", campaign, person, key) / _ALL)


def _drawn(use: str, campaign: str, person: str, key: bytes) -> int:
    """Return a number from 0 to less than 2**64, uniform (HMAC-SHA-256, RFC 2104)."""
    # With its length before it no two campaigns and persons can read the same.
    name = f"{use}:{len(campaign)}:{campaign}{person}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hmac.new(key, name, hashlib.sha256).digest()[:8])
