"""Invented companies in which it is known who answers, and what all would have said."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from percorso.metrics.definitions import Metric
from percorso.survey_results.facts import FACTS
from percorso.survey_results.non_response import Known
from percorso.survey_results.reading import Rows, Words

#: The share of 8 to 10.
TOP = Metric("top", "share", ("top",), 0, 100, ((0, 0), (8, 100)))
_COLUMNS = (
    "language",
    "touchpoint",
    "channel",
    "campaign",
    "place",
    "version",
    "question",
    "part",
    "wording",
    "choice",
    "choices",
    "day",
)
_NAMES = {"channel": ("email", "social", "website"), "language": ("en", "it")}


@dataclass(frozen=True)
class World:
    """Those who were invited, the answers (0 to 10) of those who answered, and of everybody."""

    known: Known
    rows: Rows
    numbers: NDArray[np.float64]
    everybody: NDArray[np.float64]

    @property
    def known_parts(self) -> dict[str, Any]:
        known = self.known
        return {"person": known.person, "people": known.people, "answered": known.answered}


def world(
    rng: np.random.Generator,
    invited: int,
    *,
    strength: float,
    effect: float,
    answers: int | None = None,
) -> World:
    """Return a company whose facts go together, tell who answers (``strength``) and what.

    With ``answers`` exactly so many answer.
    """
    loyal = rng.random(invited)
    segment = np.clip((loyal * 3 + rng.random(invited) * 1.2 - 0.3).astype(int), 0, 3)
    recency = np.clip((4 - loyal * 4 + rng.normal(0, 1, invited)).astype(int), 0, 4)
    trouble = (rng.random(invited) < 0.2).astype(int)
    channel = rng.choice(3, invited, p=[0.6, 0.3, 0.1])
    language = rng.choice(2, invited, p=[0.8, 0.2])
    tells = 0.6 * (segment - 1.3) - 0.3 * (recency - 2) + 0.5 * trouble + 0.3 * (channel == 1)
    drawn = rng.random(invited) - 1 / (1 + np.exp(1.1 - strength * tells))
    answered = drawn < 0
    if answers is not None:
        answered = np.zeros(invited, bool)
        answered[np.argsort(drawn)[:answers]] = True
    feels = 0.8 * (segment - 1.3) - 0.2 * (recency - 2) - 1.5 * trouble + 0.3 * (channel == 1)
    score = np.clip(np.round(7.3 + effect * feels + rng.normal(0, 2.2, invited)), 0, 10)
    codes = {
        "segment": segment,
        "recency": recency,
        "trouble": trouble,
        "channel": channel,
        "language": language,
    }
    facts = {
        name: Words(each.astype(np.int64), FACTS[name] or _NAMES[name])
        for name, each in codes.items()
    }
    people = tuple(map(str, range(invited))) if invited <= 10_000 else ()
    known = Known(np.arange(invited), people, answered, facts)
    names = [people[each] for each in np.flatnonzero(answered)] if people else []
    return World(known, rows_of(names), score[answered], score)


def rows_of(customers: list[str]) -> Rows:
    """Return an answer of each of these customers, of which only they are known."""
    size = len(customers)
    everybody = Words(np.arange(size), tuple(customers))
    nothing = Words(np.full(size, -1), ())
    return Rows(
        ids=np.array(customers, dtype=object),
        customer=everybody,
        response=everybody,
        at=np.zeros(size, np.int64),
        number=np.full(size, np.nan),
        **dict.fromkeys(_COLUMNS, nothing),
    )
