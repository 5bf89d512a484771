"""What customers do in each phase, and which touchpoints they pass."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from percorso.estimation import MIN_SHOWN
from percorso.journey_map.counting import share_of, shares_tested
from percorso.journey_map.model import PHASES, Column, Item
from percorso.log.moments import moments
from percorso.log.written import ask
from percorso.vocabulary import NOT_STEPS, OUTWARD

if TYPE_CHECKING:
    from percorso.log import Log
    from percorso.log.selection import Selection

_NOT_DONE: Final = (*NOT_STEPS, *OUTWARD)

_QUERY: Final = f"""
    SELECT phase, kind, touchpoint, count(*) FILTER (kind NOT IN {NOT_STEPS}) AS n,
        count(*) AS whole, count(DISTINCT number) AS everybody,
        count(DISTINCT number) FILTER (kind NOT IN {NOT_STEPS}) AS customers
    FROM rows GROUP BY GROUPING SETS ((phase, kind), (phase, touchpoint), (phase), ())
"""

_PLACES: Final = f"""
    SELECT touchpoint, phase FROM (
        SELECT touchpoint, phase, count(*) AS times FROM (
            SELECT number, touchpoint, arg_min(phase, "at") AS phase FROM rows
            WHERE kind NOT IN {NOT_STEPS} AND touchpoint IS NOT NULL GROUP BY number, touchpoint
        ) GROUP BY touchpoint, phase
    ) QUALIFY row_number() OVER (PARTITION BY touchpoint ORDER BY times DESC, phase) = 1
"""

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
    customers = interactions = 0
    phases: dict[str, int] = {}
    kinds: Counts = {}
    touchpoints: Counts = {}
    for row in ask(log, _QUERY, rows=chosen).to_pylist():
        found = (int(row["customers"]), int(row["n"]))
        if row["phase"] is None:
            customers, interactions = int(row["everybody"]), int(row["whole"])
        elif row["kind"] is not None:
            kinds[row["phase"], row["kind"]] = found
        elif row["touchpoint"] is not None:
            touchpoints[row["phase"], row["touchpoint"]] = found
        else:
            # A row without a touchpoint is counted here too: the whole phase is the larger.
            phases[row["phase"]] = max(phases.get(row["phase"], 0), int(row["everybody"]))
    return Done(customers, interactions, phases, kinds, touchpoints)


def places(log: "Log") -> dict[str, str]:
    """Return the phase in which most customers pass each touchpoint for the first time.

    First times, because whoever stays long passes everything again as a loyal customer.
    """
    steps = moments(log).select("number", "phase", "kind", "touchpoint", "at")
    found = ask(log, _PLACES, rows=steps)
    rows = found.to_pylist()
    return {str(row["touchpoint"]): str(row["phase"]) for row in rows}


def columns(now: Done, other: Done | None) -> tuple[Column, ...]:
    """Return the six phases with their customers."""
    found = []
    for phase in PHASES:
        customers = now.phases.get(phase, 0)
        change = None
        if other is not None:
            change = shares_tested(
                (customers, now.customers), (other.phases.get(phase, 0), other.customers)
            )
        shown = customers if customers >= MIN_SHOWN else 0
        found.append(Column(phase, shown, share_of(customers, now.customers), change))
    return tuple(found)


def items(now: Done, other: Done | None) -> list[Item]:
    """Return what customers of each phase do, and the touchpoints they pass, the most first."""
    found = []
    for phase in PHASES:
        did = {kind: n for (at, kind), n in now.kinds.items() if at == phase}
        did = {kind: n for kind, n in did.items() if kind not in _NOT_DONE}
        passed = {name: n for (at, name), n in now.touchpoints.items() if at == phase}
        there = {} if other is None else other.kinds
        found += [
            _item(phase, "did", name, n, now, other, there.get((phase, name), (0, 0)))
            for name, n in _shown(did)
        ]
        there = {} if other is None else other.touchpoints
        found += [
            _item(phase, "passed", name, n, now, other, there.get((phase, name), (0, 0)))
            for name, n in _shown(passed)
        ]
    return found


def _shown(given: dict[str, tuple[int, int]]) -> list[tuple[str, tuple[int, int]]]:
    shown = [(name, n) for name, n in given.items() if n[0] >= MIN_SHOWN]
    return sorted(shown, key=lambda each: (-each[1][0], each[0]))


def _item(
    phase: str,
    what: str,
    name: str,
    counted: tuple[int, int],
    now: Done,
    other: Done | None,
    there: tuple[int, int],
) -> Item:
    customers, n = counted
    change = None
    if other is not None:
        change = shares_tested(
            (customers, now.phases[phase]), (there[0], other.phases.get(phase, 0))
        )
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
        change=change,
    )
