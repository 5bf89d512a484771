"""What the control room asks of the log. Answers are kept: see percorso.app.results."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from percorso.app import results
from percorso.app.filters import Scope, Span, Spans, scope
from percorso.metrics import Change, phases
from percorso.metrics.phases import PhasePassed
from percorso.metrics.promises import Promises
from percorso.vocabulary import Estimate, Fate

if TYPE_CHECKING:
    import pyarrow as pa

    from percorso.log import Log

RECENT: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of a period, and how they differ from the one before (of ``days`` days)."""

    metrics: dict[str, Estimate]
    changes: dict[str, Change]
    days: int | None


@dataclass(frozen=True, slots=True)
class PromisesKept:
    """The promises of a period, the share kept before, and now minus before with its p-value.

    ``waiting`` are promises due in the last 30 days of the log that nobody has kept yet;
    ``waiting_few``: how many is not said. ``few`` says that fewer than 5 were promised
    anything. There is no change where the share of one of the periods would tell of so few.
    """

    now: Promises
    before: Estimate | None
    difference: Estimate | None
    p_value: float | None
    waiting: int
    waiting_few: bool = False
    few: bool = False


@dataclass(frozen=True, slots=True)
class Strip:
    """The six phases. ``scale`` is the one most answered in the log."""

    customers: int
    scale: str | None
    phases: tuple[PhasePassed, ...]


def scores(asked: Scope) -> Scores:
    """Return the scores and what changed."""

    def compute() -> Scores:
        from percorso import metrics

        compared = asked.spans.compared
        if compared is None:
            return Scores(metrics.scores(asked.log, asked.selection), {}, None)
        now, before = map(asked.chosen.selection, (compared.now, compared.before))
        found, changes = metrics.scores_and_change(asked.log, asked.selection, now, before)
        return Scores(found, changes, compared.days)

    return results.result(asked.log, "scores", asked.key, Scores, compute)


def promises(asked: Scope) -> PromisesKept:
    """Return what became of the promises, and whether more or fewer are kept than before."""

    def compute() -> PromisesKept:
        from percorso import metrics
        from percorso.estimation import MIN_SHOWN, difference_of_proportions

        compared = asked.spans.compared
        around = _around(asked.spans)
        # What fulfilled a promise is looked for in the whole log: once for all periods.
        made = metrics.promises.worked_out(asked.log, selection=asked.chosen.selection(around))
        mine = _made_in(made, asked.spans.now)
        now, waiting = metrics.promises.summary_of(asked.log, mine), _waiting(asked, mine)
        nothing = PromisesKept(
            now,
            None,
            None,
            None,
            waiting.num_rows,
            # Broken promises less those that wait would tell the others.
            waiting_few=_people(waiting) < MIN_SHOWN or Fate.UNMET in now.hidden,
            few=_people(mine) < MIN_SHOWN,
        )
        if compared is None:
            return nothing
        recent = metrics.promises.ended_of(asked.log, _made_in(made, compared.now))
        before = metrics.promises.ended_of(asked.log, _made_in(made, compared.before))
        if not (recent.kept_share_shown.shown and before.kept_share_shown.shown):
            return nothing
        found = difference_of_proportions(
            recent.counts.kept,
            recent.counts.kept + recent.counts.broken,
            before.counts.kept,
            before.counts.kept + before.counts.broken,
        )
        return replace(
            nothing,
            before=before.kept_share,
            difference=found.estimate,
            p_value=found.p_value,
        )

    return results.result(asked.log, "promises", asked.key, PromisesKept, compute)


def _around(spans: Spans) -> Span:
    """Return the shortest period that holds all of them."""
    if spans.compared is None:
        return spans.now
    each = (spans.now, spans.compared.now, spans.compared.before)
    starts, ends = [span.since for span in each], [span.until for span in each]
    return Span(
        None if None in starts else min(filter(None, starts)),
        None if None in ends else max(filter(None, ends)),
    )


def _made_in(promises: "pa.Table", span: Span) -> "pa.Table":
    import pyarrow.compute as pc

    if span.since is not None:
        promises = promises.filter(pc.field("made_at") >= span.since)
    if span.until is not None:
        promises = promises.filter(pc.field("made_at") < span.until)
    return promises


def _waiting(asked: Scope, promises: "pa.Table") -> "pa.Table":
    import pyarrow.compute as pc

    if asked.summary.last is None:
        return promises.slice(0, 0)
    since = asked.summary.last - RECENT
    unmet = (pc.field("fate") == str(Fate.UNMET)) & (pc.field("due_at") >= since)
    return promises.filter(unmet)


def _people(promises: "pa.Table") -> int:
    return len(promises["customer"].unique())


def strip(asked: Scope) -> Strip:
    """Return how many customers were in each phase, and how they scored afterwards.

    All phases are there, whichever the filter picks out.
    """
    whole = replace(asked, chosen=replace(asked.chosen, phase=""))

    def compute() -> Strip:
        from percorso.log.steps import open_steps

        scale = open_steps(whole.log).main_scale
        found = phases.passed(whole.log, whole.selection, scale)
        return Strip(found.customers, scale, found.phases)

    return results.result(whole.log, "strip", whole.key, Strip, compute)


def prepare(log: "Log") -> None:
    """Work out what the page shows where nobody chose anything."""
    usual = scope(log, {})
    if not usual.empty:
        scores(usual)
        promises(usual)
        strip(usual)
