"""What customers answer and write: scores on the scales, and sentences that go with them."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from percorso.demo.people import People
from percorso.demo.rows import Floats, Ints

_LANGUAGES: Final = ("it", "en")


class Voice:
    """The sentences of the bookshop's customers, drawn by situation and language."""

    def __init__(self, rng: np.random.Generator, people: People) -> None:
        self._rng = rng
        self._people = people
        self.texts, self._found = _sentences()

    def say(self, situation: str, customer: Ints, share: float = 1.0) -> Ints:
        """Return a sentence for each customer, or -1 for those (1 - ``share``) who write none."""
        count = len(customer)
        english = self._people.english[customer]
        chosen = np.full(count, -1, dtype=np.int64)
        for code, language in enumerate(_LANGUAGES):
            pool = self._found[situation, language]
            mine = english == code
            chosen[mine] = pool[self._rng.integers(0, len(pool), int(mine.sum()))]
        return np.where(self._rng.random(count) < share, chosen, -1)

    def comment(
        self, situations: Mapping[int, str], pick: Ints, customer: Ints, share: float
    ) -> Ints:
        """Say, for each customer, something from the situation that ``pick`` names."""
        chosen = np.full(len(customer), -1, dtype=np.int64)
        for code, situation in situations.items():
            mine = np.flatnonzero(pick == code)
            if len(mine):
                chosen[mine] = self.say(situation, customer[mine], share)
        return chosen

    def points(
        self,
        customer: Ints,
        mean: "Floats | float",
        nature: float,
        spread: float,
        scale: tuple[int, int],
    ) -> Floats:
        """Return whole answers around ``mean``; ``nature`` weighs how content they are."""
        low, high = scale
        latent = (
            mean
            + nature * self._people.quality[customer]
            + self._rng.normal(0, spread, len(customer))
        )
        return np.clip(np.rint(latent), low, high)

    def csat(self, customer: Ints, shift: "Floats | float" = 0.0) -> Floats:
        return self.points(customer, 4.2 + np.asarray(shift), 0.35, 0.75, (1, 5))

    def ces(self, customer: Ints, shift: "Floats | float" = 0.0) -> Floats:
        return self.points(customer, 5.8 + np.asarray(shift), 0.4, 0.95, (1, 7))

    def nps(self, customer: Ints, shift: "Floats | float" = 0.0) -> Floats:
        return self.points(customer, 8.1 + np.asarray(shift), 0.9, 1.4, (0, 10))

    def stars(self, customer: Ints, shift: "Floats | float" = 0.0) -> Floats:
        return self.points(customer, 4.35 + np.asarray(shift), 0.35, 0.75, (1, 5))


@cache
def _sentences() -> tuple[tuple[str, ...], dict[tuple[str, str], Ints]]:
    file = Path(__file__).parent / "sentences.toml"
    given = tomllib.loads(file.read_text(encoding="utf-8"))
    texts: list[str] = []
    found: dict[tuple[str, str], Ints] = {}
    for situation, languages in given.items():
        for language in _LANGUAGES:
            pool = languages[language]
            found[situation, language] = np.arange(len(texts), len(texts) + len(pool))
            texts.extend(pool)
    return tuple(texts), found
