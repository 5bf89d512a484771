"""Files of very many columns: which are read, and how rows are told apart all the same."""

import hashlib
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

from percorso.i18n import gettext as _
from percorso.intake.model import IntakeError
from percorso.intake.readers import ROW

if TYPE_CHECKING:
    import pyarrow as pa

#: A file with more columns is narrowed: the database of the rows needs memory for each.
WIDE: Final = 250
#: So many columns of it are read, and those beyond that somebody asks for by name.
FIRST: Final = 100
_WITH_WANTED: Final = 250
#: What Excel has at most; a file with more is no table of interactions.
MOST: Final = 16_384
#: The column of a narrowed table that holds a hash of the whole row.
CONTENT: Final = "_content"

#: Says of a column whether somebody asks for it by name.
Wanted = Callable[[str], bool]


class Narrowing:
    """The columns of one file. ``kept`` are read; ``header`` are all, in the file's order."""

    def __init__(self, file: str, wanted: Wanted) -> None:
        self._file, self._wanted = file, wanted
        self.header: dict[str, None] = {}
        self.kept: list[str] = []

    @property
    def is_narrow(self) -> bool:
        """Say whether there are columns that are not read."""
        return len(self.kept) < len(self.header)

    def choose(self, names: Iterable[str]) -> None:
        """Take in columns; those seen before stay what they were."""
        new = [name for name in names if name not in self.header]
        first = FIRST if len(self.header) + len(new) > WIDE else WIDE
        for name in new:
            self.header[name] = None
            room = len(self.kept) < first
            if room or (len(self.kept) < _WITH_WANTED and self._wanted(name)):
                self.kept.append(name)
        if len(self.header) > MOST:
            raise IntakeError(
                _(
                    "{name} has {count} columns; at most {most} are read. Save it with the columns "
                    "that are about customers."
                ).format(name=self._file, count=len(self.header), most=MOST)
            )

    def narrow(self, batch: "pa.Table") -> "pa.Table":
        """Return a batch with the columns that are kept and a hash of all of them."""
        import pyarrow as pa

        names = batch.column_names[1:]
        self.choose(names)
        if not self.is_narrow:
            return batch
        columns = [batch[name].to_pylist() for name in names]
        hashes = [_hash(cells) for cells in zip(*columns, strict=True)]
        kept = set(self.kept)
        return batch.select([ROW, *(name for name in names if name in kept)]).append_column(
            CONTENT, pa.array(hashes, pa.string())
        )

    def notes(self) -> tuple[str, ...]:
        """Say what is left out."""
        if not self.is_narrow:
            return ()
        return (
            _(
                "There are {count} columns. The first {first} are read, and those that a recipe or "
                "--map names; the other {others} are left out."
            ).format(
                count=len(self.header),
                first=FIRST,
                others=len(self.header) - len(self.kept),
            ),
        )


def _hash(cells: Iterable[Any]) -> str:
    joined = "\x1f".join(cell or "" for cell in cells)
    return hashlib.md5(joined.encode(), usedforsecurity=False).hexdigest()
