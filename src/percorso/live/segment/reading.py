"""The events of a request, each checked: fit to be mapped, or why not."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from operator import add
from typing import Any, Final

import msgspec

from percorso.live.segment.events import SHARED, Context, Event
from percorso.live.segment.lenient import as_time, lenient, lenient_context
from percorso.live.segment.protocol import (
    CALLS,
    MOST_ALONE,
    MOST_CONTEXT,
    MOST_EVENT,
    MOST_MESSAGE_ID,
    MOST_NAME,
    NO_JSON,
    UNREADABLE,
    UnfitError,
    decode,
)
from percorso.vocabulary import N_, Phrase


class _Sent(Event, gc=False):
    """An event of a batch, its context still to be read: most of a batch have the same."""

    context: msgspec.Raw = msgspec.Raw()  # type: ignore[assignment]  # until it is read


class _Whole(msgspec.Struct):
    """A batch. What stands around its events is read by itself: see ``_sent_at``, ``_shared``."""

    batch: list[_Sent]
    sentAt: msgspec.Raw = msgspec.Raw()  # noqa: N815 - as sent
    context: msgspec.Raw = msgspec.Raw()


class _Raws(msgspec.Struct):
    batch: list[msgspec.Raw]
    sentAt: msgspec.Raw = msgspec.Raw()  # noqa: N815 - as sent
    context: msgspec.Raw = msgspec.Raw()


_whole: Final = msgspec.json.Decoder(_Whole).decode
_event: Final = msgspec.json.Decoder(Event).decode
_raws: Final = msgspec.json.Decoder(_Raws).decode
_context: Final = msgspec.json.Decoder(Context).decode
_context_or_none: Final = msgspec.json.Decoder(Context | None).decode
_anything: Final = msgspec.json.Decoder(dict[str, Any]).decode


def read(call: str, body: bytes, received_at: int) -> list[Event | UnfitError]:
    """Return the events of a request that was measured, each read or with what is wrong.

    ``call`` may be ``event`` too: one event, which says its type itself; see ``Received.call``. A
    batch that cannot be read at all counts as one event. Never raises for what a body holds.
    """
    if not body:
        return []
    try:
        if call == "batch":
            return _batch_of(body, received_at)
        return [_one(call, body, received_at, None)]
    except UNREADABLE:
        return [UnfitError(NO_JSON) for _ in parts(call, body, shared=False)]


def parts(call: str, body: bytes, *, shared: bool = True) -> list[bytes]:
    """Return the events of a request as JSON, each standing by itself.

    What the batch says for all is in each: ``sentAt``, and where it is ``shared``, ``context``.
    What cannot be read at all is there as it came. As many as ``read`` returns of a request that is
    not empty.
    """
    if call != "batch":
        return [body]
    try:
        raws = _raws(body)
    except UNREADABLE:
        return [body]
    whole = {"sentAt": _lenient_value(raws.sentAt)}
    if shared and not _is_too_large(raws.context):
        whole["context"] = _lenient_value(raws.context)
    return [_standing_alone(bytes(each), whole) for each in raws.batch]


def context_size(call: str, body: bytes) -> int:
    """Return how many bytes ``parts`` adds to each event of a request."""
    if call != "batch":
        return 0
    try:
        size = len(bytes(_raws(body).context))
    except UNREADABLE:
        return 0
    return size if size <= MOST_CONTEXT else 0


def _standing_alone(event: bytes, whole: dict[str, Any]) -> bytes:
    try:
        given = _anything(event)
        if whole["sentAt"] is not None:
            given.setdefault("sentAt", whole["sentAt"])
        shared, own = whole.get("context"), given.get("context", {})
        if isinstance(shared, dict) and isinstance(own, dict):
            given["context"] = {**shared, **own}
        alone = msgspec.json.encode(given)
    except UNREADABLE:
        return event
    # Numbers may be longer as we write them.
    return event if len(alone) > MOST_ALONE else alone


#: Microseconds by which clocks differ: so much later than it came an event may say it happened.
_AHEAD: Final = 5 * 60 * 1_000_000
_EVENT_TOO_LARGE: Final = Phrase(
    N_("an event may hold {most} KB at most"), {"most": MOST_EVENT // 1024}
)
_CONTEXT_TOO_LARGE: Final = Phrase(
    N_("what a batch says for all its events may hold {most} KB at most"),
    {"most": MOST_CONTEXT // 1024},
)


def _batch_of(body: bytes, received_at: int) -> list[Event | UnfitError]:
    try:
        whole = _whole(body)
        _read_contexts(whole.batch)
    except UNREADABLE:
        return _one_by_one(body, received_at)
    if _is_too_large(whole.context):
        return [UnfitError(_CONTEXT_TOO_LARGE, "context") for _ in whole.batch]
    sent = _sent_at(whole.sentAt)
    shift = None if sent is None else received_at - sent
    shared = _shared(whole.context)
    if shared is not None:
        for each in whole.batch:
            _merge(each, shared)
    if _are_named(whole.batch):
        _set_times(whole.batch, received_at, shift)
        found: list[Event | UnfitError] = [*whole.batch]
    else:
        found = [_checked(each, received_at, shift) for each in whole.batch]
    # Events are measured again only where one of them may be too large.
    if len(body) > MOST_EVENT and not _are_small(body, whole.batch):
        for number, size in enumerate(_sizes(body)):
            if size > MOST_EVENT:
                found[number] = UnfitError(_EVENT_TOO_LARGE)
    return found


def _read_contexts(events: Iterable[_Sent]) -> None:
    """Read the context of each event; those that are the same become one."""
    known: dict[bytes, Context | None] = {b"": None}
    for each in events:
        raw = bytes(each.context)
        if raw not in known:
            known[raw] = _context_or_none(raw)
        each.context = known[raw]  # type: ignore[assignment]  # as an event has it


def _are_named(events: Sequence[Event]) -> bool:
    """Say of events together what ``_checked`` sees of each; where in doubt, False."""
    calls = {each.type for each in events}
    if not calls <= _OF_ONESELF:
        return False
    users = {each.userId for each in events}
    devices = {each.anonymousId for each in events}
    if None in users and None in devices:
        return False
    named = users | devices
    if "track" in calls:
        names = {each.event for each in events}
        if None in names:
            return False
        named |= names
    named.discard(None)
    return all(each.strip() for each in named if each is not None)


def _are_small(body: bytes, events: Sequence[Event]) -> bool:
    """Say whether no event of a body is too large; where in doubt, False.

    Without a backslash the name of an id stands there as it is. Where there are as many of them as
    events, and each event has one, no event is longer than from the one before to the one after.
    """
    if b"\\" in body or None in [each.messageId for each in events]:
        return False
    between = [len(each) for each in body.split(b'"messageId"')]
    if len(between) != len(events) + 1:
        return False
    return max(map(add, between, between[1:]), default=0) + len(b'"messageId"') <= MOST_EVENT


def _sizes(body: bytes) -> list[int]:
    return [len(bytes(each)) for each in _raws(body).batch]


def _one_by_one(body: bytes, received_at: int) -> list[Event | UnfitError]:
    """Read a batch of which an event is not of the usual types."""
    raws = _raws(body)
    if _is_too_large(raws.context):
        return [UnfitError(_CONTEXT_TOO_LARGE, "context") for _ in raws.batch]
    sent = _sent_at(raws.sentAt)
    shift = None if sent is None else received_at - sent
    shared = _shared(raws.context)
    return [_one("", bytes(each), received_at, shift, shared) for each in raws.batch]


def _is_too_large(context: msgspec.Raw) -> bool:
    return len(bytes(context)) > MOST_CONTEXT


def _sent_at(raw: msgspec.Raw) -> int | None:
    """Return when a batch was sent, by its sender's clock; None where it does not say it."""
    moment = as_time("sentAt", _lenient_value(raw))
    return None if moment is None else _microseconds(moment)


