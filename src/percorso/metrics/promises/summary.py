"""How many promises are kept, and what a broken one does to the score about the same thing."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from percorso.estimation import Difference, proportion
from percorso.i18n import gettext as _
from percorso.log.fates import COLUMNS, fates
from percorso.log.written import ask, write
from percorso.metrics.answers import answers
from percorso.metrics.definitions import SIGNIFICANT, Metric
from percorso.metrics.dimensions import COLUMNS as LOG_COLUMNS
from percorso.metrics.dimensions import PROPERTY, DimensionError, check, with_group, with_month
from percorso.metrics.groups import adjusted, against_rest, estimates, shown_groups
from percorso.metrics.promises import few
from percorso.metrics.promises.after import score_after
from percorso.metrics.tally import Tally, sums_over_customers, tally_of
from percorso.vocabulary import Estimate, Fate

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

    from percorso.log import Log
    from percorso.log.selection import Selection

#: The one group of promises that are not split.
_ALL: Final = "all"

#: In rows: how many customers had one kept, and how many one broken.
_WITH_KEPT: Final = "with_kept"
_WITH_BROKEN: Final = "with_broken"

#: A promise that has come to its end is worth 100 where it was kept, 0 where it was broken.
_KEPT_SHARE: Final = Metric("kept_share", "share", (), 0, 100)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many promises were made, and what became of them."""

    made: int
    kept: int
    late: int
    unmet: int
    open: int
    withdrawn: int

    @property
    def broken(self) -> int:
        return self.late + self.unmet


@dataclass(frozen=True, slots=True)
class Ended:
    """How promises ended: the counts, and kept / (kept + broken) in percent.

    ``hidden`` and ``kept_share_shown`` are as in :class:`Promises`.
    """

    counts: Counts
    kept_share: Estimate
    hidden: tuple[str, ...]
    kept_share_shown: Estimate


@dataclass(frozen=True, slots=True)
class Promises:
    """What became of the promises.

    ``broken`` is late and unmet together; ``kept_share`` is kept / (kept + broken) in percent.
    ``effect_on_score`` is the mean score after a broken promise minus that after a kept one, on
    ``scale``; ``score_after`` is the mean score after each fate, and after ``broken``. The last
    three of these are None or empty where nobody answered about a thing that was promised.

    The figures are complete, to be computed with. What is shown leaves out the counts of the fates
    in ``hidden``, those that fewer than 5 customers met and what would give these away, and
    ``made`` with them. It says ``kept_share_shown``: the same share, hidden where it would tell
    that so few were kept, or broken.
    """

    made: int
    kept: int
    late: int
    unmet: int
    broken: int
    open: int
    withdrawn: int
    kept_share: Estimate
    effect_on_score: Estimate | None
    scale: str | None
    score_after: Mapping[str, Estimate]
    hidden: tuple[str, ...]
    kept_share_shown: Estimate

    @property
    def shown_counts(self) -> dict[str, int | None]:
        """The counts by fate as they are shown, None where hidden.

        Late and unmet stand there as ``broken`` where they may be told only together.
        """
        counts = {"kept": self.kept}
        if self.kept_share_shown.shown and Fate.LATE in self.hidden and Fate.UNMET in self.hidden:
            counts["broken"] = self.broken
        else:
            counts |= {"late": self.late, "unmet": self.unmet}
        counts |= {"open": self.open, "withdrawn": self.withdrawn}
        return {fate: None if fate in self.hidden else count for fate, count in counts.items()}


