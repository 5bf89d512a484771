"""The promises whose fate is known, with their properties and the answers given after it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

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

#: A property is a group where it has so many values: fewer tell nothing, more are names.
LEAST_VALUES: Final = 2
MOST_VALUES: Final = 30
#: A property must be on at least so many of the promises, in percent.
_LEAST_FILLED: Final = 50

_KNOWN: Final = (str(Fate.KEPT), str(Fate.LATE), str(Fate.UNMET))


@dataclass(frozen=True, slots=True)
class Property:
    """A property of promises: a code for each (-1 where it has none), and what the codes mean."""

    name: str
    codes: Ints
    values: tuple[str, ...]


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
    number = _customer_numbers(index)
    customer = number(rows["customer"])
    broken = np.array(rows["fate"].to_pylist(), dtype=object) != str(Fate.KEPT)
    made_at, known_at = (_microseconds(rows[name]) for name in ("made_at", "known_at"))
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
                _properties(rows["properties"].take(places(mine))),
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


def _customer_numbers(index: StepsIndex) -> Any:
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
    scales = sorted({scale for metric in MEANS.values() for scale in metric.scales})
    table = log.interactions()
    table = table.filter(table.scale.isin(scales), table.score.notnull(), table.about.notnull())
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
    given = _microseconds(answers["when"])
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


def _properties(texts: Any) -> tuple[Property, ...]:
    """Return the properties that split the promises into a few groups."""
    encoded = texts.combine_chunks().dictionary_encode()
    if isinstance(encoded, list) or len(encoded) == 0:
        return ()
    index = np.asarray(encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False))
    given = [_flat(text) for text in encoded.dictionary.to_pylist()]
    names = sorted({name for each in given for name in each})
    found = []
    for name in names:
        of_text = [each.get(name) for each in given]
        values = sorted({value for value in of_text if value is not None})
        if not LEAST_VALUES <= len(values) <= MOST_VALUES:
            continue
        code_of = {value: code for code, value in enumerate(values)}
        codes = np.array([-1 if v is None else code_of[v] for v in of_text] + [-1])[index]
        if (codes >= 0).mean() * 100 >= _LEAST_FILLED:
            found.append(Property(name, codes.astype(np.int64), tuple(values)))
    return tuple(found)


def _flat(text: str | None) -> Mapping[str, str]:
    """Return the properties that are words; numbers and lists name no group."""
    try:
        given = json.loads(text) if text else {}
    except ValueError:
        return {}
    if not isinstance(given, dict):
        return {}
    flat = {}
    for name, value in given.items():
        if isinstance(value, bool):
            flat[str(name)] = "true" if value else "false"
        elif isinstance(value, str) and value:
            flat[str(name)] = value
    return flat


def _microseconds(column: Any) -> Ints:
    import pyarrow as pa

    times = column.cast(pa.timestamp("us", tz="UTC")).cast(pa.int64())
    return np.asarray(times.to_numpy(), dtype=np.int64)
