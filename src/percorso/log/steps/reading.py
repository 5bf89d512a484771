"""Reading steps out of the log's Parquet files, and telling which customer they belong to."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from percorso.log.schema import bucket_of
from percorso.log.steps.sorting import Unsorted
from percorso.vocabulary import CHANNELS, KINDS, NOT_STEPS, SCALES

_DICTIONARIES: Final = ["customer", "touchpoint", "kind", "channel", "scale"]
_COLUMNS: Final = [*_DICTIONARIES, "at", "received_at", "score"]

KIND_CODES: Final = {name: code for code, name in enumerate(KINDS)}
CHANNEL_CODES: Final = {name: code for code, name in enumerate(CHANNELS)}
SCALE_CODES: Final = {name: code for code, name in enumerate(SCALES, start=1)}

#: Codes have 16 bits. A log with more touchpoints than that has them beyond counted together.
MOST_TOUCHPOINTS: Final = 65_535
BEYOND: Final = "(further touchpoints)"


class Touchpoints:
    """The dictionary of touchpoints: a name keeps its code as long as a step uses it."""

    def __init__(self, names: Iterable[str | None] = ()) -> None:
        self._names = list(names)
        self._codes = {name: code for code, name in enumerate(self._names) if name is not None}
        self._free = [code for code, name in enumerate(self._names) if name is None]
        self._lock = threading.Lock()

    @property
    def names(self) -> tuple[str | None, ...]:
        """Name by code; None where a code is not in use."""
        return tuple(self._names)

    def codes(self, names: Sequence[str]) -> npt.NDArray[np.uint16]:
        """Return the code of each name; new names are given one."""
        with self._lock:
            return np.array([self._code(name) for name in names], np.uint16)

    def forget(self, used: npt.NDArray[np.bool_]) -> None:
        """Drop the names whose codes are not in use: what was erased is not kept here."""
        self.__init__(  # type: ignore[misc]
            name if used[code] else None for code, name in enumerate(self._names)
        )

    def _code(self, name: str) -> int:
        code = self._codes.get(name)
        if code is None:
            code = self._new(name)
            self._codes[name] = code
        return code

    def _new(self, name: str) -> int:
        if self._free:
            code = self._free.pop()
            self._names[code] = name
            return code
        if len(self._names) < MOST_TOUCHPOINTS:
            self._names.append(name)
        elif len(self._names) == MOST_TOUCHPOINTS:
            self._names.append(BEYOND)
        return min(len(self._names) - 1, MOST_TOUCHPOINTS)


class References:
    """Which customer a reference belongs to, where that is not the reference itself."""

    def __init__(self, table: pa.Table) -> None:
        """Take a table of ``reference`` and ``customer``, both large_string."""
        self.table = table
        self._reference = table.column("reference").combine_chunks()
        self._customer = table.column("customer").combine_chunks()
        self.source = bucket_of(self._reference).to_numpy()
        self.target = bucket_of(self._customer).to_numpy()

    def canonical(self, names: "pa.Array[Any]") -> "pa.Array[Any]":
        """Return the customer of each name."""
        if not len(self._reference):
            return names
        found = pc.index_in(names, value_set=self._reference)
        return pc.coalesce(self._customer.take(found), names)

    def buckets(self, customers: "pa.Array[Any]") -> npt.NDArray[np.int32]:
        """Return the bucket of each customer."""
        return bucket_of(customers).to_numpy()

    def leave(self, source: int) -> bool:
        """Say whether rows in the bucket ``source`` belong to customers of other buckets."""
        return bool(np.any(self.target[self.source == source] != source))

    def sources_of(self, targets: Iterable[int]) -> set[int]:
        """Return the buckets that hold rows of customers whose bucket is another, in targets."""
        wanted = np.isin(self.target, list(targets)) & (self.source != self.target)
        return {int(each) for each in np.unique(self.source[wanted])}

    def targets_of(self, source: int) -> set[int]:
        """Return the buckets whose customers have rows in the bucket ``source``."""
        return {source, *(int(each) for each in np.unique(self.target[self.source == source]))}

    def targets_changed_from(self, before: "References") -> set[int]:
        """Return the buckets that gain or lose a reference against an earlier state."""
        changed = pa.concat_arrays([self.unlike(before), before.unlike(self)])
        buckets = (bucket_of(self.canonical(changed)), bucket_of(before.canonical(changed)))
        return {int(each) for array in buckets for each in np.unique(array.to_numpy())}

    def unlike(self, other: "References") -> "pa.Array[Any]":
        """Return the references that belong to another customer here than in ``other``."""
        same = pc.equal(self._customer, other.canonical(self._reference))
        return self._reference.filter(pc.invert(same))


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows in no order. ``names`` are canonical customers and may repeat or go unused."""

    names: "pa.Array[Any]"
    customer: npt.NDArray[np.int64]
    columns: Mapping[str, npt.NDArray[Any]]
    ids: "pa.Array[Any] | None"

    def only(self, wanted: npt.NDArray[np.bool_]) -> "Rows":
        """Return the rows of the names that are marked."""
        if wanted.all():
            return self
        return self.filter(wanted[self.customer])

    def filter(self, rows: npt.NDArray[np.bool_]) -> "Rows":
        """Return the rows that are marked."""
        return Rows(
            self.names,
            self.customer[rows],
            {name: column[rows] for name, column in self.columns.items()},
            None if self.ids is None else self.ids.filter(pa.array(rows)),
        )


