"""How a text table is written: its encoding, its delimiter, where its header is."""

import codecs
import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from percorso.i18n import gettext as _
from percorso.intake.model import Finding, IntakeError
from percorso.intake.readers import RESERVED

#: How much of the beginning is looked at.
HEAD: Final = 1024 * 1024
#: The name of the way bytes are decoded that the encoding does not have.
KEEP_BYTES: Final = "percorso-keep-bytes"
_DELIMITERS: Final = (",", ";", "\t", "|")
#: Columns set apart by spaces, however many: only where no other delimiter is found.
SPACES: Final = " "
#: Fewer cells than this in every row may as well be words.
_LEAST_SPACED: Final = 3
#: Text has spaces too: of a table nearly all rows have as many cells.
_AGREEING: Final = 0.95
_SAMPLE_ROWS: Final = 200
_NUMBER: Final = re.compile(r"[-+]?[\d.,]*\d[\d.,]*%?")
_VALUE: Final = re.compile(
    r"=.*|https?://.*|[^@\s]+@[^@\s]+\.\w+"
    r"|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ].*)?|\d{1,2}:\d{2}(:\d{2})?"
)

_BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a text table is written.

    ``skip`` counts the lines before the first row of data, ``above`` the rows, which are fewer
    where a cell of them holds a line break. ``names`` are the columns, each different. ``findings``
    say all this to a person, ``notes`` what is worth knowing. ``old_mac``: lines end with a
    carriage return alone.
    """

    encoding: str
    delimiter: str
    skip: int
    above: int
    names: tuple[str, ...]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()
    old_mac: bool = False


def detect(path: Path, name: str) -> Dialect:
    """Find out how the file is written, from its beginning. Raises IntakeError if it has none."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    encoding, shown = detect_encoding(head)
    text = codecs.getincrementaldecoder(encoding)(KEEP_BYTES).decode(head)
    old_mac = "\r" in text and "\n" not in text
    lines = io.StringIO(text, newline=None if old_mac else "\n").readlines()
    if len(head) == HEAD and lines and not lines[-1].endswith("\n"):
        lines.pop()  # cut in the middle
        if not lines:
            raise IntakeError(
                _("The first line of {name} is longer than {most} bytes: no header is.").format(
                    name=name, most=HEAD
                )
            )
    declared, lines_before = _declared_delimiter(lines)
    rows_by = {
        delimiter: _rows(lines[lines_before:], delimiter)
        for delimiter in ([declared] if declared else _DELIMITERS)
    }
    delimiter = max(rows_by, key=lambda each: _score(rows_by[each]))
    rows = rows_by[delimiter]
    if declared is None and _score(rows)[0] == 0 and (spaced := _spaced(lines)):
        delimiter, rows = SPACES, spaced
    if not rows:
        raise IntakeError(_("{name} holds no rows.").format(name=name))
    start = _first_of_table(rows)
    names, has_header, notes = name_columns([cell.strip() for cell in rows[start][1]])
    if not has_header:
        notes = (*notes, _("The first row looks like data, so the columns are numbered."))
    skip = lines_before + rows[start][0] - (0 if has_header else rows[start][2])
    taken = rows[: start + 1] if has_header else rows[:start]
    above = skip - sum(lines_of_row - 1 for _line, _cells, lines_of_row in taken)
    findings = (
        Finding(_("Encoding"), shown),
        Finding(_("Delimiter"), _delimiter_name(delimiter)),
        Finding(
            _("Header"),
            _("row {number}").format(number=above) if has_header else _("none"),
        ),
    )
    return Dialect(encoding, delimiter, skip, above, names, findings, notes, old_mac)


