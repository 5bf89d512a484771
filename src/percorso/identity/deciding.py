"""Deciding which candidates become joins: the surest first, and none against what is known.

Candidates are taken in their order: what people said, then what is equal by its strength, then what
is alike by its probability; what stands already goes before what is new. One that joins nobody new
is left out, and so is one that would make one customer of references that a person said are two,
or that have different fiscal codes. That is Kruskal's minimum spanning forest (1956), kept from
joining what must stay apart.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from percorso.log.joins import PERSON

if TYPE_CHECKING:
    import pyarrow as pa

    from percorso.log.joins import Join

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Apart:
    """What must not become one customer.

    ``pairs`` of references; ``codes``: references with their fiscal code, of which a customer has
    one.
    """

    pairs: Sequence[tuple[str, str]]
    codes: "pa.Table"


@dataclass(frozen=True, slots=True)
class Decided:
    """Which candidates are joins (row numbers), and who is together: name -> person's number."""

    chosen: Ints
    names: "pa.Array[Any]"
    person: Ints

    def people(self) -> "pa.Table":
        """Return ``name`` and ``person``, the latter as text."""
        import pyarrow as pa

        person = self.names.take(self.person)
        return pa.table({"name": self.names, "person": person})

    def persons(self) -> dict[str, str]:
        """Return name -> person, for those that are candidates at all."""
        table = self.people()
        names: list[Any] = table["name"].to_pylist()
        return dict(zip(names, table["person"].to_pylist(), strict=True))


def decide(one: Any, other: Any, order: Ints, fixed: NDArray[np.bool_], apart: Apart) -> Decided:
    """Decide on candidates given as two arrays of names.

    ``order`` ranks them, the smallest first; ``fixed`` are those that nothing overrules.
    """
    import pyarrow as pa

    from percorso.log.belonging import components

    count = len(one)
    both: Any = pa.chunked_array([one, other], pa.large_string()).combine_chunks()
    encoded = both.dictionary_encode()
    names: Any = encoded.dictionary
    codes = encoded.indices.to_numpy().astype(np.int64)
    u, v = codes[:count], codes[count:]
    place = np.empty(count, np.int64)
    place[np.argsort(order, kind="stable")] = np.arange(count)
    place[fixed] -= count
    part = components(u, v, len(names))
    limits = _Limits(names, apart)
    torn = limits.broken(part)
    in_torn = np.isin(part[u], torn)
    whole = np.flatnonzero(~in_torn)
    chosen = [whole[_forest(u[whole], v[whole], place[whole], len(names))]]
    person = part.copy()
    if len(torn):
        rows = np.flatnonzero(in_torn)
        kept = _one_by_one(u, v, rows[np.argsort(place[rows])], fixed, limits)
        chosen.append(kept)
        every = np.concatenate(chosen)
        person = components(u[every], v[every], len(names))
    return Decided(np.sort(np.concatenate(chosen)), names, person)


def _forest(u: Ints, v: Ints, place: Ints, count: int) -> Ints:
    """Return the rows of the minimum spanning forest by ``place``, which has no ties."""
    if not len(u):
        return np.empty(0, np.int64)
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import minimum_spanning_tree

    by_place = np.argsort(place)
    low, high = np.minimum(u, v)[by_place], np.maximum(u, v)[by_place]
    # Of several candidates for one pair the first; the matrix would add them up.
    _pairs, first = np.unique(low * count + high, return_index=True)
    weights = first.astype(np.float64) + 1
    matrix = coo_matrix((weights, (low[first], high[first])), shape=(count, count))
    tree = minimum_spanning_tree(matrix.tocsr())
    return np.asarray(by_place[tree.data.astype(np.int64) - 1])


