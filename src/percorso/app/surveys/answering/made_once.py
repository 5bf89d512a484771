"""What is made of a survey and is the same for many who answer it: made once, and kept.

Nothing that somebody said is kept here, nor what only one person is shown.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from percorso.surveys import Survey

_T = TypeVar("_T")


class MadeOnce(Generic[_T]):
    """Keeps ``most`` values; the one that was asked for longest ago goes first.

    A value belongs to the very object of a survey, which never changes. The object is kept with it,
    so that no other can come to have its number.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._mutex = threading.Lock()
        self._kept: OrderedDict[tuple[int, Hashable], tuple[Survey, _T]] = OrderedDict()

    def get(self, survey: Survey, besides: Hashable, make: Callable[[], _T]) -> _T:
        """Return a value; ``besides`` is all that it depends on besides the survey."""
        key = (id(survey), besides)
        with self._mutex:
            known = self._kept.get(key)
            if known is not None:
                self._kept.move_to_end(key)
                return known[1]
        made = make()
        with self._mutex:
            self._kept[key] = (survey, made)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made
