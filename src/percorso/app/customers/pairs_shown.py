"""Pairs that may be one customer, as the page shows them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final

from percorso import labels
from percorso.app.customers.queries import Row, by_name
from percorso.app.customers.shown import name_of, reference
from percorso.i18n import gettext as _
from percorso.i18n import ngettext
from percorso.identity.words import field_name, level_name

if TYPE_CHECKING:
    from percorso.identity import Question, Weight
    from percorso.log import Log

_ANSWERED: Final = 10
_MOST_SAID: Final = 99.9


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: ``words`` is its reference as a person reads it."""

    name: str
    words: str
    key: str
    figures: str


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the waterfall, ``tone`` good (for) or bad (against).

    The bar goes from where the steps before came to, ``start``, by ``width``; ``even`` is where
    both are as probable.
    """

    field: str
    level: str
    one: str
    other: str
    weight: str
    start: str
    width: str
    even: str
    tone: str


@dataclass(frozen=True, slots=True)
class PairShown:
    one: Side
    other: Side
    probability: str
    steps: tuple[Step, ...]
    points: str

    @property
    def sides(self) -> tuple[Side, Side]:
        return self.one, self.other


@dataclass(frozen=True, slots=True)
class Answered:
    """What somebody answered. ``key`` and ``number`` are of the join to undo, where it stands."""

    one: str
    other: str
    one_words: str
    other_words: str
    same: bool
    who: str
    when: str
    key: str
    number: int


def waiting(log: "Log", limit: int) -> list[PairShown]:
    """Return the pairs that wait for an answer, the most probable first."""
    from percorso import identity

    asked = identity.pairs_to_ask(log, limit)
    called = identity.called(
        log, [log.identity.customer_of(name) for each in asked for name in (each.one, each.other)]
    )

    def side(name: str) -> Side:
        row = by_name(log, name)
        words = name_of(row, called, known=True)[0] if row else reference(name)
        return Side(name, words, row.key if row else "", _figures(name, words, row))

    return [_pair(each, side, identity.waterfall(log, (each.one, each.other))) for each in asked]


def _pair(asked: "Question", side: Callable[[str], Side], weights: "Sequence[Weight]") -> PairShown:
    # Nothing is certain: that is why it is asked.
    share = min(100 * asked.strength, _MOST_SAID)
    return PairShown(
        side(asked.one),
        side(asked.other),
        labels.percent(share, 1),
        _steps(weights),
        labels.signed(sum(each.weight for each in weights), digits=1),
    )


def _figures(name: str, words: str, row: Row | None) -> str:
    if row is None:
        return ""
    orders = ngettext("{n} order", "{n} orders", row.orders).format(n=labels.number(row.orders))
    parts = (
        reference(name) if words != reference(name) else "",
        f"{orders}, {labels.money(row.value, row.currency)}" if row.orders else "",
        _("last seen {day}").format(day=labels.day(row.last)),
    )
    return " · ".join(each for each in parts if each)


def _steps(weights: "Sequence[Weight]") -> tuple[Step, ...]:
    sums = [0.0, *accumulate(each.weight for each in weights)]
    low, high = min(sums), max(sums)

    def place(bits: float) -> float:
        return 100 * (bits - low) / ((high - low) or 1.0)

    return tuple(
        Step(
            field_name(each.field),
            level_name(each.level) if each.level else "",
            each.one,
            each.other,
            labels.signed(each.weight, digits=1),
            f"{place(min(before, after)):.1f}%",
            f"{max(abs(place(after) - place(before)), 1.0):.1f}%",
            f"{place(0.0):.1f}%",
            "good" if each.weight >= 0 else "bad",
        )
        for each, (before, after) in zip(weights, pairwise(sums), strict=True)
    )


def answered(log: "Log") -> list[Answered]:
    """Return the last answers people gave, the latest first."""
    from percorso.log.facts import key_of

    found = []
    for each in reversed(log.identity.answers()[-_ANSWERED:]):
        join = next(
            (
                join
                for join in log.identity.history([each.one])
                if join.undone_at is None and join.pair == (each.one, each.other)
            ),
            None,
        )
        found.append(
            Answered(
                each.one,
                each.other,
                reference(each.one),
                reference(each.other),
                each.same,
                each.who,
                labels.day(each.at, log.workspace.settings.zone_info),
                key_of(log, each.one) if join else "",
                join.number if join else 0,
            )
        )
    return found
