"""What the first answer of a process waits for, done before anybody asks."""

from percorso.metrics import phases, tally
from percorso.metrics.definitions import MEANS, METRICS
from percorso.metrics.promises.after import written as after_fates
from percorso.metrics.promises.summary import written as ended_promises


def get_ready() -> None:
    """Load the engine and the distributions, and write the long queries: some seconds, once."""
    import scipy.special  # noqa: F401 - loading it is what takes the time

    for metrics in (METRICS, MEANS):
        tally.written(metrics.values())
    ended_promises()
    after_fates()
    phases.written()
