"""The tracking API of Segment: what a request may hold, and the events in it.

At the door a request is only measured and its key found; what its events say is looked at when they
are drained, because the service this follows answers 200 to events it rejects too.
"""

import base64
import binascii
import zlib
from datetime import UTC, datetime
from functools import lru_cache
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
_MOST_ALONE: Final = MOST_EVENT + MOST_CONTEXT + 256
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


# At the door


class _Request(msgspec.Struct):
    writeKey: Any = None  # noqa: N815 - as sent


class _Batch(msgspec.Struct):
    batch: list[msgspec.Raw]
    writeKey: Any = None  # noqa: N815 - as sent


_request: Final = msgspec.json.Decoder(_Request).decode
_batch: Final = msgspec.json.Decoder(_Batch).decode


def inflate(body: bytes, encoding: bytes) -> bytes:
    """Return a body as it was before it was packed. Raises RefusedError."""
    if encoding in (b"", b"identity"):
        return body
    if encoding not in (b"gzip", b"deflate"):
        raise RefusedError(400, "Send it plain, or packed with gzip.")
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 32)
    try:
        plain = unpack.decompress(body, MOST_REQUEST + 1)
    except zlib.error:
        raise RefusedError(400, "It is not what its Content-Encoding says.") from None
    if len(plain) > MOST_REQUEST:
        raise RefusedError(400, _TOO_LARGE)
    if not unpack.eof:
        raise RefusedError(400, "It is cut short.")
    return plain


_TOO_LARGE: Final = f"A request may hold {MOST_REQUEST // 1024} KB at most."


def measure(call: str, body: bytes) -> tuple[int, str]:
    """Return how many events a request holds, and the key in it. Raises RefusedError."""
    if len(body) > (MOST_REQUEST if call == "batch" else MOST_EVENT):
        most = (MOST_REQUEST if call == "batch" else MOST_EVENT) // 1024
        raise RefusedError(400, f"A {call} request may hold {most} KB at most.")
    try:
        if call == "batch":
            whole = _batch(body)
            events = len(whole.batch)
            key = whole.writeKey
        else:
            events, key = 1, _request(body).writeKey
    except UNREADABLE:
        what = "an object with a list named batch" if call == "batch" else "an object"
        raise RefusedError(400, f"The body must be JSON: {what}.") from None
    if events > MOST_EVENTS:
        raise RefusedError(400, f"A batch may hold {MOST_EVENTS} events at most.")
    return events, key if isinstance(key, str) else ""


@lru_cache(maxsize=512)
def key_of(authorization: bytes) -> str:
    """Return the key in an Authorization header, empty where there is none."""
    scheme, _, value = authorization.strip().partition(b" ")
    if scheme.lower() == b"bearer":
        return value.strip().decode("ascii", "replace")
    if scheme.lower() != b"basic":
        return ""
    try:
        user = base64.b64decode(value.strip(), validate=True).partition(b":")[0]
    except (ValueError, binascii.Error):
        return ""
    return user.decode("ascii", "replace")


# Events


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
    messageId: str | None = None  # noqa: N815 - as sent
    userId: str | None = None  # noqa: N815 - as sent
    anonymousId: str | None = None  # noqa: N815 - as sent
    event: str | None = None
    name: str | None = None
    category: str | None = None
    timestamp: datetime | None = None
    originalTimestamp: datetime | None = None  # noqa: N815 - as sent
    sentAt: datetime | None = None  # noqa: N815 - as sent
    properties: dict[str, Any] | None = None
    traits: dict[str, Any] | None = None
    context: Context | None = None
    groupId: str | None = None  # noqa: N815 - as sent
    previousId: str | None = None  # noqa: N815 - as sent
    at: int = 0


class _Whole(msgspec.Struct):
    """A batch. What stands around its events is read by itself: see ``_sent_at``, ``_shared``."""

    batch: list[Event]
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
_decode: Final = msgspec.json.Decoder().decode
_anything: Final = msgspec.json.Decoder(dict[str, Any]).decode
_SHARED: Final = ("page", "campaign", "device", "library", "traits", "locale")


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
        return [UnfitError(_NO_JSON) for _ in parts(call, body, shared=False)]


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
    return event if len(alone) > _MOST_ALONE else alone


