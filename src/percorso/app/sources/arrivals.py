"""What arrived lately, event by event, and what the rules of today make of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

import msgspec

from percorso.app import company
from percorso.app.inbox import inbox
from percorso.live import Batch, Received, Rejected, ready_rows
from percorso.live.segment import CALLS, UNREADABLE, parts
from percorso.vocabulary import Phrase

#: An event's place: the number of the inbox's row, of the request in it, of the event in that.
Place = tuple[int, int, int]

_READ_AT_ONCE: Final = 200
#: Requests that are looked through for those of one source.
_MOST_READ: Final = 4_000
_SHOWN: Final = (
    "kind", "name", "touchpoint", "channel", "direction", "scale", "score", "text", "language",
    "amount", "currency", "about", "due_at",
)  # fmt: skip


class Outcome(StrEnum):
    """What became of an event: whether it waits or was rejected is so; the rest is by the rules."""

    WAITS = "waits"  # not drained yet
    KEPT = "kept"  # in the log
    UNMAPPED = "unmapped"  # in the log; no rule of today knows its name
    UNWANTED = "unwanted"  # a rule of today says that it is not wanted
    REJECTED = "rejected"  # broke a rule when it was drained


@dataclass(frozen=True, slots=True)
class Arrived:
    """An event as it came. ``rows`` are what the rules of today make of it, by field.

    ``reason`` says why it was rejected, or would be today.
    """

    place: Place
    at: datetime
    source: str
    call: str
    name: str
    customer: str
    fate: Outcome
    rows: tuple[dict[str, Any], ...]
    reason: Phrase | None
    field: str
    value: str
    body: bytes

    @property
    def number(self) -> str:
        return _number(self.place)

    @property
    def kind(self) -> str:
        return str(self.rows[0]["kind"]) if self.rows else ""

    @property
    def touchpoint(self) -> str:
        return str(self.rows[0]["touchpoint"] or "") if self.rows else ""

    @property
    def pretty(self) -> str:
        return pretty(self.body)


@dataclass(frozen=True, slots=True)
class _One:
    place: Place
    request: Received
    body: bytes


def arrived(limit: int, before: Place | None = None, source: str = "") -> tuple[Arrived, ...]:
    """Return the newest events, the newest first: those before a place, of a source. InboxError."""
    found: list[_One] = []
    for one in _newest_first(before):
        if not source or one.request.source == source:
            found.append(one)
            if len(found) == limit:
                break
    return _with_fates(found)


def event(place: Place) -> Arrived | None:
    """Return one event; None where it is not kept (any more)."""
    for one in _newest_first((place[0], place[1], place[2] + 1)):
        return _with_fates([one])[0] if one.place == place else None
    return None


def read_place(text: str) -> Place | None:
    """Return the place that ``Arrived.number`` wrote; None for what is none."""
    numbers = text.split(".")
    if len(numbers) != 3 or not all(n.isascii() and n.isdigit() and len(n) < 16 for n in numbers):
        return None
    row, request, position = map(int, numbers)
    return row, request, position


def pretty(body: bytes) -> str:
    """Return an event as JSON that can be read; as it came, where it is none."""
    try:
        return msgspec.json.format(body, indent=2).decode()
    except UNREADABLE:
        return body.decode("utf-8", "replace")


def as_time(microseconds: int) -> datetime:
    """Return a time of the inbox."""
    return datetime.fromtimestamp(microseconds / 1e6, UTC)


def _number(place: Place) -> str:
    return ".".join(map(str, place))


def _newest_first(before: Place | None) -> Iterator[_One]:
    row = None if before is None else before[0] + 1
    read = 0
    while read < _MOST_READ:
        batch = inbox().recent(_READ_AT_ONCE, row)
        if not batch.received:
            return
        read += len(batch.received)
        for request, place in reversed(list(zip(batch.received, batch.places, strict=True))):
            if before is not None and place > before[:2]:
                continue
            bodies = _parts(request)
            for position in range(len(bodies) - 1, -1, -1):
                whole = (*place, position)
                if before is None or whole < before:
                    yield _One(whole, request, bodies[position])
        row = batch.places[0][0]


def _parts(request: Received) -> list[bytes]:
    """Return the events of a request; of one that was emptied (somebody was erased) none."""
    if not request.body:
        return []
    if ready_rows.is_rows(request.call):
        return ready_rows.parts(request.body)
    return parts(request.call, request.body)


def _with_fates(found: Sequence[_One]) -> tuple[Arrived, ...]:
    """Map events again, by the rules that hold now; what was rejected is known as it was."""
    from percorso.live.channels import channels
    from percorso.live.mapping import Mapper, load_rules
    from percorso.live.public import public_sources

    if not found:
        return ()
    workspace = company.workspace()
    mapper = Mapper(
        load_rules(workspace),
        workspace.settings,
        inbox().touchpoints(),
        channels(workspace),
        public_sources(workspace),
    )
    mapped = mapper.map(
        Batch(
            tuple(
                Received(
                    one.request.source,
                    "event" if one.request.call == "batch" else one.request.call,
                    one.request.received_at,
                    _numbered(one, number),
                )
                for number, one in enumerate(found)
            ),
            tuple((number, 0) for number in range(len(found))),
            len(found),
        )
    )
    rows: dict[int, list[dict[str, Any]]] = {}
    for each in mapped.table.select(["id", "customer", *_SHOWN]).to_pylist():
        tail = each.pop("id").rpartition(":")[2].partition("#")[0]
        if tail.isdecimal():  # links between a user and a device have ids of their own
            rows.setdefault(int(tail), []).append(each)
    today = {int(place.partition(".")[0]): each for place, each in mapped.rejected}
    unknown = {int(place.partition(".")[0]) for place in mapped.unknown}
    up_to = inbox().drained_up_to()
    was = inbox().rejected_at(_number(one.place) for one in found if one.place[0] <= up_to)
    made: list[Arrived] = []
    for number, one in enumerate(found):
        outcome = Outcome.WAITS
        if _number(one.place) in was:
            outcome = Outcome.REJECTED
        elif one.place[0] <= up_to:
            outcome = _today(number in rows or number in today, number in unknown)
        why = was.get(_number(one.place)) or today.get(number)
        made.append(_arrived(one, rows.get(number, []), why, outcome))
    return tuple(made)


def _today(wanted: bool, unknown: bool) -> Outcome:  # noqa: FBT001 - what the rules of today say
    if not wanted:
        return Outcome.UNWANTED
    return Outcome.UNMAPPED if unknown else Outcome.KEPT


def _arrived(
    one: _One, rows: list[dict[str, Any]], rejected: Rejected | None, outcome: Outcome
) -> Arrived:
    said = _row(one) or _said(one.body)
    sent_as = one.request.call.partition("@")[0]
    call = sent_as if sent_as in (*CALLS, ready_rows.CALL) else said.get("type")
    customer = said.get("userId") or said.get("anonymousId") or ""
    return Arrived(
        place=one.place,
        at=as_time(one.request.received_at),
        source=one.request.source,
        call=str(call or ""),
        name=str(said.get("event") or said.get("name") or _path(said) or ""),
        customer=str(rows[0]["customer"] if rows else customer),
        fate=outcome,
        rows=tuple(rows),
        reason=rejected.reason if rejected else None,
        field=rejected.field if rejected else "",
        value=rejected.value if rejected else "",
        body=one.body,
    )


def _said(body: bytes) -> dict[str, Any]:
    try:
        said = msgspec.json.decode(body)
    except UNREADABLE:
        return {}
    return said if isinstance(said, dict) else {}


def _row(one: _One) -> dict[str, Any]:
    """Return the row that a request of ready rows holds at a place; nothing of any other."""
    if not ready_rows.is_rows(one.request.call):
        return {}
    rows = _said(one.body).get("rows")
    return rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], dict) else {}


def _path(said: dict[str, Any]) -> str:
    context = said.get("context")
    page = context.get("page") if isinstance(context, dict) else None
    path = page.get("path") if isinstance(page, dict) else None
    return path if isinstance(path, str) else ""


def _numbered(one: _One, number: int) -> bytes:
    """Return an event under an id by which its rows are found again."""
    said = _said(one.body)
    if not said:
        return one.body
    if ready_rows.is_rows(one.request.call):
        rows = [{**each, "id": f"{one.request.source}:{number}"} for each in said.get("rows", ())]
        return msgspec.json.encode({"rows": rows})
    return msgspec.json.encode({**said, "messageId": str(number)})
