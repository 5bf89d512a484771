"""Where low scores and giving up are: the answers and tries at one touchpoint, by property.

What was answered, or tried, at a touchpoint by those with one value of a property is compared with
what was by those with any other value of it, there.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from percorso.estimation import adjust
from percorso.explain.comparing import compare
from percorso.explain.comparisons import (
    LEAST_SHARE,
    LEAST_SPREAD,
    Test,
    by_metric,
    share,
    worth_of,
)
from percorso.explain.material import FAMILIES, SAID, Answers, Floats, Tries
from percorso.explain.problem import EvidenceKind
from percorso.explain.promised import customer_numbers, microseconds
from percorso.explain.properties import Property, properties_of
from percorso.log.properties import has_any
from percorso.log.steps import StepsIndex
from percorso.metrics.definitions import Metric

if TYPE_CHECKING:
    import pyarrow as pa

    from percorso.log import Log
    from percorso.log.selection import Selection

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

#: Two groups are the same if so much of what is in either is in both.
_SAME: Final = 0.75
_MOST_GROUPS: Final = 12
#: Only tries that can be given up are looked at by property.
_TRIED: Final = tuple(number for number, family in enumerate(FAMILIES) if family.goal)


@dataclass(frozen=True, slots=True)
class Split:
    """One thing at one touchpoint, with its properties.

    One entry an answer or a try: ``places`` is where it is among all of them, ``worth`` is on the
    metric's own scale (shares: 0 or 100), ``source`` the touchpoint it came from, -1 for none.
    """

    kind: EvidenceKind
    place: int
    metric: Metric
    places: Ints
    customer: Ints
    worth: Floats
    source: Ints
    properties: tuple[Property, ...]

    @property
    def mean(self) -> str | None:
        """The metric's name where it is a mean of answers, None for a share of tries."""
        return self.metric.name if self.metric.form == "mean" else None

    def tests(self, left: Flags | None = None) -> list[Test]:
        """Compare each value of each property with the others, among what ``left`` marks."""
        found = []
        for each in self.properties:
            rows = each.codes >= 0
            rows = rows if left is None else rows & left
            compared = compare(self.metric, each.codes[rows], self.customer[rows], self.worth[rows])
            found += [
                Test(
                    self.kind, self.place, one, self.mean,
                    least=LEAST_SPREAD * one.spread if self.mean else LEAST_SHARE,
                    group=(each.name, each.values[one.group]),
                )
                for one in compared
            ]  # fmt: skip
        return found

    def rows(self, group: tuple[str, str] | None) -> Flags:
        """Mark what is of a group (a property and its value)."""
        for each in self.properties:
            if group is not None and each.name == group[0]:
                return np.asarray(each.codes == each.values.index(group[1]))
        return np.zeros(len(self.customer), bool)

    def separate(self, held: Sequence[Test], level: float, left: Flags) -> Iterator[list[Test]]:
        """Yield the groups that stand on their own, the surest first, each with its other names.

        Each is taken out before the others are tested again: see ``causes.separate``.
        """
        known = {each.group: each for each in held}
        standing = self._again(known, level, left)
        for _ in range(_MOST_GROUPS):
            if not standing:
                return
            best = min(standing, key=lambda each: each.p_value)
            mine = self.rows(best.group) & left
            same = [each for each in standing if each is best or self._same(mine, each, left)]
            yield [known[each.group] for each in same]
            left = left & ~mine
            standing = self._again(known, level, left)

    def _again(
        self, known: dict[tuple[str, str] | None, Test], level: float, left: Flags
    ) -> list[Test]:
        tests = self.tests(left)
        p_values = adjust([each.p_value for each in tests]) if tests else ()
        return [
            each
            for each, p in zip(tests, p_values, strict=True)
            if each.group in known and each.worse and p <= level
        ]

    def _same(self, mine: Flags, other: Test, left: Flags) -> bool:
        its = self.rows(other.group) & left
        return bool((mine & its).sum() >= _SAME * (mine | its).sum())


def split_answers(answers: Answers, texts: "pa.Array[Any]") -> list[list[Split]]:
    """Return the answers at each touchpoint, with their properties; a list for each metric."""
    found = []
    for metric, own, of_metric in by_metric(answers):
        rows = np.flatnonzero(of_metric)
        worth = worth_of(metric, own)
        found.append(
            [
                Split(
                    "score_in", place, metric, rows[here], own.customer[here], worth[here],
                    own.source[here], properties,
                )
                for place, here, properties in _by_place(own.touchpoint, rows, texts)
            ]
        )  # fmt: skip
    return found


