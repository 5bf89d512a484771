"""Which emotions texts show, and where along the experience."""

from typing import TYPE_CHECKING

import numpy as np

from percorso.text.figures import (
    Counted,
    Groups,
    Part,
    Places,
    Raw,
    Sums,
    corrected,
    count,
    every,
    measure,
    untold,
)
from percorso.text.frame import Texts, load
from percorso.text.results import EmotionScore
from percorso.vocabulary import EMOTIONS

if TYPE_CHECKING:
    from percorso.log import Log
    from percorso.log.selection import Selection


def emotions(
    log: "Log",
    selection: "Selection | None" = None,
    by: str | None = "phase",
    *,
    previous: "Selection | None" = None,
) -> tuple[EmotionScore, ...]:
    """Return the share of texts that show each emotion, in each group (None: of all texts).

    In the vocabulary's order of emotions, groups in the order of their names. Raises VoiceError.
    """
    return of(load(log, selection), load(log, previous) if previous else None, by)


def of(
    texts: Texts, previous: Texts | None = None, by: str | None = None
) -> tuple[EmotionScore, ...]:
    """Return the share of these texts that show each emotion."""
    groups = Groups.of(texts, previous, by)

    def showing(these: Texts, emotion: str) -> Part:
        return every(these, 100.0 * these.showing(emotion))

    def one(emotion: str) -> Counted:
        past = None if previous is None else showing(previous, emotion)
        return measure("share", groups, showing(texts, emotion), past)

    def who(these: Texts, group: Places, emotion: str) -> tuple[Sums, Sums]:
        shows = these.showing(emotion)
        size = len(groups.names)
        return count(np.ones(int(shows.sum())), these.customer.codes[shows], group[shows], size)

    measured = {emotion: one(emotion) for emotion in EMOTIONS}
    show = {emotion: who(texts, groups.now, emotion) for emotion in EMOTIONS}
    raw_changes: list[Raw | None] = []
    raw_rests: list[Raw | None] = []
    for emotion, each in measured.items():
        mine, others = show[emotion]
        before = mine
        if previous is not None and groups.before is not None:
            before, _others = who(previous, groups.before, emotion)
        raw_changes += untold(each.change, (mine.customers, before.customers))
        raw_rests += untold(each.rest, (mine.customers, others.customers))
    changes, rests = iter(corrected(raw_changes)), iter(corrected(raw_rests))
    found = []
    for emotion, each in measured.items():
        mine, _others = show[emotion]
        found += [
            EmotionScore(emotion, group, int(n), int(customers), share, change, rest)
            for group, total, n, customers, share, change, rest in zip(
                groups.names,
                each.sums.n,
                mine.n,
                mine.customers,
                each.estimates(),
                (next(changes) for _name in groups.names),
                (next(rests) for _name in groups.names),
                strict=True,
            )
            if total or by is None
        ]
    return tuple(found)
