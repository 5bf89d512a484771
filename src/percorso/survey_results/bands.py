"""Bands joined until each holds enough people."""

import numpy as np
from numpy.typing import NDArray


def merged(
    codes: NDArray[np.int64],
    bands: int,
    least: int,
    *,
    ordered: bool,
    counted: NDArray[np.bool_] | None = None,
) -> NDArray[np.int64]:
    """Return the band of each person, small ones joined with others until none is.

    Of each band at least ``least`` people (of those ``counted``, where that is given) are in the
    end, or it is the only one. The smallest joins its smaller neighbour where bands have an order,
    and the next smallest where not.
    """
    belongs = np.arange(bands)
    mine = codes if counted is None else codes[counted]
    sizes = np.bincount(mine, minlength=bands)
    alive = [each for each in range(bands) if (codes == each).any()]
    while len(alive) > 1:
        place = min(range(len(alive)), key=lambda each: (sizes[alive[each]], each))
        if sizes[alive[place]] >= least:
            break
        near = [place - 1, place + 1] if ordered else [*range(place), *range(place + 1, len(alive))]
        others = [each for each in near if 0 <= each < len(alive)]
        into = min(others, key=lambda each: (sizes[alive[each]], each))
        gone, kept = alive[place], alive[into]
        belongs[belongs == gone] = kept
        sizes[kept] += sizes[gone]
        del alive[place]
    return np.asarray(belongs[codes])
