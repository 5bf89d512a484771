"""Topics of a selection: how large, how they sound, what changed, and what is said in them."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from percorso.estimation import MIN_SHOWN
from percorso.text import quotes as quoting
from percorso.text.figures import (
    Sums,
    corrected,
    count,
    count_parts,
    estimates,
    tests,
)
from percorso.text.frame import Texts, load
from percorso.text.results import Quote, Shift, Topic, Topics
from percorso.text.topics.membership import OUTSIDE, WAITING, OfThemes, of_themes
from percorso.vocabulary import Estimate

if TYPE_CHECKING:
    from percorso.log import Log
    from percorso.log.selection import Selection

Months = list[tuple[tuple[str, Estimate], ...]]


def topics(
    log: "Log",
    selection: "Selection | None" = None,
    *,
    previous: "Selection | None" = None,
    quotes: int = 3,
) -> Topics:
    """Return the topics of a selection, as they were last looked for (``refresh``).

    ``previous`` is the period before; ``quotes`` are asked for of each topic.
    """
    before = load(log, previous) if previous else None
    return of(log, load(log, selection), before, quotes)


def topic(
    log: "Log",
    id_: str,
    selection: "Selection | None" = None,
    *,
    previous: "Selection | None" = None,
    quotes: int = 12,
) -> Topic | None:
    """Return one topic, or the one it was merged into; None where it has no text here."""
    found = topics(log, selection, previous=previous, quotes=quotes)
    return next((each for each in found.all if id_ in (each.id, *each.merged)), None)


def of(log: "Log", texts: Texts, previous: Texts | None = None, quotes: int = 3) -> Topics:
    """Return the topics of these texts."""
    now = of_themes(log, texts, "topic")
    size = len(now.entries)
    share, balance, positive, negative = _sums(texts, now.theme, size)
    # Every topic is a part of all texts: who is in none, or in a hidden one, is not told apart.
    shown = np.asarray(balance.customers >= MIN_SHOWN)
    share_change, change = _changes(log, previous, share, balance, shown)
    shares, praise, blame = (
        estimates("share", each, shown) for each in (share, positive, negative)
    )
    balances = estimates("balance", balance, shown)
    said = _quotes(log, texts, now, shown, quotes)
    months = _months(texts, now.theme, size)
    found = [
        Topic(
            id=entry.id,
            name=now.standing.names.get(entry.id, entry.name),
            words=entry.words,
            language=entry.language,
            texts=int(balance.n[place]),
            customers=int(balance.customers[place]),
            share=shares[place],
            positive=praise[place],
            negative=blame[place],
            balance=balances[place],
            quotes=said[place],
            months=months[place],
            share_change=share_change[place],
            change=change[place],
            pinned=entry.id in now.standing.pinned,
            hidden=entry.id in now.standing.hidden,
            renamed=entry.id in now.standing.names,
            merged=now.merged(entry),
            since=entry.since,
        )
        for place, entry in enumerate(now.entries)
        if balance.n[place]
    ]
    found.sort(key=lambda each: (not each.pinned, -each.texts, each.id))
    outside, waiting = now.theme == OUTSIDE, now.theme == WAITING
    return Topics(
        texts=len(texts),
        outside=int(outside.sum()),
        outside_customers=texts.customers(outside),
        waiting=int(waiting.sum()),
        waiting_customers=texts.customers(waiting),
        made_at=now.known.made_at,
        all=tuple(found),
    )


def _sums(texts: Texts, theme: NDArray[np.int64], size: int) -> tuple[Sums, Sums, Sums, Sums]:
    """Return the sums of each topic's share, balance, positive and negative texts."""
    customer = texts.customer.codes
    grouped = theme != WAITING
    share = count_parts(customer[grouped], theme[grouped], size)
    balance, _rest = count(100.0 * texts.sentiment, customer, theme, size)
    positive, _rest = count(100.0 * (texts.sentiment == 1), customer, theme, size)
    negative, _rest = count(100.0 * (texts.sentiment == -1), customer, theme, size)
    return share, balance, positive, negative


def _changes(
    log: "Log",
    previous: Texts | None,
    share: Sums,
    balance: Sums,
    shown: NDArray[np.bool_],
) -> tuple[list[Shift | None], list[Shift | None]]:
    """Return how each topic's share, and its balance, changed since the period before."""
    if previous is None:
        return [None] * len(shown), [None] * len(shown)
    then = of_themes(log, previous, "topic")
    before, balance_before, _positive, _negative = _sums(previous, then.theme, len(shown))
    # A topic that nobody wrote of before grew from nothing: its share was 0, of all who wrote.
    return (
        corrected(tests("share", share, before, shown)),
        corrected(tests("balance", balance, balance_before, shown)),
    )


def _months(texts: Texts, theme: NDArray[np.int64], size: int) -> Months:
    """Return each topic's share of the texts of each month."""
    months = texts.by("month")
    found: list[list[tuple[str, Estimate]]] = [[] for _topic in range(size)]
    for code, month in enumerate(months.names):
        mine = (months.codes == code) & (theme != WAITING)
        sums = count_parts(texts.customer.codes[mine], theme[mine], size)
        shown = sums.customers >= MIN_SHOWN
        for place, estimate in enumerate(estimates("share", sums, shown)):
            found[place].append((month, estimate))
    return [tuple(each) for each in found]


def _quotes(
    log: "Log", texts: Texts, now: OfThemes, shown: NDArray[np.bool_], limit: int
) -> list[tuple[Quote, ...]]:
    """Return the texts nearest to each topic's centre; none of what few customers wrote of."""
    if not limit:
        return [()] * len(now.entries)
    order = np.argsort(-now.near, kind="stable")
    wanted = {
        entry.id: order[now.theme[order] == place]
        for place, entry in enumerate(now.entries)
        if shown[place]
    }
    chosen = quoting.choose(log, texts, wanted, limit)
    return [chosen.get(entry.id, ()) for entry in now.entries]
