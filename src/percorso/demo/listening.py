"""What customers say of the bookshop as a whole: surveys, reviews, mentions, friends brought."""

from typing import Final

import numpy as np

from percorso.demo import company
from percorso.demo import people as who
from percorso.demo.asking import Wave, add_words
from percorso.demo.effects import Effects
from percorso.demo.people import People, later, online_time
from percorso.demo.purchases import Purchases
from percorso.demo.questionnaires import NPS, PMF
from percorso.demo.rows import DAY, HOUR, MINUTE, Flags, Floats, Ints, Rows, midnight
from percorso.demo.voice import Voice

#: The bookshop asks about half a year after the last time.
_WAVES: Final = (90, 270, 450, 600, 710)
_PMF_DAY: Final = 560
_PMF_SHARES: Final = (0.06, 0.16, 0.36, 0.42)


def write_listening(
    rng: np.random.Generator,
    rows: Rows,
    voice: Voice,
    people: People,
    purchases: Purchases,
    effects: Effects,
    lot: np.random.Generator,
) -> tuple[Wave, ...]:
    """Write down the surveys about the bookshop, the reviews, the mentions, the friends.

    Return who was asked. Who of those who said nothing, ``lot`` draws.
    """
    waves = (
        *_write_nps(rng, rows, voice, people, purchases, effects, lot),
        _write_pmf(rng, rows, voice, purchases),
    )
    _write_reviews(rng, rows, voice, purchases, effects)
    _write_praise(rng, rows, voice, people, purchases, effects)
    return waves


def _write_nps(
    rng: np.random.Generator,
    rows: Rows,
    voice: Voice,
    people: People,
    purchases: Purchases,
    effects: Effects,
    lot: np.random.Generator,
) -> list[Wave]:
    bought = ~purchases.stopped
    waves = []
    first = np.full(people.count, np.iinfo(np.int64).max)
    np.minimum.at(first, purchases.customer[bought], purchases.bought_at[bought])
    late, stuck = purchases.late, purchases.repeats > 0
    shop = ~purchases.online
    for number, wave in enumerate(_WAVES):
        day = wave + rng.integers(0, 18, people.count)
        at = online_time(rng, np.minimum(day, company.DAYS - 1))
        known = first < at - 7 * DAY
        answers = known & (rng.random(people.count) < 0.27)
        asked = np.flatnonzero(answers)
        when = at[asked]

        def lately(
            chosen: Flags, times: Ints, days: int, to: Ints = asked, at: Ints = when
        ) -> Flags:
            return _happened(purchases.customer[chosen], times[chosen], to, at, days)

        waited = lately(late, purchases.fate_known_at, 150)
        shift = (
            -effects.late_nps * waited
            - effects.trouble_nps * lately(stuck, purchases.at, 90)
            + effects.kind_shop_nps * lately(shop, purchases.at, 150)
            + effects.event_nps * (people.meeting[asked] == who.EVENT)
        )
        score = voice.nps(asked, shift)
        pick = np.select([score >= 9, score >= 7, waited], [0, 1, 2], 3)
        words = {0: "nps_promoter", 1: "nps_passive", 2: "nps_late", 3: "nps_detractor"}
        channel = "email" if number % 2 else "survey"
        response = rows.responses(len(asked))
        rows.add(
            "answer",
            "survey",
            asked,
            when,
            scale="nps",
            score=score,
            channel=channel,
            asked=f"{NPS}.nps",
            response=response,
        )
        told = voice.comment(words, pick, asked, 0.5)
        wrote = np.zeros(people.count, dtype=bool)
        wrote[asked] = add_words(rows, f"{NPS}.why", "survey", asked, when, told, response, channel)
        everybody = Wave(NPS, "survey", channel, np.arange(people.count), at, answers, wrote)
        content = _happened(
            purchases.customer[bought], purchases.bought_at[bought], everybody.customer, at, 90
        ) & ~_happened(
            purchases.customer[late], purchases.fate_known_at[late], everybody.customer, at, 150
        )
        silent = lot.random(people.count) < np.where(content, effects.content_asked, 1.0)
        waves.append(everybody.where(answers | (known & silent)))
    return waves


