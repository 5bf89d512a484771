"""CSV and TSV, row by row, for files that are not quite in order.

A file in good order is read by DuckDB, many times as fast (``staging``); the two give the same
rows. This one takes what that one refuses: other encodings, rows too short or too long, quotation
marks that do not match, lines without end.
"""

import codecs
import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Protocol

import pyarrow as pa

from percorso.intake.readers import (
    BATCH_BYTES,
    OnBytes,
    OnReject,
    Reject,
    rows_a_batch,
    text_schema,
    too_long,
)
from percorso.intake.readers.dialect import KEEP_BYTES, Dialect, splitting
from percorso.vocabulary import N_, Phrase

#: Longer than this, a line or a row is no row of a table (a text field holds 100,000 characters).
MAX_LINE: Final = 2 * 1024 * 1024
#: A quotation mark that is not closed within so many lines was not meant to be opened.
MAX_ROW_LINES: Final = 2_000
_SHOWN: Final = 200


def in_order(path: Path) -> bool:
    """Say whether the file holds neither NUL characters nor blank lines (which shift row numbers).

    One pass over the bytes, at the speed of the disk.
    """
    last = b""
    with path.open("rb") as file:
        while chunk := file.read(4 * 1024 * 1024):
            seam = last + chunk[:3]
            if b"\0" in chunk or any(
                blank in part for part in (chunk, seam) for blank in (b"\n\n", b"\n\r\n")
            ):
                return False
            last = chunk[-3:]
    return True


def begins_in_order(path: Path, dialect: Dialect) -> bool:
    """Say whether each line above the data is a row by itself.

    A cell with a line break, as questions of surveys have, or a stray quotation mark there has
    other readers take rows of data for a part of the header.
    """
    with path.open("rb") as file:
        try:
            return all(len(_alone(next(file), dialect)) == 1 for _line in range(dialect.skip))
        except (StopIteration, csv.Error):
            return False


def _alone(line: bytes, dialect: Dialect) -> list[list[str]]:
    text = line.decode("utf-8-sig", "replace")
    return list(csv.reader([text], strict=True, **splitting(dialect.delimiter)))


def read(
    path: Path,
    dialect: Dialect,
    *,
    on_reject: OnReject,
    on_bytes: OnBytes | None = None,
    limit: int | None = None,
) -> Iterator[pa.Table]:
    """Yield the rows in batches; ``limit`` stops after so many. Memory stays flat."""
    csv.field_size_limit(MAX_LINE)
    width = len(dialect.names)
    most = rows_a_batch(width)
    with path.open("rb", buffering=1024 * 1024) as file:
        feed = _Feed(_lines(file, dialect), on_reject)
        feed.skip(dialect.skip, dialect.above)
        rows: list[list[str]] = []
        numbers: list[int] = []
        read_bytes = 0
        count = 0
        for number, cells, size in _records(feed, dialect, on_reject):
            fitted = _fit(cells, width)
            if fitted is None:
                on_reject(_ragged(number, cells, dialect))
                continue
            rows.append(fitted)
            numbers.append(number)
            read_bytes += size
            count += 1
            if len(rows) >= most or read_bytes >= BATCH_BYTES:
                yield _table(rows, numbers, dialect.names)
                rows, numbers, read_bytes = [], [], 0
                if on_bytes:
                    on_bytes(file.tell())
            if limit is not None and count >= limit:
                break
        if rows:
            yield _table(rows, numbers, dialect.names)


@dataclass(frozen=True, slots=True)
class _Lost:
    """A line that cannot be part of any row."""

    rule: Phrase
    value: str


class _Feed:
    """The lines, with a memory of those taken since the last row and a way to give them back.

    ``number`` counts rows, the lost ones too.
    """

    def __init__(self, lines: Iterator[str | _Lost], on_reject: OnReject) -> None:
        self._lines = lines
        self._on_reject = on_reject
        self._waiting: deque[str] = deque()
        self.taken: list[str] = []
        self.number = 0

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> str:
        line = self._waiting.popleft() if self._waiting else next(self._lines)
        while isinstance(line, _Lost):
            self.number += 1
            self._on_reject(Reject(self.number, "", line.rule, line.value, {"line": line.value}))
            line = next(self._lines)
        self.taken.append(line)
        if len(self.taken) > MAX_ROW_LINES:
            raise csv.Error
        return line

    def skip(self, lines: int, rows: int) -> None:
        """Pass over the lines above the data, whatever is in them: so many rows."""
        for _line in range(lines):
            next(self._lines, None)
        self.number = rows

    def give_back(self) -> None:
        """Give back every line since the last row but the first."""
        self._waiting.extendleft(reversed(self.taken[1:]))
        self.taken.clear()


