"""XES event logs (IEEE 1849), read event by event."""

from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final, NoReturn
from xml.parsers import expat

import msgspec
import pyarrow as pa
from defusedxml import DTDForbidden

from percorso.i18n import gettext as _
from percorso.intake.model import IntakeError
from percorso.intake.readers import BATCH_BYTES, BATCH_ROWS, OnBytes, text_schema

#: The columns of an event log as a table. ``attributes`` and ``case_attributes`` are JSON.
NAMES: Final = (
    "case:concept:name",
    "concept:name",
    "time:timestamp",
    "lifecycle:transition",
    "org:resource",
    "attributes",
    "case_attributes",
)
_CHUNK: Final = 256 * 1024
_MAX_TAG: Final = 4 * 1024 * 1024
_OWN: Final = frozenset(NAMES[1:5])

_Event = tuple[str | None, ...]


def read(
    path: Path, name: str, *, on_bytes: OnBytes | None = None, limit: int | None = None
) -> Iterator[pa.Table]:
    """Yield the events in batches, in the order of the file. ``_row`` counts events from 1.

    Entities are refused: an event log has no use for them and they can be made to fill memory.
    """
    rows: list[_Event] = []
    count = held = 0
    with path.open("rb") as file:
        for event in _events(file, name):
            rows.append(event)
            count += 1
            held += sum(len(cell) for cell in event if cell)
            if len(rows) >= BATCH_ROWS or held >= BATCH_BYTES:
                yield _table(rows, count)
                rows, held = [], 0
                if on_bytes:
                    on_bytes(file.tell())
            if limit is not None and count >= limit:
                break
    if rows:
        yield _table(rows, count)


def _events(file: IO[bytes], name: str) -> Iterator[_Event]:
    """Walk the XML with expat itself: a tree, or SAX, takes three times as long."""
    gathering = _Gathering()
    parser = expat.ParserCreate()
    parser.StartElementHandler = gathering.start
    parser.EndElementHandler = gathering.end
    # As defusedxml does: with a document type come entities, made to fill memory or to fetch.
    parser.StartDoctypeDeclHandler = _refuse
    try:
        while chunk := file.read(_CHUNK):
            parser.Parse(chunk, False)
            # A tag without end is held in memory until it ends.
            if file.tell() - parser.CurrentByteIndex > _MAX_TAG:
                raise IntakeError(
                    _("{name} has a tag of more than {most} bytes. It was not read.").format(
                        name=name, most=_MAX_TAG
                    )
                )
            yield from gathering.take()
        parser.Parse(b"", True)
        yield from gathering.take()
    except DTDForbidden as error:
        raise IntakeError(
            _(
                "{name} has a document type (DTD), which an event log does not need and which can "
                "be made to do harm. It was not read."
            ).format(name=name)
        ) from error
    except expat.ExpatError as error:
        raise IntakeError(
            _("{name} is not well-formed XML: {error}.").format(name=name, error=error)
        ) from error


def _refuse(*declared: object) -> NoReturn:
    raise DTDForbidden(*declared[:3])


class _Gathering:
    """Gathers events as their elements end.

    Only attributes directly under a trace or an event count: those nested deeper describe other
    attributes.
    """

    def __init__(self) -> None:
        self._path: list[str] = []
        self._case: dict[str, str] = {}
        self._event: dict[str, str] = {}
        self._ready: list[_Event] = []

    def take(self) -> list[_Event]:
        ready, self._ready = self._ready, []
        return ready

    def start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        parent = self._path[-1] if self._path else ""
        self._path.append(tag)
        if tag == "event":
            self._event = {}
        elif tag == "trace":
            self._case = {}
        elif parent == "event" and "key" in attributes:
            self._event[attributes["key"]] = attributes.get("value", "")
        elif parent == "trace" and "key" in attributes:
            self._case[attributes["key"]] = attributes.get("value", "")

    def end(self, _name: str) -> None:
        if self._path.pop() == "event":
            self._ready.append(_event(self._event, self._case))


def _event(given: dict[str, str], case: dict[str, str]) -> _Event:
    rest = {key: value for key, value in given.items() if key not in _OWN}
    of_case = {f"case:{key}": value for key, value in case.items() if key != "concept:name"}
    return (
        case.get("concept:name"),
        *(given.get(key) for key in NAMES[1:5]),
        msgspec.json.encode(rest).decode() if rest else None,
        msgspec.json.encode(of_case).decode() if of_case else None,
    )


def _table(rows: list[_Event], last: int) -> pa.Table:
    columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
    schema = text_schema(NAMES)
    numbers = pa.array(range(last - len(rows) + 1, last + 1), pa.int64())
    return pa.table([numbers, *columns], schema=schema)
