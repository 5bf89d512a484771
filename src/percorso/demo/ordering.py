"""The survey about ordering online: needs met, easy, enjoyable, and who answers it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from percorso.demo import company
from percorso.demo.asking import Wave, add_words
from percorso.demo.effects import Effects
from percorso.demo.people import later
from percorso.demo.purchases import Purchases
from percorso.demo.questionnaires import PYRAMID
from percorso.demo.rows import DAY, HOUR, PHONE, Flags, Floats, Ints, Rows, midnight
from percorso.demo.voice import Voice
from percorso.surveys.model import LEVELS

#: The first and the last day of the orders that were asked about.
_DAYS: Final = (330, company.DAYS - 20)
#: So long after an order is asked about it, of so many of those who were not asked lately.
_AFTER: Final = 8 * DAY
_SHARE: Final = 0.6
_REST: Final = 30 * DAY
#: Points that a level loses where the one below is not good.
_STANDS_ON: Final = 0.6
_GOOD: Final = 4


@dataclass(frozen=True, slots=True)
class Ordered:
    """Those asked about an order, each once, and what they say of it, or would have said.

    ``ratings`` has a column for each level of the pyramid.
    """

    customer: Ints
    at: Ints
    phone: Flags
    newcomer: Flags  # it was their first purchase
    answered: Flags
    ratings: Floats


def write_ordering(
    rng: np.random.Generator,
    rows: Rows,
    voice: Voice,
    purchases: Purchases,
    earlier: Iterable[Wave],
    effects: Effects,
) -> tuple[Ordered, tuple[Wave, ...]]:
    """Write down what is said of ordering online; ``earlier`` are the surveys before."""
    at = later(rng, purchases.bought_at + _AFTER, 1, 14, HOUR)
    chosen = _chosen(rng, purchases, at, earlier)
    bought = purchases.where(chosen)
    newcomer = _is_first(purchases)[chosen]
    customer = bought.customer

    def rated(points: Floats) -> Floats:
        return voice.points(customer, points, 0.3, 0.7, (1, 5))

    # Nobody's needs are met by a parcel that is late.
    needs = rated(4.6 - 0.7 * effects.late_csat * bought.late)
    ease = rated(4.6 - effects.trouble_ease * (bought.repeats > 0) - _STANDS_ON * (needs < _GOOD))
    joy = rated(4.5 - effects.newcomer_enjoyment * newcomer - _STANDS_ON * (ease < _GOOD))
    rate = np.where(newcomer, effects.newcomer_answers, effects.usual_answers)
    ordered = Ordered(
        customer,
        at[chosen],
        bought.device == PHONE,
        newcomer,
        rng.random(len(customer)) < rate,
        np.stack([needs, ease, joy], axis=1),
    )
    carts = (("cart_phone", ordered.phone), ("cart_computer", ~ordered.phone))
    return ordered, tuple(_write(rows, voice, ordered, cart, mine) for cart, mine in carts)


def _chosen(
    rng: np.random.Generator, purchases: Purchases, at: Ints, earlier: Iterable[Wave]
) -> Ints:
    """Return the orders that are asked about: one of a customer, who was not asked lately."""
    first, last = midnight(_DAYS[0]), midnight(_DAYS[1])
    ordered = purchases.online & ~purchases.stopped & ~purchases.cancelled
    ordered &= (purchases.bought_at >= first) & (purchases.bought_at < last)
    for wave in earlier:
        asked_at = np.zeros(purchases.customer.max(initial=0) + 1, np.int64)
        asked_at[wave.customer] = wave.at
        ordered &= np.abs(asked_at[purchases.customer] - at) > _REST
    found = np.flatnonzero(ordered & (rng.random(len(ordered)) < _SHARE))
    found = found[np.argsort(at[found], kind="stable")]
    return found[np.unique(purchases.customer[found], return_index=True)[1]]


def _is_first(purchases: Purchases) -> Flags:
    """Say of each purchase whether its customer had bought nothing before."""
    first = np.full(purchases.customer.max(initial=0) + 1, np.iinfo(np.int64).max)
    bought = ~purchases.stopped
    np.minimum.at(first, purchases.customer[bought], purchases.bought_at[bought])
    return np.asarray(purchases.bought_at <= first[purchases.customer])


def _write(rows: Rows, voice: Voice, ordered: Ordered, cart: str, mine: Flags) -> Wave:
    """Write down what those say who ordered from one kind of device."""
    said = np.flatnonzero(mine & ordered.answered)
    customer, at = ordered.customer[said], ordered.at[said]
    response = rows.responses(len(said))
    for level, (name, scale) in enumerate(LEVELS.items()):
        rows.add(
            "answer",
            cart,
            customer,
            at,
            scale=scale,
            score=ordered.ratings[said, level],
            channel="email",
            asked=f"{PYRAMID}.pyramid.{name}",
            response=response,
        )
    hard = ordered.ratings[said, 1] < _GOOD
    words = {0: "nps_passive", 1: "cart_phone_hard" if cart == "cart_phone" else "cart_hard"}
    told = voice.comment(words, hard.astype(np.int64), customer, 0.5)
    wrote = np.zeros(len(mine), dtype=bool)
    wrote[said] = add_words(rows, f"{PYRAMID}.why", cart, customer, at, told, response, "email")
    everybody = Wave(PYRAMID, cart, "email", ordered.customer, ordered.at, ordered.answered, wrote)
    return everybody.where(mine)