@dataclass(frozen=True, slots=True)
class PromiseGroup:
    """The promises of one group; the counts are None where it is too small to be shown.

    ``rest_difference`` is this group's share kept minus that of all the others together, with its
    p-value corrected for all the tests in the same answer; None where there is no rest.

    ``kept_shown``, ``broken_shown`` and ``kept_share_shown`` are the same figures as they are
    shown: hidden too where few customers had one kept or broken (see ``few.told_groups``).
    """

    group: str
    customers: int
    counts: Counts | None
    kept_share: Estimate
    rest_difference: Difference | None
    p_adjusted: float | None
    kept_shown: int | None
    broken_shown: int | None
    kept_share_shown: Estimate

    @property
    def differs(self) -> bool:
        """Say whether the group keeps more or fewer than the rest beyond chance."""
        return self.p_adjusted is not None and self.p_adjusted <= SIGNIFICANT


def summary(
    log: "Log", as_of: datetime | None = None, selection: "Selection | None" = None
) -> Promises:
    """Return what became of the promises by ``as_of``, by default the log's last interaction.

    ``selection`` chooses promises; the answers about what was promised are looked for in the whole
    log. See :func:`fates` for what kept, late, unmet, open and withdrawn mean.
    """
    return summary_of(log, worked_out(log, as_of, selection), as_of)


def worked_out(
    log: "Log", as_of: datetime | None = None, selection: "Selection | None" = None
) -> "pa.Table":
    """Return the fates in memory, 100 bytes a promise, for several questions about them.

    Columns: customer, about, made_at, due_at, fate, known_at. See :func:`fates`.
    """
    promises = fates(log, as_of, selection, also=())
    columns = ("customer", "about", "made_at", "due_at", "fate", "known_at")
    table: pa.Table = promises.select(*columns).to_pyarrow()
    return table


def summary_of(log: "Log", promises: "pa.Table", as_of: datetime | None = None) -> Promises:
    """Return the summary of promises from :func:`worked_out`, by the same ``as_of``."""
    ended = ended_of(log, promises)
    after = score_after(log, _given(log, as_of), promises)
    return Promises(
        **asdict(ended.counts),
        broken=ended.counts.broken,
        kept_share=ended.kept_share,
        effect_on_score=after.effect,
        scale=after.scale,
        score_after=after.by_fate,
        hidden=ended.hidden,
        kept_share_shown=ended.kept_share_shown,
    )


def ended_of(log: "Log", promises: "pa.Table") -> Ended:
    """Return how promises from :func:`worked_out` ended, without what came of it."""
    import pyarrow as pa

    hidden, may_tell = few.hidden(promises)
    promises = promises.select(["customer", "fate"])
    rows = _rows(log, promises.append_column("group", pa.repeat(_ALL, promises.num_rows)))
    counts = _counts(rows[0]) if rows else Counts(0, 0, 0, 0, 0, 0)
    ended = _tally(rows)
    share = ended.estimates()[0] if ended is not None else proportion(0, 0)
    told = share if may_tell else Estimate.hidden(share.n, share.method)
    return Ended(counts, share, hidden, told)


def by(
    log: "Log",
    dimension: str,
    as_of: datetime | None = None,
    selection: "Selection | None" = None,
) -> tuple[PromiseGroup, ...]:
    """Return the promises split by a dimension, each group tested against the rest.

    The dimensions are name, touchpoint, channel, phase, segment, language, source, property:NAME
    and month: the month in which a promise was due. Months come in order, other groups with the
    most promises first. Only groups in which a promise has come to its end are returned. Raises
    DimensionError for what promises cannot be split by.
    """
    check(dimension)
    if dimension == "kind":
        raise DimensionError(_("promises are all of one kind; split them by name"))
    promises = fates(log, as_of, selection, also=_columns_for(dimension))
    grouped = (
        _with_month_due(log, promises)
        if dimension == "month"
        else with_group(log, promises, dimension)
    )
    rows = _rows(log, grouped.select("group", "customer", "fate"))
    ended = _tally(rows)
    if ended is None:
        return ()
    groups = _groups(ended, {row["group"]: row for row in rows})
    if dimension != "month":
        groups.sort(key=lambda each: (-each.kept_share.n, each.group))
    return tuple(groups)


