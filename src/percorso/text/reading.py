"""Reading texts: language, sentiment, emotions, factors, urgency and need.

Two paths look for the same things. The accurate one asks e5 for the vectors of each text and its
clauses; the fast one adds up weights of words. ``auto`` reads everything fast and then the least
certain share again accurately. Figures in ``docs/reference/text-quality.md``.
"""

from collections.abc import Callable, Sequence
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from percorso.text.decisions import Decisions, decide
from percorso.text.embedding import local
from percorso.text.embedding.adapters import adapters
from percorso.text.heads import heads
from percorso.text.languages import Languages, detect
from percorso.text.model import MODEL, ModelInfo
from percorso.text.outputs import Floats
from percorso.text.readings import Factors, Readings
from percorso.text.student import student
from percorso.text.units import cleaned, says_something, units
from percorso.vocabulary import EMOTIONS, SENTIMENTS

__all__ = ["MODEL", "ModelInfo", "Readings", "read"]

Path = Literal["auto", "fast", "accurate"]
Progress = Callable[[int, int], None]

#: Languages of the examples that taught the models.
TAUGHT: Final = frozenset({"it", "en"})
#: Up to this many texts ``auto`` reads all of them accurately.
FEW: Final = 500
#: The share of more texts that ``auto`` reads a second time.
SHARE: Final = 0.2
#: Log-odds of a language that was not taught are divided by this.
_DOUBT: Final = 1.4
_PATHS: Final = ("empty", "fast", "accurate")
_AT_ONCE: Final = {"fast": 5_000, "accurate": 500}


def read(
    texts: Sequence[str], *, path: Path = "auto", on_progress: Progress | None = None
) -> Readings:
    """Read ``texts``, each by itself: what one says changes nothing of another.

    ``on_progress`` is called with the texts done and those to do, a second reading counted too.
    Texts in languages other than Italian and English are read by the same vectors with less
    certainty.
    """
    kept = [cleaned(text) for text in texts]
    languages = detect(kept)
    result = _Result(len(kept))
    said = np.flatnonzero([says_something(text) for text in kept])
    first = "accurate" if path == "accurate" or (path == "auto" and len(kept) <= FEW) else "fast"
    again = round(len(said) * SHARE) if path == "auto" and first == "fast" else 0
    tell = _Teller(len(said) + again, on_progress)
    _read(kept, languages, said, first, result, tell)
    if again:
        # Whatever is not taught is less certain than anything that is.
        taught = np.array([code in TAUGHT for code in languages.codes])[said]
        order = np.argsort(result.certainty[said] + taught, kind="stable")
        _read(kept, languages, np.sort(said[order[:again]]), "accurate", result, tell)
    return result.readings(languages)


def _read(
    texts: list[str],
    languages: Languages,
    places: NDArray[np.int64],
    path: str,
    result: "_Result",
    tell: "_Teller",
) -> None:
    """Read the texts at ``places`` by one path into ``result``."""
    for start in range(0, len(places), _AT_ONCE[path]):
        some = places[start : start + _AT_ONCE[path]]
        codes = [languages.codes[place] for place in some]
        cut = units([texts[place] for place in some], codes)
        if path == "accurate":
            wholes, parts = cut.texts[: cut.wholes], cut.texts[cut.wholes :]
            vectors, adapted = local().embed_twice(wholes)
            logits = heads().read(cut.texts, np.concatenate([vectors, local().embed(parts)]))
            logits[: cut.wholes] = heads().join(logits[: cut.wholes], adapters().read(adapted))
            result.keep(some, vectors)
        else:
            logits = student().read(cut.texts)
        doubt = np.array([1.0 if code in TAUGHT else _DOUBT for code in codes], np.float32)
        logits[:, :3] /= doubt[cut.owner][:, None]
        result.set(some, decide(cut, logits), path)
        tell(len(some))


class _Teller:
    def __init__(self, total: int, on_progress: Progress | None) -> None:
        self._done, self._total, self._on_progress = 0, total, on_progress

    def __call__(self, more: int) -> None:
        self._done += more
        if self._on_progress is not None:
            self._on_progress(self._done, self._total)


class _Result:
    """The columns while they are filled. What is not read stays neutral and ``empty``."""

    def __init__(self, count: int) -> None:
        self.probabilities = np.tile(np.array([0, 1, 0], np.float32), (count, 1))
        self.emotions = np.zeros((count, len(EMOTIONS)), np.bool_)
        self.urgency = np.zeros(count, np.int8)
        self.need = np.zeros(count, np.bool_)
        self.path = np.zeros(count, np.int8)  # a place in _PATHS
        self._factors: list[tuple[int, Factors]] = []
        self._embedded: list[NDArray[np.int64]] = []
        self._vectors: list[Floats] = []

    @property
    def certainty(self) -> Floats:
        highest: Floats = self.probabilities.max(axis=1)
        return highest

    def keep(self, places: NDArray[np.int64], vectors: Floats) -> None:
        self._embedded.append(places)
        self._vectors.append(vectors)

    def set(self, places: NDArray[np.int64], decided: Decisions, path: str) -> None:
        self.probabilities[places] = decided.sentiment
        self.emotions[places] = decided.emotions
        self.urgency[places] = decided.urgency
        self.need[places] = decided.need
        self.path[places] = _PATHS.index(path)
        self._factors.append((_PATHS.index(path), decided.factors.at(places)))

    def readings(self, languages: Languages) -> Readings:
        places = self.probabilities.argmax(axis=1)
        # Of a text that was read twice, what was read last.
        factors = [each.where(self.path[each.text] == path) for path, each in self._factors]
        return Readings(
            language=languages.codes,
            language_certainty=languages.certainty,
            sentiment=[SENTIMENTS[place] for place in places.tolist()],
            score=self.probabilities[:, 2] - self.probabilities[:, 0],
            certainty=self.certainty,
            emotions=self.emotions,
            factors=Factors.joined(factors),
            urgency=self.urgency,
            need=self.need,
            path=[_PATHS[each] for each in self.path.tolist()],
            embedded=np.concatenate([np.zeros(0, np.int64), *self._embedded]),
            vectors=np.concatenate([np.zeros((0, 384), np.float32), *self._vectors]),
        )
