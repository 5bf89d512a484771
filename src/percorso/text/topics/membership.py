"""Which theme each text of a selection belongs to, after what people merged."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from percorso.text.frame import Texts
from percorso.text.topics.catalogue import Catalogue, Entry, Standing, read
from percorso.text.topics.refreshing import beside

if TYPE_CHECKING:
    from percorso.log import Log

#: A text that was not put anywhere yet, and one that belongs to no theme.
WAITING: Final = -2
OUTSIDE: Final = -1


@dataclass(frozen=True, slots=True)
class OfThemes:
    """Each text's theme: a place in ``entries`` (themes that stand by themselves), or neither."""

    entries: tuple[Entry, ...]
    standing: Standing
    theme: NDArray[np.int64]
    near: NDArray[np.float32]
    known: Catalogue

    def number(self, id_: str) -> int:
        """Return the place of a theme, or of the one it is part of; -3, which no text has."""
        whole = self.standing.whole(id_)
        return next((n for n, each in enumerate(self.entries) if each.id == whole), -3)

    def merged(self, entry: Entry) -> tuple[str, ...]:
        return tuple(
            each for each in sorted(self.standing.into) if self.standing.whole(each) == entry.id
        )


def of_themes(log: "Log", texts: Texts, column: Literal["topic", "need"] | str) -> OfThemes:
    """Return which topic, or need, each of these texts belongs to."""
    import pyarrow as pa
    import pyarrow.compute as pc

    known = read(log.workspace)
    standing = known.standing()
    collection: Any = column[0]
    found = [each for each in known.of(collection) if each.place is not None]
    # A theme that is found no more may still be what others were merged into.
    wholes = {standing.whole(each.id) for each in found}
    entries = tuple(each for each in known.of(collection) if each.id in wholes)
    numbers = {each.id: n for n, each in enumerate(entries)}
    rows = beside(log).read(["id", column, f"{column}_near"])
    place: Any = pc.index_in(pa.array(texts.ids, pa.string()), value_set=rows["id"])
    at = pc.fill_null(place, -1).to_numpy()
    ids = rows[column].to_pylist()
    theirs = [numbers.get(standing.whole(each), OUTSIDE) if each else OUTSIDE for each in ids]
    # The last one is what -1, not put anywhere yet, finds.
    themes = np.array([*theirs, WAITING], np.int64)
    near = np.array([*rows[f"{column}_near"].to_pylist(), 0.0], np.float32)
    return OfThemes(entries, standing, themes[at], near[at], known)
