"""Invented companies in which it is known who answers, and what all would have said."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from percorso.metrics.definitions import Metric
from percorso.survey_results.facts import FACTS
from percorso.survey_results.non_response import Known
from percorso.survey_results.reading import Words

#: The share of 8 to 10.
TOP = Metric("top", "share", ("top",), 0, 100, ((0, 0), (8, 100)))
_NAMES = {"channel": ("email", "social", "website"), "language": ("en", "it")}


@dataclass(frozen=True)
class World:
    """The invitations, the answers (0 to 10) to those that were answered, and to all."""

    known: Known
    numbers: NDArray[np.float64]
    everybody: NDArray[np.float64]

    @property
    def invitation(self) -> NDArray[np.int64]:
        """The place of each response's invitation."""
        return np.flatnonzero(self.known.answered)

    @property
    def response(self) -> NDArray[np.int64]:
        return np.arange(len(self.numbers))


def world(
    rng: np.random.Generator,
    people: int,
    *,
    strength: float,
    effect: float,
    answers: int | None = None,
    waves: int = 1,
) -> World:
    """Return a company whose facts go together, tell who answers (``strength``) and what.

    Everybody is invited in each of the ``waves``: where there are several, whom somebody is and
    how they feel stays, what they did last changes. With ``answers`` exactly so many answer.
    """
    invited = people * waves

    def stays(given: NDArray[Any]) -> NDArray[Any]:
        return np.tile(given, waves)

    loyal = stays(rng.random(people))
    segment = np.clip((loyal * 3 + stays(rng.random(people)) * 1.2 - 0.3).astype(int), 0, 3)
    recency = np.clip((4 - loyal * 4 + rng.normal(0, 1, invited)).astype(int), 0, 4)
    trouble = (rng.random(invited) < 0.2).astype(int)
    channel = rng.choice(3, invited, p=[0.6, 0.3, 0.1])
    language = stays(rng.choice(2, people, p=[0.8, 0.2]))
    tells = 0.6 * (segment - 1.3) - 0.3 * (recency - 2) + 0.5 * trouble + 0.3 * (channel == 1)
    drawn = rng.random(invited) - 1 / (1 + np.exp(1.1 - strength * tells))
    answered = drawn < 0
    if answers is not None:
        answered = np.zeros(invited, bool)
        answered[np.argsort(drawn)[:answers]] = True
    feels = 0.8 * (segment - 1.3) - 0.2 * (recency - 2) - 1.5 * trouble + 0.3 * (channel == 1)
    # Of what is left, half is of the person where they are asked again.
    left = rng.normal(0, 2.2, invited)
    if waves > 1:
        left = (left + stays(rng.normal(0, 2.2, people))) / np.sqrt(2)
    score = np.clip(np.round(7.3 + effect * feels + left), 0, 10)
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
    known = known_as(facts, answered, stays(np.arange(people)).astype(np.int64))
    return World(known, score[answered], score)


def known_as(
    facts: dict[str, Words], answered: NDArray[np.bool_], person: NDArray[np.int64] | None = None
) -> Known:
    """Return invitations by name of which this is known: each person's one, or as is said."""
    every = np.arange(len(answered))
    return Known((), every if person is None else person, every, answered, facts)