_EVENT_TOO_LARGE: Final = Phrase(
    N_("an event may hold {most} KB at most"), {"most": MOST_EVENT // 1024}
)
_CONTEXT_TOO_LARGE: Final = Phrase(
    N_("what a batch says for all its events may hold {most} KB at most"),
    {"most": MOST_CONTEXT // 1024},
)
_NO_JSON: Final = Phrase(N_("cannot be read as JSON"))


def _batch_of(body: bytes, received_at: int) -> list[Event | UnfitError]:
    try:
        whole = _whole(body)
    except UNREADABLE:
        return _one_by_one(body, received_at)
    if _is_too_large(whole.context):
        return [UnfitError(_CONTEXT_TOO_LARGE, "context") for _ in whole.batch]
    found: list[Event | UnfitError] = []
    sent = _sent_at(whole.sentAt)
    shift = None if sent is None else received_at - sent
    shared = _shared(whole.context)
    # Events are measured again only where one of them may be too large.
    sizes = _sizes(body) if len(body) > MOST_EVENT else None
    for number, event in enumerate(whole.batch):
        if sizes is not None and sizes[number] > MOST_EVENT:
            found.append(UnfitError(_EVENT_TOO_LARGE))
            continue
        if shared is not None:
            _merge(event, shared)
        found.append(_checked(event, received_at, shift))
    return found


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
    moment = _as_time("sentAt", _lenient_value(raw))
    return None if moment is None else _microseconds(moment)


def _shared(raw: msgspec.Raw) -> Context | None:
    """Return what a batch says for all its events, as far as it can be read."""
    if not bytes(raw):
        return None
    try:
        return _context(raw)
    except UNREADABLE:
        given = _lenient_value(raw)
        return _lenient_context(given) if isinstance(given, dict) else None


def _lenient_value(raw: msgspec.Raw) -> Any:
    if not bytes(raw):
        return None
    try:
        return _decode(raw)
    except UNREADABLE:
        return None


def _one(
    call: str, body: bytes, received_at: int, shift: int | None, shared: Context | None = None
) -> Event | UnfitError:
    call = call.partition("@")[0]
    if len(body) > (_MOST_ALONE if call == "event" else MOST_EVENT):
        return UnfitError(_EVENT_TOO_LARGE)
    try:
        event = _event(body)
    except UNREADABLE:
        try:
            event = _lenient(body)
        except UnfitError as unfit:
            return unfit
        except UNREADABLE:
            return UnfitError(_NO_JSON)
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
    for name in _SHARED:
        if getattr(own, name) is None:
            setattr(own, name, getattr(shared, name))


def _checked(event: Event, received_at: int, shift: int | None) -> Event | UnfitError:
    call = event.type
    if call not in CALLS:
        return UnfitError(
            Phrase(N_("must be one of: {allowed}"), {"allowed": ", ".join(CALLS)}),
            "type",
            call or "",
        )
    # What is only blank names nobody; all who send it would be one customer.
    if event.userId is not None and not event.userId.strip():
        event.userId = None
    if event.anonymousId is not None and not event.anonymousId.strip():
        event.anonymousId = None
    if not event.userId and not event.anonymousId:
        return UnfitError(Phrase(N_("userId or anonymousId must be given")), "userId")
    if call == "track" and not (event.event and event.event.strip()):
        return UnfitError(Phrase(N_("must be given")), "event")
    unfit = _missing(event) or _too_long(event)
    if unfit is not None:
        return unfit
    _set_time(event, received_at, shift)
    return event


def _missing(event: Event) -> UnfitError | None:
    call = event.type
    if call == "group" and not event.groupId:
        return UnfitError(Phrase(N_("must be given")), "groupId")
    if call == "alias" and not (event.previousId and event.userId):
        name = "previousId" if event.userId else "userId"
        return UnfitError(Phrase(N_("must be given")), name)
    return None


_NAMED: Final = ("userId", "anonymousId", "previousId", "groupId", "event")


def _too_long(event: Event) -> UnfitError | None:
    # Written out: it is asked of every event.
    if (
        len(event.userId or "") <= MOST_NAME
        and len(event.anonymousId or "") <= MOST_NAME
        and len(event.previousId or "") <= MOST_NAME
        and len(event.groupId or "") <= MOST_NAME
        and len(event.event or "") <= MOST_NAME
        and len(event.messageId or "") < MOST_MESSAGE_ID
    ):
        return None
    for name in _NAMED:
        said = getattr(event, name)
        if said is not None and len(said) > MOST_NAME:
            return UnfitError(
                Phrase(N_("must be at most {most} characters"), {"most": MOST_NAME}), name, said
            )
    return UnfitError(
        Phrase(N_("must be under {most} characters"), {"most": MOST_MESSAGE_ID}),
        "messageId",
        event.messageId or "",
    )


def _set_time(event: Event, received_at: int, shift: int | None) -> None:
    """Put the clock of the device right: what counts is how long before sending it happened."""
    said = event.originalTimestamp or event.timestamp
    if event.sentAt is not None:
        shift = received_at - _microseconds(event.sentAt)
    if said is None:
        event.at = received_at
    else:
        event.at = _microseconds(said) + (shift or 0)


def _microseconds(moment: datetime) -> int:
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    # Exact: microseconds of these centuries are whole numbers that a float holds.
    return round(moment.timestamp() * 1e6)


# Events that are not of the usual types

_TEXTS: Final = (
    "type", "messageId", "userId", "anonymousId", "event", "name", "category", "groupId",
    "previousId",
)  # fmt: skip
_TIMES: Final = ("timestamp", "originalTimestamp", "sentAt")


def _lenient(body: bytes) -> Event:
    """Read an event whose ids are numbers or whose context is odd. Raises UnfitError."""
    try:
        given = _decode(body)
    except UNREADABLE as error:
        raise UnfitError(_NO_JSON) from error
    if not isinstance(given, dict):
        raise UnfitError(Phrase(N_("must be names and values")))
    event = Event()
    for name in _TEXTS:
        setattr(event, name, _as_text(name, given.get(name)))
    for name in _TIMES:
        setattr(event, name, _as_time(name, given.get(name)))
    for name in ("properties", "traits"):
        value = given.get(name)
        if value is not None and not isinstance(value, dict):
            raise UnfitError(Phrase(N_("must be names and values")), name, value)
        setattr(event, name, value)
    context = given.get("context")
    if isinstance(context, dict):
        event.context = _lenient_context(context)
    return event


def _lenient_context(given: dict[str, Any]) -> Context:
    return Context(**{name: _part(name, given.get(name)) for name in _SHARED})


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


def _as_time(name: str, value: Any) -> datetime | None:
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
