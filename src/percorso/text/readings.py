"""What was read in texts, in columns."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, overload

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from percorso.text.outputs import Floats

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
    emotions: list[tuple[str, ...]]
    factors: list[tuple[FactorFound, ...]]
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
            self.emotions[place],
            self.factors[place],
            int(self.urgency[place]),
            bool(self.need[place]),
            self.path[place],
        )

    def __iter__(self) -> Iterator[Reading]:
        return (self[place] for place in range(len(self)))

    def as_table(self) -> pa.Table:
        """Return the columns of :data:`READINGS`."""
        lengths = np.fromiter(map(len, self.factors), np.int32, len(self.factors))
        bounds = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
        found = [each for factors in self.factors for each in factors]
        structs = pa.StructArray.from_arrays(
            [
                pa.array([each.factor for each in found], pa.string()),
                pa.array([each.polarity for each in found], pa.string()),
                pa.array([each.start for each in found], pa.int32()),
                pa.array([each.end for each in found], pa.int32()),
            ],
            fields=list(_FACTOR),
        )
        columns: list[pa.Array[Any]] = [
            pa.array(self.language, pa.string()),
            pa.array(self.language_certainty),
            pa.array(self.sentiment, pa.string()),
            pa.array(self.score),
            pa.array(self.certainty),
            pa.array(self.emotions, pa.list_(pa.string())),
            pa.ListArray.from_arrays(pa.array(bounds, pa.int32()), structs, type=pa.list_(_FACTOR)),
            pa.array(self.urgency),
            pa.array(self.need),
            pa.array(self.path, pa.string()),
        ]
        return pa.Table.from_arrays(columns, schema=READINGS)
