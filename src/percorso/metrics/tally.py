"""Answers reduced to sums, group by group: all that scores, intervals and tests need.

The engine only counts and adds; the statistics are in NumPy. So the answer is the same on every
engine, and no answer of a single person leaves it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from percorso.estimation import (
    MIN_SHOWN,
    Differences,
    design_effect,
    differences_of_means,
    differences_of_proportions,
    mean_limits,
    proportion_limits,
)
from percorso.log.written import ask, write
from percorso.metrics.definitions import Metric
from percorso.vocabulary import Estimate

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

    from percorso.log import Log

Floats = NDArray[np.float64]

#: The sums of a Tally, in order.
SUMS: Final = ("n", "customers", "total", "squares", "sum_mm", "sum_my", "sum_yy")

#: How the interval is made, by the form of the score.
METHODS: Final = {"share": "wilson", "net": "adjusted-wald", "mean": "adjusted-wald"}


@dataclass(frozen=True, slots=True)
class Tally:
    """The answers to one metric in several groups; every array has one entry a group.

    ``n`` answers of ``customers`` customers; ``total`` and ``squares`` of what they are worth.
    With m answers of a customer that are worth y together: ``sum_mm``, ``sum_my`` and ``sum_yy``
    are the sums over customers of m*m, m*y and y*y. ``rest`` has for each group all the others
    together, where that was asked for.
    """

    metric: Metric
    groups: tuple[str, ...]
    n: Floats
    customers: Floats
    total: Floats
    squares: Floats
    sum_mm: Floats
    sum_my: Floats
    sum_yy: Floats
    rest: "Tally | None" = None

    @property
    def value(self) -> Floats:
        """The score of each group."""
        return np.asarray(self.total / self.n)

    @property
    def variance(self) -> Floats:
        """The sample variance of what single answers are worth."""
        squares = np.maximum(self.squares - self.n * self.value**2, 0)
        return np.asarray(squares / np.maximum(self.n - 1, 1))

    @property
    def design_effect(self) -> Floats:
        """How many answers are worth one independent answer, at least 1."""
        return design_effect(*self._sums())

    @property
    def effective_n(self) -> Floats:
        """As many independent answers would tell as much."""
        return np.asarray(self.n / self.design_effect)

    @property
    def successes(self) -> Floats:
        """Of a share: how many of ``effective_n`` count; a rounding error aside, at most all."""
        return np.minimum(self.effective_n * self.value / 100, self.effective_n)

    def limits(self) -> tuple[Floats, Floats]:
        """Return the limits of each group's 95% interval."""
        n = self.effective_n
        if self.metric.form == "share":
            return proportion_limits(_of(n, self.value), n)
        return mean_limits(n, self.value, self.variance, self.metric.low, self.metric.high)

    def estimates(self) -> list[Estimate]:
        """Return each group's score; hidden where fewer than 5 customers stand behind it."""
        low, high = self.limits()
        method = METHODS[self.metric.form]
        return [
            Estimate(float(value), float(lower), float(upper), int(n), method)
            if customers >= MIN_SHOWN
            else Estimate.hidden(int(n), method)
            for value, lower, upper, n, customers in zip(
                self.value, low, high, self.n, self.customers, strict=True
            )
        ]

    def minus(self, other: "Tally") -> Differences:
        """Return each group's score minus the other's, groups paired in order."""
        n1, n2 = self.effective_n, other.effective_n
        if self.metric.form == "share":
            return differences_of_proportions(self.successes, n1, other.successes, n2)
        return differences_of_means(
            n1,
            self.value,
            self.variance,
            n2,
            other.value,
            other.variance,
            low=self.metric.low,
            high=self.metric.high,
        )

    def together(self, name: str) -> "Tally":
        """Return all the groups as one."""
        return self._with((name,), [each.sum(keepdims=True) for each in self._sums()])

    def take(self, positions: Iterable[int]) -> "Tally":
        """Return the groups at these positions, in this order."""
        chosen = np.fromiter(positions, np.intp)
        groups = tuple(self.groups[each] for each in chosen)
        rest = self.rest.take(chosen) if self.rest is not None else None
        return self._with(groups, [each[chosen] for each in self._sums()], rest)

    def _sums(self) -> list[Floats]:
        return [getattr(self, name) for name in SUMS]

    def _with(
        self, groups: tuple[str, ...], sums: list[Floats], rest: "Tally | None" = None
    ) -> "Tally":
        return Tally(self.metric, groups, rest=rest, **dict(zip(SUMS, sums, strict=True)))