def split_tries(tries: Tries, texts: "pa.Array[Any]") -> list[list[Split]]:
    """Return what was tried at each touchpoint: given up or not, and begun again or not."""
    mine = np.isin(tries.family, _TRIED)
    kinds: tuple[tuple[EvidenceKind, Flags, npt.NDArray[np.bool_]], ...] = (
        ("repeated_in", mine, tries.repeated),
        ("stopped_in", mine & (tries.stopped >= 0), tries.stopped == 1),
    )
    found = []
    for kind, chosen, happened in kinds:
        rows = np.flatnonzero(chosen)
        nowhere = np.full(len(rows), -1)
        found.append(
            [
                Split(
                    kind, place, share(kind), rows[here], tries.customer[rows][here],
                    happened[rows][here] * 100.0, nowhere[here], properties,
                )
                for place, here, properties in _by_place(tries.touchpoint[rows], rows, texts)
            ]
        )  # fmt: skip
    return found


def _by_place(
    touchpoint: Ints, rows: Ints, texts: "pa.Array[Any]"
) -> Iterator[tuple[int, Ints, tuple[Property, ...]]]:
    """Yield each touchpoint with where its rows are, and the properties found on them."""
    import pyarrow as pa

    for place in np.unique(touchpoint).tolist():
        here = np.flatnonzero(touchpoint == place)
        of_rows: Any = pa.array(rows[here])
        properties = properties_of(texts.take(of_rows))
        if properties:
            yield place, here, properties


def read_properties(
    log: "Log", index: StepsIndex, selection: "Selection | None", answers: Answers, tries: Tries
) -> "tuple[pa.Array[Any], pa.Array[Any]]":
    """Return the properties (JSON text) of each answer, and of each try's first step."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kinds = [kind for number in _TRIED for kind in FAMILIES[number].kinds]
    table = log.interactions()
    if selection is not None:
        table = selection.apply(log, table)
    wanted = table.score.notnull()
    for kind in kinds:
        wanted |= table.kind == kind
    table = table.filter(wanted, table.properties.notnull(), table.customer.notnull())
    rows = table.select("customer", "touchpoint", "properties", when="at").to_pyarrow()
    texts: Any = rows["properties"].combine_chunks().dictionary_encode()
    names: Any = pa.array(index.touchpoints, rows["touchpoint"].type)
    code: Any = pc.index_in(rows["touchpoint"], value_set=names).fill_null(-1)
    known = (
        customer_numbers(index)(rows["customer"]),
        microseconds(rows["when"]),
        np.asarray(code.to_numpy(), dtype=np.int64),
    )

    def of(asked: "Answers | Tries") -> Any:
        places = matches(known, (asked.customer, asked.at, asked.touchpoint))
        found: Any = pa.array(places, mask=places < 0)
        return texts.take(found)

    return of(answers), of(tries)


def customers_of(
    log: "Log",
    selection: "Selection | None",
    touchpoint: str,
    groups: Sequence[tuple[str, str]],
) -> int:
    """Return how many customers with one of these properties there did more than answer."""
    table = log.interactions()
    if selection is not None:
        table = selection.apply(log, table)
    table = table.filter(table.touchpoint == touchpoint, ~table.kind.isin(SAID))
    table = table.filter(has_any(table.properties, groups))
    return int(table.customer.nunique().to_pyarrow().as_py())


def matches(known: tuple[Ints, ...], asked: tuple[Ints, ...]) -> Ints:
    """Return for each asked row the place of a known row with the same integers, or -1."""
    columns = [np.concatenate(pair) for pair in zip(known, asked, strict=True)]
    count = len(known[0])
    is_asked = np.arange(len(columns[0])) >= count
    order = np.lexsort((is_asked, *columns))
    if len(order) == 0:
        return np.empty(0, np.int64)
    ordered = [each[order] for each in columns]
    new = np.concatenate(
        [[True], np.logical_or.reduce([each[1:] != each[:-1] for each in ordered])]
    )
    # Known rows come first among equals.
    first = order[new][np.cumsum(new) - 1]
    found = np.empty(len(order), dtype=np.int64)
    found[order] = np.where(first < count, first, -1)
    return found[count:]