def _records(
    feed: _Feed, dialect: Dialect, on_reject: OnReject
) -> Iterator[tuple[int, list[str], int]]:
    """Yield (row number, cells, characters) of each row that can be told apart."""
    reader = csv.reader(feed, strict=True, **splitting(dialect.delimiter))
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            # One stray mark must not swallow the rows below it: give up its line alone.
            feed.number += 1
            line = feed.taken[0].rstrip("\r\n")
            rule = Phrase(N_("a quotation mark is out of place or never closed"))
            on_reject(Reject(feed.number, "", rule, line[:_SHOWN], {"line": line}))
            feed.give_back()
            continue
        feed.number += 1
        size = sum(map(len, feed.taken))
        feed.taken.clear()
        if any(cells):
            yield feed.number, cells, size


def _lines(file: BinaryIO, dialect: Dialect) -> Iterator[str | _Lost]:
    """Yield the lines; in place of an overlong one, or one with NUL, what was lost."""
    wide = dialect.encoding.startswith(("utf-16", "utf-32"))
    source: _Source = file
    if wide or dialect.old_mac:
        source = _Narrow(file, dialect)
    decode = codecs.getdecoder("utf-8" if isinstance(source, _Narrow) else dialect.encoding)
    while line := source.readline(MAX_LINE + 1):
        if len(line) > MAX_LINE:
            length = len(line) + _skip_to_end(source, line)
            beginning = decode(line[:_SHOWN], KEEP_BYTES)[0]
            yield _Lost(too_long(length, MAX_LINE), beginning)
        elif b"\0" in line:
            shown = decode(line, KEEP_BYTES)[0].replace("\0", "\N{SYMBOL FOR NULL}")
            yield _Lost(Phrase(N_("holds NUL characters")), shown.rstrip("\r\n"))
        else:
            yield decode(line, KEEP_BYTES)[0]


class _Source(Protocol):
    def readline(self, size: int, /) -> bytes: ...


class _Narrow:
    """A file of wide characters, or of old Mac lines, as lines of UTF-8."""

    def __init__(self, file: BinaryIO, dialect: Dialect) -> None:
        self._file, self._old_mac = file, dialect.old_mac
        self._decoder = codecs.getincrementaldecoder(dialect.encoding)("replace")
        self._lines: deque[str] = deque()
        self._rest = ""
        self._ended = False

    def readline(self, size: int, /) -> bytes:
        while not self._lines and not self._ended and len(self._rest) < size:
            self._fill()
        if self._lines:
            line = self._lines.popleft()
            if len(line) > size:
                self._lines.appendleft(line[size:])
            return line[:size].encode("utf-8", "replace")
        line, self._rest = self._rest[:size], self._rest[size:]
        return line.encode("utf-8", "replace")

    def _fill(self) -> None:
        chunk = self._file.read(256 * 1024)
        self._ended = not chunk
        text = self._decoder.decode(chunk, self._ended)
        if self._old_mac:
            text = text.replace("\r", "\n")
        *lines, self._rest = (self._rest + text).split("\n")
        self._lines.extend(line + "\n" for line in lines)


def _skip_to_end(source: _Source, line: bytes) -> int:
    length = 0
    while line and not line.endswith(b"\n"):
        line = source.readline(MAX_LINE)
        length += len(line)
    return length


def _fit(cells: list[str], width: int) -> list[str] | None:
    """Return the row with as many cells as there are columns, or nothing where it has not."""
    if len(cells) == width:
        return cells
    if len(cells) > width and not any(cells[width:]):
        return cells[:width]
    return None


def _ragged(number: int, cells: list[str], dialect: Dialect) -> Reject:
    raw = dict(zip(dialect.names, cells, strict=False))
    for extra, cell in enumerate(cells[len(dialect.names) :], len(dialect.names) + 1):
        raw[f"column_{extra}"] = cell
    rule = Phrase(
        N_("cells in the row: {count}, in the header: {width}"),
        {"count": len(cells), "width": len(dialect.names)},
    )
    return Reject(number, "", rule, dialect.delimiter.join(cells)[:_SHOWN], raw)


def _table(rows: list[list[str]], numbers: list[int], names: tuple[str, ...]) -> pa.Table:
    columns = [
        pa.array([cell or None for cell in column], pa.string())
        for column in zip(*rows, strict=True)
    ]
    return pa.table(
        [pa.array(numbers, pa.int64()), *columns],
        schema=text_schema(names),
    )
