"""Pairs that may be one customer, as the page shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final

from percorso import labels
from percorso.app.customers.queries import Row, by_name
from percorso.app.customers.shown import reference
from percorso.i18n import gettext as _
from percorso.identity.words import field_name, level_name

if TYPE_CHECKING:
    from percorso.identity import Weight
    from percorso.log import Log

_ANSWERED: Final = 10


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

    currency = log.workspace.settings.currency
    return [
        PairShown(
            _side(log, each.one, currency),
            _side(log, each.other, currency),
            labels.percent(100 * each.strength, 1),
            _steps(identity.waterfall(log, (each.one, each.other))),
        )
        for each in identity.pairs_to_ask(log, limit)
    ]


def _side(log: "Log", name: str, currency: str) -> Side:
    row = by_name(log, name)
    return Side(name, reference(name), row.key if row else "", _figures(row, currency))


def _figures(row: Row | None, currency: str) -> str:
    if row is None:
        return ""
    last = _("last seen {day}").format(day=labels.day(row.last))
    orders = _("{n} orders, {value}").format(
        n=labels.number(row.orders), value=labels.money(row.value, currency)
    )
    return f"{orders} · {last}" if row.orders else last


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
