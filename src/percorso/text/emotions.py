"""Which emotions texts show, and where along the experience."""

from typing import TYPE_CHECKING

import numpy as np

from percorso.text.figures import Counted, Groups, Part, corrected, count, every, measure
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

    measured = {emotion: one(emotion) for emotion in EMOTIONS}
    changes = iter(corrected([raw for each in measured.values() for raw in each.change]))
    rests = iter(corrected([raw for each in measured.values() for raw in each.rest]))
    found = []
    for emotion, each in measured.items():
        shows = texts.showing(emotion)
        mine, _rest = count(
            np.ones(int(shows.sum())),
            texts.customer.codes[shows],
            groups.now[shows],
            len(groups.names),
        )
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