def detect_encoding(head: bytes) -> tuple[str, str]:
    """Return the codec of these first bytes and its name for people."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return encoding, "UTF-8" if encoding == "utf-8-sig" else encoding.upper()
    zeros = head[:4096].count(0)
    if zeros > len(head[:4096]) // 4:
        even = head[0:4096:2].count(0) > zeros // 2
        return ("utf-16-be", "UTF-16") if even else ("utf-16-le", "UTF-16")
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "cp1252", "Windows-1252 (Latin 1)"
    return "utf-8", "UTF-8"


def splitting(delimiter: str) -> dict[str, Any]:
    """Return the options of ``csv.reader``; several spaces in a row are one delimiter."""
    return {"delimiter": delimiter, "skipinitialspace": delimiter == SPACES}


def name_columns(cells: list[str]) -> tuple[tuple[str, ...], bool, tuple[str, ...]]:
    """Return distinct names for the columns, whether ``cells`` is a header, and notes."""
    filled = [cell for cell in cells if cell]
    if not _is_header(filled):
        return tuple(f"column_{number}" for number in range(1, len(cells) + 1)), False, ()
    seen: Counter[str] = Counter(RESERVED)
    names: list[str] = []
    repeated: list[str] = []
    for number, cell in enumerate(cells, 1):
        wanted = cell.replace("\0", "") or f"column_{number}"
        name = wanted
        while name.casefold() in seen:
            seen[wanted.casefold()] += 1
            name = f"{wanted}_{seen[wanted.casefold()]}"
        if name != wanted:
            repeated.append(_("{name} (kept as {new})").format(name=wanted, new=name))
        seen[name.casefold()] += 1
        names.append(name)
    notes = (
        (_("A column name is repeated: {names}.").format(names=", ".join(repeated)),)
        if repeated
        else ()
    )
    return tuple(names), True, notes


def _delimiter_name(delimiter: str) -> str:
    names = {",": _("comma"), ";": _("semicolon"), "\t": _("tab"), "|": _("bar")}
    names[SPACES] = _("spaces")
    return names.get(delimiter, delimiter)


def _is_header(cells: list[str]) -> bool:
    """Dates and addresses are values, not names of columns; so are numbers, where many."""
    if not cells or any(_VALUE.fullmatch(cell) for cell in cells):
        return False
    return sum(bool(_NUMBER.fullmatch(cell)) for cell in cells) * 3 < len(cells)


def _declared_delimiter(lines: list[str]) -> tuple[str | None, int]:
    """Excel writes ``sep=;`` as a first line; heed it."""
    first = lines[0].strip() if lines else ""
    if first.lower().startswith("sep=") and len(first) == 5:
        return first[4], 1
    return None, 0


def _rows(lines: list[str], delimiter: str) -> list[tuple[int, list[str], int]]:
    """Return (line after the row, cells, lines of the row) of the first rows that hold cells."""
    reader = csv.reader(lines, **splitting(delimiter))
    rows: list[tuple[int, list[str], int]] = []
    before = 0
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((reader.line_num, cells, reader.line_num - before))
            before = reader.line_num
            if len(rows) >= _SAMPLE_ROWS:
                break
    except csv.Error:
        pass  # an overlong cell: what came before it is enough to go by
    return rows


def _spaced(lines: list[str]) -> list[tuple[int, list[str], int]]:
    """Return the first rows of a table whose columns spaces set apart; none where it is not one."""
    rows = [
        (line, cells if cells[-1] else cells[:-1], count)
        for line, cells, count in _rows(lines, SPACES)
    ]
    agreeing, width = _score(rows)
    return rows if len(rows) > 1 and agreeing >= _AGREEING and width >= _LEAST_SPACED else []


def _score(rows: list[tuple[int, list[str], int]]) -> tuple[float, int]:
    """Rate a delimiter: the rows should agree on a number of cells, and have more than one."""
    if not rows:
        return (0.0, 0)
    widths = Counter(len(cells) for _line, cells, _lines in rows)
    width, count = max(widths.items(), key=lambda item: (item[0] > 1, item[1], item[0]))
    return (count / len(rows) if width > 1 else 0.0, width)


def _first_of_table(rows: list[tuple[int, list[str], int]]) -> int:
    """Return the index of the header: titles above a table have fewer cells than its rows."""
    widths = Counter(len(cells) for _line, cells, _lines in rows)
    width = max(widths.items(), key=lambda item: (item[1], item[0]))[0]
    for index, (_line, cells, _lines) in enumerate(rows[:20]):
        if len(cells) >= width and sum(bool(cell.strip()) for cell in cells) > width // 2:
            return index
    return 0


def _keep_byte(error: UnicodeError) -> tuple[str, int]:
    """Read a byte that the encoding does not have as Latin 1, so that no row is lost for it."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    byte = error.object[error.start : error.start + 1]
    return byte.decode("cp1252", "ignore") or byte.decode("latin-1"), error.start + 1


codecs.register_error(KEEP_BYTES, _keep_byte)
