"""Readers: a file becomes batches of text columns, and the rows that could not be read.

Every reader yields Arrow tables whose columns are text, with ``_row`` (the row in the file, as a
spreadsheet counts: 1 is the first) beside them, and tells of each unreadable row through
``on_reject``. None holds a whole file in memory; Excel's, whose format asks for it, is opened in
a process of its own that may have only so much.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from dataclasses import field as default
from typing import TYPE_CHECKING, Final

from percorso.vocabulary import N_, Phrase

if TYPE_CHECKING:
    import pyarrow as pa

ROW: Final = "_row"
#: Names that the tables have for columns of their own: a file's column is called otherwise.
RESERVED: Final = (
    ROW,
    "_key",
    "_rest",
    "_skip",
    "_n",
    "_hash",
    "_members",
    "_content",
    "rowid",
)
BATCH_ROWS: Final = 20_000
#: A batch is cut before it holds more cells, or more bytes of text, than this.
BATCH_CELLS: Final = 1_000_000
BATCH_BYTES: Final = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that could not be read: which, what rule it breaks, and what there was of it."""

    row: int
    field: str
    rule: Phrase
    value: str
    raw: dict[str, str] = default(default_factory=dict)


def too_long(length: int, most: int) -> Phrase:
    """Return the rule that a line of ``length`` bytes breaks."""
    return Phrase(
        N_("a line is {length} bytes long; at most {most} are read"),
        {"length": length, "most": most},
    )


def distinct(names: Iterable[str], known: Sequence[str] = ()) -> list[str]:
    """Return names for columns, each different, which none of our own is.

    Names that differ only in case are one to DuckDB. ``known`` are the columns there are already:
    a name is taken for the one it equals but for case.
    """
    by_case = {name.casefold(): name for name in known}
    taken = {name.casefold() for name in RESERVED}
    found: list[str] = []
    for number, name in enumerate(names, 1):
        wanted = name.replace("\0", "") or f"column_{number}"
        match = by_case.get(wanted.casefold(), wanted)
        while match.casefold() in taken:
            match += "_"
        taken.add(match.casefold())
        found.append(match)
    return found


def rows_a_batch(width: int) -> int:
    """Return how many rows of so many columns are held at once."""
    return max(1, min(BATCH_ROWS, BATCH_CELLS // max(width, 1)))


def text_schema(names: Iterable[str]) -> "pa.Schema":
    """Return the schema of a batch: the row, and a column of text for each name."""
    import pyarrow as pa

    types: dict[str, pa.DataType] = {ROW: pa.int64(), **dict.fromkeys(names, pa.string())}
    return pa.schema(types)


OnReject = Callable[[Reject], None]
OnBytes = Callable[[int], None]
