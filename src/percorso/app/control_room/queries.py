"""What the control room asks of the log. Answers are kept: see percorso.app.results."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from percorso.app import results
from percorso.app.filters import Scope, Span, scope
from percorso.metrics import Change, GroupScore
from percorso.metrics.promises import Promises
from percorso.vocabulary import Estimate, Phase

if TYPE_CHECKING:
    from percorso.log import Log


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of a period, and how they differ from the one before (of ``days`` days)."""

    metrics: dict[str, Estimate]
    changes: dict[str, Change]
    days: int | None


@dataclass(frozen=True, slots=True)
class PromisesKept:
    """The promises of a period, and the share kept now minus before with its p-value."""

    now: Promises
    difference: Estimate | None
    p_value: float | None


@dataclass(frozen=True, slots=True)
class PhaseFacts:
    """A phase: its customers, and how many of those of the phase before are also here."""

    phase: str
    customers: int
    from_before: Estimate | None


@dataclass(frozen=True, slots=True)
class Strip:
    """The six phases, and the scores in each."""

    customers: int
    phases: tuple[PhaseFacts, ...]
    scores: tuple[GroupScore, ...]


def scores(asked: Scope) -> Scores:
    """Return the scores and what changed."""

    def compute() -> Scores:
        from percorso import metrics

        compared = asked.spans.compared
        return Scores(
            metrics=metrics.scores(asked.log, asked.selection),
            changes=metrics.change(
                asked.log,
                asked.chosen.selection(compared.now),
                asked.chosen.selection(compared.before),
            )
            if compared
            else {},
            days=compared.days if compared else None,
        )

    return results.result(asked.log, "scores", asked.key, Scores, compute)


def promises(asked: Scope) -> PromisesKept:
    """Return what became of the promises, and whether more or fewer are kept than before."""

    def compute() -> PromisesKept:
        from percorso import metrics
        from percorso.estimation import MIN_SHOWN, difference_of_proportions

        def of(span: Span) -> Promises:
            return metrics.promises.summary(asked.log, selection=asked.chosen.selection(span))

        now = of(asked.spans.now)
        compared = asked.spans.compared
        if compared is None:
            return PromisesKept(now, None, None)
        late = now if compared.now == asked.spans.now else of(compared.now)
        before = of(compared.before)
        counts = (late.kept, late.kept + late.broken, before.kept, before.kept + before.broken)
        if min(counts[1], counts[3]) < MIN_SHOWN:
            return PromisesKept(now, None, None)
        found = difference_of_proportions(*counts)
        return PromisesKept(now, found.estimate, found.p_value)

    return results.result(asked.log, "promises", asked.key, PromisesKept, compute)


def strip(asked: Scope) -> Strip:
    """Return how many customers were in each phase, and how they scored there."""

    def compute() -> Strip:
        from percorso import metrics
        from percorso.estimation import proportion

        rows = asked.selection.apply(asked.log, asked.log.interactions())
        names = [str(each) for each in Phase]
        # One row a customer, then sums: the same customers are in several phases.
        seen = rows.group_by("customer").agg(**{name: (rows.phase == name).any() for name in names})
        counted = {"customers": seen.count()}
        for number, name in enumerate(names):
            counted[name] = seen[name].sum()
            if number:
                counted[f"{name}_from"] = (seen[name] & seen[names[number - 1]]).sum()
        found = seen.aggregate(**counted).to_pyarrow().to_pylist()[0]
        facts = []
        for number, name in enumerate(names):
            share = None
            if number and found[names[number - 1]]:
                before = int(found[names[number - 1]])
                share = proportion(int(found[f"{name}_from"] or 0), before)
            facts.append(PhaseFacts(name, int(found[name] or 0), share))
        return Strip(
            int(found["customers"]), tuple(facts), metrics.by(asked.log, "phase", asked.selection)
        )

    return results.result(asked.log, "strip", asked.key, Strip, compute)


def prepare(log: "Log") -> None:
    """Work out what the page shows where nobody chose anything."""
    usual = scope(log, {})
    if not usual.empty:
        scores(usual)
        promises(usual)
        strip(usual)
