"""What the journey pages ask of the log. Answers are kept: see percorso.app.results."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from percorso.app import results
from percorso.app.filters import Scope, scope
from percorso.app.filters.scope import choices
from percorso.app.journeys.results import Explored, Phases
from percorso.journeys import Funnel, IdealPath, Variants
from percorso.journeys.results import Ideal
from percorso.vocabulary import NOT_STEPS

if TYPE_CHECKING:
    from percorso.log import Log

#: Variants kept: more than any page shows.
KEPT = 200


def explored(asked: Scope) -> Explored:
    """Return the graph, where customers stop and what holds them up."""

    def compute() -> Explored:
        from percorso import journeys
        from percorso.log.steps import open_steps

        index = open_steps(asked.log)
        return Explored(
            graph=journeys.graph(index, asked.selection),
            stops=journeys.stops(index, asked.selection),
            friction=journeys.friction(index, asked.selection),
            phases=phases(asked.log).of,
        )

    return results.result(asked.log, "explored", asked.key, Explored, compute)


def phases(log: "Log") -> Phases:
    """Return the phase in which most customers pass each touchpoint for the first time.

    First times, because whoever stays long passes everything again as a loyal customer.
    """

    def compute() -> Phases:
        import ibis

        from percorso.log.moments import moments

        rows = moments(log)
        rows = rows.filter(*(rows.kind != each for each in NOT_STEPS))
        firsts = rows.group_by(["customer", "touchpoint"]).agg(
            phase=lambda each: each.phase.argmin(each["at"])
        )
        counted = firsts.group_by(["touchpoint", "phase"]).agg(times=lambda each: each.count())
        # Where two phases are equally usual the first in the alphabet is it, every time.
        ordered = counted.order_by(["touchpoint", ibis.desc("times"), "phase"]).to_pyarrow()
        found: dict[str, str] = {}
        for touchpoint, phase in zip(
            ordered["touchpoint"].to_pylist(), ordered["phase"].to_pylist(), strict=True
        ):
            found.setdefault(touchpoint, phase)
        return Phases(found)

    return results.result(log, "phases", (), Phases, compute)


def variants(asked: Scope) -> Variants:
    """Return the journeys made most often."""

    def compute() -> Variants:
        from percorso import journeys
        from percorso.log.steps import open_steps

        return journeys.variants(open_steps(asked.log), asked.selection, limit=KEPT)

    return results.result(asked.log, "variants", asked.key, Variants, compute)


def ideal_path(asked: Scope, ideal: Ideal) -> IdealPath:
    """Return what sets the journeys of ideal customers apart."""

    def compute() -> IdealPath:
        from percorso import journeys
        from percorso.log.steps import open_steps

        return journeys.ideal_path(open_steps(asked.log), ideal, asked.selection)

    return results.result(asked.log, "ideal", (*asked.key, ideal), IdealPath, compute)


def funnel(asked: Scope, steps: Sequence[str], within: timedelta) -> Funnel:
    """Return how many customers took ``steps`` in this order, all within ``within``."""

    def compute() -> Funnel:
        from percorso import journeys
        from percorso.log.steps import open_steps

        return journeys.funnel(open_steps(asked.log), steps, within, asked.selection)

    return results.result(asked.log, "funnel", (*asked.key, tuple(steps), within), Funnel, compute)


def touchpoints(log: "Log") -> tuple[str, ...]:
    """Return every touchpoint a journey can pass."""
    from percorso.log.steps import open_steps

    return tuple(sorted(filter(None, open_steps(log).touchpoints), key=str.casefold))


def prepare(log: "Log") -> None:
    """Work out what the pages show where nobody chose anything."""
    usual = scope(log, {})
    if not usual.empty:
        choices(log)
        scope(log, {}, known=False)
        explored(usual)
        ideal_path(usual, "promoters")
        ideal_path(usual.whole_time(), "promoters")
        variants(usual)
