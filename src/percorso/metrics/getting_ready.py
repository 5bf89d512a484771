"""Writing the long queries before anybody asks one of them."""

from percorso.metrics import phases, tally
from percorso.metrics.definitions import MEANS, METRICS
from percorso.metrics.promises.after import written as after_fates
from percorso.metrics.promises.summary import written as ended_promises


def write_queries() -> None:
    """Write the queries behind scores, promises and phases; a process needs half a second, once."""
    for metrics in (METRICS, MEANS):
        tally.written(metrics.values())
    ended_promises()
    after_fates()
    phases.written()
