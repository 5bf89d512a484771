"""What customers ask for and do not get: requests, wishes, workarounds, grouped by meaning."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from percorso.estimation import MIN_SHOWN, mean
from percorso.text import quotes as quoting
from percorso.text.figures import Sums, corrected, count, count_parts, estimates, tests, untold
from percorso.text.frame import Texts, load
from percorso.text.results import Need, Needs, Shift
from percorso.text.topics.membership import OUTSIDE, WAITING, OfThemes, of_themes
from percorso.vocabulary import Estimate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from percorso.log import Log
    from percorso.log.selection import Selection


def needs(
    log: "Log",
    selection: "Selection | None" = None,
    *,
    previous: "Selection | None" = None,
    quotes: int = 3,
) -> Needs:
    """Return the unmet needs of a selection, as they were last looked for (``topics.refresh``).

    First what most customers ask for and those of the highest value: the mean of the two ranks,
    by customers and by what these customers spent; customers decide between equals.
    """
    before = load(log, previous) if previous else None
    return of(log, load(log, selection), before, quotes)


def of(
    log: "Log",
    texts: Texts,
    previous: Texts | None = None,
    quotes: int = 3,
    *,
    spent: Mapping[str, float] | None = None,
) -> Needs:
    """Return the needs that these texts tell of; ``spent`` is what ``values_of`` gives."""
    asking = texts.take(texts.need)
    now = of_themes(log, asking, "need")
    size = len(now.entries)
    mine, _rest = count(np.zeros(len(asking)), asking.customer.codes, now.theme, size)
    share = _shares(texts, now, size)
    shown = np.asarray(mine.customers >= MIN_SHOWN)
    changes: list[Shift | None] = [None] * size
    if previous is not None:
        then = of_themes(log, previous.take(previous.need), "need")
        asked = previous.take(previous.need)
        theirs, _rest = count(np.zeros(len(asked)), asked.customer.codes, then.theme, size)
        raw = tests("share", share, _shares(previous, then, size), shown)
        changes = corrected(untold(raw, (mine.customers, theirs.customers)))
    values = _values(values_of(log) if spent is None else spent, asking, now.theme, size)
    order = np.argsort(-now.near, kind="stable")
    said = quoting.choose(
        log,
        asking,
        {
            each.id: order[now.theme[order] == place]
            for place, each in enumerate(now.entries)
            if shown[place]
        },
        quotes,
    )
    shares = estimates("share", share, shown)
    totals = [float(each.sum()) for each in values]
    ranks = _ranks(mine.customers, np.array(totals))
    found = [
        Need(
            id=entry.id,
            name=now.standing.names.get(entry.id, entry.name),
            words=entry.words,
            language=entry.language,
            texts=int(mine.n[place]),
            customers=int(mine.customers[place]),
            share=shares[place],
            value=totals[place],
            value_each=mean(values[place]),
            quotes=said.get(entry.id, ()),
            rank=int(ranks[place]),
            share_change=changes[place],
            pinned=entry.id in now.standing.pinned,
            hidden=entry.id in now.standing.hidden,
            renamed=entry.id in now.standing.names,
            merged=now.merged(entry),
        )
        for place, entry in enumerate(now.entries)
        if mine.n[place]
    ]
    found.sort(key=lambda each: (not each.pinned, each.rank))
    apart = np.isin(now.theme, [OUTSIDE, *np.flatnonzero(~shown)])
    waiting = now.theme == WAITING
    return Needs(
        texts=len(asking),
        customers=asking.customers(np.ones(len(asking), bool)),
        share=_share(texts),
        apart=int(apart.sum()),
        apart_customers=asking.customers(apart),
        waiting=int(waiting.sum()),
        waiting_customers=asking.customers(waiting),
        all=tuple(found),
    )


def _shares(texts: Texts, now: OfThemes, size: int) -> Sums:
    """Return the sums of each need's share of all texts."""
    part = np.full(len(texts), OUTSIDE, np.int64)
    part[texts.need] = now.theme
    return count_parts(texts.customer.codes, part, size)


def _share(texts: Texts) -> Estimate:
    """Return the share of texts that ask for something."""
    worth = 100.0 * texts.need
    sums, _rest = count(worth, texts.customer.codes, np.zeros(len(texts), np.int64), 1)
    return estimates("share", sums, np.asarray(sums.customers >= MIN_SHOWN))[0]


def values_of(log: "Log") -> dict[str, float]:
    """Return what each customer spent, where they spent anything."""
    table = log.customers().select("customer", "value")
    found = table.filter(table.value != 0).to_pyarrow()
    return dict(zip(found["customer"].to_pylist(), found["value"].to_pylist(), strict=True))


def _values(
    spent: Mapping[str, float], asking: Texts, theme: "NDArray[np.int64]", size: int
) -> "list[NDArray[np.float64]]":
    """Return what each customer who asks for a need spent, need by need."""
    worth = np.array([spent.get(each) or 0.0 for each in asking.customer.names], np.float64)
    return [worth[np.unique(asking.customer.codes[theme == place])] for place in range(size)]


def _ranks(customers: "NDArray[np.float64]", value: "NDArray[np.float64]") -> "NDArray[np.int64]":
    """Return each need's rank, 1 first."""

    def rank(of: "NDArray[np.float64]") -> "NDArray[np.int64]":
        return np.searchsorted(np.sort(-of), -of) + 1

    order = np.lexsort((-value, -customers, rank(customers) + rank(value)))
    ranks = np.empty(len(order), np.int64)
    ranks[order] = np.arange(1, len(order) + 1)
    return ranks
