"""Which themes there are in texts: groups of vectors that are closer than chance would have them.

The vectors are centred within each language, so that one theme is one group whatever it is written
in, and turned into a few directions. There k-means looks for groups. The yardstick throughout is
the same search in texts without themes: the same directions, each shuffled by itself (the
reference of the gap statistic: Tibshirani, Walther and Hastie 2001). It tells

- how many themes there are: where silhouettes (Rousseeuw 1987) exceed the reference's the most,
- which groups are themes: those much denser than groups found where there is nothing,
- which texts belong to none: those no closer to a theme than texts without themes are to theirs.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from percorso.estimation import proportion_limits

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

#: Fewer texts than this have no themes that would be there again tomorrow.
LEAST_TEXTS: Final = 40
#: Texts that themes are looked for in; more are a sample.
MOST_TEXTS: Final = 20_000
#: Candidates for the number of themes.
NUMBERS: Final = (5, 6, 8, 10, 12, 15, 18, 22, 27, 33, 40)
#: Texts a theme has on average, at least, where the search began.
_LEAST_EACH: Final = 15
_DIRECTIONS: Final = 24
#: Texts of a language from which its middle is known.
_LEAST_OF_LANGUAGE: Final = 40
#: Texts whose silhouettes are looked at.
_SILHOUETTES: Final = 2_000
#: A number of themes is as good as the best where its silhouettes are within this share of it.
_AS_GOOD: Final = 0.05
#: Themes of an earlier run stay while they are within this share of the best.
_STILL_GOOD: Final = 0.15
#: Where there is nothing to find, silhouettes of this many texts exceed the reference's by less
#: than this; of fewer texts by more, as chance does. Measured on texts of customers and on the
#: same words dealt out anew: see docs/concepts/voice-of-the-customer.md.
_LEAST_GAP: Final = 0.02
_TEXTS_OF_GAP: Final = 150
#: What texts without themes look like depends on chance: of few texts it is the mean of several
#: shuffles, of more than so many one is enough.
_SHUFFLES: Final = 4
_FEW: Final = 2_000
#: Of texts without themes, the share that is farther from its group than a text that belongs.
_BELONGS: Final = 45
#: So much of a group found where there is nothing is not close; a theme has surely nearly as much
#: or more within that distance (where nothing stands out at all, the gap told before).
_CLOSE: Final = 60
_AS_DENSE: Final = 0.85
#: The same search gives the same themes.
SEED: Final = 20_240_229


@dataclass(frozen=True, slots=True)
class Space:
    """Where texts are compared: each language's middle, and the directions that differ most.

    ``middles`` maps a language to its mean vector; "" is that of all. ``directions`` has shape
    (dimensions of a vector, directions).
    """

    middles: Mapping[str, Floats]
    directions: Floats

    @classmethod
    def of(cls, vectors: Floats, languages: Sequence[str]) -> "Space":
        """Find the space of these texts."""
        from sklearn.decomposition import PCA

        names = np.asarray(languages)
        middles = {"": vectors.mean(axis=0)}
        for language in sorted(set(languages)):
            mine = names == language
            if mine.sum() >= _LEAST_OF_LANGUAGE:
                middles[language] = vectors[mine].mean(axis=0)
        centred = _centred(vectors, names, middles)
        size = min(_DIRECTIONS, *(each - 1 for each in centred.shape))
        fitted = PCA(size, svd_solver="randomized", random_state=SEED).fit(centred)
        return cls(middles, np.ascontiguousarray(fitted.components_.T, dtype=np.float32))

    def places(self, vectors: Floats, languages: Sequence[str]) -> Floats:
        """Return where texts lie, as directions from the middle: shape (texts, directions)."""
        return unit(self.flat(vectors, languages))

    def flat(self, vectors: Floats, languages: Sequence[str]) -> Floats:
        """Return how far texts lie along each direction; not of length 1."""
        flat: Floats = _centred(vectors, np.asarray(languages), self.middles) @ self.directions
        return flat


@dataclass(frozen=True, slots=True)
class Themes:
    """Themes as they were found.

    ``groups`` are the centres of all groups, shape (groups, directions), rows of length 1; those
    at ``themes`` are themes, the others what no theme was seen in. A text belongs to the theme
    whose centre is nearest of all, where the cosine is ``least`` or more.
    """

    space: Space
    groups: Floats
    themes: tuple[int, ...]
    least: float

    def assign(self, vectors: Floats, languages: Sequence[str]) -> tuple[Ints, Floats]:
        """Return each text's theme (a place in ``themes``), -1 for none, and the nearest cosine."""
        near = self.space.places(vectors, languages) @ self.groups.T
        cosine: Floats = near.max(axis=1)
        number = np.full(len(self.groups), -1, np.int64)
        number[list(self.themes)] = np.arange(len(self.themes))
        return np.where(cosine >= self.least, number[near.argmax(axis=1)], -1), cosine


