"""Shares and balances of texts, group by group, with intervals and tests that know the customers.

A share is worth 0 or 100 a text, a balance -100, 0 or 100. Texts of one customer resemble each
other: intervals and tests count them as ``estimation.design_effect`` says.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from percorso.estimation import (
    MIN_SHOWN,
    Differences,
    adjust,
    design_effect,
    differences_of_means,
    differences_of_proportions,
    may_be_shown,
    mean_limits,
    proportion_limits,
)
from percorso.text.frame import Texts
from percorso.text.results import Shift
from percorso.vocabulary import Estimate

Floats = NDArray[np.float64]
Form = Literal["share", "balance"]
Places = NDArray[np.signedinteger[Any]]
Worths = NDArray[np.floating[Any]]

_METHODS: Final[dict[Form, str]] = {"share": "wilson", "balance": "adjusted-wald"}
_LOW, _HIGH = -100.0, 100.0


@dataclass(frozen=True, slots=True)
class Sums:
    """The sums of what texts are worth in each group; see ``estimation.design_effect``.

    Groups without texts have n = 0, and no figures.
    """

    n: Floats
    customers: Floats
    total: Floats
    squares: Floats
    sum_mm: Floats
    sum_my: Floats
    sum_yy: Floats

    def take(self, places: Any) -> "Sums":
        return Sums(*(getattr(self, each.name)[places] for each in fields(self)))


@dataclass(frozen=True, slots=True)
class Figures:
    """A share, or a balance, in several groups."""

    form: Form
    sums: Sums

    @property
    def value(self) -> Floats:
        return np.asarray(self.sums.total / self.sums.n)

    @property
    def effective_n(self) -> Floats:
        """As many texts of as many customers would tell as much."""
        sums = self.sums
        return np.asarray(
            sums.n
            / design_effect(
                sums.n,
                sums.customers,
                sums.total,
                sums.squares,
                sums.sum_mm,
                sums.sum_my,
                sums.sum_yy,
            )
        )

    @property
    def variance(self) -> Floats:
        n = self.sums.n
        spread = np.maximum(self.sums.squares - n * self.value**2, 0)
        return np.asarray(spread / np.maximum(n - 1, 1))

    def limits(self) -> tuple[Floats, Floats]:
        n = self.effective_n
        if self.form == "share":
            return proportion_limits(np.minimum(n * self.value / 100, n), n)
        return mean_limits(n, self.value, self.variance, _LOW, _HIGH)

    def minus(self, other: "Figures") -> Differences:
        """Return each group less the other's, groups paired in order."""
        n1, n2 = self.effective_n, other.effective_n
        if self.form == "share":
            k1, k2 = (np.minimum(n * each.value / 100, n) for n, each in ((n1, self), (n2, other)))
            return differences_of_proportions(k1, n1, k2, n2)
        return differences_of_means(
            n1, self.value, self.variance, n2, other.value, other.variance, low=_LOW, high=_HIGH
        )


def count(worth: Worths, customer: Places, group: Places, groups: int) -> tuple[Sums, Sums]:
    """Return the sums of each of ``groups`` groups, and of all others together for each.

    ``group`` is each text's, -1 for none. With M texts worth Y of a customer in all groups it is
    M - m and Y - y that are elsewhere: their sums come from what each group takes away.
    """
    inside = group >= 0
    worth, customer, group = worth[inside], customer[inside], group[inside]
    people, person = np.unique(customer, return_inverse=True)
    pair, place = np.unique(group * max(people.size, 1) + person, return_inverse=True)
    m = np.bincount(place, weights=np.ones_like(worth), minlength=pair.size)
    y = np.bincount(place, weights=worth, minlength=pair.size)
    of, who = pair // max(people.size, 1), pair % max(people.size, 1)

    def gathered(values: NDArray[Any], of: Places = of) -> Floats:
        return np.bincount(of, weights=values, minlength=groups).astype(np.float64)

    squares = gathered(worth**2, group)
    own = Sums(
        gathered(m),
        gathered(np.ones_like(m)),
        gathered(y),
        squares,
        gathered(m * m),
        gathered(m * y),
        gathered(y * y),
    )
    all_m, all_y = (np.bincount(who, weights=each, minlength=people.size) for each in (m, y))
    left_m, left_y = all_m[who] - m, all_y[who] - y
    rest = Sums(
        own.n.sum() - own.n,
        float(people.size) - gathered(np.where(left_m == 0, 1.0, 0.0)),
        own.total.sum() - own.total,
        squares.sum() - squares,
        (all_m * all_m).sum() - gathered(all_m[who] ** 2 - left_m**2),
        (all_m * all_y).sum() - gathered(all_m[who] * all_y[who] - left_m * left_y),
        (all_y * all_y).sum() - gathered(all_y[who] ** 2 - left_y**2),
    )
    return own, rest


def count_parts(customer: Places, part: Places, parts: int) -> Sums:
    """Return the sums of the share that each part is of all texts; ``part`` is -1 for none.

    The same as ``count`` of worths 100 and 0 for each part, in one pass.
    """
    people, person = np.unique(customer, return_inverse=True)
    size = max(people.size, 1)
    of_all = np.bincount(person, minlength=size).astype(np.float64)
    inside = part >= 0
    pair, place = np.unique(part[inside] * size + person[inside], return_inverse=True)
    mine = 100.0 * np.bincount(place, minlength=pair.size)
    of, who = pair // size, pair % size

    def gathered(values: NDArray[Any]) -> Floats:
        return np.bincount(of, weights=values, minlength=parts).astype(np.float64)

    def same(value: float) -> Floats:
        return np.full(parts, float(value))

    total = gathered(mine)
    return Sums(
        same(part.size),
        same(people.size),
        total,
        100.0 * total,
        same((of_all**2).sum()),
        gathered(mine * of_all[who]),
        gathered(mine**2),
    )


