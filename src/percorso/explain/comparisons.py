"""The comparisons that problems are looked for with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from percorso.estimation import MIN_SHOWN
from percorso.explain.causes import Cause, causes
from percorso.explain.comparing import Comparison, compare
from percorso.explain.material import DAY, FAMILIES, Answers, Floats, Tries
from percorso.explain.problem import EvidenceKind
from percorso.explain.promised import PromiseGroup, worths
from percorso.metrics.definitions import MEANS, Metric
from percorso.vocabulary import SCALES

#: A mean score is called worse from so many standard deviations of single answers on.
LEAST_SPREAD: Final = 0.4
#: A share of tries is called worse from so many percent points on; of steps of a process.
LEAST_SHARE: Final = 5.0
LEAST_SHARE_OF_STEPS: Final = 10.0
#: For so long after a promise was broken, answers are taken to speak of that.
SHADOW: Final = 30 * DAY
#: A promise is taken to cast its shadow where its effect on the score is as sure as this.
_SHADOW_LEVEL: Final = 0.01

Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Test:
    """A comparison with what it is about. ``place`` is the code of the touchpoint.

    ``group`` is the property and the value of those compared, where it is of such a group.
    """

    kind: EvidenceKind
    place: int
    comparison: Comparison
    metric: str | None = None
    source: int = -1
    least: float = 0.0
    p_adjusted: float = 1.0
    group: tuple[str, str] | None = None

    @property
    def p_value(self) -> float:
        return self.comparison.p_value

    @property
    def worse(self) -> bool:
        """Say whether the difference points to worse and is large enough to matter."""
        value = self.comparison.difference.value or 0.0
        return (value if self.metric is None else -value) >= self.least > 0


@dataclass(frozen=True, slots=True)
class Promised:
    """A group of promises with what was tested about it."""

    group: PromiseGroup
    effect: Comparison | None
    causes: tuple[Cause, ...]
    effect_p_adjusted: float = 1.0


def test_promises(group: PromiseGroup) -> Promised:
    whole = np.ones(len(group.broken), bool)
    return Promised(group, effect_of(group, whole), tuple(causes(group)))


def effect_of(group: PromiseGroup, rows: Flags) -> Comparison | None:
    """Compare the scores after some promises that were broken with those after the kept ones."""
    after = group.after
    if after is None:
        return None
    chosen = rows[after.promise]
    fate = group.broken[after.promise][chosen].astype(np.int64)
    compared = compare(
        MEANS[after.metric], fate, after.customer[chosen], after.worth[chosen], least=MIN_SHOWN
    )
    return next((each for each in compared if each.group == 1), None)


def in_shadow(answers: Answers, promised: Sequence[Promised]) -> Flags:
    """Mark answers given soon after a promise to the customer was broken, where that shows."""
    shadow = np.zeros(len(answers.at), bool)
    for each in promised:
        effect = each.effect
        if effect is None or effect.p_value > _SHADOW_LEVEL or (effect.difference.value or 0) >= 0:
            continue
        broken = each.group.broken
        customer, known_at = each.group.customer[broken], each.group.known_at[broken]
        last = last_before(customer, known_at, answers.customer, answers.at)
        shadow |= (last >= 0) & (answers.at - known_at[np.maximum(last, 0)] <= SHADOW)
    return shadow


def last_before(customer: Ints, at: Ints, of: Ints, when: Ints) -> Ints:
    """Return for each moment (``of`` a customer, ``when``) the place of the last event until then.

    Events are ``customer`` and ``at``, in any order; one at the very moment counts. -1 where the
    customer had none. Times and customers are compared as the integers they are.
    """
    names, times = np.concatenate([customer, of]), np.concatenate([at, when])
    asked = np.arange(len(names)) >= len(customer)
    order = np.lexsort((asked, times, names))
    # In this order, the last event on the way is the last one before.
    last = np.maximum.accumulate(np.where(asked[order], -1, np.arange(len(order))))
    place = np.where(last >= 0, order[np.maximum(last, 0)], -1)
    place = np.where(names[place] == names[order], place, -1)
    found = np.empty(len(names), dtype=np.int64)
    found[order] = place
    return found[len(customer) :]


def scores(answers: Answers) -> list[list[Test]]:
    """Compare each touchpoint's scores with those at all others; a family for each metric."""
    return [
        [
            Test("score", each.group, each, metric.name, least=LEAST_SPREAD * each.spread)
            for each in compare(metric, own.touchpoint, own.customer, worth_of(metric, own))
        ]
        for metric, own, _ in by_metric(answers)
    ]


def sources(answers: Answers) -> list[list[Test]]:
    """Compare, at each touchpoint, the scores of those who came one way with all others."""
    families = []
    for metric, own, _ in by_metric(answers):
        found: list[Test] = []
        for place in np.unique(own.touchpoint).tolist():
            here = own.where(own.touchpoint == place)
            compared = compare(metric, here.source + 1, here.customer, worth_of(metric, here))
            found += [
                Test(
                    "score_from", place, each, metric.name, each.group - 1,
                    LEAST_SPREAD * each.spread,
                )
                for each in compared
                if each.group > 0
            ]  # fmt: skip
        families.append(found)
    return families


def trials(tries: Tries) -> list[list[Test]]:
    """Compare giving up and beginning again between the touchpoints where one thing is tried."""
    families = []
    for number, family in enumerate(FAMILIES):
        mine = tries.family == number
        least = LEAST_SHARE_OF_STEPS if family.name == "process" else LEAST_SHARE
        known = mine & (tries.stopped >= 0)
        kinds: tuple[tuple[EvidenceKind, Flags, npt.NDArray[np.bool_]], ...] = (
            ("repeated", mine, tries.repeated),
            ("stopped", known, tries.stopped == 1),
        )
        for kind, rows, happened in kinds:
            compared = compare(
                share(kind), tries.touchpoint[rows], tries.customer[rows], happened[rows] * 100.0
            )
            families.append([Test(kind, each.group, each, least=least) for each in compared])
    return families


def by_metric(answers: Answers) -> Iterator[tuple[Metric, Answers, Flags]]:
    """Yield each metric that was answered, with its answers and which of all they are."""
    for metric in MEANS.values():
        codes = [list(SCALES).index(scale) + 1 for scale in metric.scales]
        rows = np.isin(answers.scale, codes)
        if rows.any():
            yield metric, answers.where(rows), rows


def worth_of(metric: Metric, answers: Answers) -> Floats:
    """Return what answers are worth on the metric's own scale."""
    names = np.array(["", *SCALES], dtype=object)
    return worths(metric.name, names[answers.scale], answers.score)


def share(name: str) -> Metric:
    return Metric(name, "share", (name,), 0, 100)
