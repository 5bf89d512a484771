"""Buying: on the site, from a phone or a computer, with a delivery promised; and in the shop."""

from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np

from percorso.demo import company
from percorso.demo import people as who
from percorso.demo.effects import Effects
from percorso.demo.people import People, busy_days, in_the_day, later, online_time, shop_time
from percorso.demo.rows import (
    COMPUTER,
    DAY,
    HOUR,
    MINUTE,
    NEVER,
    PHONE,
    SECOND,
    Flags,
    Floats,
    Ints,
    day_number,
    midnight,
)

MOST_REPEATS: Final = 4


@dataclass(frozen=True, slots=True)
class Purchases:
    """One entry each time a customer sets out to buy. Times are local, in microseconds."""

    customer: Ints
    at: Ints
    online: Flags
    device: Ints
    repeats: Ints  # how often the cart had to be filled again
    stopped: Flags  # gave up at the cart
    bought_at: Ints
    genre: Ints
    amount: Floats
    pickup: Flags
    cancelled: Flags
    courier: Ints
    due_at: Ints
    delivered_at: Ints  # NEVER where the parcel was lost
    late: Flags

    def where(self, chosen: Flags | Ints) -> "Purchases":
        return Purchases(*(getattr(self, each.name)[chosen] for each in fields(self)))

    @property
    def home(self) -> Flags:
        """Those that are to be delivered at home."""
        return self.online & ~self.stopped & ~self.pickup

    @property
    def fate_known_at(self) -> Ints:
        """When the customer knows whether the delivery kept its promise."""
        return np.where(
            self.delivered_at == NEVER, self.due_at, np.minimum(self.due_at, self.delivered_at)
        )


def make_purchases(
    rng: np.random.Generator,
    people: People,
    evenings: tuple[Ints, Ints],
    effects: Effects,
) -> Purchases:
    """Draw all purchases. ``evenings`` are customers and times of events they came to."""
    customer, at, online = _set_out(rng, people, evenings)
    count = len(customer)
    device = np.where(rng.random(count) < people.phone[customer], PHONE, COMPUTER)
    device = np.where(online, device, -1)
    trouble = online & (
        rng.random(count) < np.where(device == PHONE, effects.phone_trouble, effects.usual_trouble)
    )
    stopped = online & (
        rng.random(count) < np.where(trouble, effects.trouble_stop, effects.usual_stop)
    )
    # Some who gave up come back within two days, at a computer, and buy.
    again = np.flatnonzero(stopped & (rng.random(count) < 0.25))
    customer = np.concatenate([customer, customer[again]])
    at = np.concatenate([at, later(rng, at[again], 1, 16, HOUR)])
    count = len(customer)
    spare = count - len(online)
    online = np.concatenate([online, np.ones(spare, bool)])
    device = np.concatenate([device, np.full(spare, COMPUTER)])
    stopped = np.concatenate([stopped, np.zeros(spare, bool)])
    trouble = np.concatenate([trouble, np.zeros(spare, bool)])
    repeats = np.where(trouble, np.minimum(rng.geometric(0.55, count), MOST_REPEATS), 0)
    minutes = np.where(online, 8 + rng.exponential(6, count) + repeats * 9, 12)
    bought_at = at + (minutes * MINUTE).astype(np.int64)
    pickup = online & (people.region[customer] == company.MILAN) & (rng.random(count) < 0.34)
    amount = np.round(np.exp(rng.normal(np.where(online, 3.25, 3.0), 0.55, count)), 1) + rng.choice(
        [0.0, 0.5, 0.9], count
    )
    drawn = Purchases(
        customer=customer,
        at=at,
        online=online,
        device=device,
        repeats=repeats,
        stopped=stopped,
        bought_at=bought_at,
        genre=rng.choice(len(company.GENRES), count, p=company.GENRE_SHARES),
        amount=np.round(amount, 2),
        pickup=pickup,
        cancelled=np.zeros(count, bool),
        courier=np.full(count, -1),
        due_at=np.full(count, NEVER),
        delivered_at=np.full(count, NEVER),
        late=np.zeros(count, bool),
    )
    drawn = _deliver(rng, drawn, people, effects)
    return _leave(rng, drawn.where(np.argsort(drawn.at, kind="stable")), people, effects)


