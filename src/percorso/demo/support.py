"""Asking for help: by e-mail, on the phone, by a message on Instagram."""

import numpy as np

from percorso.demo import company
from percorso.demo.effects import Effects
from percorso.demo.people import People, busy_days, in_the_day, later, online_time
from percorso.demo.purchases import Purchases
from percorso.demo.rows import DAY, HOUR, MINUTE, PHONE, SECOND, Ints, Rows
from percorso.demo.voice import Voice

#: Why they write: where the parcel is, a cart that does not work, anything else.
WHERE_IS_IT, CART, OTHER = range(3)
_QUESTIONS = {WHERE_IS_IT: "ask_where", CART: "ask_cart", OTHER: "ask_other"}


def write_support(
    rng: np.random.Generator,
    rows: Rows,
    voice: Voice,
    people: People,
    purchases: Purchases,
    effects: Effects,
) -> None:
    """Write down requests for help, the promises to answer, and the answers."""
    customer, at, why = _reasons(rng, people, purchases)
    number = np.arange(len(customer))
    way = rng.choice(3, len(customer), p=(0.58, 0.30, 0.12))
    by_mail, by_phone, by_direct = (np.flatnonzero(way == each) for each in range(3))
    _write_mail(
        rng, rows, voice, customer[by_mail], at[by_mail], why[by_mail], number[by_mail], effects
    )
    calls = in_the_day(rng, at[by_phone])
    _write_calls(rng, rows, voice, customer[by_phone], calls, why[by_phone], number[by_phone], 0.0)
    _write_direct(rng, rows, voice, customer[by_direct], at[by_direct], why[by_direct])


def _reasons(
    rng: np.random.Generator, people: People, purchases: Purchases
) -> tuple[Ints, Ints, Ints]:
    late = np.flatnonzero(purchases.late & (rng.random(len(purchases.late)) < 0.30))
    stuck = purchases.stopped & (purchases.repeats > 0) & (purchases.device == PHONE)
    stuck = np.flatnonzero(stuck & (rng.random(len(stuck)) < 0.07))
    rate = np.array([0.0, 0.14, 0.46])[people.kind] * (1.2 - people.start / company.DAYS)
    any_time = np.repeat(np.arange(people.count), rng.poisson(rate))
    day = busy_days(rng, people.start[any_time], company.DAYS - 1, company.WEEK_ONLINE)
    return (
        np.concatenate([purchases.customer[late], purchases.customer[stuck], any_time]),
        np.concatenate(
            [
                later(rng, purchases.due_at[late], 1, 16, HOUR),
                later(rng, purchases.bought_at[stuck], 10, 120),
                online_time(rng, day),
            ]
        ),
        np.concatenate(
            [
                np.full(len(late), WHERE_IS_IT),
                np.full(len(stuck), CART),
                np.full(len(any_time), OTHER),
            ]
        ),
    )


def _write_mail(
    rng: np.random.Generator,
    rows: Rows,
    voice: Voice,
    customer: Ints,
    at: Ints,
    why: Ints,
    number: Ints,
    effects: Effects,
) -> None:
    about = {"about_type": "ticket", "about": number}
    rows.add(
        "ticket", "mail", customer, at, text=voice.comment(_QUESTIONS, why, customer, 1.0), **about
    )
    rows.add(
        "promise",
        "mail",
        customer,
        at + 10 * SECOND,
        promise="answer",
        out=True,
        due_at=at + 2 * DAY,
        **about,
    )
    slow = rng.random(len(customer)) < 0.13
    hours = np.where(
        slow,
        49 + rng.exponential(30, len(customer)),
        np.minimum(1 + rng.exponential(13, len(customer)), 46),
    )
    replied = at + (hours * HOUR).astype(np.int64)
    rows.add(
        "message", "mail", customer, replied, out=True, text=voice.say("reply", customer), **about
    )

    # One in four does not wait, or is not helped, and calls: to explain all of it again.
    calls = np.flatnonzero(rng.random(len(customer)) < 0.25)
    called = in_the_day(rng, later(rng, replied[calls], 2, 20, HOUR))
    _write_calls(
        rng,
        rows,
        voice,
        customer[calls],
        called,
        why[calls],
        number[calls],
        -effects.again_csat,
        first=False,
    )

    done = np.setdiff1d(np.arange(len(customer)), calls)
    moved = done[rng.random(len(done)) < 0.35]
    rows.add(
        "update",
        "mail",
        customer[moved],
        replied[moved] + 3 * HOUR,
        about_type="ticket",
        about=number[moved],
    )
    solved = later(rng, replied[done], 4, 14, HOUR)
    rows.add(
        "resolution",
        "mail",
        customer[done],
        solved,
        out=True,
        about_type="ticket",
        about=number[done],
    )
    asked = rng.random(len(done)) < 0.36
    mine = done[asked]
    score = voice.csat(customer[mine], -effects.slow_answer_csat * slow[mine])
    pick = np.where(score >= 4, 0, np.where(slow[mine], 1, 2))
    rows.add(
        "answer",
        "mail",
        customer[mine],
        later(rng, solved[asked], 1, 12, HOUR),
        scale="csat",
        score=score,
        about_type="ticket",
        about=number[mine],
        text=voice.comment(
            {0: "help_good", 1: "help_slow", 2: "help_poor"}, pick, customer[mine], 0.45
        ),
    )


def _write_calls(
    rng: np.random.Generator,
    rows: Rows,
    voice: Voice,
    customer: Ints,
    at: Ints,
    why: Ints,
    number: Ints,
    shift: float,
    *,
    first: bool = True,
) -> None:
    about = {"about_type": "ticket", "about": number}
    rows.add(
        "call", "phone", customer, at, text=voice.comment(_QUESTIONS, why, customer, 0.5), **about
    )
    solved = at + rng.integers(4, 25, len(customer)) * MINUTE
    rows.add("resolution", "phone", customer, solved, out=True, **about)
    asked = rng.random(len(customer)) < 0.38
    score = voice.csat(customer[asked], shift)
    poor = "help_poor" if first else "help_again"
    rows.add(
        "answer",
        "phone",
        customer[asked],
        solved[asked] + 2 * MINUTE,
        scale="csat",
        score=score,
        about_type="ticket",
        about=number[asked],
        text=voice.comment(
            {0: poor, 1: "help_good"}, (score >= 4).astype(np.int64), customer[asked], 0.45
        ),
    )


def _write_direct(
    rng: np.random.Generator, rows: Rows, voice: Voice, customer: Ints, at: Ints, why: Ints
) -> None:
    rows.add("message", "direct", customer, at, text=voice.comment(_QUESTIONS, why, customer, 1.0))
    rows.add(
        "message",
        "direct",
        customer,
        later(rng, at, 0.2, 4, HOUR),
        out=True,
        text=voice.say("reply", customer),
    )
