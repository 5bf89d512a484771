"""Indexes made in memory from rows, and the same questions answered row by row in plain Python."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import strategies as st

from percorso.log.schema import BUCKETS, bucket_of
from percorso.log.steps import StepsIndex, sorting
from percorso.log.steps.manifest import Manifest, Stored
from percorso.log.steps.reading import CHANNEL_CODES, KIND_CODES, SCALE_CODES
from percorso.vocabulary import SCALES

MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@dataclass(frozen=True, slots=True)
class Row:
    """A step: who, when (microseconds), where. Rows of one time come in the order given."""

    customer: str
    at: int
    touchpoint: str
    kind: str = "visit"
    channel: str = "store"
    scale: str | None = None
    score: float | None = None


Journeys = Mapping[str, Sequence[Row]]


def journeys_of(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.customer].append(row)
    return {customer: sorted(steps, key=lambda row: row.at) for customer, steps in found.items()}


def index_of(rows: Sequence[Row], log: Any = None) -> StepsIndex:
    """Return the index of the rows."""
    names = sorted({row.touchpoint for row in rows})
    by_bucket: dict[int, list[tuple[int, Row]]] = defaultdict(list)
    places = bucket_of(pa.array([row.customer for row in rows], pa.string())).to_pylist()
    for number, (place, row) in enumerate(zip(places, rows, strict=True)):
        by_bucket[place].append((number, row))
    buckets = [_bucket(by_bucket[number], names) for number in range(BUCKETS)]
    stored = [
        Stored(
            "",
            len(bucket.at),
            len(bucket.offsets) - 1,
            0,
            int(bucket.at.min()) if len(bucket.at) else None,
            int(bucket.at.max()) if len(bucket.at) else None,
            np.bincount(bucket.scale, minlength=len(SCALES) + 1).tolist(),
            [],
        )
        for bucket in buckets
    ]
    log = log or SimpleNamespace()
    return StepsIndex(log, Manifest(1, 0, list(names), None, stored), tuple(buckets))


def _bucket(rows: list[tuple[int, Row]], names: list[str]) -> Any:
    customers = sorted({row.customer for _, row in rows}, key=str.encode)
    columns = {
        "at": np.array([row.at for _, row in rows], np.int64),
        "received": np.array([number for number, _ in rows], np.int64),
        "score": np.array([np.nan if r.score is None else r.score for _, r in rows], np.float32),
        "touchpoint": np.array([names.index(row.touchpoint) for _, row in rows], np.uint16),
        "kind": np.array([KIND_CODES[row.kind] for _, row in rows], np.uint8),
        "channel": np.array([CHANNEL_CODES[row.channel] for _, row in rows], np.uint8),
        "scale": np.array([SCALE_CODES[r.scale] if r.scale else 0 for _, r in rows], np.uint8),
    }
    codes = np.array([customers.index(row.customer) for _, row in rows], np.int64)
    return sorting.sort(sorting.Unsorted(pa.array(customers, pa.large_string()), codes, columns))


def rows(
    touchpoints: str = "abcd", customers: int = 8, most: int = 40, days: int = 60
) -> st.SearchStrategy[list[Row]]:
    """Make rows of a few customers, so that much coincides."""
    return st.lists(
        st.builds(
            _row,
            st.integers(1, customers),
            st.integers(0, days * 4),
            st.sampled_from(touchpoints),
            st.sampled_from([None, None, 0, 3, 7, 9, 10]),
        ),
        max_size=most,
    )


def _row(customer: int, quarter: int, touchpoint: str, score: float | None) -> Row:
    at = 1_700_000_000_000_000 + quarter * DAY // 4
    scale = None if score is None else "nps"
    kind = "visit" if score is None else "answer"
    return Row(f"user:{customer}", at, touchpoint, kind=kind, scale=scale, score=score)


def pairs(journeys: Journeys) -> Iterator[tuple[str, Row, Row]]:
    for customer, steps in journeys.items():
        for before, after in pairwise(steps):
            yield customer, before, after


def sequences(journeys: Journeys) -> Counter[tuple[str, ...]]:
    return Counter(tuple(row.touchpoint for row in steps) for steps in journeys.values())


def answer_after(steps: Sequence[Row], place: int) -> tuple[int, float] | None:
    """Return the place and score of the first answer from ``place`` on, within 30 days."""
    for later in range(place, len(steps)):
        score = steps[later].score
        if score is not None:
            near = steps[later].at - steps[place].at <= 30 * DAY
            return (later, score) if near else None
    return None