def tally(
    log: "Log",
    answers: "ibis.Table | pa.Table",
    metrics: Iterable[Metric],
    *,
    rest: bool = False,
) -> dict[str, Tally]:
    """Reduce answers (columns group, customer, scale, score) to a Tally for each metric.

    Only metrics that have answers are returned. Groups are in the order of their names. With
    ``rest`` each has a Tally of all other groups.
    """
    families = _families(metrics)
    query = _written(families, rest=rest)
    rows: list[dict[str, Any]] = ask(log, query, answers=answers).to_pylist()
    rows.sort(key=lambda row: str(row["group"]))
    found = {}
    for family in families:
        own = [row for row in rows if row["family"] == family.name]
        for slot, metric in enumerate(family.metrics):
            answered = [row for row in own if row[f"n{slot}"]]
            if answered:
                found[metric.name] = tally_of(metric, answered, str(slot), rest=rest)
    return found


@dataclass(frozen=True, slots=True)
class _Family:
    """Metrics that read the same scales: one pass over the answers serves them all."""

    scales: tuple[str, ...]
    metrics: tuple[Metric, ...]

    @property
    def name(self) -> str:
        return self.metrics[0].name


def _families(metrics: Iterable[Metric]) -> tuple[_Family, ...]:
    by_scales: dict[tuple[str, ...], list[Metric]] = {}
    for metric in metrics:
        by_scales.setdefault(metric.scales, []).append(metric)
    return tuple(_Family(scales, tuple(found)) for scales, found in by_scales.items())


def written(metrics: Iterable[Metric]) -> str:
    """Return the query of ``tally`` without the rest."""
    return _written(_families(metrics), rest=False)


@cache
def _written(families: tuple[_Family, ...], *, rest: bool) -> str:
    import ibis

    columns = {"group": "string", "customer": "string", "scale": "string", "score": "float64"}
    return write(_sums(ibis.table(columns, name="answers"), families, rest=rest))


def _sums(answers: "ibis.Table", families: Sequence[_Family], *, rest: bool) -> "ibis.Table":
    """Return the sums of each group and family, for the metric in each of its places."""
    scale = answers.scale
    slots = range(max(len(family.metrics) for family in families))
    worths = {f"worth{slot}": _worth_in(slot, answers, families) for slot in slots}
    names = [(each, family.name) for family in families for each in family.scales]
    rows = answers.mutate(family=scale.cases(*names), **worths)
    rows = rows.filter(rows.family.notnull())
    of_customer = {}
    for slot in slots:
        worth = rows[f"worth{slot}"]
        of_customer[f"m{slot}"] = worth.count().cast("float64")
        of_customer[f"y{slot}"] = worth.sum().coalesce(0.0)
        of_customer[f"s{slot}"] = (worth * worth).sum().coalesce(0.0)
    customers = rows.group_by(["group", "family", "customer"]).aggregate(**of_customer)
    return sums_over_customers(
        customers, ["group", "family"], [str(slot) for slot in slots], rest=rest
    )


def sums_over_customers(
    customers: "ibis.Table", by: list[str], slots: Sequence[str] = ("",), *, rest: bool = False
) -> "ibis.Table":
    """Return what Tallies need, one row for each of ``by``.

    ``customers`` has a row for each of ``by`` and customer, and for each slot the columns m (how
    many answers), y (their sum) and s (their sum of squares). With ``rest``, ``by[0]`` being the
    group, also what the Tally of all others needs.
    """
    if rest:
        customers = _with_everywhere(customers, [*by[1:], "customer"], slots)
    sums: dict[str, ibis.Scalar] = {}
    for slot in slots:
        m, y, s = (customers[name + slot] for name in "mys")
        found = {
            "n": m.sum(),
            "customers": (m > 0).sum(),
            "total": y.sum(),
            "squares": s.sum(),
            "sum_mm": (m * m).sum(),
            "sum_my": (m * y).sum(),
            "sum_yy": (y * y).sum(),
        }
        if rest:
            found |= _sums_elsewhere(m, y, *(customers[name + slot] for name in _EVERYWHERE))
        sums |= {name + slot: value for name, value in found.items()}
    return customers.group_by(by).aggregate(**sums)


