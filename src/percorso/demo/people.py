"""The customers of Libreria Aurora, and when they come."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from percorso.demo import company
from percorso.demo.effects import Effects
from percorso.demo.rows import DAY, HOUR, MINUTE, SECOND, Flags, Floats, Ints, midnight

if TYPE_CHECKING:
    import pyarrow as pa

ANONYMOUS, LEAD, BUYER = 0, 1, 2
#: How a customer first met the bookshop.
INSTAGRAM, SITE, SHOP, EVENT, FRIEND = range(5)

_THURSDAY: Final = (3 - company.FIRST_DAY.weekday()) % 7
_LAST_THURSDAY: Final = company.DAYS - 1 - (company.DAYS - 1 - _THURSDAY) % 7

_KIND_SHARES: Final = (0.17, 0.15, 0.68)
_MEETINGS_NEAR: Final = (0.20, 0.22, 0.30, 0.18, 0.10)
_MEETINGS_FAR: Final = (0.42, 0.40, 0.02, 0.02, 0.14)
_HOURS_ONLINE: Final = (
    2, 1, 0.5, 0.3, 0.3, 0.5, 1.5, 3, 4, 4.5, 5, 5, 6, 6.5, 5, 4.5, 4.5, 5, 6, 7, 8, 9.5, 8.5, 5,
)  # fmt: skip
_HOURS_SHOP: Final = (0,) * 10 + (4, 6, 7, 5, 4, 6, 8, 9, 9, 5) + (0,) * 4


@dataclass(frozen=True, slots=True)
class People:
    """One entry a customer. ``quality`` is how content they are by nature (mean 0, spread 1)."""

    kind: Ints
    region: Ints
    english: Ints
    meeting: Ints
    start: Ints  # the day the log first sees them
    opening: Ints  # the earliest day of their first purchase
    quality: Floats
    phone: Floats  # how much of their browsing is on a phone
    online: Floats  # how much of their buying is online
    purchases: Ints  # how many times they set out to buy
    campaign: Flags  # drawn for the offer that does nothing

    @property
    def count(self) -> int:
        return len(self.kind)


def make_people(rng: np.random.Generator, count: int, effects: Effects) -> People:
    """Draw ``count`` customers."""
    kind = rng.choice(3, count, p=_KIND_SHARES)
    region = rng.choice(len(company.REGIONS), count, p=[r.share for r in company.REGIONS])
    near = region <= company.MILAN + 1
    meeting = np.where(
        near,
        rng.choice(5, count, p=_MEETINGS_NEAR),
        rng.choice(5, count, p=_MEETINGS_FAR),
    )
    # Who was never named was seen on the site only.
    meeting = np.where((kind == ANONYMOUS) & (meeting >= SHOP), SITE, meeting)
    busy = np.cumsum(day_weights(company.WEEK_ONLINE))
    start = np.searchsorted(busy, rng.random(count) * busy[-1])
    # A bookshop does not open on the day its log begins: many were customers before.
    known = rng.random(count) < 0.30
    start = np.where(known, rng.integers(0, 120, count), start)
    opening = start + rng.exponential(9, count).astype(np.int64)
    # Who met the bookshop at an evening is seen again from the day after.
    guests = (meeting == EVENT) & (kind != ANONYMOUS)
    start = np.where(guests, next_evening(start) + 1, start)
    opening = np.maximum(opening, start)
    usual = busy_days(rng, start, np.minimum(start + 270, company.DAYS - 1), company.WEEK_ONLINE)
    opening = np.where(known, usual, np.minimum(opening, company.DAYS - 1))
    shop = np.array([r.shop for r in company.REGIONS])[region]
    online = rng.beta(np.maximum(4 * (1 - shop), 0.2), np.maximum(4 * shop, 0.2))
    rest = 1 - start / company.DAYS
    rate = rng.gamma(0.75, 5.2, count) * rest * np.where(meeting == EVENT, effects.event_buys, 1)
    purchases = np.where(kind == BUYER, 1 + rng.poisson(rate), 0)
    return People(
        kind=kind,
        region=region,
        english=(rng.random(count) < 0.14).astype(np.int64),
        meeting=meeting,
        start=start,
        opening=opening,
        quality=rng.normal(0, 1, count),
        phone=rng.beta(1.5, 1.3, count),
        online=online,
        purchases=purchases,
        campaign=rng.random(count) < 0.5,
    )


def references(rng: np.random.Generator, people: People) -> "pa.Array[Any]":
    """Return the reference each customer is known by: e-mail, loyalty card, or a browser."""
    import pyarrow as pa

    first = rng.choice(company.FIRST_NAMES, people.count)
    last = rng.choice(company.LAST_NAMES, people.count)
    tokens = rng.integers(0, 2**40, people.count)
    found = []
    for number, kind in enumerate(people.kind.tolist()):
        if kind == ANONYMOUS:
            found.append(f"anon:{tokens[number]:010x}{number:x}")
        elif people.online[number] < 0.12:
            found.append(f"card:{100_000 + number}")
        else:
            found.append(f"email:{first[number]}.{last[number]}{number}@example.org")
    return pa.array(found, pa.string())


def next_evening(day: Ints) -> Ints:
    """Return the first Thursday, on which authors come, from ``day`` on."""
    thursday: Ints = np.minimum(day + (_THURSDAY - day) % 7, _LAST_THURSDAY)
    return thursday


def day_weights(week: tuple[float, ...]) -> Floats:
    """Return how busy each day of the two years is: season, weekday and a slow growth."""
    days = [company.FIRST_DAY + timedelta(days=number) for number in range(company.DAYS)]
    return np.array(
        [
            company.MONTHS[day.month - 1] * week[day.weekday()] * (1 + 0.35 * number / company.DAYS)
            for number, day in enumerate(days)
        ]
    )


def busy_days(
    rng: np.random.Generator, first: Ints, last: "Ints | int", week: tuple[float, ...]
) -> Ints:
    """Draw a day from ``first`` to ``last`` for each, by how busy the days are."""
    edges = np.concatenate([[0.0], np.cumsum(day_weights(week))])
    low = edges[np.clip(first, 0, company.DAYS - 1)]
    high = edges[np.clip(np.asarray(last) + 1, 1, company.DAYS)]
    drawn = low + rng.random(len(first)) * np.maximum(high - low, 1e-9)
    day: Ints = np.searchsorted(edges, drawn, side="right") - 1
    return np.clip(day, 0, company.DAYS - 1)


def online_time(rng: np.random.Generator, day: Ints) -> Ints:
    """Return a time of ``day`` at which people are on the site."""
    return midnight(day) + _hour(rng, len(day), _HOURS_ONLINE)


def shop_time(rng: np.random.Generator, day: Ints) -> Ints:
    """Return a time of ``day`` at which the shop is open."""
    return midnight(day) + _hour(rng, len(day), _HOURS_SHOP)


def _hour(rng: np.random.Generator, count: int, weights: tuple[float, ...]) -> Ints:
    shares = np.array(weights) / np.sum(weights)
    hour = rng.choice(24, count, p=shares).astype(np.int64)
    return hour * HOUR + rng.integers(0, 3600, count) * SECOND


def later(
    rng: np.random.Generator, at: Ints, least: float, mean: float, unit: int = MINUTE
) -> Ints:
    """Return a time after ``at``: at least ``least`` units, ``mean`` more on average."""
    more = rng.exponential(mean, len(at)) + least
    return at + (more * unit).astype(np.int64)


def in_the_day(rng: np.random.Generator, at: Ints) -> Ints:
    """Move a time to between 9 and 19 of the same day: when couriers and offices work."""
    return (at // DAY) * DAY + 9 * HOUR + rng.integers(0, 10 * 3600, len(at)) * SECOND
