"""An event as the tracking API describes it."""

from datetime import datetime
from typing import Annotated, Any, Final

import msgspec

from percorso.live.segment.protocol import MOST_MESSAGE_ID, MOST_NAME

#: Text as long as it may be. Of an event with a longer one, ``reading`` says what is wrong.
_Name = Annotated[str, msgspec.Meta(max_length=MOST_NAME)]
_MessageId = Annotated[str, msgspec.Meta(max_length=MOST_MESSAGE_ID - 1)]


class Page(msgspec.Struct, gc=False):
    path: str | None = None
    url: str | None = None
    referrer: str | None = None
    title: str | None = None


class Device(msgspec.Struct, gc=False):
    type: str | None = None


class Library(msgspec.Struct, gc=False):
    name: str | None = None


class Context(msgspec.Struct, gc=False):
    """What an event says of where it happened; the rest of its context is not looked at."""

    page: Page | None = None
    campaign: dict[str, Any] | None = None
    device: Device | None = None
    library: Library | None = None
    traits: dict[str, Any] | None = None
    locale: str | None = None


class Event(msgspec.Struct, gc=False):
    """An event as the API describes it; a missing or empty one of ``userId`` and the like is None.

    Once read, ``at`` is when it happened in microseconds since 1970, the clock of the device put
    right.
    """

    type: str | None = None
    messageId: _MessageId | None = None  # noqa: N815 - as sent
    userId: _Name | None = None  # noqa: N815 - as sent
    anonymousId: _Name | None = None  # noqa: N815 - as sent
    event: _Name | None = None
    name: str | None = None
    category: str | None = None
    timestamp: datetime | None = None
    originalTimestamp: datetime | None = None  # noqa: N815 - as sent
    sentAt: datetime | None = None  # noqa: N815 - as sent
    properties: dict[str, Any] | None = None
    traits: dict[str, Any] | None = None
    context: Context | None = None
    groupId: _Name | None = None  # noqa: N815 - as sent
    previousId: _Name | None = None  # noqa: N815 - as sent
    at: int = 0


#: What of a context a batch may say for all its events.
SHARED: Final = ("page", "campaign", "device", "library", "traits", "locale")