def _groups(ended: Tally, rows: dict[str, dict[str, Any]]) -> list[PromiseGroup]:
    shown = shown_groups(ended)
    with_kept, with_broken = (
        np.array([rows[group][name] for group in ended.groups], dtype=np.float64)
        for name in (_WITH_KEPT, _WITH_BROKEN)
    )
    told = few.told_groups(shown, with_kept, with_broken)
    differences = against_rest(ended, shown)
    found = []
    for group, customers, visible, tell, share, rest, p_adjusted in zip(
        ended.groups,
        ended.customers,
        shown,
        told,
        estimates(ended, shown),
        differences,
        adjusted(differences),
        strict=True,
    ):
        counts = _counts(rows[group])
        found.append(
            PromiseGroup(
                group,
                int(customers),
                counts if visible else None,
                share,
                rest,
                p_adjusted,
                kept_shown=counts.kept if tell else None,
                broken_shown=counts.broken if tell else None,
                kept_share_shown=share if tell else Estimate.hidden(share.n, share.method),
            )
        )
    return found


def _rows(log: "Log", grouped: "ibis.Table | pa.Table") -> list[dict[str, Any]]:
    """Return for each group how many promises of each fate, of customers, and sums for a Tally.

    ``grouped`` has the columns group, customer, fate.
    """
    rows: list[dict[str, Any]] = ask(log, written(), grouped=grouped).to_pylist()
    rows.sort(key=lambda row: str(row["group"]))
    return rows


@cache
def written() -> str:
    """Return the query of ``_rows``."""
    import ibis

    columns = dict.fromkeys(("group", "customer", "fate"), "string")
    grouped = ibis.table(columns, name="grouped")
    counts = {str(fate): (grouped.fate == str(fate)).sum() for fate in Fate}
    of_customer = grouped.group_by(["group", "customer"]).aggregate(**counts)
    kept = of_customer[str(Fate.KEPT)].cast("float64")
    broken = of_customer[str(Fate.LATE)] + of_customer[str(Fate.UNMET)]
    ended = kept + broken
    # Kept is worth 100 and broken 0: so are the sum and the sum of squares.
    of_customer = of_customer.mutate(m=ended, y=kept * 100.0, s=kept * 10_000.0)
    sums = sums_over_customers(of_customer, ["group"], rest=True)
    summed = {str(fate): of_customer[str(fate)].sum() for fate in Fate}
    summed |= {_WITH_KEPT: (kept > 0).sum(), _WITH_BROKEN: (broken > 0).sum()}
    return write(sums.inner_join(of_customer.group_by("group").aggregate(**summed), "group"))


def _counts(row: dict[str, Any]) -> Counts:
    of_fate = {str(fate): int(row[str(fate)]) for fate in Fate}
    return Counts(made=sum(of_fate.values()), **of_fate)


def _tally(rows: list[dict[str, Any]]) -> Tally | None:
    """Return kept among kept and broken, or None where no promise has come to its end."""
    ended = [row for row in rows if row["n"]]
    return tally_of(_KEPT_SHARE, ended, rest=True) if ended else None


def _with_month_due(log: "Log", promises: "ibis.Table") -> "ibis.Table":
    table = log.interactions()
    due = table.filter(table.kind == "promise").due_at
    span = due.as_table().aggregate(first=due.min(), last=due.max())
    (found,) = span.to_pyarrow().to_pylist()
    return with_month(log, promises, "due_at", found["first"], found["last"])


def _columns_for(dimension: str) -> tuple[str, ...]:
    """Return what a promise must carry of its interaction to be split by this."""
    if dimension.startswith(PROPERTY):
        return ("properties",)
    return (dimension,) if dimension in LOG_COLUMNS and dimension not in COLUMNS else ()


def _given(log: "Log", as_of: datetime | None) -> "ibis.Table":
    import ibis

    table = answers(log)
    if as_of is None:
        return table
    return table.filter(table["at"] <= ibis.literal(as_of, type="timestamp('UTC', 6)"))