def _set_out(
    rng: np.random.Generator, people: People, evenings: tuple[Ints, Ints]
) -> tuple[Ints, Ints, Flags]:
    customer = np.repeat(np.arange(people.count), people.purchases)
    first = np.diff(customer, prepend=-1) > 0
    opening = people.opening
    online = rng.random(len(customer)) < people.online[customer]
    day = np.where(
        first,
        opening[customer],
        np.where(
            online,
            busy_days(rng, opening[customer] + 1, company.DAYS - 1, company.WEEK_ONLINE),
            busy_days(rng, opening[customer] + 1, company.DAYS - 1, company.WEEK_SHOP),
        ),
    )
    at = np.where(online, online_time(rng, day), shop_time(rng, day))
    # A third of those who come to an evening buy a book before they go home.
    guests, times = evenings
    buys = (rng.random(len(guests)) < 0.33) & (people.kind[guests] == who.BUYER)
    return (
        np.concatenate([customer, guests[buys]]),
        np.concatenate([at, later(rng, times[buys], 60, 20)]),
        np.concatenate([online, np.zeros(int(buys.sum()), bool)]),
    )


def _deliver(
    rng: np.random.Generator, drawn: Purchases, people: People, effects: Effects
) -> Purchases:
    """Promise a day for each delivery at home, and let the courier keep it or not."""
    count = len(drawn.customer)
    region = people.region[drawn.customer]
    ordered = (drawn.bought_at // DAY).astype("datetime64[D]")
    allowed = np.array([each.days for each in company.REGIONS])[region]
    due = np.busday_offset(ordered, allowed, roll="forward")
    changed = drawn.bought_at >= midnight(day_number(company.COURIER_CHANGE))
    courier = np.where(region == company.MILAN, company.BIKE, company.USUAL)
    courier = np.where((region == company.EAST) & changed, company.NEW, courier)
    december = ordered.astype("datetime64[M]").astype(int) % 12 == 11
    chance = np.where(
        courier == company.NEW,
        effects.new_courier_late,
        effects.usual_late + december * effects.december_late,
    )
    late = drawn.home & (rng.random(count) < chance)
    early = np.busday_offset(due, -rng.choice(3, count, p=(0.55, 0.3, 0.15)), roll="forward")
    on_time = np.where(early > ordered, early, due)
    after = np.busday_offset(due, np.minimum(rng.geometric(0.38, count), 12), roll="forward")
    day = np.where(late, after, on_time).astype("datetime64[D]").astype(np.int64)
    delivered = in_the_day(rng, day * DAY)
    lost = late & (rng.random(count) < 0.06)
    cancelled = drawn.home & ~late & (rng.random(count) < 0.015)
    return replace(
        drawn,
        courier=np.where(drawn.home, courier, -1),
        due_at=(due.astype(np.int64) + 1) * DAY - SECOND,
        delivered_at=np.where(lost | cancelled | ~drawn.home, NEVER, delivered),
        cancelled=cancelled,
        late=late,
    )


def _leave(
    rng: np.random.Generator, drawn: Purchases, people: People, effects: Effects
) -> Purchases:
    """Let some of those who waited past a promise buy no more."""
    disappointed = np.full(people.count, np.iinfo(np.int64).max)
    np.minimum.at(disappointed, drawn.customer[drawn.late], drawn.fate_known_at[drawn.late])
    after = drawn.at > disappointed[drawn.customer]
    leaves = rng.random(people.count) < effects.late_leave
    return drawn.where(~(after & leaves[drawn.customer]))
