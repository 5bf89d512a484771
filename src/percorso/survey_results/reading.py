"""The answers to a survey in columns, as the log has them."""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

    from percorso.log import Log
    from percorso.log.selection import Selection

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_COLUMNS: Final = ("id", "customer", "at", "kind", "language", "touchpoint", "channel", "score")
#: What is read of the properties. An address that somebody left (``contact``) is not.
_PROPERTIES: Final = (
    "version",
    "question",
    "part",
    "wording",
    "response",
    "campaign",
    "place",
    "door",
    "choice",
    "choices",
    "value",
    "day",
)


@dataclass(frozen=True, slots=True)
class Words:
    """A column of words: for each row the place of its word in ``names``, -1 where it has none."""

    codes: Ints
    names: tuple[str, ...]

    def take(self, chosen: NDArray[Any]) -> "Words":
        return Words(self.codes[chosen], self.names)

    def where(self, word: str) -> NDArray[np.bool_]:
        """Say of each row whether it has this word (the empty one: none)."""
        if not word:
            return np.asarray(self.codes < 0)
        place = self.names.index(word) if word in self.names else len(self.names)
        return np.asarray(self.codes == place)


@dataclass(frozen=True, slots=True)
class Rows:
    """Answers; every column has one entry an answer. ``at`` is in microseconds since 1970, UTC.

    ``number`` is a rating, NaN where there is none.
    """

    ids: NDArray[np.object_]
    customer: Words
    response: Words
    at: Ints
    language: Words
    touchpoint: Words
    channel: Words
    campaign: Words
    place: Words
    door: Words
    version: Words
    question: Words
    part: Words
    wording: Words
    choice: Words
    choices: Words
    day: Words
    number: Floats

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, chosen: NDArray[Any]) -> "Rows":
        """Return the rows where ``chosen`` is true, or at these places."""
        columns: dict[str, Any] = {}
        for each in fields(self):
            value = getattr(self, each.name)
            columns[each.name] = value.take(chosen) if isinstance(value, Words) else value[chosen]
        return Rows(**columns)

    @property
    def people(self) -> int:
        """How many customers answered."""
        return int(np.unique(self.customer.codes).size)

    @property
    def responses(self) -> int:
        return int(np.unique(self.response.codes).size)


def read(log: "Log", survey_id: str, selection: "Selection | None" = None) -> Rows:
    """Return the answers to a survey that a selection has, in the order of their ids."""
    from percorso.log.properties import property_text

    table = log.interactions()
    if selection is not None:
        table = selection.apply(log, table)
    table = table.filter(
        table.about == f"survey:{survey_id}", table.kind.isin(["answer", "consent"])
    )
    properties = {name: property_text(table.properties, name) for name in _PROPERTIES}
    table = table.select(*_COLUMNS, **{f"p_{name}": each for name, each in properties.items()})
    table = table.filter(table.p_question.notnull(), table.p_response.notnull())
    return _rows(table.order_by("id").to_pyarrow())


def _rows(table: "pa.Table") -> Rows:
    import pyarrow as pa
    import pyarrow.compute as pc

    def words(name: str) -> Words:
        encoded: Any = pc.dictionary_encode(table[name]).combine_chunks()
        codes = pc.fill_null(encoded.indices, -1).to_numpy().astype(np.int64)
        names = [str(each) for each in encoded.dictionary.to_pylist()]
        # Sorted names: the same answers give the same codes, however they are read.
        order = sorted(range(len(names)), key=names.__getitem__)
        place = np.empty(len(names) + 1, np.int64)
        place[order] = np.arange(len(names))
        place[-1] = -1
        return Words(place[codes], tuple(names[each] for each in order))

    numbers = pc.if_else(pc.is_valid(table["score"]), table["score"], _as_numbers(table["p_value"]))
    return Rows(
        ids=np.array(table["id"].to_pylist(), dtype=object),
        customer=words("customer"),
        response=words("p_response"),
        at=table["at"].cast(pa.timestamp("us", "UTC")).cast(pa.int64()).to_numpy(),
        language=words("language"),
        touchpoint=words("touchpoint"),
        channel=words("channel"),
        campaign=words("p_campaign"),
        place=words("p_place"),
        door=words("p_door"),
        version=words("p_version"),
        question=words("p_question"),
        part=words("p_part"),
        wording=words("p_wording"),
        choice=words("p_choice"),
        choices=words("p_choices"),
        day=words("p_day"),
        number=pc.fill_null(numbers, float("nan")).to_numpy().astype(np.float64),
    )


def _as_numbers(column: Any) -> Any:
    """Return texts as numbers, nothing where a text is none: rows come from outside too."""
    import pyarrow as pa
    import pyarrow.compute as pc

    whole = pc.match_substring_regex(column, r"^[0-9]{1,9}$")
    return pc.if_else(whole, column, pa.scalar(None, pa.string())).cast(pa.float64())
