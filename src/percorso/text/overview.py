"""The voice of the customer in one answer."""

from typing import TYPE_CHECKING

import numpy as np

from percorso.estimation import MIN_SHOWN
from percorso.text import emotions, factors, needs, sentiment, summary
from percorso.text.frame import Texts, load
from percorso.text.results import Voice
from percorso.text.topics import measuring

if TYPE_CHECKING:
    from percorso.log import Log
    from percorso.log.selection import Selection


def voice(
    log: "Log", selection: "Selection | None" = None, *, previous: "Selection | None" = None
) -> Voice:
    """Return what customers say, how, of what, and what they ask for.

    ``previous`` is the period before. Only texts that were read count; ``unread`` says how many
    of the whole log still wait.
    """
    from percorso.text.enrichment import pending

    texts = load(log, selection)
    before = load(log, previous) if previous else None
    whole = sentiment.of(texts, before)[0]
    found_factors = factors.of(texts, before)
    found_topics = measuring.of(log, texts, before)
    found_needs = needs.of(log, texts, before)
    by_language = _by_language(texts)
    return Voice(
        texts=len(texts),
        customers=whole.customers,
        unread=pending(log),
        by_language=dict(sorted(by_language.items(), key=lambda each: -each[1])),
        sentiment=whole,
        factors=found_factors,
        emotions=emotions.of(texts, before),
        topics=found_topics,
        needs=found_needs,
        summary=summary.of(whole, found_factors, found_topics, found_needs, selection),
    )


def _by_language(texts: Texts) -> dict[str, int]:
    """Return the texts in each language in which at least 5 customers wrote."""
    names = ("und", *texts.language.names)
    codes = texts.language.codes.astype(np.int64) + 1
    wrote = np.unique(np.stack([codes, texts.customer.codes.astype(np.int64)]), axis=1)[0]
    customers = np.bincount(wrote, minlength=len(names))
    counted = np.bincount(codes, minlength=len(names))
    return {
        name: int(n)
        for name, n, of in zip(names, counted, customers, strict=True)
        if of >= MIN_SHOWN
    }
