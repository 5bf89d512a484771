"""XES event logs (IEEE 1849), read event by event."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
import pyarrow as pa

from percorso.i18n import gettext as _
from percorso.intake.model import IntakeError
from percorso.intake.readers import BATCH_ROWS, OnBytes, text_schema

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
_OWN: Final = frozenset(NAMES[1:5])


def read(
    path: Path, name: str, *, on_bytes: OnBytes | None = None, limit: int | None = None
) -> Iterator[pa.Table]:
    """Yield the events in batches, in the order of the file. ``_row`` counts events from 1.

    Entities are refused: an event log has no use for them and they can be made to fill memory.
    """
    rows: list[tuple[str | None, ...]] = []
    count = 0
    with path.open("rb") as file:
        for event in _events(file, name):
            rows.append(event)
            count += 1
            if len(rows) >= BATCH_ROWS:
                yield _table(rows, count)
                rows = []
                if on_bytes:
                    on_bytes(file.tell())
            if limit is not None and count >= limit:
                break
    if rows:
        yield _table(rows, count)


def _events(file: Any, name: str) -> Iterator[tuple[str | None, ...]]:
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    try:
        yield from _walk(iterparse(file, events=("start", "end"), forbid_dtd=False))
    except DefusedXmlException as error:
        raise IntakeError(
            _(
                "{name} declares XML entities, which an event log does not need. It was not read."
            ).format(name=name)
        ) from error
    except ParseError as error:
        raise IntakeError(
            _("{name} is not well-formed XML: {error}.").format(name=name, error=error)
        ) from error


def _walk(parsed: Iterator[tuple[str, Any]]) -> Iterator[tuple[str | None, ...]]:
    path: list[Any] = []
    case: str | None = None
    case_attributes: dict[str, str] = {}
    for what, element in parsed:
        tag = element.tag.rpartition("}")[2]
        if what == "start":
            if tag == "trace":
                case, case_attributes = None, {}
            path.append(element)
            continue
        path.pop()
        parent = path[-1].tag.rpartition("}")[2] if path else ""
        if tag == "event":
            yield _event(element, case, case_attributes)
        elif parent == "trace" and tag != "event" and "key" in element.attrib:
            key, value = element.attrib["key"], element.attrib.get("value", "")
            if key == "concept:name":
                case = value
            else:
                case_attributes[f"case:{key}"] = value
        if tag in ("event", "trace") or parent in ("log", "trace"):
            element.clear()
            if path:
                path[-1].remove(element)


def _event(
    element: Any, case: str | None, case_attributes: dict[str, str]
) -> tuple[str | None, ...]:
    given = {
        child.attrib["key"]: child.attrib.get("value", "")
        for child in element
        if "key" in child.attrib
    }
    rest = {key: value for key, value in given.items() if key not in _OWN}
    return (
        case,
        *(given.get(key) for key in NAMES[1:5]),
        msgspec.json.encode(rest).decode() if rest else None,
        msgspec.json.encode(case_attributes).decode() if case_attributes else None,
    )


def _table(rows: list[tuple[str | None, ...]], last: int) -> pa.Table:
    columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
    schema = text_schema(NAMES)
    numbers = pa.array(range(last - len(rows) + 1, last + 1), pa.int64())
    return pa.table([numbers, *columns], schema=schema)
