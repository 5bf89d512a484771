"""The texts of a file: a line each, a column of CSV, or a field of JSON objects.

Read as a stream: memory is flat however long the file is. A row that cannot be read is told, with
its number and the reason, and the others go on.
"""

import csv
import difflib
import io
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TextIO, cast

from percorso.i18n import gettext as _
from percorso.intake import IntakeError

Format = Literal["auto", "lines", "csv", "json"]

#: Characters of one line, or of one cell, at most.
_LONGEST: Final = 2 * 1024 * 1024
_HEAD: Final = 65_536
_SHOWN: Final = 80
_FORMATS: Final[dict[str, Format]] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
}
_DELIMITERS: Final = ",;\t|"


@dataclass(frozen=True, slots=True)
class Row:
    """A text, and the number of its row: the first line of the file is 1."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Bad:
    """A row that cannot be read."""

    file: str
    number: int
    rule: str

    def __str__(self) -> str:
        return _("{file}, row {number}: {rule}").format(
            file=self.file, number=self.number, rule=self.rule
        )


Tell = Callable[[Bad], None]


def rows_of(file: str, form: Format, column: str, tell: Tell) -> Iterator[Row]:
    """Yield the texts of a file, of standard input for ``-``; ``tell`` is called with bad rows.

    Raises IntakeError where the file has no such column, or is no file.
    """
    name = _("standard input") if file == "-" else file
    if form == "auto":
        form = _FORMATS.get(Path(file).suffix.lower(), "lines")
    with _opened(file) as source:
        if form == "csv":
            yield from _of_csv(source, name, column, tell)
        elif form == "json":
            yield from _of_json(source, name, column, tell)
        else:
            for number, line in _lines(source, name, tell):
                yield Row(number, line)


@contextmanager
def _opened(file: str) -> Iterator[TextIO]:
    from percorso.intake.readers.dialect import KEEP_BYTES, detect_encoding

    if file != "-" and not Path(file).is_file():
        raise IntakeError(_("There is no file {file}.").format(file=file))
    binary = sys.stdin.buffer if file == "-" else Path(file).open("rb")  # noqa: SIM115 - below
    buffered = io.BufferedReader(binary, _HEAD)  # type: ignore[type-var]  # any binary stream
    try:
        encoding = detect_encoding(buffered.peek(_HEAD))[0]
        # The ends of lines stay as they are: within the quotes of CSV they belong to the text.
        yield io.TextIOWrapper(buffered, encoding, errors=KEEP_BYTES, newline="")
    finally:
        if file != "-":
            buffered.close()


def _lines(source: TextIO, name: str, tell: Tell) -> Iterator[tuple[int, str]]:
    number = 0
    while line := source.readline(_LONGEST):
        number += 1
        if len(line) == _LONGEST and not line.endswith("\n"):
            while (rest := source.readline(_LONGEST)) and not rest.endswith("\n"):
                pass
            tell(Bad(name, number, _too_long()))
        else:
            yield number, line.rstrip("\r\n")


def _of_csv(source: TextIO, name: str, column: str, tell: Tell) -> Iterator[Row]:
    csv.field_size_limit(_LONGEST)
    head = source.readline(_LONGEST)
    delimiter = max(_DELIMITERS, key=head.count)
    [names] = list(csv.reader([head], delimiter=delimiter)) or [[]]
    if column not in names:
        raise IntakeError(_missing(name, column, names))
    place = names.index(column)
    reader = csv.reader(source, delimiter=delimiter)
    number = 2
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            # A quote that is never closed takes all that follows with it.
            tell(Bad(name, number, str(error)))
            return
        if len(cells) == len(names):
            yield Row(number, cells[place])
        elif cells:
            rule = _("{found} cells where the header has {expected}")
            tell(Bad(name, number, rule.format(found=len(cells), expected=len(names))))
        number = reader.line_num + 2


def _of_json(source: TextIO, name: str, column: str, tell: Tell) -> Iterator[Row]:
    """Yield the texts of objects, one a line or in an array, whose items are the rows."""
    for number, written in _written(source, name, tell):
        if not written.strip():
            continue
        try:
            given = json.loads(written)
        except (ValueError, RecursionError):
            shown = written[:_SHOWN]
            tell(Bad(name, number, _("is no JSON: {line!r}").format(line=shown)))
            continue
        if not isinstance(given, dict):
            tell(
                Bad(name, number, _("must be an object with a field {name!r}").format(name=column))
            )
        elif not isinstance(given.get(column), str):
            shown = repr(given.get(column))[:_SHOWN]
            rule = _("{name} must be text, not {value}").format(name=column, value=shown)
            tell(Bad(name, number, rule))
        else:
            yield Row(number, given[column])


def _written(source: TextIO, name: str, tell: Tell) -> Iterator[tuple[int, str]]:
    """Yield what is written of each object: the lines, or the items of the one array."""
    from percorso.intake.readers import json_array

    buffered = cast("io.BufferedReader", source.buffer)
    if buffered.peek(_HEAD).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
        yield from enumerate(json_array.items(buffered, name), 1)
    else:
        yield from _lines(source, name, tell)


def _too_long() -> str:
    return _("is longer than {most} characters").format(most=_LONGEST)


def _missing(file: str, column: str, names: list[str]) -> str:
    words = _("{file} has no column {column!r}.").format(file=file, column=column)
    near = difflib.get_close_matches(column, names, n=1)
    if near:
        return (
            words + " " + _("Did you mean {name!r}? Then say: --column {name}").format(name=near[0])
        )
    return words + " " + _("It has: {names}. Choose with --column.").format(names=", ".join(names))
