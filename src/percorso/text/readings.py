"""What was read in texts, in columns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, overload

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from percorso.text.outputs import Floats
from percorso.vocabulary import EMOTIONS, FACTORS

_EMOTIONS: Final = tuple(EMOTIONS)
_NAMES: Final = tuple(FACTORS)
_POLARITIES: Final = ("negative", "positive")

_FACTOR: Final = pa.struct(
    [
        pa.field("factor", pa.string(), nullable=False),
        pa.field("polarity", pa.string(), nullable=False),
        pa.field("start", pa.int32(), nullable=False),
        pa.field("end", pa.int32(), nullable=False),
    ]
)
_FIELDS: Final[list["pa.Field[Any]"]] = [
    pa.field("language", pa.string(), nullable=False),
    pa.field("language_certainty", pa.float32(), nullable=False),
    pa.field("sentiment", pa.string(), nullable=False),
    pa.field("score", pa.float32(), nullable=False),
    pa.field("certainty", pa.float32(), nullable=False),
    pa.field("emotions", pa.list_(pa.string()), nullable=False),
    pa.field("factors", pa.list_(_FACTOR), nullable=False),
    pa.field("urgency", pa.int8(), nullable=False),
    pa.field("need", pa.bool_(), nullable=False),
    pa.field("path", pa.string(), nullable=False),
]
#: One row a text, in the order given.
READINGS: Final = pa.schema(_FIELDS)


@dataclass(frozen=True, slots=True)
class FactorFound:
    """A factor blamed or praised, and the place in the text (characters) that does so."""

    factor: str
    polarity: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read in one text.

    ``score`` is the probability that the text is positive less that it is negative, -1..1.
    ``certainty`` is the probability that ``sentiment`` is right, 0..1. ``path`` is ``accurate``,
    ``fast``, or ``empty`` where there is nothing to read.
    """

    language: str
    language_certainty: float
    sentiment: str
    score: float
    certainty: float
    emotions: tuple[str, ...]
    factors: tuple[FactorFound, ...]
    urgency: int
    need: bool
    path: str


@dataclass(frozen=True, slots=True)
class Factors:
    """The factors found in texts, in columns of one length, in the order of the texts.

    ``text`` is the place of the text, ``factor`` that of the factor in FACTORS, ``start`` and
    ``end`` the place in the text.
    """

    text: NDArray[np.int64]
    factor: NDArray[np.int8]
    praised: NDArray[np.bool_]
    start: NDArray[np.int32]
    end: NDArray[np.int32]

    @classmethod
    def joined(cls, parts: Sequence["Factors"]) -> "Factors":
        """Return the factors of all parts, put into the order of their texts."""
        text = np.concatenate([np.zeros(0, np.int64), *(each.text for each in parts)])
        order = np.argsort(text, kind="stable")
        return cls(
            text[order],
            np.concatenate([np.zeros(0, np.int8), *(each.factor for each in parts)])[order],
            np.concatenate([np.zeros(0, np.bool_), *(each.praised for each in parts)])[order],
            np.concatenate([np.zeros(0, np.int32), *(each.start for each in parts)])[order],
            np.concatenate([np.zeros(0, np.int32), *(each.end for each in parts)])[order],
        )

    def at(self, places: NDArray[np.int64]) -> "Factors":
        """Return the same factors with the texts put to ``places``."""
        return replace(self, text=places[self.text])

    def where(self, here: NDArray[np.bool_]) -> "Factors":
        """Return some of the factors."""
        return Factors(
            self.text[here],
            self.factor[here],
            self.praised[here],
            self.start[here],
            self.end[here],
        )

    def of(self, text: int) -> tuple[FactorFound, ...]:
        """Return the factors of a text."""
        first, last = np.searchsorted(self.text, [text, text + 1])
        return tuple(
            FactorFound(
                _NAMES[self.factor[row]],
                _POLARITIES[int(self.praised[row])],
                int(self.start[row]),
                int(self.end[row]),
            )
            for row in range(first, last)
        )


@dataclass(frozen=True, slots=True)
class Readings:
    """What was read in texts: a sequence of Reading, held in columns of one length.

    ``embedded`` are the places of the texts whose vector was computed on the way and ``vectors``
    those vectors, shape (embedded, 384).
    """

    language: list[str]
    language_certainty: Floats
    sentiment: list[str]
    score: Floats
    certainty: Floats
    emotions: NDArray[np.bool_]  # (texts, EMOTIONS)
    factors: Factors
    urgency: NDArray[np.int8]
    need: NDArray[np.bool_]
    path: list[str]
    embedded: NDArray[np.int64]
    vectors: Floats

    def __len__(self) -> int:
        return len(self.language)

    @overload
    def __getitem__(self, place: int) -> Reading: ...
    @overload
    def __getitem__(self, place: slice) -> list[Reading]: ...
    def __getitem__(self, place: int | slice) -> Reading | list[Reading]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        return Reading(
            self.language[place],
            float(self.language_certainty[place]),
            self.sentiment[place],
            float(self.score[place]),
            float(self.certainty[place]),
            tuple(_EMOTIONS[each] for each in np.flatnonzero(self.emotions[place])),
            self.factors.of(range(len(self))[place]),
            int(self.urgency[place]),
            bool(self.need[place]),
            self.path[place],
        )

    def __iter__(self) -> Iterator[Reading]:
        return (self[place] for place in range(len(self)))

    def as_table(self) -> pa.Table:
        """Return the columns of :data:`READINGS`."""
        found = self.factors
        structs = pa.StructArray.from_arrays(
            [
                _words(_NAMES, found.factor),
                _words(_POLARITIES, found.praised),
                pa.array(found.start),
                pa.array(found.end),
            ],
            fields=list(_FACTOR),
        )
        factors = _lists(np.bincount(found.text, minlength=len(self)), structs, _FACTOR)
        which = np.nonzero(self.emotions)[1]
        felt = _lists(self.emotions.sum(axis=1), _words(_EMOTIONS, which), pa.string())
        columns: list[pa.Array[Any]] = [
            pa.array(self.language, pa.string()),
            pa.array(self.language_certainty),
            pa.array(self.sentiment, pa.string()),
            pa.array(self.score),
            pa.array(self.certainty),
            felt,
            factors,
            pa.array(self.urgency),
            pa.array(self.need),
            pa.array(self.path, pa.string()),
        ]
        return pa.Table.from_arrays(columns, schema=READINGS)


def _words(words: Sequence[str], places: NDArray[Any]) -> "pa.Array[Any]":
    return pa.array(words, pa.string()).take(places.astype(np.int8))


def _lists(counts: NDArray[Any], values: "pa.Array[Any]", kind: Any) -> "pa.Array[Any]":
    """Return lists of so many values each."""
    bounds = np.concatenate([[0], np.cumsum(counts)])
    lists: pa.Array[Any] = pa.ListArray.from_arrays(
        pa.array(bounds, pa.int32()), values, type=pa.list_(kind)
    )
    return lists
