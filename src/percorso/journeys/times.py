"""Times in the index: microseconds since 1970."""

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from percorso.log.steps import StepsIndex, as_microseconds

if TYPE_CHECKING:
    from percorso.log.selection import Selection

MICROSECOND: Final = timedelta(microseconds=1)
MICROSECONDS_PER_HOUR: Final = 3_600_000_000


def end_of(index: StepsIndex, selection: "Selection | None") -> int:
    """Return when what is asked about ends: the log's last step, or the period's end before it."""
    last = 0 if index.last is None else as_microseconds(index.last)
    if selection is None or selection.until is None:
        return last
    return min(last, as_microseconds(selection.until))