_EVERYWHERE: Final = ("all_m", "all_y", "places")


def _with_everywhere(
    customers: "ibis.Table", one_customer: list[str], slots: Sequence[str]
) -> "ibis.Table":
    """Add each customer's answers in all groups, their sum, and in how many groups they are."""
    everywhere: dict[str, ibis.Scalar] = {}
    for slot in slots:
        m, y = customers["m" + slot], customers["y" + slot]
        found = (m.sum(), y.sum(), (m > 0).sum())
        everywhere |= {name + slot: value for name, value in zip(_EVERYWHERE, found, strict=True)}
    totals = customers.group_by(one_customer).aggregate(**everywhere)
    return customers.inner_join(totals, one_customer)


def _sums_elsewhere(
    m: "ibis.Column",
    y: "ibis.Column",
    all_m: "ibis.Column",
    all_y: "ibis.Column",
    places: "ibis.Column",
) -> dict[str, "ibis.Scalar"]:
    """Return sums from which ``tally_of`` finds those of all other groups.

    A customer may have answers in several groups, so that sums of squares cannot be subtracted:
    with M answers worth Y in all groups, it is M - m and Y - y that are left elsewhere. Summed
    over the groups, M*m gives the sum over customers of M*M, and so on.
    """
    return {
        "all_customers": ((m > 0).ifelse(1.0, 0.0) / places.nullif(0)).sum().coalesce(0.0),
        "all_mm": (all_m * m).sum(),
        "all_my": (all_y * m).sum(),
        "all_yy": (all_y * y).sum(),
        "only_customers": ((m > 0) & (all_m == m)).sum(),
        "less_mm": (m * (all_m * 2.0 - m)).sum(),
        "less_my": (m * all_y + y * all_m - m * y).sum(),
        "less_yy": (y * (all_y * 2.0 - y)).sum(),
    }


def tally_of(
    metric: Metric, rows: list[dict[str, Any]], slot: str = "", *, rest: bool = False
) -> Tally:
    """Return the Tally of a metric from rows of ``sums_over_customers``, one a group."""

    def column(name: str) -> Floats:
        return np.array([row[name + slot] for row in rows], dtype=np.float64)

    groups = tuple(row["group"] for row in rows)
    own = [column(name) for name in SUMS]
    n, _, total, squares = own[:4]
    others = None
    if rest:
        sums = [
            n.sum() - n,
            np.round(column("all_customers").sum()) - column("only_customers"),
            total.sum() - total,
            squares.sum() - squares,
            *(column(f"all_{each}").sum() - column(f"less_{each}") for each in ("mm", "my", "yy")),
        ]
        others = Tally(metric, groups, rest=None, **dict(zip(SUMS, sums, strict=True)))
    return Tally(metric, groups, rest=others, **dict(zip(SUMS, own, strict=True)))


def _worth_in(slot: int, answers: "ibis.Table", families: Sequence[_Family]) -> "ibis.Column":
    """Return what each answer is worth to the metric in this place of its family."""
    import ibis

    branches = [
        (answers.scale == scale, worth_of(family.metrics[slot], scale, answers.score))
        for family in families
        if slot < len(family.metrics)
        for scale in family.scales
    ]
    return ibis.cases(*branches, else_=ibis.null("float64"))


def worth_of(metric: Metric, scale: str, score: "ibis.Column") -> "ibis.Column":
    """Return what an answer on this scale is worth; null where it does not count."""
    import ibis

    if scale in metric.turned_scales:
        score = (score * -1.0) + float(metric.low + metric.high)
    if not metric.bounds:
        return score
    branches = [(score >= least, float(worth)) for least, worth in reversed(metric.bounds)]
    return ibis.cases(*branches, else_=ibis.null("float64"))


def _of(n: Floats, percent: Floats) -> Floats:
    """Return so many percent of each ``n``, which rounding must not make more than all."""
    return np.asarray(np.minimum(n * percent / 100, n))
