"""What purchases leave in the log: carts, orders, deliveries, returns, the till, and answers."""

import numpy as np

from percorso.demo import company
from percorso.demo.effects import Effects
from percorso.demo.people import People, in_the_day, later, shop_time
from percorso.demo.purchases import MOST_REPEATS, Purchases
from percorso.demo.rows import (
    DAY,
    HOUR,
    MINUTE,
    NEVER,
    PHONE,
    SECOND,
    TOUCHPOINT,
    Flags,
    Ints,
    Rows,
    day_number,
    day_of,
    midnight,
)
from percorso.demo.voice import Voice


def write_purchases(
    rng: np.random.Generator,
    rows: Rows,
    voice: Voice,
    people: People,
    purchases: Purchases,
    effects: Effects,
) -> None:
    """Write down what the purchases leave in the log."""
    numbers = np.arange(len(purchases.customer))
    online = np.flatnonzero(purchases.online)
    _write_carts(rng, rows, voice, purchases.where(online), effects)
    bought = np.flatnonzero(purchases.online & ~purchases.stopped)
    _write_orders(rng, rows, people, purchases.where(bought), numbers[bought])
    home = np.flatnonzero(purchases.home)
    _write_deliveries(rng, rows, voice, purchases.where(home), numbers[home], people, effects)
    shop = np.flatnonzero(~purchases.online)
    _write_shop(rng, rows, voice, people, purchases.where(shop), numbers[shop], effects)


def _write_carts(
    rng: np.random.Generator,
    rows: Rows,
    voice: Voice,
    bought: Purchases,
    effects: Effects,
) -> None:
    count = len(bought.customer)
    customer, at, device = bought.customer, bought.at, bought.device
    place = np.where(device == PHONE, TOUCHPOINT["cart_phone"], TOUCHPOINT["cart_computer"])

    home = rng.random(count) < 0.55
    rows.add("view", "home", customer[home], at[home], device=device[home])
    search = rng.random(count) < 0.42
    rows.add(
        "search",
        "search",
        customer[search],
        at[search] + 40 * SECOND,
        device=device[search],
        text=voice.say("search", customer[search]),
    )
    for number, share in enumerate((1.0, 0.5, 0.25)):
        seen = rng.random(count) < share
        rows.add(
            "view",
            "book",
            customer[seen],
            at[seen] + (90 + 70 * number) * SECOND,
            device=device[seen],
            genre=bought.genre[seen],
        )

    # Backwards from the order, each time paying was begun: one who is put back begins again.
    paying = bought.bought_at - rng.integers(60, 150, count) * SECOND
    for number in range(MOST_REPEATS + 1):
        mine = bought.repeats >= number
        start = paying - number * 8 * MINUTE
        rows.add(
            "checkout",
            place[mine],
            customer[mine],
            start[mine],
            device=device[mine],
            amount=bought.amount[mine],
        )

    # The payment page asks how easy it was, also of those who are about to give up.
    asked = rng.random(count) < 0.21
    trouble = bought.repeats[asked] > 0
    score = voice.ces(customer[asked], -effects.trouble_ces * trouble)
    pick = np.where(score >= 6, 0, np.where((device[asked] == PHONE) & (score <= 4), 1, 2))
    rows.add(
        "answer", place[asked], customer[asked], paying[asked] + 20 * SECOND,
        scale="ces", score=score, device=device[asked],
        text=voice.comment({0: "cart_easy", 1: "cart_phone_hard", 2: "cart_hard"}, pick,
                           customer[asked], 0.4),
    )  # fmt: skip

    # Most open an account at their first order.
    first: Ints = np.unique(customer, return_index=True)[1]
    opens = first[rng.random(len(first)) < 0.75]
    rows.add("signup", "signup", customer[opens], at[opens] + 4 * MINUTE, device=device[opens])


def _write_orders(
    rng: np.random.Generator, rows: Rows, people: People, bought: Purchases, numbers: Ints
) -> None:
    customer, at = bought.customer, bought.bought_at
    about = {"about_type": "order", "about": numbers}
    told = _campaign_of(people, customer, at)
    rows.add(
        "order",
        "order",
        customer,
        at,
        amount=bought.amount,
        device=bought.device,
        genre=bought.genre,
        campaign=told,
        **about,
    )
    pickup = bought.pickup
    day = np.minimum(day_of(at) + rng.integers(1, 5, len(at)), company.DAYS)
    collected = np.maximum(shop_time(rng, day), later(rng, at, 10, 6, HOUR))
    rows.add(
        "pickup",
        "pickup",
        customer[pickup],
        collected[pickup],
        genre=bought.genre[pickup],
        about_type="order",
        about=numbers[pickup],
    )


