"""Events that are not of the usual types: ids that are numbers, an odd context."""

from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from percorso.live.segment.events import SHARED, Context, Device, Event, Library, Page
from percorso.live.segment.protocol import NO_JSON, UNREADABLE, UnfitError, decode
from percorso.vocabulary import N_, Phrase

_TEXTS: Final = (
    "type", "messageId", "userId", "anonymousId", "event", "name", "category", "groupId",
    "previousId",
)  # fmt: skip
_TIMES: Final = ("timestamp", "originalTimestamp", "sentAt")


def lenient(body: bytes) -> Event:
    """Read an event whose ids are numbers or whose context is odd. Raises UnfitError."""
    try:
        given = decode(body)
    except UNREADABLE as error:
        raise UnfitError(NO_JSON) from error
    if not isinstance(given, dict):
        raise UnfitError(Phrase(N_("must be names and values")))
    event = Event()
    for name in _TEXTS:
        setattr(event, name, _as_text(name, given.get(name)))
    for name in _TIMES:
        setattr(event, name, as_time(name, given.get(name)))
    for name in ("properties", "traits"):
        value = given.get(name)
        if value is not None and not isinstance(value, dict):
            raise UnfitError(Phrase(N_("must be names and values")), name, value)
        setattr(event, name, value)
    context = given.get("context")
    if isinstance(context, dict):
        event.context = lenient_context(context)
    return event


def lenient_context(given: dict[str, Any]) -> Context:
    """Return what of a context has the usual form."""
    return Context(**{name: _part(name, given.get(name)) for name in SHARED})


def _part(name: str, value: Any) -> Any:
    """Return a part of the context; one that has not the usual form is not looked at."""
    types = {"page": Page, "device": Device, "library": Library, "locale": str}
    try:
        return None if value is None else msgspec.convert(value, types.get(name, dict[str, Any]))
    except msgspec.ValidationError:
        return None


def _as_text(name: str, value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UnfitError(Phrase(N_("must be text")), name, value)
    return str(value)


def as_time(name: str, value: Any) -> datetime | None:
    """Return a time; what has no zone is in UTC. Raises UnfitError."""
    if value is None or value == "":
        return None
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        if name == "sentAt":
            return None  # then the clock is taken to be right
        raise UnfitError(
            Phrase(N_("must be a time such as 2026-01-31T09:30:00Z")), name, value
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
