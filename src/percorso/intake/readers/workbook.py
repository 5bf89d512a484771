"""Excel and OpenDocument workbooks; each sheet with rows in it is a table."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from percorso.i18n import gettext as _
from percorso.intake.model import IntakeError
from percorso.intake.readers import BATCH_ROWS, text_schema
from percorso.intake.readers.dialect import name_columns

#: Titles and notes above a table take no more rows than this.
_ROWS_ABOVE: Final = 20


def sheets(path: Path, name: str) -> list[str]:
    """Return the names of the sheets. Raises IntakeError for what is no workbook."""
    return list(_open(path, name).sheet_names)


def read(
    path: Path, name: str, sheet: str, *, limit: int | None = None
) -> tuple[tuple[str, ...], tuple[str, ...], Iterator[pa.Table]]:
    """Return the columns' names, notes, and the rows in batches."""
    rows = _open(path, name).get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    start = _header(rows)
    if start is None:
        return (), (), iter(())
    names, has_header, notes = name_columns([_text(cell) or "" for cell in rows[start]])
    first = start + 1 if has_header else start
    return names, notes, _batches(rows, first, names, limit)


def _batches(
    rows: list[list[Any]], first: int, names: tuple[str, ...], limit: int | None
) -> Iterator[pa.Table]:
    last = len(rows) if limit is None else min(len(rows), first + limit)
    schema = text_schema(names)
    for begin in range(first, last, BATCH_ROWS):
        end = min(begin + BATCH_ROWS, last)
        filled = [n for n in range(begin, end) if any(cell != "" for cell in rows[n])]
        columns = [
            pa.array([_text(rows[n][index]) for n in filled], pa.string())
            for index in range(len(names))
        ]
        yield pa.table([pa.array([n + 1 for n in filled], pa.int64()), *columns], schema=schema)


def _open(path: Path, name: str) -> Any:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        return CalamineWorkbook.from_path(str(path))
    except (CalamineError, OSError, ValueError) as error:
        raise IntakeError(
            _("{name} cannot be read as a workbook ({error}).").format(name=name, error=error)
        ) from error


def _header(rows: list[list[Any]]) -> int | None:
    """Return the index of the first row about as full as the fullest near the top."""
    widths = [sum(cell != "" for cell in row) for row in rows[:_ROWS_ABOVE]]
    if not any(widths):
        return None
    return next(index for index, width in enumerate(widths) if width * 2 > max(widths))


def _text(cell: Any) -> str | None:
    """Write a cell as text that reads back the same, without Excel's 12.0 for 12."""
    if cell == "" or cell is None:
        return None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime | date | time):
        return cell.isoformat(sep=" ") if isinstance(cell, datetime) else cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell.total_seconds())
    return str(cell).strip() or None
