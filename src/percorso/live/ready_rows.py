"""Rows of the log that are made here, such as answers to surveys: they enter it as they are.

In the inbox they are a request whose call is ``rows`` and whose body is ``{"rows": [...]}``: of
each row its fields by name, times as in RFC 3339, ``properties`` an object. Nothing that comes from
outside can be one.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from percorso.live.received import Received
from percorso.live.segment import UNREADABLE, UnfitError
from percorso.vocabulary import FIELDS, N_, Field, Interaction, Phrase
from percorso.vocabulary.interaction import MAX_TEXT

CALL: Final = "rows"
#: A row as the mapping makes them: a value for each of FIELDS, times in microseconds.
Row = list[Any]

_UNREAD: Final = Phrase(N_("could not be read"))
_TOO_LONG: Final = Phrase(N_("must be at most {most} characters"), {"most": MAX_TEXT})
_TYPES: Final[dict[str, Any]] = {"text": str, "time": datetime, "number": float}
_encode: Final = msgspec.json.Encoder().encode


def _column(field: Field) -> tuple[str, Any] | tuple[str, Any, Any]:
    """Return a field as a row has it: what need not be given may be missing."""
    if field.type == "json":
        return (field.name, dict[str, Any], msgspec.field(default_factory=dict))
    type_ = _TYPES[field.type]
    return (field.name, type_) if field.required else (field.name, type_ | None, None)


_Row: Final[Any] = msgspec.defstruct(
    "_Row",
    [_column(each) for each in FIELDS],
    forbid_unknown_fields=True,
    omit_defaults=True,
    kw_only=True,
)


class _Raws(msgspec.Struct):
    rows: list[msgspec.Raw]


_row: Final = msgspec.json.Decoder(_Row).decode
_raws: Final = msgspec.json.Decoder(_Raws).decode


def request(source: str, rows: Sequence[Interaction], received_at: int) -> Received:
    """Return the request that puts rows into the inbox; ``received_at`` in microseconds."""
    return Received(source, CALL, received_at, pack(rows), len(rows))


def pack(rows: Sequence[Interaction]) -> bytes:
    """Return rows as a body."""
    return _encode({"rows": [_as_row(each) for each in rows]})


def unpack(body: bytes) -> tuple[Interaction, ...]:
    """Return the rows of a body that ``pack`` made. Raises ValueError where it is none."""
    try:
        found = [_row(each) for each in _raws(body).rows]
    except UNREADABLE as error:
        raise ValueError("no rows") from error
    return tuple(Interaction(**msgspec.structs.asdict(each)) for each in found)


def is_rows(call: str) -> bool:
    """Say whether a request holds rows."""
    return call == CALL


def parts(body: bytes) -> list[bytes]:
    """Return each row of a body as a body of its own; what cannot be read as it came."""
    try:
        return [b'{"rows":[' + bytes(each) + b"]}" for each in _raws(body).rows]
    except UNREADABLE:
        return [body]


def read(body: bytes) -> list[Row | UnfitError]:
    """Return the rows of a body, each read or with what is wrong. Never raises for what it holds.

    What else a row has to keep to is checked with the log's rules afterwards.
    """
    if not body:
        return []
    try:
        raws = _raws(body).rows
    except UNREADABLE:
        return [UnfitError(_UNREAD)]
    return [_read(bytes(each)) for each in raws]


def _read(raw: bytes) -> Row | UnfitError:
    try:
        row = _row(raw)
    except UNREADABLE:
        return UnfitError(_UNREAD)
    properties = _encode(row.properties) if row.properties else None
    if properties is not None and len(properties) > MAX_TEXT:
        return UnfitError(_TOO_LONG, "properties")
    return [properties if each.name == "properties" else _value(row, each) for each in FIELDS]


def _value(row: Any, field: Field) -> Any:
    value = getattr(row, field.name)
    return _microseconds(value) if field.type == "time" and value is not None else value


def _microseconds(moment: datetime) -> int:
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    # Exact: microseconds of these centuries are whole numbers that a float holds.
    return round(aware.timestamp() * 1e6)


def _as_row(row: Interaction) -> Any:
    return _Row(
        **{each.name: getattr(row, each.name) for each in FIELDS if each.name != "properties"},
        properties=dict(row.properties),
    )
