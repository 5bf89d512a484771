"""Opens a workbook in a process of its own, which may have only so much memory.

A workbook is held whole to be read, and one cell far out makes a sheet as large as one full of
cells. Rust, which reads it, ends the process where memory does: so this one, and not the one that
serves the pages. Run by its path, as ``workbook_process.py FILE MEMORY ROWS``; imports nothing of
Percorso. Writes a line of JSON for the sheets' names, each sheet, each of its rows, and its end.
"""

import contextlib
import resource
import sys
from datetime import date, datetime, time, timedelta
from typing import Any

import msgspec
from python_calamine import CalamineError, CalamineWorkbook


def main(path: str, memory: int, most: int) -> None:
    """Write what is in the workbook, ``most`` rows of each sheet (all where 0)."""
    with contextlib.suppress(ValueError, OSError):  # not every system has such a limit
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    write = sys.stdout.buffer.write
    encode = msgspec.json.Encoder().encode

    def say(what: object) -> None:
        write(encode(what) + b"\n")

    try:
        workbook = CalamineWorkbook.from_path(path)
        say({"sheets": workbook.sheet_names})
        for name in workbook.sheet_names:
            sheet = workbook.get_sheet_by_name(name)
            before = [None] * (sheet.start[1] if sheet.start else 0)
            say({"sheet": name, "width": len(before) + sheet.width})
            for number, row in enumerate(sheet.iter_rows(), 1):
                say(_trimmed([*before, *map(_text, row)]))
                if number == most:
                    break
            say({"end": name})
    except (CalamineError, OSError, ValueError) as error:
        say({"error": str(error)})


def _trimmed(cells: list[str | None]) -> list[str | None]:
    while cells and cells[-1] is None:
        cells.pop()
    return cells


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


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
