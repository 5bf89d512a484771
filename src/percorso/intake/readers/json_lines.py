"""JSON, one object a line or in one array; each name is a column, nested values stay JSON."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
import pyarrow as pa

from percorso.i18n import gettext as _
from percorso.intake.model import IntakeError
from percorso.intake.readers import (
    BATCH_BYTES,
    BATCH_ROWS,
    OnBytes,
    OnReject,
    Reject,
    distinct,
    json_array,
    text_schema,
    too_long,
)
from percorso.vocabulary import N_, Phrase

MAX_LINE: Final = 2 * 1024 * 1024
MAX_NAMES: Final = 1_000
_SHOWN: Final = 200
#: The number of a line (of an item, in an array), its object, how far the file is read, its length.
_Found = tuple[int, dict[str, Any], int, int]
_NO_OBJECT: Final = Phrase(N_("is not an object with names and values"))


def read(
    path: Path,
    name: str,
    *,
    on_reject: OnReject,
    on_bytes: OnBytes | None = None,
    limit: int | None = None,
) -> Iterator[pa.Table]:
    """Yield the objects in batches. Later batches may have columns that earlier ones have not."""
    rows: list[tuple[int, dict[str, Any]]] = []
    seen: set[str] = set()
    held = 0
    found = _objects(path, name, on_reject)
    for number, (line_number, value, position, length) in enumerate(found, 1):
        seen.update(value)
        if len(seen) > MAX_NAMES:
            raise IntakeError(
                _(
                    "{name} uses more than {most} different names at line {line}: the names look "
                    "like values. A line should look like {example}."
                ).format(name=name, most=MAX_NAMES, line=line_number, example='{"at": "...", ...}')
            )
        rows.append((line_number, value))
        held += length
        if len(rows) >= BATCH_ROWS or held >= BATCH_BYTES:
            yield _table(rows)
            rows, held = [], 0
            if on_bytes:
                on_bytes(position)
        if limit is not None and number >= limit:
            break
    if rows:
        yield _table(rows)


def _objects(path: Path, name: str, on_reject: OnReject) -> Iterator[_Found]:
    with path.open("rb", buffering=1024 * 1024) as file:
        head = file.read(4096).lstrip(b"\xef\xbb\xbf \t\r\n")
        file.seek(0)
        if head.startswith(b"["):
            yield from _array(path, name, on_reject)
            return
        number = 0
        while line := file.readline(MAX_LINE + 1):
            number += 1
            if len(line) > MAX_LINE:
                length = len(line)
                beginning = line[:_SHOWN].decode("utf-8", "replace")
                while line and not line.endswith(b"\n"):
                    line = file.readline(MAX_LINE)
                    length += len(line)
                on_reject(
                    Reject(number, "", too_long(length, MAX_LINE), beginning, {"line": beginning})
                )
                continue
            text = line.lstrip(b"\xef\xbb\xbf").strip()
            if not text:
                continue
            value = _object(number, text, on_reject)
            if value is not None:
                yield number, value, file.tell(), len(text)


def _array(path: Path, name: str, on_reject: OnReject) -> Iterator[_Found]:
    with path.open("rb") as file:
        for number, text in enumerate(json_array.items(file, name), 1):
            value = _object(number, text.encode("utf-8", "replace"), on_reject)
            if value is not None:
                yield number, value, file.tell(), len(text)


def _object(number: int, text: bytes, on_reject: OnReject) -> dict[str, Any] | None:
    """Return the object that a text holds; what is none is rejected."""
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        _refuse(number, Phrase(N_("is not JSON: {error}"), {"error": str(error)}), text, on_reject)
        return None
    if not isinstance(value, dict):
        _refuse(number, _NO_OBJECT, text, on_reject)
        return None
    return value


def _refuse(number: int, rule: Phrase, text: bytes, on_reject: OnReject) -> None:
    line = text.decode("utf-8", "replace")
    on_reject(Reject(number, "", rule, line[:_SHOWN], {"line": line}))


def _table(rows: list[tuple[int, dict[str, Any]]]) -> pa.Table:
    names = list(dict.fromkeys(name for _number, row in rows for name in row))
    columns = [
        pa.array([_text(row.get(name)) for _number, row in rows], pa.string()) for name in names
    ]
    numbers = pa.array([number for number, _row in rows], pa.int64())
    return pa.table([numbers, *columns], schema=text_schema(distinct(names)))


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    return msgspec.json.encode(value).decode()
