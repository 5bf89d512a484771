"""Excel and OpenDocument workbooks; each sheet with rows in it is a table."""

import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final, cast

import msgspec
import pyarrow as pa

from percorso.i18n import gettext as _
from percorso.intake.model import IntakeError
from percorso.intake.readers import rows_a_batch, text_schema
from percorso.intake.readers.dialect import name_columns

#: What the process that opens a workbook may have: enough for a full sheet of ten columns.
MEMORY: Final = 1024**3
#: Titles and notes above a table take no more rows than this.
_ROWS_ABOVE: Final = 20
_PROCESS: Final = Path(__file__).with_name("workbook_process.py")

_Row = list[str | None]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet with rows in it: its columns' names, notes, and the rows in batches.

    ``alone`` says that the workbook has no other sheet. The batches must be taken before the next
    sheet is.
    """

    name: str
    alone: bool
    names: tuple[str, ...]
    notes: tuple[str, ...]
    batches: Iterator[pa.Table]


def read(path: Path, name: str, *, limit: int | None = None) -> Iterator[Sheet]:
    """Yield the sheets that hold rows; ``limit`` stops each after so many.

    Raises IntakeError for what is no workbook, and for one that is too large to be held.
    """
    with closing(_messages(path, name, limit)) as messages:
        sheets = next(messages)["sheets"]
        for _sheet in sheets:
            about = next(messages)
            rows = _rows(messages)
            above = list(islice(rows, _ROWS_ABOVE))
            start = _header(above)
            if start is not None:
                cells = above[start] + [None] * (about["width"] - len(above[start]))
                names, has_header, notes = name_columns([cell or "" for cell in cells])
                first = start + 1 if has_header else start
                given = _chained(above[first:], rows)
                batches = _batches(given, first, names, limit)
                yield Sheet(about["sheet"], len(sheets) == 1, names, notes, batches)
            for _row in rows:
                pass


def _rows(messages: Iterator[Any]) -> Iterator[_Row]:
    """Yield the rows up to the end of their sheet."""
    for message in messages:
        if isinstance(message, dict):
            return
        yield message


def _chained(above: list[_Row], rows: Iterator[_Row]) -> Iterator[_Row]:
    yield from above
    yield from rows


def _batches(
    rows: Iterator[_Row], first: int, names: tuple[str, ...], limit: int | None
) -> Iterator[pa.Table]:
    filled: list[_Row] = []
    numbers: list[int] = []
    most = rows_a_batch(len(names))
    for number, row in enumerate(islice(rows, limit), first + 1):
        if row:
            filled.append(row + [None] * (len(names) - len(row)))
            numbers.append(number)
        if len(filled) == most:
            yield _table(filled, numbers, names)
            filled, numbers = [], []
    if filled:
        yield _table(filled, numbers, names)


def _table(rows: list[_Row], numbers: list[int], names: tuple[str, ...]) -> pa.Table:
    columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
    return pa.table([pa.array(numbers, pa.int64()), *columns], schema=text_schema(names))


def _messages(path: Path, name: str, limit: int | None) -> Generator[Any]:
    """Yield what the process that opens the workbook says, line by line."""
    most = limit + _ROWS_ABOVE + 1 if limit else 0
    command = [sys.executable, "-P", str(_PROCESS), str(path), str(MEMORY), str(most)]
    with (
        tempfile.TemporaryFile() as complaints,
        subprocess.Popen(  # noqa: S603 - the command is our own, the path one argument
            command, stdout=subprocess.PIPE, stderr=complaints
        ) as process,
    ):
        try:
            decode = msgspec.json.Decoder().decode
            for line in cast("IO[bytes]", process.stdout):
                message = decode(line)
                if isinstance(message, dict) and "error" in message:
                    raise IntakeError(_unreadable(name, message["error"]))
                yield message
            if process.wait() != 0:
                raise IntakeError(_why(path, name, complaints))
        finally:
            process.kill()


def _why(path: Path, name: str, complaints: IO[bytes]) -> str:
    """Say why the process ended before the workbook did."""
    complaints.seek(0)
    said = complaints.read().decode("utf-8", "replace")
    if "memory allocation" in said or "MemoryError" in said or "overflow" in said:
        return _(
            "{name} ({size:.1f} MB) is too large to be read as a workbook: opened, it takes more "
            "than {most} MB of memory. Save each sheet as CSV and import that."
        ).format(name=name, size=path.stat().st_size / 1e6, most=MEMORY // 1024**2)
    return _unreadable(name, (said.strip().splitlines() or ["?"])[-1][:200])


def _unreadable(name: str, error: object) -> str:
    return _("{name} cannot be read as a workbook ({error}).").format(name=name, error=error)


def _header(rows: list[_Row]) -> int | None:
    """Return the index of the first row about as full as the fullest near the top."""
    widths = [sum(cell is not None for cell in row) for row in rows]
    if not any(widths):
        return None
    return next(index for index, width in enumerate(widths) if width * 2 > max(widths))
