"""The survey scores: overall, by a dimension, and from one period to another.

Every answer counts, also where one customer answered several times: a score says how the answers
were. The interval and the tests know that answers of one customer resemble each other
(``Tally.design_effect``).
"""

from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Final

from percorso.estimation import Difference
from percorso.metrics.answers import answers
from percorso.metrics.definitions import METRICS, SIGNIFICANT
from percorso.metrics.dimensions import check, with_group
from percorso.metrics.groups import (
    adjusted,
    against_previous,
    against_rest,
    estimates,
    shown_groups,
)
from percorso.metrics.tally import Tally, tally
from percorso.vocabulary import Estimate

if TYPE_CHECKING:
    from percorso.log import Log
    from percorso.log.selection import Selection

#: The one group of a score that is not split.
_ALL: Final = "all"


@dataclass(frozen=True, slots=True)
class GroupScore:
    """The score of one group, such as one channel.

    ``rest_difference`` is this group minus all the others together, ``previous_difference`` this
    group minus itself in the previous period; each with its p-value corrected for all the tests of
    its kind in the same answer. They are None where there is nothing to compare with.
    """

    metric: str
    group: str
    customers: int
    estimate: Estimate
    rest_difference: Difference | None
    p_adjusted: float | None
    previous_difference: Difference | None = None
    previous_p_adjusted: float | None = None

    @property
    def differs(self) -> bool:
        """Say whether the group differs from the rest beyond chance."""
        return self.p_adjusted is not None and self.p_adjusted <= SIGNIFICANT


@dataclass(frozen=True, slots=True)
class Change:
    """A score now and before; ``difference`` is now minus before."""

    metric: str
    now: Estimate
    before: Estimate
    difference: Estimate
    p_value: float
    p_adjusted: float

    @property
    def real(self) -> bool:
        """Say whether the score changed beyond chance."""
        return self.p_adjusted <= SIGNIFICANT


def scores(log: "Log", selection: "Selection | None" = None) -> dict[str, Estimate]:
    """Return each score that has answers: nps, csat, ces, pmf, stars, stars_top2.

    nps in points from -100 to 100; csat, pmf and stars_top2 in percent; ces from 1 to 7 and stars
    from 1 to 5 as means. Hidden where fewer than 5 customers answered.
    """
    return _scores(_overall(log, selection))


def by(
    log: "Log",
    dimension: str,
    selection: "Selection | None" = None,
    previous: "Selection | None" = None,
) -> tuple[GroupScore, ...]:
    """Return each score by a dimension, metric by metric.

    The dimensions are channel, touchpoint, phase, segment, month, kind, language, source, name
    and property:NAME. Answers without a value there are left out. Months come in order, other
    groups with the most answers first. With ``previous``, each group is also compared with itself
    in that selection. Raises DimensionError for what answers cannot be split by.
    """
    check(dimension)
    now = _split(log, dimension, selection)
    before = _split(log, dimension, previous) if previous is not None else {}
    rows = list(chain.from_iterable(_groups(each, before.get(name)) for name, each in now.items()))
    rows = _with_adjusted(rows)
    if dimension != "month":
        order = {name: place for place, name in enumerate(now)}
        rows.sort(key=lambda row: (order[row.metric], -row.estimate.n, row.group))
    return tuple(rows)


def change(
    log: "Log", selection: "Selection | None", previous: "Selection | None"
) -> dict[str, Change]:
    """Return how each score that has answers in both selections differs: the first minus the other.

    Scores of fewer than 5 customers in either are left out. p-values are corrected for the number
    of scores. Customers who answered in both make the test a little too careful, not too bold.
    """
    return _changes(_overall(log, selection), _overall(log, previous))


def scores_and_change(
    log: "Log", selection: "Selection", now: "Selection", previous: "Selection"
) -> tuple[dict[str, Estimate], dict[str, Change]]:
    """Return the scores of a selection, and how they differ between two others.

    That is ``scores`` and ``change``, but what is the same selection is asked about once.
    """
    found = {each: _overall(log, each) for each in {selection, now, previous}}
    return _scores(found[selection]), _changes(found[now], found[previous])


def _scores(tallies: dict[str, Tally]) -> dict[str, Estimate]:
    return {name: each.estimates()[0] for name, each in tallies.items()}


def _changes(now: dict[str, Tally], before: dict[str, Tally]) -> dict[str, Change]:
    pairs = [(now[name], before[name]) for name in now if name in before]
    found = [against_previous(one, shown_groups(one), other)[0] for one, other in pairs]
    return {
        one.metric.name: Change(
            one.metric.name,
            one.estimates()[0],
            other.estimates()[0],
            difference.estimate,
            difference.p_value,
            p_adjusted,
        )
        for (one, other), difference, p_adjusted in zip(pairs, found, adjusted(found), strict=True)
        if difference is not None and p_adjusted is not None
    }


def _overall(log: "Log", selection: "Selection | None") -> dict[str, Tally]:
    import ibis

    table = answers(log, selection).mutate(group=ibis.literal(_ALL))
    return tally(log, table.select("group", "customer", "scale", "score"), METRICS.values())


def _split(log: "Log", dimension: str, selection: "Selection | None") -> dict[str, Tally]:
    table = with_group(log, answers(log, selection), dimension)
    chosen = table.select("group", "customer", "scale", "score")
    return tally(log, chosen, METRICS.values(), rest=True)


def _groups(now: Tally, before: Tally | None) -> list[GroupScore]:
    shown = shown_groups(now)
    return [
        GroupScore(now.metric.name, group, int(customers), estimate, rest, None, previous, None)
        for group, customers, estimate, rest, previous in zip(
            now.groups,
            now.customers,
            estimates(now, shown),
            against_rest(now, shown),
            against_previous(now, shown, before),
            strict=True,
        )
    ]


def _with_adjusted(rows: list[GroupScore]) -> list[GroupScore]:
    rest = adjusted([row.rest_difference for row in rows])
    previous = adjusted([row.previous_difference for row in rows])
    return [
        replace(row, p_adjusted=p, previous_p_adjusted=q)
        for row, p, q in zip(rows, rest, previous, strict=True)
    ]