def _write_deliveries(
    rng: np.random.Generator,
    rows: Rows,
    voice: Voice,
    sent: Purchases,
    numbers: Ints,
    people: People,
    effects: Effects,
) -> None:
    customer = sent.customer
    told = _campaign_of(people, customer, sent.bought_at)
    known = {"courier": sent.courier, "genre": sent.genre, "campaign": told}

    def some(chosen: Flags) -> dict[str, object]:
        return {
            "about_type": "order",
            "about": numbers[chosen],
            **{name: values[chosen] for name, values in known.items()},
        }

    everyone = np.ones(len(customer), bool)
    rows.add(
        "promise",
        "delivery",
        customer,
        sent.bought_at + SECOND,
        promise="delivery",
        out=True,
        due_at=sent.due_at,
        channel="website",
        device=sent.device,
        **some(everyone),
    )
    called_off = sent.cancelled
    rows.add(
        "cancellation",
        "order",
        customer[called_off],
        later(rng, sent.bought_at[called_off], 10, 90),
        **some(called_off),
    )
    share = rng.uniform(0.2, 0.6, len(customer))
    shipped = np.where(
        sent.late | (sent.delivered_at == NEVER),
        in_the_day(rng, sent.due_at),
        sent.bought_at + ((sent.delivered_at - sent.bought_at) * share).astype(np.int64),
    )
    arrives = sent.delivered_at != NEVER
    leaves = ~called_off
    rows.add("shipment", "parcel", customer[leaves], shipped[leaves], out=True, **some(leaves))
    rows.add(
        "delivery",
        "delivery",
        customer[arrives],
        sent.delivered_at[arrives],
        out=True,
        **some(arrives),
    )

    # The question comes the day after the parcel; to who still waits, the day after the promise.
    asked = ~called_off & (rng.random(len(customer)) < 0.34)
    waits = sent.late & (~arrives | (rng.random(len(customer)) < 0.4))
    start = np.where(waits, sent.due_at, np.maximum(sent.delivered_at, 0))
    answered = later(rng, start, 2, 20, HOUR)
    score = voice.csat(customer, -effects.late_csat * sent.late)
    pick = np.where(sent.late & (score <= 3), 1, np.where(score >= 4, 0, 2))
    rows.add(
        "answer",
        "delivery",
        customer[asked],
        answered[asked],
        channel="email",
        scale="csat",
        score=score[asked],
        text=voice.comment(
            {0: "delivery_good", 1: "delivery_late", 2: "delivery_poor"},
            pick[asked],
            customer[asked],
            0.45,
        ),
        **some(asked),
    )
    _write_returns(rng, rows, voice, sent.where(arrives), numbers[arrives])


def _write_returns(
    rng: np.random.Generator, rows: Rows, voice: Voice, sent: Purchases, numbers: Ints
) -> None:
    back = np.flatnonzero(rng.random(len(numbers)) < 0.045)
    customer = sent.customer[back]
    about = {"about_type": "order", "about": numbers[back]}
    at = in_the_day(rng, later(rng, sent.delivered_at[back], 2, 6, DAY))
    rows.add("return", "return", customer, at, genre=sent.genre[back], **about)
    due = (at // DAY + 15) * DAY - SECOND
    rows.add(
        "promise", "return", customer, at + MINUTE, promise="refund", out=True, due_at=due, **about
    )
    paid = in_the_day(rng, later(rng, at, 1, 3.2, DAY))
    rows.add("refund", "return", customer, paid, out=True, amount=-sent.amount[back], **about)
    asked = np.flatnonzero(rng.random(len(back)) < 0.32)
    score = voice.csat(customer[asked])
    rows.add(
        "answer",
        "return",
        customer[asked],
        later(rng, paid[asked], 2, 20, HOUR),
        channel="email",
        scale="csat",
        score=score,
        about_type="order",
        about=numbers[back][asked],
        text=voice.comment(
            {0: "return_poor", 1: "return_good"},
            (score >= 4).astype(np.int64),
            customer[asked],
            0.5,
        ),
    )


def _write_shop(
    rng: np.random.Generator,
    rows: Rows,
    voice: Voice,
    people: People,
    bought: Purchases,
    numbers: Ints,
    effects: Effects,
) -> None:
    customer, at = bought.customer, bought.at
    count = len(customer)
    comes = rng.random(count) < 0.85
    rows.add("visit", "visit", customer[comes], at[comes])
    advised = rng.random(count) < 0.38
    helped = at + 5 * MINUTE
    rows.add(
        "action",
        "advice",
        customer[advised],
        helped[advised],
        out=True,
        genre=bought.genre[advised],
    )
    rows.add(
        "order",
        "till",
        customer,
        bought.bought_at,
        amount=bought.amount,
        genre=bought.genre,
        campaign=_campaign_of(people, customer, at),
        about_type="order",
        about=numbers,
    )
    # Two little screens ask: beside the armchairs, about the advice, and at the till.
    for place, chosen, when, words in (
        ("advice", advised & (rng.random(count) < 0.20), helped + 4 * MINUTE, "advice"),
        ("till", rng.random(count) < 0.15, bought.bought_at + MINUTE, "shop"),
    ):
        score = voice.csat(customer[chosen], effects.kind_shop)
        rows.add(
            "answer",
            place,
            customer[chosen],
            when[chosen],
            scale="csat",
            score=score,
            text=voice.comment(
                {0: f"{words}_poor", 1: f"{words}_good"},
                (score >= 4).astype(np.int64),
                customer[chosen],
                0.4,
            ),
        )
    first: Ints = np.unique(customer, return_index=True)[1]
    takes = first[rng.random(len(first)) < 0.5]
    rows.add("signup", "card", customer[takes], bought.bought_at[takes] + 3 * MINUTE)


def _campaign_of(people: People, customer: Ints, at: Ints) -> Ints:
    """Return 1 where the customer got the offer, 0 where not, -1 before it was sent."""
    sent = midnight(day_number(company.CAMPAIGN_DAY))
    return np.where(at >= sent, people.campaign[customer].astype(np.int64), -1)
