"""How much may come in: one count for a source, whichever door it uses.

The doors are the tracking API and signed messages. Both stand in the one web process, so the counts
are in its memory.
"""

import math
from functools import cache
from typing import Final

from percorso.app.api.limits import Limit
from percorso.live import InboxFullError

_TOO_MUCH: Final = "This source sends more than it may."


def spend(limit: Limit, key: str, words: str = _TOO_MUCH) -> None:
    """Count a request. Raises InboxFullError, with when to come again, where it is one too many."""
    wait = limit.wait(key)
    if wait:
        raise InboxFullError(words, math.ceil(wait))


@cache
def a_second(most: int) -> Limit:
    """Return the count of all sources that may send ``most`` requests a second."""
    return Limit(most, 1)
