"""Readers: a file becomes batches of text columns, and the rows that could not be read.

Every reader yields Arrow tables whose columns are text, with ``_row`` (the row in the file, as a
spreadsheet counts: 1 is the first) beside them, and tells of each unreadable row through
``on_reject``. None holds a whole file in memory but Excel's, whose format asks for it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from dataclasses import field as default
from typing import TYPE_CHECKING, Final

from percorso.vocabulary import N_, Phrase

if TYPE_CHECKING:
    import pyarrow as pa

ROW: Final = "_row"
#: Names that the tables have for columns of their own: a file's column is called otherwise.
RESERVED: Final = (ROW, "_key", "_rest", "_skip", "_n")
BATCH_ROWS: Final = 20_000


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


def text_schema(names: Iterable[str]) -> "pa.Schema":
    """Return the schema of a batch: the row, and a column of text for each name."""
    import pyarrow as pa

    types: dict[str, pa.DataType] = {ROW: pa.int64(), **dict.fromkeys(names, pa.string())}
    return pa.schema(types)


OnReject = Callable[[Reject], None]
OnBytes = Callable[[int], None]
