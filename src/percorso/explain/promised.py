"""The promises whose fate is known, with their properties and the answers given after it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from percorso.explain.properties import Property, properties_of
from percorso.log.steps import StepsIndex
from percorso.metrics.definitions import MEANS
from percorso.vocabulary import Fate

if TYPE_CHECKING:
    import pyarrow as pa

    from percorso.log import Log
    from percorso.log.selection import Selection

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.floating[Any]]
Flags = npt.NDArray[np.bool_]

_KNOWN: Final = (str(Fate.KEPT), str(Fate.LATE), str(Fate.UNMET))


@dataclass(frozen=True, slots=True)
class After:
    """Answers about promised things, given when the fate was known, on one scale.

    ``promise`` is the promise's place in its group; ``worth`` is on the metric's own scale.
    """

    metric: str
    promise: Ints
    customer: Ints
    worth: Floats


@dataclass(frozen=True, slots=True)
class PromiseGroup:
    """The promises of one name made at one touchpoint, whose fate is known.

    One entry a promise: ``customer`` is the number of the customer in the index, ``made_at`` and
    ``known_at`` microseconds (UTC). ``after`` is None where nobody answered about them.
    """

    name: str
    touchpoint: str
    customer: Ints
    made_at: Ints
    known_at: Ints
    broken: Flags
    properties: tuple[Property, ...]
    after: After | None


def promise_groups(
    log: "Log", index: StepsIndex, selection: "Selection | None"
) -> list[PromiseGroup]:
    """Read the promises whose fate is known, and the answers about what was promised."""
    from percorso.metrics import promises

    table = promises.fates(log, selection=selection)
    table = table.filter(table.fate.isin(_KNOWN), table.customer.notnull())
    rows = table.select(
        "customer", "about", "name", "touchpoint", "made_at", "known_at", "fate", "properties"
    ).to_pyarrow()
    if rows.num_rows == 0:
        return []
    answers = _answers(log)
    number = customer_numbers(index)
    customer = number(rows["customer"])
    broken = np.array(rows["fate"].to_pylist(), dtype=object) != str(Fate.KEPT)
    made_at, known_at = (microseconds(rows[name]) for name in ("made_at", "known_at"))
    codes, places, names = _group_codes(rows)
    found = []
    for code, (name, touchpoint) in enumerate(names):
        mine = np.flatnonzero(codes == code)
        found.append(
            PromiseGroup(
                name,
                touchpoint,
                customer[mine],
                made_at[mine],
                known_at[mine],
                broken[mine],
                properties_of(rows["properties"].take(places(mine))),
                _after(rows, answers, mine, known_at[mine], broken[mine], number),
            )
        )
    return found


def _group_codes(rows: "pa.Table") -> tuple[Ints, Any, list[tuple[str, str]]]:
    import pyarrow as pa

    names = np.array([str(each or "") for each in rows["name"].to_pylist()], dtype=object)
    touchpoints = np.array(rows["touchpoint"].to_pylist(), dtype=object)
    pairs = sorted(set(zip(names.tolist(), touchpoints.tolist(), strict=True)))
    code_of = {pair: code for code, pair in enumerate(pairs)}
    codes = np.fromiter(
        (code_of[pair] for pair in zip(names.tolist(), touchpoints.tolist(), strict=True)),
        np.int64,
        len(names),
    )
    return codes, lambda mine: pa.array(mine), pairs


def customer_numbers(index: StepsIndex) -> Any:
    """Return a function from names to the customers' numbers in the index.

    Customers without a step, who are not in the index, are numbered after all others.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    known = [bucket.customers for bucket in index.buckets]
    names = pa.concat_arrays([*known, pa.array([], pa.large_string())])
    others: dict[str, int] = {}

    def number(given: Any) -> Ints:
        given = given.cast(pa.large_string())
        places = np.array(pc.index_in(given, value_set=names).fill_null(-1), dtype=np.int64)
        for row in np.flatnonzero(places < 0).tolist():
            places[row] = others.setdefault(given[row].as_py(), len(names) + len(others))
        return places

    return number


def _answers(log: "Log") -> "pa.Table":
    """Return all answers about something promised: customer, about, at, scale, score."""
    from percorso.metrics.answers import answers

    scales = sorted({scale for metric in MEANS.values() for scale in metric.scales})
    table = answers(log)
    table = table.filter(table.scale.isin(scales), table.about.notnull())
    found: pa.Table = table.select("customer", "about", "scale", "score", when="at").to_pyarrow()
    return found


def _after(
    rows: "pa.Table",
    answers: "pa.Table",
    mine: Ints,
    known_at: Ints,
    broken: Flags,
    number: Any,
) -> After | None:
    """Join the answers to the promises of a group by what they are about."""
    import pyarrow as pa
    import pyarrow.compute as pc

    # Of several promises about one thing, the one that was broken is remembered.
    order = mine[np.lexsort((known_at, ~broken))]
    places: Any = pa.array(order)
    abouts: Any = rows["about"].take(places).combine_chunks()
    things = abouts.unique()
    first = np.full(len(things), -1, dtype=np.int64)
    place = np.asarray(pc.index_in(abouts, value_set=things).to_numpy(zero_copy_only=False))
    # Written backwards, so that the first of each stays.
    first[place[::-1].astype(np.int64)] = order[::-1]
    found: Any = pc.index_in(answers["about"], value_set=things)
    thing = found.fill_null(-1).to_numpy()
    position = np.full(rows.num_rows, -1, dtype=np.int64)
    position[mine] = np.arange(len(mine))
    promise = np.where(thing >= 0, position[first[np.maximum(thing, 0)]], -1)
    given = microseconds(answers["when"])
    counts = promise >= 0
    counts[counts] = given[counts] >= known_at[promise[counts]]
    scale = np.array(answers["scale"].to_pylist(), dtype=object)
    score = np.asarray(answers["score"].to_numpy(), dtype=np.float64)
    best: tuple[int, str, Flags] | None = None
    for metric in MEANS.values():
        chosen = counts & np.isin(scale, metric.scales)
        if chosen.any() and (best is None or chosen.sum() > best[0]):
            best = (int(chosen.sum()), metric.name, chosen)
    if best is None:
        return None
    _, name, chosen = best
    customer = number(answers["customer"].filter(pa.array(chosen)))
    worth = worths(name, scale[chosen], score[chosen])
    return After(name, promise[chosen], customer, worth)


def worths(metric: str, scale: Any, score: Floats) -> Floats:
    """Return what answers are worth on the metric's own scale: high is good."""
    chosen = MEANS[metric]
    turned = np.isin(scale, chosen.turned_scales)
    return np.where(turned, chosen.low + chosen.high - score, score)


def microseconds(column: Any) -> Ints:
    """Return a column of times as microseconds since the epoch (UTC)."""
    import pyarrow as pa

    times = column.cast(pa.timestamp("us", tz="UTC")).cast(pa.int64())
    return np.asarray(times.to_numpy(), dtype=np.int64)