def _shared(raw: msgspec.Raw) -> Context | None:
    """Return what a batch says for all its events, as far as it can be read."""
    if not bytes(raw):
        return None
    try:
        return _context(raw)
    except UNREADABLE:
        given = _lenient_value(raw)
        return lenient_context(given) if isinstance(given, dict) else None


def _lenient_value(raw: msgspec.Raw) -> Any:
    if not bytes(raw):
        return None
    try:
        return decode(raw)
    except UNREADABLE:
        return None


def _one(
    call: str, body: bytes, received_at: int, shift: int | None, shared: Context | None = None
) -> Event | UnfitError:
    call = call.partition("@")[0]
    if len(body) > (MOST_ALONE if call == "event" else MOST_EVENT):
        return UnfitError(_EVENT_TOO_LARGE)
    try:
        event = _event(body)
    except UNREADABLE:
        try:
            event = lenient(body)
            _measure(event)
        except UnfitError as unfit:
            return unfit
        except UNREADABLE:
            return UnfitError(NO_JSON)
    if call in CALLS:
        event.type = call
    if shared is not None:
        _merge(event, shared)
    return _checked(event, received_at, shift)


def _merge(event: Event, shared: Context) -> None:
    own = event.context
    if own is None:
        event.context = shared
        return
    for name in SHARED:
        if getattr(own, name) is None:
            setattr(own, name, getattr(shared, name))