def read(
    files: Iterable[Path], touchpoints: Touchpoints, references: References, *, ids: bool
) -> Rows:
    """Read the steps in the files (see NOT_STEPS for what is none). Raises FileNotFoundError."""
    import pyarrow.parquet as pq

    columns = [*_COLUMNS, "id"] if ids else _COLUMNS
    tables = []
    for path in files:
        with pq.ParquetFile(path, memory_map=True, read_dictionary=_DICTIONARIES) as file:
            tables.append(file.read(columns, use_threads=False))
    if not tables:
        return _none(ids=ids)
    table = pa.concat_tables(tables).unify_dictionaries()
    customers: Any = table.column("customer").combine_chunks()
    score = table.column("score").to_numpy().astype(np.float32)
    scale = _codes(table.column("scale"), SCALE_CODES)
    scale[np.isnan(score)] = 0
    score[scale == 0] = np.nan
    kind = _codes(table.column("kind"), KIND_CODES)
    rows = Rows(
        references.canonical(customers.dictionary.cast(pa.large_string())),
        customers.indices.to_numpy().astype(np.int64),
        {
            "at": _microseconds(table.column("at")),
            "received": _microseconds(table.column("received_at")),
            "score": score,
            "touchpoint": _touchpoints(table.column("touchpoint"), touchpoints),
            "kind": kind,
            "channel": _codes(table.column("channel"), CHANNEL_CODES),
            "scale": scale,
        },
        table.column("id").cast(pa.large_string()).combine_chunks() if ids else None,
    )
    steps = ~np.isin(kind, [KIND_CODES[each] for each in NOT_STEPS])
    return rows if steps.all() else rows.filter(steps)


def together(parts: Sequence[Rows]) -> Unsorted:
    """Join the parts, with every name once, in ascending order and with a row."""
    names = pa.concat_arrays([part.names for part in parts])
    starts = np.cumsum([0, *(len(part.names) for part in parts)])
    customer = np.concatenate(
        [part.customer + start for part, start in zip(parts, starts[:-1], strict=True)]
    )
    used = np.zeros(len(names), bool)
    used[customer] = True
    distinct = pc.unique(names.filter(pa.array(used)))
    distinct = distinct.take(pc.array_sort_indices(distinct))
    positions = pc.index_in(names, value_set=distinct).fill_null(0).to_numpy().astype(np.int64)
    columns = {
        name: np.concatenate([part.columns[name] for part in parts]) for name in parts[0].columns
    }
    ids = [part.ids for part in parts if part.ids is not None]
    return Unsorted(distinct, positions[customer], columns, pa.concat_arrays(ids) if ids else None)


def _none(*, ids: bool) -> Rows:
    nothing = pa.array([], pa.large_string())
    types = {
        "at": np.int64,
        "received": np.int64,
        "score": np.float32,
        "touchpoint": np.uint16,
        "kind": np.uint8,
        "channel": np.uint8,
        "scale": np.uint8,
    }
    columns = {name: np.empty(0, dtype) for name, dtype in types.items()}
    return Rows(nothing, np.empty(0, np.int64), columns, nothing if ids else None)


def _microseconds(column: "pa.ChunkedArray[Any]") -> npt.NDArray[np.int64]:
    times: npt.NDArray[np.int64] = (
        column.cast(pa.timestamp("us", "UTC")).cast(pa.int64()).to_numpy()
    )
    return times


def _codes(column: "pa.ChunkedArray[Any]", codes: Mapping[str, int]) -> npt.NDArray[np.uint8]:
    """Return the code of each value, 0 where there is none."""
    values: Any = column.combine_chunks()
    lookup = np.array([codes[name] for name in values.dictionary.to_pylist()] or [0], np.uint8)
    found: npt.NDArray[np.uint8] = lookup[values.indices.fill_null(0).to_numpy()]
    if values.null_count:
        found[values.is_null().to_numpy(zero_copy_only=False)] = 0
    return found


def _touchpoints(
    column: "pa.ChunkedArray[Any]", touchpoints: Touchpoints
) -> npt.NDArray[np.uint16]:
    values: Any = column.combine_chunks()
    codes = touchpoints.codes(values.dictionary.to_pylist())
    found: npt.NDArray[np.uint16] = codes[values.indices.to_numpy()]
    return found