def estimates(form: Form, sums: Sums, shown: NDArray[np.bool_]) -> list[Estimate]:
    """Return the figure of each group, hidden where it may not be shown."""
    found = [Estimate.hidden(int(n), _METHODS[form]) for n in sums.n]
    places = np.flatnonzero(shown & (sums.n > 0))
    if places.size:
        figures = Figures(form, sums.take(places))
        low, high = figures.limits()
        for place, *numbers in zip(places, figures.value, low, high, strict=True):
            value, lower, upper = (float(each) for each in numbers)
            found[place] = Estimate(value, lower, upper, int(sums.n[place]), _METHODS[form])
    return found


def visible(sums: Sums, *, split: bool) -> NDArray[np.bool_]:
    """Return which groups may be shown; ``split`` says that they are parts of one total."""
    if split:
        return may_be_shown(sums.customers)
    return np.asarray(sums.customers >= MIN_SHOWN)


#: The p-value is corrected once all of a family are known.
Raw = tuple[Estimate, float]


def tests(
    form: Form,
    first: Sums,
    second: Sums,
    shown: NDArray[np.bool_],
) -> list[Raw | None]:
    """Return first less second in each group; None where either may not be shown."""
    found: list[Raw | None] = [None] * len(first.n)
    places = np.flatnonzero(
        shown & (first.customers >= MIN_SHOWN) & (second.customers >= MIN_SHOWN)
    )
    if places.size:
        one, other = (Figures(form, each.take(places)) for each in (first, second))
        gap = one.minus(other)
        sizes = first.n[places] + second.n[places]
        for place, *numbers, n, p in zip(
            places, gap.value, gap.low, gap.high, sizes, gap.p_value, strict=True
        ):
            value, low, high = (float(each) for each in numbers)
            found[place] = (Estimate(value, low, high, int(n), "square-and-add"), float(p))
    return found


def untold(raw: Sequence[Raw | None], customers: Sequence[Floats]) -> list[Raw | None]:
    """Return the tests but those of which a side stands on 1 to 4 customers.

    ``customers`` are those who count on either side, by group: beside a share that is told, the
    difference would tell the other.
    """
    few = np.any([(each > 0) & (each < MIN_SHOWN) for each in customers], axis=0)
    return [None if hidden else each for each, hidden in zip(raw, few, strict=True)]


def every(texts: Texts, worth: Worths) -> "Part":
    """Return all texts, each with its worth."""
    return texts, np.arange(len(texts)), worth


def corrected(raw: Sequence[Raw | None]) -> list[Shift | None]:
    """Return the tests of one question with p-values corrected for their number."""
    adjusted = iter(adjust([each[1] for each in raw if each is not None]))
    return [
        None if each is None else Shift(each[0], each[1], float(next(adjusted))) for each in raw
    ]


@dataclass(frozen=True, slots=True)
class Groups:
    """Texts split into groups, and the texts of the period before split in the same way.

    ``names`` is ``(None,)`` where all texts are one group.
    """

    names: tuple[str | None, ...]
    now: NDArray[np.int64]
    before: NDArray[np.int64] | None

    @property
    def split(self) -> bool:
        return self.names != (None,)

    @classmethod
    def of(cls, texts: Texts, previous: Texts | None, dimension: str | None) -> "Groups":
        """Split texts by a dimension, or take them as one group. Raises VoiceError."""
        if dimension is None:
            before = None if previous is None else np.zeros(len(previous), np.int64)
            return cls((None,), np.zeros(len(texts), np.int64), before)
        words = texts.by(dimension)
        before = None
        if previous is not None:
            earlier = previous.by(dimension)
            places = {name: place for place, name in enumerate(words.names)}
            # The last one is what -1, no word at all, finds.
            moved = np.array([*(places.get(name, -1) for name in earlier.names), -1], np.int64)
            before = moved[earlier.codes]
        return cls(words.names, words.codes, before)


#: Texts, the rows of them that count, and what each is worth.
Part = tuple[Texts, Places, Worths]


@dataclass(frozen=True, slots=True)
class Counted:
    """What one share or balance is in every group, and what it is tested against."""

    form: Form
    sums: Sums
    shown: NDArray[np.bool_]
    rest: list[Raw | None]
    change: list[Raw | None]

    def estimates(self) -> list[Estimate]:
        return estimates(self.form, self.sums, self.shown)


def measure(
    form: Form,
    groups: Groups,
    now: Part,
    before: Part | None,
) -> Counted:
    """Measure a share or a balance in every group, and test it against the rest and the past."""
    size = len(groups.names)

    def counted(part: Part, group: Places) -> tuple[Sums, Sums]:
        texts, rows, worth = part
        return count(worth, texts.customer.codes[rows], group[rows], size)

    own, rest = counted(now, groups.now)
    shown = visible(own, split=groups.split)
    nothing: list[Raw | None] = [None] * size
    change = nothing
    if before is not None and groups.before is not None:
        earlier, _others = counted(before, groups.before)
        change = tests(form, own, earlier, shown & visible(earlier, split=groups.split))
    against = tests(form, own, rest, shown) if groups.split else nothing
    return Counted(form, own, shown, against, change)
