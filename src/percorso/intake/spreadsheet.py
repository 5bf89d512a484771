"""Exports that are safe to open in a spreadsheet."""

import csv
from collections.abc import Iterable, Sequence
from typing import Any, Final, TextIO

#: A cell that begins with one of these is run as a formula by Excel, LibreOffice or Sheets
#: (OWASP, CSV injection). Full-width forms are taken for the plain ones by some of them.
_STARTS_FORMULA: Final = tuple("=+-@\t\r\n\0＝＋－＠")  # noqa: RUF001 - the look-alikes are meant


def safe_cell(value: Any) -> str:
    """Return ``value`` as text that a spreadsheet shows and never runs.

    Text that could begin a formula gets an apostrophe before it; a number stays one, so that
    ``-3.5`` can still be summed. ``None`` is the empty cell.
    """
    if value is None:
        return ""
    text = str(value)
    if isinstance(value, int | float):
        return text
    if text.lstrip(" ").startswith(_STARTS_FORMULA) and not _is_number(text):
        return "'" + text
    return text


def write_csv(file: TextIO, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a table for a spreadsheet: every cell through ``safe_cell``, RFC 4180 quoting.

    Open ``file`` with ``newline=""``; ``encoding="utf-8-sig"`` lets Excel see the accents.
    """
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow([safe_cell(each) for each in header])
    writer.writerows([safe_cell(each) for each in row] for row in rows)


def _is_number(text: str) -> bool:
    digits = text.strip()[1:]
    return (
        text.strip()[:1] in "+-"
        and digits.replace(".", "", 1).isascii()
        and (digits.replace(".", "", 1).isdigit())
    )
