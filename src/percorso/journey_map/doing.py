"""What customers do in each phase, and which touchpoints they pass."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from percorso.estimation import MIN_SHOWN
from percorso.journey_map.counting import share_of, shares_tested
from percorso.journey_map.model import PHASES, Column, Item, Tested
from percorso.log.moments import moments
from percorso.log.prepared import Prepared, prepared
from percorso.log.written import ask
from percorso.vocabulary import NOT_STEPS, OUTWARD

if TYPE_CHECKING:
    from percorso.log import Log
    from percorso.log.selection import Selection

#: What customers do of themselves: an answer is given because the company asked.
_NOT_DONE: Final = (*NOT_STEPS, *OUTWARD, "answer")

#: What is counted of each customer: far fewer rows than the log has.
_QUERY: Final = """
    SELECT number, phase, kind, touchpoint, count(*) AS n FROM rows
    GROUP BY number, phase, kind, touchpoint
"""

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Counts = dict[tuple[str, str], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Done:
    """Customers, and interactions, of a selection: in all, by phase, and by what in each phase.

    ``kinds`` and ``touchpoints`` give customers and interactions by phase and name.
    """

    customers: int
    interactions: int
    phases: dict[str, int]
    kinds: Counts
    touchpoints: Counts


def count(log: "Log", selection: "Selection | None") -> Done:
    """Count what the customers of a selection did."""
    rows = moments(log)
    rows = rows if selection is None else selection.apply(log, rows)
    chosen = rows.select("number", "phase", "kind", "touchpoint")
    found = ask(log, _QUERY, rows=chosen)
    number = found["number"].to_numpy().astype(np.int64)
    n = found["n"].to_numpy()
    phase, kind, touchpoint = (_Names.of(found[name]) for name in ("phase", "kind", "touchpoint"))
    # The last one is what -1, no kind at all, finds.
    step = np.array([*(name not in NOT_STEPS for name in kind.names), True])[kind.codes]
    everybody = _distinct(phase.codes, number, len(phase.names))
    return Done(
        int(np.count_nonzero(np.bincount(number))),
        int(n.sum()),
        {name: int(size) for name, size in zip(phase.names, everybody, strict=True)},
        _counts(phase, kind, number, n, step),
        _counts(phase, touchpoint, number, n, step),
    )


@dataclass(frozen=True, slots=True)
class _Names:
    """A column of names: for each row the place of its name in ``names``, -1 where it has none."""

    codes: Ints
    names: tuple[str, ...]

    @classmethod
    def of(cls, column: Any) -> "_Names":
        encoded = column.combine_chunks().dictionary_encode()
        codes = encoded.indices.fill_null(-1).to_numpy().astype(np.int64)
        return cls(codes, tuple(encoded.dictionary.to_pylist()))


def _counts(phase: _Names, what: _Names, number: Ints, n: Ints, step: Flags) -> Counts:
    """Return the customers, and the interactions, of each name in each phase."""
    size = len(phase.names) * len(what.names)
    chosen = step & (what.codes >= 0)
    code = (phase.codes * len(what.names) + what.codes)[chosen]
    customers = _distinct(code, number[chosen], size)
    times = np.bincount(code, weights=n[chosen], minlength=size)
    return {
        (phase.names[at // len(what.names)], what.names[at % len(what.names)]): (
            int(customers[at]),
            int(times[at]),
        )
        for at in np.flatnonzero(times).tolist()
    }


def _distinct(code: Ints, number: Ints, size: int) -> Ints:
    """Return how many different numbers there are with each code; sorted, as hashing is slower."""
    most = int(number.max(initial=0)) + 1
    pairs = np.sort(code * most + number)
    new = np.append(True, pairs[1:] != pairs[:-1])[: len(pairs)]
    return np.bincount(pairs[new] // most, minlength=size)


def places(log: "Log") -> dict[str, str]:
    """Return the phase in which most customers pass each touchpoint for the first time.

    First times, because whoever stays long passes everything again as a loyal customer.
    """
    rows = prepared(log, _PLACES).to_pyarrow().to_pylist()
    return {str(row["touchpoint"]): str(row["phase"]) for row in rows}


def _places(log: "Log") -> str:
    return f"""
        SELECT touchpoint, phase FROM (
            SELECT touchpoint, phase, count(*) AS times FROM (
                SELECT customer, touchpoint, arg_min(phase, "at") AS phase
                FROM {log.interactions().get_name()}
                WHERE kind NOT IN {NOT_STEPS} AND touchpoint IS NOT NULL
                GROUP BY customer, touchpoint
            ) GROUP BY touchpoint, phase
        ) QUALIFY row_number() OVER (PARTITION BY touchpoint ORDER BY times DESC, phase) = 1
    """


_PLACES: Final = Prepared("places", 1, _places)


def columns(now: Done, other: Done | None) -> tuple[Column, ...]:
    """Return the six phases with their customers."""
    counts = [now.phases.get(phase, 0) for phase in PHASES]
    changes: list[Tested | None] = [None] * len(PHASES)
    if other is not None:
        changes = shares_tested(
            [
                ((customers, now.customers), (other.phases.get(phase, 0), other.customers))
                for phase, customers in zip(PHASES, counts, strict=True)
            ]
        )
    return tuple(
        Column(
            phase,
            customers if customers >= MIN_SHOWN else 0,
            share_of(customers, now.customers),
            change,
        )
        for phase, customers, change in zip(PHASES, counts, changes, strict=True)
    )


def items(now: Done, other: Done | None) -> list[Item]:
    """Return what customers of each phase do, and the touchpoints they pass, the most first."""
    did = {key: n for key, n in now.kinds.items() if key[1] not in _NOT_DONE}
    found = [
        _item(phase, what, name, n, now)
        for phase in PHASES
        for what, counts in (("did", did), ("passed", now.touchpoints))
        for name, n in _shown(counts, phase)
    ]
    if other is None:
        return found
    there = {"did": other.kinds, "passed": other.touchpoints}
    changes = shares_tested(
        [
            (
                (_counted(now, each)[0], now.phases[each.phase]),
                (
                    there[each.what].get((each.phase, each.key), (0, 0))[0],
                    other.phases.get(each.phase, 0),
                ),
            )
            for each in found
        ]
    )
    return [replace(each, change=change) for each, change in zip(found, changes, strict=True)]


def _counted(now: Done, item: Item) -> tuple[int, int]:
    counts = now.kinds if item.what == "did" else now.touchpoints
    return counts[item.phase, item.key]


def _shown(counts: Counts, phase: str) -> list[tuple[str, tuple[int, int]]]:
    shown = [(name, n) for (at, name), n in counts.items() if at == phase and n[0] >= MIN_SHOWN]
    return sorted(shown, key=lambda each: (-each[1][0], each[0]))


def _item(phase: str, what: str, name: str, counted: tuple[int, int], now: Done) -> Item:
    customers, n = counted
    share = share_of(customers, now.phases[phase])
    if not share.shown:
        # The count beside that of the phase would say how few did not.
        customers = n = 0
    return Item(
        phase=phase,
        lane="doing" if what == "did" else "touchpoints",
        what="did" if what == "did" else "passed",
        key=name,
        figure=share,
        customers=customers,
        n=n,
    )
