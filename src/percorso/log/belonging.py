"""Who belongs together, worked out over arrays: millions of references in a second or two."""

from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

#: A customer is called by the best known of their references: the company's own number before an
#: e-mail, a browser last. What has none of these forms is a number of the company's too.
FORMS: Final = {"user:": 0, "email:": 2, "card:": 3, "phone:": 4, "fiscal:": 5, "anon:": 6}
OTHER_FORM: Final = 1
#: More than any rank: a reference that yields its name to another comes after all that do not.
_YIELDS: Final = 16


def ranks(names: "pa.Array[Any]") -> NDArray[np.int64]:
    """Return how well each reference names a customer: the smaller, the better."""
    found = np.full(len(names), OTHER_FORM, np.int64)
    for form, rank in FORMS.items():
        found[pc.starts_with(names, form).to_numpy(zero_copy_only=False)] = rank
    return found


def rank(name: str) -> tuple[int, str]:
    """Return what sorts references by how well they name a customer."""
    form, colon, _ = name.partition(":")
    return FORMS.get(form + colon, OTHER_FORM), name


def belonging(references: "pa.Array[Any]", customers: "pa.Array[Any]") -> pa.Table:
    """Return ``reference`` and ``customer`` of every reference that goes by another's name.

    Each pair of the arguments says that both are one customer, and that the reference yields its
    name to the customer. All that hang together are one customer, called by the reference that
    yields to none; of several, or where they yield in a ring, by the best by ``ranks``, then by
    the first in the order of their names. It depends on the set of pairs alone, so that a set that
    comes again gives the same again.
    """
    count = len(references)
    both: Any = pa.chunked_array([references, customers], pa.large_string())
    encoded = both.combine_chunks().dictionary_encode()
    names: Any = encoded.dictionary
    codes = encoded.indices.to_numpy()
    one, other = codes[:count], codes[count:]
    part = components(one, other, len(names))
    key = ranks(names)
    key[np.unique(one)] += _YIELDS
    best = np.full(len(names), np.iinfo(np.int64).max)
    np.minimum.at(best, part, key)
    candidates = np.flatnonzero(key == best[part])
    if len(np.unique(part[candidates])) < len(candidates):
        candidates = candidates[pc.array_sort_indices(names.take(candidates)).to_numpy()]
    head = np.empty(len(names), np.int64)
    head[part[candidates[::-1]]] = candidates[::-1]
    customer = head[part]
    others = np.flatnonzero(customer != np.arange(len(names)))
    return pa.table({"reference": names.take(others), "customer": names.take(customer[others])})


def components(
    one: NDArray[np.integer[Any]], other: NDArray[np.integer[Any]], count: int
) -> NDArray[np.int64]:
    """Return, for each of ``count`` numbers, the least number that it hangs together with.

    Pairs of ``one`` and ``other`` hang together. Every part takes the least name among its
    neighbours, and its members follow, until nothing changes: a few rounds, however many pairs.
    """
    label = np.arange(count)
    while True:
        mine, theirs = label[one], label[other]
        apart = mine != theirs
        if not apart.any():
            return label
        one, other = one[apart], other[apart]
        mine, theirs = mine[apart], theirs[apart]
        np.minimum.at(label, np.maximum(mine, theirs), np.minimum(mine, theirs))
        while True:
            further = label[label]
            if np.array_equal(further, label):
                break
            label = further
