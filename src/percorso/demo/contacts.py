"""Meeting the bookshop and keeping in touch: Instagram, browsing, evenings, newsletter, offer."""

from typing import Final

import numpy as np

from percorso.demo import company
from percorso.demo import people as who
from percorso.demo.effects import Effects
from percorso.demo.people import (
    People,
    busy_days,
    later,
    next_evening,
    online_time,
    shop_time,
)
from percorso.demo.rows import (
    COMPUTER,
    DAY,
    HOUR,
    MINUTE,
    PHONE,
    SECOND,
    Ints,
    Rows,
    day_number,
    day_of,
    midnight,
)
from percorso.demo.voice import Voice

#: An evening with an author begins at half past six.
_EVENING: Final = 18 * HOUR + 30 * MINUTE
_NEWSLETTERS: Final = 24


def make_evenings(rng: np.random.Generator, people: People) -> tuple[Ints, Ints]:
    """Return who comes to which evening (customers, times). Evenings are on Thursdays."""
    near = (people.region <= company.MILAN + 1) & (people.kind != who.ANONYMOUS)
    first = np.flatnonzero((people.meeting == who.EVENT) & (people.kind != who.ANONYMOUS))
    # Their log begins the day after, but for the evening itself.
    days = people.start[first] - 1
    keen = np.where(people.meeting == who.EVENT, 1.6, 0.28) * near
    visits = rng.poisson(keen)
    guests = np.repeat(np.arange(people.count), visits)
    later_days = busy_days(rng, people.start[guests] + 15, company.DAYS - 1, company.WEEK_ONLINE)
    customer = np.concatenate([first, guests])
    day = np.concatenate([days, next_evening(later_days)])
    pairs = np.unique(customer * company.DAYS + day)
    customer, day = pairs // company.DAYS, pairs % company.DAYS
    return customer, midnight(day) + _EVENING - rng.integers(0, 20 * 60, len(day)) * SECOND


def _devices(rng: np.random.Generator, people: People, customer: Ints) -> Ints:
    return np.where(rng.random(len(customer)) < people.phone[customer], PHONE, COMPUTER)


def _genres(rng: np.random.Generator, count: int) -> Ints:
    return rng.choice(len(company.GENRES), count, p=company.GENRE_SHARES)


def write_contacts(
    rng: np.random.Generator,
    rows: Rows,
    voice: Voice,
    people: People,
    evenings: tuple[Ints, Ints],
    effects: Effects,
) -> None:
    """Write down all contacts that are not purchases."""
    _write_first_meetings(rng, rows, people)
    _write_browsing(rng, rows, voice, people)
    _write_shop_visits(rng, rows, people)
    _write_evenings(rng, rows, voice, evenings, effects)
    _write_newsletter(rng, rows, people)
    _write_offer(rng, rows, people)


def _write_first_meetings(rng: np.random.Generator, rows: Rows, people: People) -> None:
    everyone = np.arange(people.count)
    for meeting, kind, place in (
        (who.INSTAGRAM, "view", "instagram"),
        (who.SITE, "view", "home"),
        (who.SHOP, "visit", "visit"),
        (who.FRIEND, "click", "friend"),
    ):
        mine = everyone[people.meeting == meeting]
        time_of = shop_time if place == "visit" else online_time
        at = time_of(rng, people.start[mine])
        device = _devices(rng, people, mine)
        rows.add(kind, place, mine, at, device=-1 if place == "visit" else device)
        if place != "visit":
            goes = rng.random(len(mine)) < 0.7
            rows.add(
                "view",
                "book",
                mine[goes],
                at[goes] + 2 * MINUTE,
                device=device[goes],
                genre=_genres(rng, int(goes.sum())),
            )
    # Who does not buy at once often leaves an address first.
    leads = everyone[(people.kind == who.LEAD) & (rng.random(people.count) < 0.6)]
    day = np.minimum(people.start[leads] + rng.geometric(0.2, len(leads)), company.DAYS - 1)
    rows.add(
        "signup",
        "signup",
        leads,
        online_time(rng, day),
        device=_devices(rng, people, leads),
    )


