"""When to ask again: later each time, not all at once, and not before the other side said."""

import random
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

LONGEST_WAIT_S: Final = 24 * 60 * 60.0
#: A wait varies by this share either way, so that many do not come at the same moment.
JITTER: Final = 0.2


def jittered(seconds: float) -> float:
    """Return a wait, a little longer or shorter, in seconds."""
    return seconds * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - guards nothing


def back_off(failures: int, first: float, longest: float = LONGEST_WAIT_S) -> float:
    """Return how long to wait, in seconds, after so many failures in a row: doubled each time."""
    return jittered(min(first * 2 ** min(max(failures - 1, 0), 30), longest))


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Return how many seconds a server asks to wait by ``Retry-After``; None where it does not.

    RFC 9110, 10.2.3: seconds, or a time. A day at most.
    """
    said = headers.get("retry-after", "").strip()
    if not said:
        return None
    if said.isascii() and said.isdigit():
        seconds = float(said[:9])
    else:
        try:
            at = parsedate_to_datetime(said)
        except ValueError:
            return None
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        seconds = (at - (now or datetime.now(UTC))).total_seconds()
    return min(max(seconds, 0.0), LONGEST_WAIT_S)
