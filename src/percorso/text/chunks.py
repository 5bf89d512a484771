"""What stands between blanks in texts, each different one once.

Texts repeat the same chunks over and over: what is worked out for a chunk is worked out once, and
a text is a list of numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Floats = NDArray[np.float32]

#: Chunks, and characters of them, from which it is better to begin anew than to remember more.
_MANY: Final = 200_000
_MANY_CHARACTERS: Final = 8_000_000


@dataclass(slots=True)
class Chunks:
    """Numbers for chunks, from 0 on, given as they are met."""

    known: dict[str, int] = field(default_factory=dict)
    characters: int = 0

    @property
    def are_many(self) -> bool:
        return len(self.known) > _MANY or self.characters > _MANY_CHARACTERS

    def of(self, texts: Sequence[str]) -> tuple[Numbers, Numbers, list[str]]:
        """Return the chunks of texts, how many each text has, and those met for the first time."""
        split = [text.split() for text in texts]
        counts = np.fromiter(map(len, split), np.int64, len(split))
        every = list(chain.from_iterable(split))
        known = self.known
        new = list(set(every).difference(known))
        known.update(zip(new, range(len(known), len(known) + len(new)), strict=True))
        self.characters += sum(map(len, new))
        return np.fromiter(map(known.__getitem__, every), np.int64, len(every)), counts, new


def summed(places: NDArray[Any], counts: Numbers, rows: Floats) -> Floats:
    """Return the sum of some of the rows for each text: so many of ``places``, one after another.

    The shape is (texts, columns of ``rows``).
    """
    from scipy import sparse

    bounds = np.concatenate([[0], np.cumsum(counts)])
    ones = np.ones(len(places), np.float32)
    which = sparse.csr_matrix((ones, places, bounds), shape=(len(counts), len(rows)))
    found: Floats = which @ rows
    return found