def _write_browsing(rng: np.random.Generator, rows: Rows, voice: Voice, people: People) -> None:
    """Visits to the site that end without a purchase."""
    keen = np.array([0.35, 1.6, 2.8])[people.kind] * np.where(people.online < 0.12, 0.2, 1)
    left = 1 - people.start / company.DAYS
    visits = rng.poisson(rng.gamma(1.2, 1 / 1.2, people.count) * keen * (0.4 + left))
    customer = np.repeat(np.arange(people.count), visits)
    # A browser forgets who it is; a customer keeps coming back.
    last = np.where(people.kind == who.ANONYMOUS, people.start + 25, company.DAYS - 1)
    day = busy_days(
        rng,
        people.start[customer],
        np.minimum(last, company.DAYS - 1)[customer],
        company.WEEK_ONLINE,
    )
    at = online_time(rng, day)
    count = len(customer)
    device = _devices(rng, people, customer)
    genre = _genres(rng, count)
    from_instagram = rng.random(count) < 0.14
    rows.add(
        "view",
        "instagram",
        customer[from_instagram],
        at[from_instagram] - 50 * SECOND,
        device=device[from_instagram],
    )
    home = ~from_instagram & (rng.random(count) < 0.7)
    rows.add("view", "home", customer[home], at[home], device=device[home])
    search = rng.random(count) < 0.38
    rows.add(
        "search",
        "search",
        customer[search],
        at[search] + 35 * SECOND,
        device=device[search],
        text=voice.say("search", customer[search]),
    )
    for number, share in enumerate((0.9, 0.45, 0.2, 0.1)):
        seen = rng.random(count) < share
        rows.add(
            "view",
            "book",
            customer[seen],
            at[seen] + (80 + 75 * number) * SECOND,
            device=device[seen],
            genre=genre[seen],
        )


def _write_shop_visits(rng: np.random.Generator, rows: Rows, people: People) -> None:
    """Card holders who look round and buy nothing."""
    near = (people.region <= company.MILAN + 1) & (people.kind == who.BUYER) & (people.online < 0.7)
    customer = np.repeat(np.arange(people.count), rng.poisson(1.3 * near))
    at = shop_time(rng, busy_days(rng, people.start[customer], company.DAYS - 1, company.WEEK_SHOP))
    rows.add("visit", "visit", customer, at)
    talks = rng.random(len(customer)) < 0.3
    rows.add("action", "advice", customer[talks], at[talks] + 6 * MINUTE, out=True)


def _write_evenings(
    rng: np.random.Generator,
    rows: Rows,
    voice: Voice,
    evenings: tuple[Ints, Ints],
    effects: Effects,
) -> None:
    customer, at = evenings
    number = day_of(at) // 7
    about = {"about_type": "event"}
    # Somebody's very first contact is the evening itself, not the form before it.
    known = np.diff(customer, prepend=-1) == 0
    books = np.flatnonzero(known & (rng.random(len(customer)) < 0.45))
    before = rng.integers(1, 9, len(books)) * DAY + rng.integers(0, 8 * 60, len(books)) * MINUTE
    rows.add("click", "booking", customer[books], at[books] - before, about=number[books], **about)
    rows.add("attendance", "event", customer, at, about=number, **about)
    asked = rng.random(len(customer)) < 0.33
    score = voice.csat(customer[asked], effects.kind_shop)
    rows.add(
        "answer",
        "event",
        customer[asked],
        later(rng, at[asked], 15, 10, HOUR),
        channel="email",
        scale="csat",
        score=score,
        about=number[asked],
        text=voice.comment(
            {0: "event_poor", 1: "event_good"}, (score >= 4).astype(np.int64), customer[asked], 0.5
        ),
        **about,
    )


def _write_newsletter(rng: np.random.Generator, rows: Rows, people: People) -> None:
    """The letters that were opened by a link in them; nobody's reading is tracked otherwise."""
    subscribed = (people.kind != who.ANONYMOUS) & (rng.random(people.count) < 0.45)
    habit = rng.beta(0.8, 3.2, people.count)
    for number in range(_NEWSLETTERS):
        day = 12 + number * (company.DAYS - 20) // _NEWSLETTERS
        reads = np.flatnonzero(
            subscribed & (people.start < day) & (rng.random(people.count) < habit)
        )
        # Drawn by lot: half of them get it on Tuesday, half on Thursday. It changes nothing.
        thursday = rng.integers(0, 2, len(reads))
        at = later(rng, midnight(day + 2 * thursday) + 9 * HOUR, 1, 420)
        rows.add("content", "newsletter", reads, at, send_day=thursday)
        clicks = rng.random(len(reads)) < 0.4
        rows.add(
            "view",
            "book",
            reads[clicks],
            at[clicks] + 3 * MINUTE,
            device=_devices(rng, people, reads[clicks]),
            genre=_genres(rng, int(clicks.sum())),
        )


def _write_offer(rng: np.random.Generator, rows: Rows, people: People) -> None:
    day = day_number(company.CAMPAIGN_DAY)
    given = np.flatnonzero(people.campaign & (people.kind != who.ANONYMOUS) & (people.start < day))
    at = midnight(day) + 10 * HOUR + rng.integers(0, 3600, len(given)) * SECOND
    rows.add("offer", "offer", given, at, out=True, campaign=1)
    clicks = rng.random(len(given)) < 0.06
    rows.add("click", "offer", given[clicks], later(rng, at[clicks], 5, 600), campaign=1)
