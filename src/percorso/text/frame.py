"""The texts of a selection with what was read in them, in columns: what all analyses count."""

from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from percorso.i18n import gettext as _
from percorso.log.errors import LogError
from percorso.vocabulary import EMOTIONS, FACTORS, SENTIMENTS

if TYPE_CHECKING:
    import pyarrow as pa

    from percorso.log import Log
    from percorso.log.selection import Selection

Ints = NDArray[np.int64]

#: What texts can be split by.
DIMENSIONS: Final = ("channel", "touchpoint", "phase", "kind", "language", "month")
#: The columns of ``voice.texts`` that are counted.
COLUMNS: Final = (
    "id",
    "customer",
    "at",
    "touchpoint",
    "channel",
    "phase",
    "kind",
    "language",
    "scale",
    "score",
    "sentiment",
    "emotions",
    "factors",
    "need",
)
#: -1 negative, 0 neutral, 1 positive.
_POLARITY: Final = {word: place - 1 for place, word in enumerate(SENTIMENTS)}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class VoiceError(LogError):
    """A question about the texts does not make sense. Says which word and what would."""


@dataclass(frozen=True, slots=True)
class Words:
    """A column of words: for each row the place of its word in ``names``, -1 where it has none."""

    codes: Ints
    names: tuple[str, ...]

    def take(self, rows: NDArray[Any]) -> "Words":
        return Words(self.codes[rows], self.names)

    def at(self, row: int) -> str | None:
        code = self.codes[row]
        return self.names[code] if code >= 0 else None


@dataclass(frozen=True, slots=True)
class Marks:
    """What was found inside texts: the row of the text, what (a place in its list), how."""

    row: Ints
    what: Ints
    polarity: Ints


@dataclass(frozen=True, slots=True)
class Texts:
    """Read texts. Every column has one entry a text; ``at`` is in microseconds since 1970, UTC.

    ``sentiment`` is -1, 0 or 1. In ``factors`` and ``emotions`` ``what`` is a place in the
    vocabulary's lists.
    """

    ids: NDArray[np.object_]
    customer: Words
    at: Ints
    touchpoint: Words
    channel: Words
    phase: Words
    kind: Words
    language: Words
    scale: Words
    score: NDArray[np.float64]
    sentiment: Ints
    need: NDArray[np.bool_]
    factors: Marks
    emotions: Marks
    zone: tzinfo

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def of(cls, table: "pa.Table", zone: tzinfo = UTC) -> "Texts":
        """Take the columns of ``voice.texts``, in any order of rows; unread texts are left out."""
        import pyarrow as pa
        import pyarrow.compute as pc

        table = table.select(list(COLUMNS)).filter(pc.is_valid(table["sentiment"]))
        table = table.sort_by([("id", "ascending")]).combine_chunks()

        def words(name: str) -> Words:
            # Sorted names: the same texts in another order give the same codes.
            names = sorted(str(each) for each in pc.unique(table[name]).drop_null().to_pylist())
            return Words(_codes(table[name], tuple(names)), tuple(names))

        time = table["at"].cast(pa.timestamp("us", "UTC")).cast(pa.int64())
        return cls(
            ids=np.array(table["id"].to_pylist(), dtype=object),
            **{
                name: words(name)
                for name in (
                    "customer",
                    "touchpoint",
                    "channel",
                    "phase",
                    "kind",
                    "language",
                    "scale",
                )
            },
            at=time.to_numpy(),
            score=table["score"].cast(pa.float64()).to_numpy(zero_copy_only=False),
            sentiment=_codes(table["sentiment"], SENTIMENTS) - 1,
            need=np.array([each is True for each in table["need"].to_pylist()], dtype=bool),
            factors=_factors(table["factors"]),
            emotions=_emotions(table["emotions"]),
            zone=zone,
        )

    def customers(self, chosen: NDArray[np.bool_]) -> int:
        """Return how many customers wrote the texts where ``chosen`` is true."""
        return len(np.unique(self.customer.codes[chosen]))

    def take(self, chosen: NDArray[np.bool_]) -> "Texts":
        """Return the texts where ``chosen`` is true."""
        moved = np.cumsum(chosen) - 1
        columns: dict[str, Any] = {}
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, Words):
                columns[each.name] = value.take(chosen)
            elif isinstance(value, Marks):
                kept = chosen[value.row]
                parts = [getattr(value, part.name)[kept] for part in fields(value)]
                columns[each.name] = Marks(moved[parts[0]], *parts[1:])
            else:
                columns[each.name] = value if each.name == "zone" else value[chosen]
        return Texts(**columns)

    def by(self, dimension: str) -> Words:
        """Return the column that splits texts by a dimension. Raises VoiceError."""
        if dimension not in DIMENSIONS:
            raise VoiceError(
                _("Texts cannot be split by %(dimension)r. They can by: %(known)s.")
                % {"dimension": dimension, "known": ", ".join(DIMENSIONS)}
            )
        if dimension == "month":
            return self._months()
        column: Words = getattr(self, dimension)
        return column

    def moment(self, row: int) -> datetime:
        return _EPOCH + timedelta(microseconds=int(self.at[row]))

    def polarity_of(self, factor: str) -> tuple[Ints, Ints]:
        """Return the rows that speak of a factor and how each does: -1, 0 (mixed) or 1."""
        mine = self.factors.what == list(FACTORS).index(factor)
        rows, place = np.unique(self.factors.row[mine], return_inverse=True)
        total = np.bincount(place, weights=self.factors.polarity[mine], minlength=rows.size)
        return rows, np.sign(total).astype(np.int64)

    def showing(self, emotion: str) -> NDArray[np.bool_]:
        """Return for each text whether it shows an emotion."""
        shows = np.zeros(len(self), dtype=bool)
        shows[self.emotions.row[self.emotions.what == list(EMOTIONS).index(emotion)]] = True
        return shows

    def _months(self) -> Words:
        """Return the month of each text by the company's clock (``2026-03``)."""
        if not len(self):
            return Words(np.empty(0, np.int64), ())
        first, last = (self.moment(int(row)) for row in (self.at.argmin(), self.at.argmax()))
        begins = list(_month_begins(first.astimezone(self.zone), last.astimezone(self.zone)))
        edges = [(each.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1) for each in begins]
        codes = np.searchsorted(np.array(edges), self.at, side="right") - 1
        return Words(codes.astype(np.int64), tuple(f"{each:%Y-%m}" for each in begins))


