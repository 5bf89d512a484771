"""Wishes that ask for the same thing: few texts, many different things, some asked for by many.

Wishes are too few and too different for a search of a number of themes. They are joined pair by
pair while groups are on average closer (average linkage: Sokal and Michener 1958) than all but
one in a hundred pairs of texts without themes; a group that at least 5 customers stand behind is
a need. The needs of an earlier run are where the joining begins, so that they stay what they were.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Final

import numpy as np

from percorso.estimation import MIN_SHOWN
from percorso.text.topics.clustering import SEED, Floats, Ints, Space, Themes, one_thread, unit

#: Fewer wordings have no directions to be compared along.
_LEAST: Final = 8
#: Wordings that are compared pair by pair; more are a sample.
MOST: Final = 3_000
#: Needs that are kept, those of most customers first.
_NEEDS: Final = 40
#: The share of pairs of texts without themes that are less close than what is joined.
_CLOSER: Final = 99


def gather(
    vectors: Floats,
    languages: Sequence[str],
    customers: Sequence[Collection[int]],
    before: Themes | None = None,
) -> Themes | None:
    """Return the needs in wishes, each worded by some customers; None where there are none.

    At most 3,000 wishes. ``before`` are the needs of an earlier run: those whose wishes are still
    close enough to be joined are joined first. The same wishes in the same order give the same
    needs.
    """
    if len(vectors) < _LEAST:
        return None
    from sklearn.cluster import AgglomerativeClustering

    with one_thread():
        space = Space.of(vectors, languages)
        places = space.places(vectors, languages)
        rng = np.random.default_rng(SEED)
        nothing = unit(rng.permuted(space.flat(vectors, languages), axis=0))
        different = np.triu(np.ones((len(nothing), len(nothing)), np.bool_), 1)
        pairs = (nothing @ nothing.T)[different]
        least = float(np.percentile(pairs, _CLOSER))
        apart = np.maximum(1 - places @ places.T, 0)
        for wishes in _still_one(before, vectors, languages, apart, 1 - least):
            # What is no distance apart is joined first; the distance to others stays as it is.
            apart[np.ix_(wishes, wishes)] = 0
        group = AgglomerativeClustering(
            None, metric="precomputed", linkage="average", distance_threshold=1 - least
        ).fit_predict(apart)
    people: list[set[int]] = [set() for _group in range(int(group.max()) + 1)]
    for place, who in zip(group.tolist(), customers, strict=True):
        people[place].update(who)
    sizes = np.array([len(each) for each in people])
    needs = [each for each in np.argsort(-sizes, kind="stable") if sizes[each] >= MIN_SHOWN]
    if not needs:
        return None
    centres = unit(np.array([places[group == each].mean(axis=0) for each in range(len(people))]))
    return Themes(space, centres, tuple(int(each) for each in needs[:_NEEDS]), least)


def _still_one(
    before: Themes | None, vectors: Floats, languages: Sequence[str], apart: Floats, most: float
) -> Iterator[Ints]:
    """Yield the wishes of each earlier need that are, on average, still no farther apart."""
    if before is None or before.space.directions.shape[0] != vectors.shape[1]:
        return
    theme, _near = before.assign(vectors, languages)
    for each in range(len(before.themes)):
        wishes = np.flatnonzero(theme == each)
        n = len(wishes)
        if n > 1 and apart[np.ix_(wishes, wishes)].sum() / (n * (n - 1)) <= most:
            yield wishes
