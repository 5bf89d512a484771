"""The promise to whoever asks to be contacted: until when, and what keeps it."""

from datetime import datetime, timedelta, tzinfo
from typing import Final

#: The name of the interaction: somebody asks to be contacted about what they answered.
NAME: Final = "asks to be contacted"
#: The promise that goes with it; an outgoing message or call about the same keeps it.
PROMISE: Final = "answer"
#: Days, from Monday to Friday, within which the company gets in touch.
WITHIN_DAYS: Final = 2
_ABOUT: Final = "contact:"
_SATURDAY: Final = 5


def about(response: str) -> str:
    """Return what the promise to whoever gave a response concerns."""
    return _ABOUT + response


def response_of(concerned: str) -> str:
    """Return the response that a promise concerns."""
    return concerned.removeprefix(_ABOUT)


def due(asked: datetime, zone: tzinfo) -> datetime:
    """Return until when the company gets in touch with whoever asked at a moment."""
    moment = asked.astimezone(zone)
    left = WITHIN_DAYS
    while left:
        moment += timedelta(days=1)
        left -= moment.weekday() < _SATURDAY
    return moment