def find(
    vectors: Floats, languages: Sequence[str], before: "Themes | None" = None
) -> Themes | None:
    """Return the themes of texts; None where there are too few texts, or no theme stands out.

    ``before`` are the themes of an earlier run: where they still fit as well as any others, the
    search begins from them, so that they stay what they were. The same texts in the same order
    give the same themes.
    """
    if len(vectors) < LEAST_TEXTS:
        return None
    with one_thread():
        space = Space.of(vectors, languages)
        flat = space.flat(vectors, languages)
        rng = np.random.default_rng(SEED)
        shuffles = _SHUFFLES if len(flat) <= _FEW else 1
        nothing = [unit(rng.permuted(flat, axis=0)) for _shuffle in range(shuffles)]
        places = unit(flat)
        some = rng.permutation(len(places))[:_SILHOUETTES]
        kept = _kept(before, vectors, languages, space)
        gap, centres, references = _best(places, nothing, some, kept)
        pairs = zip(nothing, references, strict=True)
        close = np.concatenate([_cosines(each, reference) for each, reference in pairs])
        dense = _dense(places, centres, float(np.percentile(close, _CLOSE)))
    least_gap = _LEAST_GAP * max(1.0, (_TEXTS_OF_GAP / len(vectors)) ** 0.5)
    if gap < least_gap or not dense.any():
        return None
    themes = tuple(np.flatnonzero(dense).tolist())
    return Themes(space, centres, themes, float(np.percentile(close, _BELONGS)))


def unit(rows: NDArray[np.floating[Any]]) -> Floats:
    """Return rows of length 1."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-12), dtype=np.float32)


def _centred(vectors: Floats, names: NDArray[Any], middles: Mapping[str, Floats]) -> Floats:
    centred = vectors - middles[""]
    for language, middle in middles.items():
        mine = names == language
        centred[mine] = vectors[mine] - middle
    return centred


def _kept(
    before: Themes | None, vectors: Floats, languages: Sequence[str], space: Space
) -> Floats | None:
    """Return where the earlier themes lie now; None where too few of them are left."""
    if before is None or before.space.directions.shape[0] != vectors.shape[1]:
        return None
    group = (before.space.places(vectors, languages) @ before.groups.T).argmax(axis=1)
    places = space.places(vectors, languages)
    middles = [places[group == each].mean(axis=0) for each in np.unique(group)]
    return unit(np.array(middles)) if len(middles) >= NUMBERS[0] else None


#: A gap, the centres of the groups, and those of the groups in each shuffle.
_Tried = tuple[float, Floats, list[Floats]]


def _best(places: Floats, nothing: list[Floats], some: Ints, kept: Floats | None) -> _Tried:
    """Return the best number of groups: its gap, its centres, and those of the references.

    The best is the least number whose silhouettes exceed the reference's nearly as much as any.
    """
    most = max(NUMBERS[0], len(places) // _LEAST_EACH)
    tried = [_try(places, nothing, some, each) for each in NUMBERS if each <= most]
    best = max(gap for gap, _found, _nothing in tried)
    if kept is not None:
        again = _try(places, nothing, some, len(kept), kept)
        if again[0] >= best - _STILL_GOOD * abs(best):
            return again
    return next(each for each in tried if each[0] >= best - _AS_GOOD * abs(best))


def _try(
    places: Floats, nothing: list[Floats], some: Ints, number: int, begin: Floats | None = None
) -> _Tried:
    found, references = _groups(places, number, begin), [_groups(each, number) for each in nothing]
    pairs = zip(nothing, references, strict=True)
    usual = np.mean([_silhouette(each[some], reference) for each, reference in pairs])
    return _silhouette(places[some], found) - float(usual), found, references


def _groups(places: Floats, number: int, begin: Floats | None = None) -> Floats:
    from sklearn.cluster import KMeans

    search = KMeans(
        number,
        init="k-means++" if begin is None else begin,
        n_init=2 if begin is None else 1,
        random_state=SEED,
    )
    return unit(search.fit(places).cluster_centers_)


def _silhouette(places: Floats, centres: Floats) -> float:
    from sklearn.metrics import silhouette_score

    labels = (places @ centres.T).argmax(axis=1)
    return float(silhouette_score(places, labels)) if len(set(labels.tolist())) > 1 else -1.0


def _cosines(places: Floats, centres: Floats) -> Floats:
    found: Floats = (places @ centres.T).max(axis=1)
    return found


def _dense(places: Floats, centres: Floats, close: float) -> NDArray[np.bool_]:
    """Return which groups are themes: their texts are about as close as chance groups' are."""
    near = places @ centres.T
    group = near.argmax(axis=1)
    n = np.bincount(group, minlength=len(centres))
    inside = np.bincount(group[near.max(axis=1) >= close], minlength=len(centres))
    low, _high = proportion_limits(inside, np.maximum(n, 1))
    return np.asarray((n > 0) & (low > _AS_DENSE * (100 - _CLOSE)))


@contextmanager
def one_thread() -> Iterator[None]:
    """Have sums added in one order, so that the same texts give the same themes."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # has no types

    with threadpool_limits(1):
        yield
