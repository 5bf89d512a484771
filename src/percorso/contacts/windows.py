"""Exact sliding windows: no stretch of time of a given length holds more than so many contacts."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable
from datetime import datetime, timedelta


class Window:
    """At most ``most`` contacts in any stretch of ``span``. Times in UTC, never local ones.

    A stretch includes its beginning and not its end: what was ``span`` ago has left it.
    """

    def __init__(self, most: int, span: timedelta, times: Iterable[datetime] = ()) -> None:
        self.most = most
        self.span = span
        self._times = sorted(times)

    def add(self, at: datetime) -> None:
        """Count one more contact."""
        insort(self._times, at)

    def free(self, moment: datetime) -> datetime:
        """Return the first moment, ``moment`` or later, when one more breaks no stretch."""
        while True:
            first = bisect_right(self._times, moment - self.span)
            after = bisect_left(self._times, moment + self.span)
            if after - first < self.most or self._fullest(first, after, moment) < self.most:
                return moment
            # Where more than fit went out already, all that are too many leave first.
            past = bisect_right(self._times, moment)
            moment = self._times[max(first, past - self.most)] + self.span

    def _fullest(self, first: int, after: int, moment: datetime) -> int:
        """Return how many the fullest stretch around ``moment`` holds, ``moment`` left out."""
        past = bisect_right(self._times, moment)
        most = past - first
        # A stretch with later ones begins where one of the earlier ones is, or at the moment.
        begin = first
        for place in range(past, after):
            while self._times[begin] <= self._times[place] - self.span:
                begin += 1
            most = max(most, place + 1 - begin)
        return most
