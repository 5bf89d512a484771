"""Which fates of promises are not shown, because few customers met them."""

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from percorso.estimation import MIN_SHOWN
from percorso.vocabulary import Fate

if TYPE_CHECKING:
    import pyarrow as pa

_BROKEN: Final = (str(Fate.LATE), str(Fate.UNMET))


def hidden(promises: "pa.Table") -> tuple[tuple[str, ...], bool]:
    """Return the fates that are not shown, and whether the share kept may be.

    ``promises`` has the columns customer, fate. Fates that fewer than 5 customers met are hidden;
    all promises made, less the others, would tell them, so that is not shown then either. The
    share, kept / (kept + broken), tells how many were kept and broken. It is hidden where fewer
    than 5 customers met the one or the other. Where it is shown and of broken ones fewer than 5
    were late, or fewer than 5 never kept, both are hidden: all that were broken less the one would
    tell the other.
    """
    import pyarrow.compute as pc

    met = promises.select(["customer", "fate"]).group_by(["customer", "fate"]).aggregate([])
    counts = met.group_by("fate").aggregate([([], "count_all")]).to_pylist()
    few = {str(each["fate"]) for each in counts if each["count_all"] < MIN_SHOWN}
    broken = len(met.filter(pc.field("fate").isin(_BROKEN))["customer"].unique())
    share = Fate.KEPT not in few and not 0 < broken < MIN_SHOWN
    if share and few.intersection(_BROKEN):
        few.update(_BROKEN)
    return tuple(fate for fate in map(str, Fate) if fate in few), share


def told_groups(
    shown: NDArray[np.bool_], kept: NDArray[np.float64], broken: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Return of which groups it may be shown how many promises were kept, and how many broken.

    ``shown`` are the groups that are large enough in all; ``kept`` and ``broken`` how many
    customers of each had one kept, or broken. Groups in which fewer than 5 did are hidden, and as
    with ``estimation.may_be_shown`` the next smallest with them, until all that is hidden, which
    is the total less the groups shown, is of nobody or of 5.
    """
    told = shown & ~_few(kept) & ~_few(broken)
    for customers in (kept, broken):
        for smallest in np.argsort(customers, kind="stable"):
            if not _few(customers[~told].sum()):
                break
            # Hiding a group without any adds nobody to those that are hidden.
            if customers[smallest] > 0:
                told[smallest] = False
    return told


def _few(customers: NDArray[np.float64]) -> NDArray[np.bool_]:
    return (customers > 0) & (customers < MIN_SHOWN)
