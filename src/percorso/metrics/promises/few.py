"""Which fates of promises are not shown, because few customers met them."""

from typing import TYPE_CHECKING, Final

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