def _write_pmf(rng: np.random.Generator, rows: Rows, voice: Voice, purchases: Purchases) -> Wave:
    """Ask who bought online in the last half year how they would feel without the service."""
    asked_at = midnight(_PMF_DAY)
    recent = purchases.online & ~purchases.stopped
    recent &= (purchases.bought_at < asked_at) & (purchases.bought_at > asked_at - 180 * DAY)
    customers = np.unique(purchases.customer[recent])
    answers = rng.random(len(customers)) < 0.25
    customer = customers[answers]
    score = rng.choice(4, len(customer), p=_PMF_SHARES).astype(float)
    at = np.full(len(customers), asked_at + 12 * HOUR)
    at[answers] = later(rng, np.full(len(customer), asked_at), 60, 2400)
    response = rows.responses(len(customer))
    rows.add(
        "answer",
        "survey",
        customer,
        at[answers],
        channel="email",
        scale="pmf",
        score=score,
        asked=f"{PMF}.pmf",
        response=response,
    )
    told = voice.comment(
        {0: "pmf_not", 1: "pmf_very"}, (score == 3).astype(np.int64), customer, 0.4
    )
    wrote = np.zeros(len(customers), dtype=bool)
    wrote[answers] = add_words(
        rows, f"{PMF}.benefit", "survey", customer, at[answers], told, response, "email"
    )
    return Wave(PMF, "survey", "email", customers, at, answers, wrote)


def _write_reviews(
    rng: np.random.Generator, rows: Rows, voice: Voice, purchases: Purchases, effects: Effects
) -> None:
    bought = ~purchases.stopped & ~purchases.cancelled
    writes = np.flatnonzero(
        bought & (rng.random(len(bought)) < np.where(purchases.late, 0.12, 0.055))
    )
    customer, late = purchases.customer[writes], purchases.late[writes]
    home = purchases.home[writes]
    known = np.where(home, purchases.fate_known_at[writes], purchases.bought_at[writes])
    score = voice.stars(customer, -effects.late_stars * late)
    pick = np.select([score >= 4, late], [0, 1], 2)
    rows.add(
        "review",
        "review",
        customer,
        later(rng, known, 5, 60, HOUR),
        scale="stars",
        score=score,
        about_type="order",
        about=writes,
        text=voice.comment(
            {0: "review_good", 1: "review_late", 2: "review_poor"}, pick, customer, 0.8
        ),
    )


def _write_praise(
    rng: np.random.Generator,
    rows: Rows,
    voice: Voice,
    people: People,
    purchases: Purchases,
    effects: Effects,
) -> None:
    """Mentions on Instagram, and friends brought along, by those who are content."""
    bought = np.flatnonzero(~purchases.stopped)
    customer = purchases.customer[bought]
    content: Floats = (
        people.quality[customer] - (effects.late_csat > 0) * 2.0 * purchases.late[bought]
    )
    content = content + 0.5 * (effects.event_nps > 0) * (people.meeting[customer] == who.EVENT)
    chance = 1 / (1 + np.exp(-content))
    mentions = rng.random(len(bought)) < 0.045 * chance
    at = purchases.bought_at[bought]
    rows.add(
        "mention",
        "instagram",
        customer[mentions],
        later(rng, at[mentions], 4, 60, HOUR),
        text=voice.say("mention", customer[mentions]),
    )
    brings = rng.random(len(bought)) < 0.04 * chance
    rows.add("referral", "friend", customer[brings], later(rng, at[brings], 8, 160, HOUR) + MINUTE)


def _happened(customers: Ints, times: Ints, customer: Ints, at: Ints, days: int) -> Flags:
    """Say for each ``customer`` whether one of ``times`` is theirs and within ``days`` before."""
    # One number for customer and minute, so that a sorted list answers.
    span = np.int64(1) << 32
    known = np.sort(customers * span + times // MINUTE)
    low = np.searchsorted(known, customer * span + (at - days * DAY) // MINUTE)
    high = np.searchsorted(known, customer * span + at // MINUTE)
    return np.asarray(high > low)