def load(log: "Log", selection: "Selection | None" = None) -> Texts:
    """Return the read texts of a selection."""
    from percorso.text.voice import texts

    table = texts(log, selection).select(*COLUMNS).to_pyarrow()
    return Texts.of(table, log.workspace.settings.zone_info)


def _month_begins(first: datetime, last: datetime) -> "list[datetime]":
    begins = []
    year, month = first.year, first.month
    while (year, month) <= (last.year, last.month):
        begins.append(datetime(year, month, 1, tzinfo=first.tzinfo))
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return begins


def _factors(column: Any) -> Marks:
    import pyarrow.compute as pc

    struct = pc.list_flatten(column).combine_chunks()
    row = pc.list_parent_indices(column).to_numpy().astype(np.int64)
    what = _codes(struct.field("factor"), tuple(FACTORS))
    sign = np.array([_POLARITY.get(each, 0) for each in struct.field("polarity").to_pylist()])
    known = what >= 0
    return Marks(*(_ints(each)[known] for each in (row, what, sign)))


def _emotions(column: Any) -> Marks:
    import pyarrow.compute as pc

    row = pc.list_parent_indices(column).to_numpy().astype(np.int64)
    what = _codes(pc.list_flatten(column), tuple(EMOTIONS))
    known = what >= 0
    nothing = np.zeros(int(known.sum()), np.int64)
    return Marks(row[known], what[known], nothing)


def _codes(words: Any, known: tuple[str, ...]) -> Ints:
    import pyarrow as pa
    import pyarrow.compute as pc

    found: Any = pc.index_in(words, value_set=pa.array(known, pa.string()))
    return _ints(pc.fill_null(found, -1).to_numpy())


def _ints(values: ArrayLike) -> Ints:
    return np.asarray(values).astype(np.int64)
