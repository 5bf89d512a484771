"""How often somebody may ask: a bucket that fills up again steadily.

Kept in the memory of the web process, of which there is one: a restart fills the buckets, which
harms nobody, and asking costs no write.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

#: Of how many callers the buckets are kept; the one that asked longest ago is forgotten first.
REMEMBERED: Final = 10_000


class Limit:
    """Lets each key through ``amount`` times in ``seconds``, spread as it likes."""

    def __init__(
        self, amount: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.amount = amount
        self.rate = amount / seconds
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, key: str, *, take: int = 1) -> float:
        """Take from the bucket of ``key``. Return 0, or how many seconds it lacks something."""
        with self._lock:
            now = self._clock()
            left, then = self._buckets.pop(key, (float(self.amount), now))
            left = min(left + (now - then) * self.rate, self.amount)
            lacking = take - left
            self._buckets[key] = (left if lacking > 0 else left - take, now)
            while len(self._buckets) > REMEMBERED:
                self._buckets.popitem(last=False)
        return max(lacking, 0.0) / self.rate

    def forget(self) -> None:
        """Fill every bucket again."""
        with self._lock:
            self._buckets.clear()