def _checked(event: Event, received_at: int, shift: int | None) -> Event | UnfitError:
    call, user, device = event.type, event.userId, event.anonymousId
    if call not in _CALLS:
        return UnfitError(
            Phrase(N_("must be one of: {allowed}"), {"allowed": ", ".join(CALLS)}),
            "type",
            call or "",
        )
    # What is only blank names nobody; all who send it would be one customer.
    if user is not None and not user.strip():
        user = event.userId = None
    if device is not None and not device.strip():
        device = event.anonymousId = None
    if user is None and device is None:
        return UnfitError(Phrase(N_("userId or anonymousId must be given")), "userId")
    name = event.event
    if call == "track" and (name is None or not name.strip()):
        return UnfitError(Phrase(N_("must be given")), "event")
    if call in _ABOUT_OTHERS:
        unfit = _missing(event)
        if unfit is not None:
            return unfit
    _set_times((event,), received_at, shift)
    return event


def _set_times(events: Iterable[Event], received_at: int, shift: int | None) -> None:
    """Put the clock of the device right: what counts is how long before sending it happened.

    What would happen only after it came, by more than clocks differ, happened when it came.
    """
    of_batch, latest = shift or 0, received_at + _AHEAD
    for event in events:
        moment = event.originalTimestamp or event.timestamp
        if moment is None:
            event.at = received_at
            continue
        if event.sentAt is None:
            event.at = _microseconds(moment) + of_batch
        else:
            event.at = _microseconds(moment) + received_at - _microseconds(event.sentAt)
        if event.at > latest:
            event.at = received_at


def _missing(event: Event) -> UnfitError | None:
    call = event.type
    if call == "group" and not event.groupId:
        return UnfitError(Phrase(N_("must be given")), "groupId")
    if call == "alias" and not (event.previousId and event.userId):
        name = "previousId" if event.userId else "userId"
        return UnfitError(Phrase(N_("must be given")), name)
    return None


_CALLS: Final = frozenset(CALLS)
_ABOUT_OTHERS: Final = ("group", "alias")
_OF_ONESELF: Final = _CALLS.difference(_ABOUT_OTHERS)
_NAMED: Final = ("userId", "anonymousId", "previousId", "groupId", "event")


def _measure(event: Event) -> None:
    """Raise UnfitError where a text is too long, which an event read at once cannot have."""
    for name in _NAMED:
        said = getattr(event, name)
        if said is not None and len(said) > MOST_NAME:
            raise UnfitError(
                Phrase(N_("must be at most {most} characters"), {"most": MOST_NAME}), name, said
            )
    if len(event.messageId or "") >= MOST_MESSAGE_ID:
        raise UnfitError(
            Phrase(N_("must be under {most} characters"), {"most": MOST_MESSAGE_ID}),
            "messageId",
            event.messageId or "",
        )


def _microseconds(moment: datetime) -> int:
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    # Exact: microseconds of these centuries are whole numbers that a float holds.
    return round(moment.timestamp() * 1e6)
