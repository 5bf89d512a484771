"""Wishes that ask for the same thing: few texts, many different things, some asked for by many.

Wishes are too few and too different for a search of a number of themes. They are joined pair by
pair while groups are on average closer (average linkage: Sokal and Michener 1958) than all but
one in a hundred pairs of texts without themes; a group that at least 5 customers stand behind is
a need.
"""

from collections.abc import Collection, Sequence
from typing import Final

import numpy as np

from percorso.estimation import MIN_SHOWN
from percorso.text.topics.clustering import SEED, Floats, Space, Themes, one_thread, unit

#: Fewer wordings have no directions to be compared along.
_LEAST: Final = 8
#: Wordings that are compared pair by pair; more are a sample.
MOST: Final = 3_000
#: Needs that are kept, those of most customers first.
_NEEDS: Final = 40
#: The share of pairs of texts without themes that are less close than what is joined.
_CLOSER: Final = 99


def gather(
    vectors: Floats, languages: Sequence[str], customers: Sequence[Collection[int]]
) -> Themes | None:
    """Return the needs in wishes, each worded by some customers; None where there are none.

    At most 3,000 wishes. The same wishes in the same order give the same needs.
    """
    if len(vectors) < _LEAST:
        return None
    from sklearn.cluster import AgglomerativeClustering

    with one_thread():
        space = Space.of(vectors, languages)
        places = space.places(vectors, languages)
        rng = np.random.default_rng(SEED)
        nothing = unit(rng.permuted(space.flat(vectors, languages), axis=0))
        pairs = (nothing @ nothing.T)[np.triu_indices(len(nothing), 1)]
        least = float(np.percentile(pairs, _CLOSER))
        group = AgglomerativeClustering(
            None, metric="cosine", linkage="average", distance_threshold=1 - least
        ).fit_predict(places)
    people: list[set[int]] = [set() for _group in range(int(group.max()) + 1)]
    for place, who in zip(group.tolist(), customers, strict=True):
        people[place].update(who)
    sizes = np.array([len(each) for each in people])
    needs = [each for each in np.argsort(-sizes, kind="stable") if sizes[each] >= MIN_SHOWN]
    if not needs:
        return None
    centres = unit(np.array([places[group == each].mean(axis=0) for each in range(len(people))]))
    return Themes(space, centres, tuple(int(each) for each in needs[:_NEEDS]), least)
