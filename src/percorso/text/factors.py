"""The factors of the experience: how often each is spoken of, praised and blamed."""

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from percorso.text.figures import (
    Counted,
    Groups,
    Part,
    Places,
    corrected,
    estimates,
    every,
    measure,
)
from percorso.text.frame import Texts, load
from percorso.text.results import FactorScore
from percorso.vocabulary import FACTORS, Estimate

if TYPE_CHECKING:
    from percorso.log import Log
    from percorso.log.selection import Selection


def factors(
    log: "Log",
    selection: "Selection | None" = None,
    by: str | None = None,
    *,
    previous: "Selection | None" = None,
) -> tuple[FactorScore, ...]:
    """Return the factors that are spoken of, the most mentioned first; with ``by``, by group.

    ``by`` is channel, touchpoint, phase, kind, language or month: one row a factor and group that
    speaks of it. Raises VoiceError.
    """
    return of(load(log, selection), load(log, previous) if previous else None, by)


def of(
    texts: Texts, previous: Texts | None = None, by: str | None = None
) -> tuple[FactorScore, ...]:
    """Return the factors these texts speak of."""
    groups = Groups.of(texts, previous, by)
    measured = {name: _measure(name, groups, texts, previous) for name in FACTORS}
    balances = [each.balance for each in measured.values()]
    shares = [each.share for each in measured.values()]
    # Four questions, each asked of every factor and group.
    tested = [
        iter(corrected(list(chain.from_iterable(raw))))
        for raw in (
            (each.change for each in balances),
            (each.change for each in shares),
            (each.rest for each in balances),
            (each.rest for each in shares),
        )
    ]
    found: list[FactorScore] = []
    for factor, each in measured.items():
        columns = zip(
            groups.names,
            each.balance.sums.n,
            each.balance.sums.customers,
            *each.estimates(),
            *([next(tests) for _group in groups.names] for tests in tested),
            strict=True,
        )
        found += [
            FactorScore(factor, group, int(n), int(customers), *figures)
            for group, n, customers, *figures in columns
            if n
        ]
    totals = {factor: each.balance.sums.n.sum() for factor, each in measured.items()}
    return tuple(sorted(found, key=lambda row: (-totals[row.factor], row.factor)))


@dataclass(frozen=True, slots=True)
class _Measured:
    """Of one factor: the balance of its mentions, their share of texts, who praise, who blame."""

    balance: Counted
    share: Counted
    praise: Counted
    blame: Counted

    def estimates(self) -> tuple[list[Estimate], ...]:
        """Return share, positive, negative and balance; the last three are of the mentions."""
        shown = self.balance.shown
        return (
            self.share.estimates(),
            estimates("share", self.praise.sums, shown),
            estimates("share", self.blame.sums, shown),
            self.balance.estimates(),
        )


def _measure(factor: str, groups: Groups, texts: Texts, previous: Texts | None) -> _Measured:
    rows, sign = texts.polarity_of(factor)
    past = past_share = None
    if previous is not None:
        earlier, earlier_sign = previous.polarity_of(factor)
        past = (previous, earlier, 100.0 * earlier_sign)
        past_share = _mentioning(previous, earlier)
    return _Measured(
        measure("balance", groups, (texts, rows, 100.0 * sign), past),
        measure("share", groups, _mentioning(texts, rows), past_share),
        measure("share", groups, (texts, rows, 100.0 * (sign == 1)), None),
        measure("share", groups, (texts, rows, 100.0 * (sign == -1)), None),
    )


def _mentioning(texts: Texts, rows: Places) -> Part:
    worth = np.zeros(len(texts))
    worth[rows] = 100.0
    return every(texts, worth)
