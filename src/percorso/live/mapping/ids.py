"""The ids that events have in the log."""

from collections.abc import Sequence
from typing import Final

from percorso.live.received import Received


def event_id(request: Received, place: tuple[int, int], position: int, message: str | None) -> str:
    """Return the id in the log of the event at a position of a request."""
    if message:
        return f"{request.source}:{_apart(message)}"
    # Whoever sends no id means each request to count.
    had = request.call.partition("@")[2]
    made = f"{request.received_at}.{place[0]}.{place[1]}.{position}"
    return f"{request.source}:@{had or made}"


def event_ids(
    request: Received, place: tuple[int, int], messages: Sequence[str | None]
) -> list[str]:
    """Return ``event_id`` of all events of a request."""
    given = [each for each in messages if each is not None]
    # Looked at together: hardly ever is there one that is not as it should be.
    joined = "\n".join(("", *given, ""))
    if len(given) == len(messages) and not any(odd in joined for odd in _ODD):
        source = request.source
        return [f"{source}:{each}" for each in given]
    return [event_id(request, place, position, each) for position, each in enumerate(messages)]


#: What stands where an id, between line ends, is none or is to be told apart from ours.
_ODD: Final = ("\n\n", "#", "\n@", "\n=", "\nlink:")


def _apart(message: str) -> str:
    """Return a sender's id so that it is none that is made here: ``@1``, ``link:1``, ``m#1``."""
    if "#" in message or message.startswith(("@", "=", "link:")):
        return f"={message.replace('#', '##')}"
    return message
