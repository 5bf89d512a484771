"""Answers reduced to sums, group by group: all that scores, intervals and tests need.

The engine only counts and adds; the statistics are in NumPy. So the answer is the same on every
engine, and no answer of a single person leaves it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from percorso.estimation import (
    MIN_SHOWN,
    Differences,
    differences_of_means,
    differences_of_proportions,
    mean_limits,
    proportion_limits,
)
from percorso.metrics.definitions import Metric
from percorso.vocabulary import Estimate

if TYPE_CHECKING:
    import ibis

Floats = NDArray[np.float64]

#: How the interval is made, by the form of the score.
METHODS = {"share": "wilson", "net": "adjusted-wald", "mean": "adjusted-wald"}


@dataclass(frozen=True, slots=True)
class Tally:
    """The answers to one metric in several groups; every array has one entry a group.

    ``n`` answers of ``customers`` customers; ``total`` and ``squares`` of what they are worth.
    With m answers of a customer that are worth y together: ``sum_mm``, ``sum_my`` and ``sum_yy``
    are the sums over customers of m*m, m*y and y*y.
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
        """How many answers are worth one independent answer, at least 1.

        Several answers of one customer resemble each other. The variance of the mean with
        customers drawn, not answers (the ratio estimator of cluster sampling: Cochran 1977, 6.4),
        over the variance as if each answer came from another customer. Where all answers are the
        same nothing can be seen of it: there each customer counts about once (Kish 1965).
        """
        mean, customers = self.value, np.maximum(self.customers, 2)
        between = np.maximum(self.sum_yy - 2 * mean * self.sum_my + mean**2 * self.sum_mm, 0)
        clustered = customers / (customers - 1) * between / self.n**2
        simple = self.variance / self.n
        worst = self.sum_mm / self.n
        seen = (simple > 0) & (self.customers > 1)
        ratio = np.where(seen, clustered / np.where(seen, simple, 1.0), worst)
        repeated = self.customers < self.n
        return np.where(repeated, np.clip(ratio, 1.0, np.maximum(self.n / 2, 1.0)), 1.0)

    @property
    def effective_n(self) -> Floats:
        """As many independent answers would tell as much."""
        return np.asarray(self.n / self.design_effect)

    def limits(self) -> tuple[Floats, Floats]:
        """Return the limits of each group's 95% interval."""
        n = self.effective_n
        if self.metric.form == "share":
            return proportion_limits(n * self.value / 100, n)
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
            return differences_of_proportions(n1 * self.value / 100, n1, n2 * other.value / 100, n2)
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

    def rest(self) -> "Tally":
        """Return for each group all the others together."""
        return self._with(self.groups, [each.sum() - each for each in self._sums()])

    def together(self, name: str) -> "Tally":
        """Return all the groups as one."""
        return self._with((name,), [each.sum(keepdims=True) for each in self._sums()])

    def take(self, positions: Iterable[int]) -> "Tally":
        """Return the groups at these positions, in this order."""
        chosen = np.fromiter(positions, np.intp)
        groups = tuple(self.groups[each] for each in chosen)
        return self._with(groups, [each[chosen] for each in self._sums()])

    def _sums(self) -> list[Floats]:
        sums = (self.n, self.customers, self.total, self.squares)
        return [*sums, self.sum_mm, self.sum_my, self.sum_yy]

    def _with(self, groups: tuple[str, ...], sums: list[Floats]) -> "Tally":
        return Tally(self.metric, groups, *sums)


def tally(answers: "ibis.Table", metrics: Iterable[Metric]) -> dict[str, Tally]:
    """Reduce answers (columns group, customer, scale, score) to a Tally for each metric.

    Only metrics that have answers are returned. Groups are in the order of their names.
    """
    families = _families(metrics)
    rows: list[dict[str, Any]] = _sums(answers, families).to_pyarrow().to_pylist()
    rows.sort(key=lambda row: str(row["group"]))
    found = {}
    for family in families:
        own = [row for row in rows if row["family"] == family.name]
        for slot, metric in enumerate(family.metrics):
            answered = [row for row in own if row[f"n{slot}"]]
            if answered:
                found[metric.name] = tally_of(metric, answered, str(slot))
    return found


@dataclass(frozen=True, slots=True)
class _Family:
    """Metrics that read the same scales: one pass over the answers serves them all."""

    scales: tuple[str, ...]
    metrics: tuple[Metric, ...]

    @property
    def name(self) -> str:
        return self.metrics[0].name


def _families(metrics: Iterable[Metric]) -> list[_Family]:
    by_scales: dict[tuple[str, ...], list[Metric]] = {}
    for metric in metrics:
        by_scales.setdefault(metric.scales, []).append(metric)
    return [_Family(scales, tuple(found)) for scales, found in by_scales.items()]


def _sums(answers: "ibis.Table", families: list[_Family]) -> "ibis.Table":
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
        of_customer[f"y{slot}"] = worth.sum()
        of_customer[f"s{slot}"] = (worth * worth).sum()
    customers = rows.group_by(["group", "family", "customer"]).aggregate(**of_customer)
    sums: dict[str, ibis.Scalar] = {}
    for slot in slots:
        sums |= sums_over_customers(
            customers[f"m{slot}"], customers[f"y{slot}"], customers[f"s{slot}"], str(slot)
        )
    return customers.group_by(["group", "family"]).aggregate(**sums)


def sums_over_customers(
    m: "ibis.Column", y: "ibis.Column", s: "ibis.Column", suffix: str = ""
) -> dict[str, "ibis.Scalar"]:
    """Return what a Tally needs, from each customer's answers: how many, their sum, of squares."""
    sums = {
        "n": m.sum(),
        "customers": (m > 0).sum(),
        "total": y.sum(),
        "squares": s.sum(),
        "sum_mm": (m * m).sum(),
        "sum_my": (m * y).sum(),
        "sum_yy": (y * y).sum(),
    }
    return {name + suffix: value for name, value in sums.items()}


def tally_of(metric: Metric, rows: list[dict[str, Any]], suffix: str = "") -> Tally:
    """Return the Tally of a metric from rows of ``sums_over_customers``, one a group."""
    names = ("n", "customers", "total", "squares", "sum_mm", "sum_my", "sum_yy")
    sums = (np.array([row[name + suffix] for row in rows], dtype=np.float64) for name in names)
    return Tally(metric, tuple(row["group"] for row in rows), *sums)


def _worth_in(slot: int, answers: "ibis.Table", families: list[_Family]) -> "ibis.Column":
    """Return what each answer is worth to the metric in this place of its family."""
    import ibis

    branches = [
        (answers.scale == scale, _worth(family.metrics[slot], scale, answers.score))
        for family in families
        if slot < len(family.metrics)
        for scale in family.scales
    ]
    return ibis.cases(*branches, else_=ibis.null("float64"))


def _worth(metric: Metric, scale: str, score: "ibis.Column") -> "ibis.Column":
    """Return ``metric.worth`` as an expression."""
    import ibis

    if scale in metric.turned_scales:
        score = (score * -1.0) + float(metric.low + metric.high)
    if not metric.bounds:
        return score
    branches = [(score >= least, float(worth)) for least, worth in reversed(metric.bounds)]
    return ibis.cases(*branches, else_=ibis.null("float64"))