class _Limits:
    """What must stay apart, by the numbers of names."""

    def __init__(self, names: Any, apart: Apart) -> None:
        import pyarrow as pa
        import pyarrow.compute as pc

        ones = pa.array([pair[0] for pair in apart.pairs], pa.large_string())
        others = pa.array([pair[1] for pair in apart.pairs], pa.large_string())
        one, other = (pc.index_in(each, value_set=names) for each in (ones, others))
        known = pc.and_(pc.is_valid(one), pc.is_valid(other)).to_numpy(zero_copy_only=False)
        self.one: Ints = one.fill_null(0).to_numpy().astype(np.int64)[known]
        self.other: Ints = other.fill_null(0).to_numpy().astype(np.int64)[known]
        holders = pc.index_in(
            apart.codes["reference"].cast(pa.large_string()).combine_chunks(), value_set=names
        )
        held = pc.is_valid(holders).to_numpy(zero_copy_only=False)
        self.holder: Ints = holders.fill_null(0).to_numpy().astype(np.int64)[held]
        coded: Any = apart.codes["value"].combine_chunks().dictionary_encode()
        self.code: Ints = coded.indices.to_numpy().astype(np.int64)[held]

    def broken(self, part: Ints) -> Ints:
        """Return the parts that hold what must stay apart."""
        pairs = part[self.one][part[self.one] == part[self.other]]
        coded = np.unique(np.stack([part[self.holder], self.code]), axis=1)
        parts, counts = np.unique(coded[0], return_counts=True)
        return np.union1d(pairs, parts[counts > 1])


def _one_by_one(u: Ints, v: Ints, rows: Ints, fixed: NDArray[np.bool_], limits: _Limits) -> Ints:
    """Take candidates one after the other, but for those that join what must stay apart."""
    enemies: dict[int, set[int]] = defaultdict(set)
    for one, other in zip(limits.one.tolist(), limits.other.tolist(), strict=True):
        enemies[one].add(other)
        enemies[other].add(one)
    codes: dict[int, set[int]] = defaultdict(set)
    for holder, code in zip(limits.holder.tolist(), limits.code.tolist(), strict=True):
        codes[holder].add(code)
    groups: dict[int, _Group] = {}
    kept: list[int] = []
    for row in rows.tolist():
        one, other = (
            groups.setdefault(name, _Group({name}, set(enemies[name]), set(codes[name])))
            for name in (int(u[row]), int(v[row]))
        )
        if one is other or not (fixed[row] or one.may_join(other)):
            continue
        kept.append(row)
        large, small = (one, other) if len(one.names) >= len(other.names) else (other, one)
        large.take(small)
        for name in small.names:
            groups[name] = large
    return np.array(kept, np.int64)


@dataclass(slots=True, eq=False)
class _Group:
    names: set[int]
    enemies: set[int]
    codes: set[int]

    def may_join(self, other: "_Group") -> bool:
        if not (self.enemies.isdisjoint(other.names) and other.enemies.isdisjoint(self.names)):
            return False
        return len(self.codes | other.codes) < 2 or self.codes == other.codes

    def take(self, other: "_Group") -> None:
        self.names |= other.names
        self.enemies |= other.enemies
        self.codes |= other.codes


class Contradiction(Exception):  # noqa: N818 - what people said, not a fault of the program
    """What people said of some references cannot all be so."""


def cut(joins: Collection["Join"], apart: Apart) -> set[int]:
    """Return the numbers of the joins that must go for ``apart`` to hold.

    The weakest go. Raises Contradiction where people's own joins hold together what must be apart.
    """
    import pyarrow as pa

    rows = sorted(joins, key=lambda each: (-each.strength, each.number))
    decided = decide(
        pa.array([each.reference for each in rows], pa.large_string()),
        pa.array([each.customer for each in rows], pa.large_string()),
        np.arange(len(rows)),
        np.array([each.kind == PERSON for each in rows], bool),
        apart,
    )
    names = decided.names.to_pylist()
    person = dict(zip(names, decided.person.tolist(), strict=True))
    if any(one in person and person[one] == person.get(other) for one, other in apart.pairs):
        raise Contradiction
    return {each.number for each in rows if person[each.reference] != person[each.customer]}
