"""What the tracking API of Segment allows: its calls, its limits, and how it says no."""

from typing import Any, Final

import msgspec

from percorso.vocabulary import N_, Phrase

#: Bytes of a request, and of one event; events of a batch; characters of a message's id.
MOST_REQUEST: Final = 500 * 1024
MOST_EVENT: Final = 32 * 1024
MOST_EVENTS: Final = 2_500
MOST_MESSAGE_ID: Final = 100
#: Bytes of what a batch says for all its events, and characters of a name and of who did it: each
#: is written with every event, and much would be made of little.
MOST_CONTEXT: Final = 8 * 1024
MOST_NAME: Final = 500
#: Bytes of an event that stands by itself, with what its batch said for all.
MOST_ALONE: Final = MOST_EVENT + MOST_CONTEXT + 256
#: What reading raises: of wrong JSON or half a character, of numbers too long or too large, of what
#: is nested too deep.
UNREADABLE: Final = (msgspec.MsgspecError, ValueError, OverflowError, RecursionError)

CALLS: Final = ("identify", "track", "page", "screen", "group", "alias")
#: The last part of an address -> the call; scripts in browsers use the letters.
ADDRESSES: Final = {
    **{call: call for call in (*CALLS, "batch")},
    "import": "batch",
    "i": "identify",
    "t": "track",
    "p": "page",
    "s": "screen",
    "g": "group",
    "a": "alias",
    "b": "batch",
    "m": "",
}


class RefusedError(Exception):
    """A request that is not taken in: the status of the answer, and why."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class UnfitError(Exception):
    """An event that is not taken in: which rule it breaks, in which field, with which value."""

    def __init__(self, reason: Phrase, field: str = "", value: object = "") -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.field = field
        self.value = str(value)[:200]


NO_JSON: Final = Phrase(N_("cannot be read as JSON"))
decode: Final = msgspec.json.Decoder(Any).decode
