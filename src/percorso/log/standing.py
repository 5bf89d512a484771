"""How long a reader may be shown the log as it was while live events come.

Live events come every second, and an answer over all of the log can take longer than that to work
out. So a server that shows answers lets its log stand still for moments: all that is asked in one
is answered from the same rows, and from what was worked out for them. Whatever else changes the
log, an import or an erasure, is seen at once.
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

#: What a commit says of itself that may be shown a little later.
LIVE: Final = {"percorso": "live"}
#: Seconds the log stands still at most for those who work an answer out.
_HELD_S: Final = 60.0


class Standing:
    """Decides when a reader moves on to newer commits. One object serves several threads.

    ``seconds`` is the age, counted from the first commit that is not shown, from which a reader
    moves on; 0, where nobody set it, is always at once.
    """

    def __init__(self, folder: Path) -> None:
        self._entries = folder / "_delta_log"
        self.seconds = 0.0
        self._mutex = threading.Lock()
        self._held = 0
        #: Up to which version the commits after the one that is shown were found to be live ones.
        self._seen = -1

    @contextmanager
    def held(self) -> Iterator[None]:
        """Stand still for a block, a minute at most: what is worked out in it is of one state."""
        with self._mutex:
            self._held += 1
        try:
            yield
        finally:
            with self._mutex:
                self._held -= 1

    def may_wait(self, version: int) -> bool:
        """Say whether a reader who stands at this version may stay there for now."""
        if not self.seconds:
            return False
        try:
            waits_since = self._entry(version + 1).stat().st_mtime
        except OSError:
            return False
        allowed = max(self.seconds, _HELD_S) if self._held else self.seconds
        # A clock that was put back must not hold answers for ever.
        return 0 <= time.time() - waits_since < allowed and self._all_live(version)

    def _all_live(self, version: int) -> bool:
        at = max(version, self._seen)
        while (entry := self._entry(at + 1)).exists():
            if not _is_live(entry):
                return False
            at += 1
        self._seen = at
        return True

    def _entry(self, version: int) -> Path:
        return self._entries / f"{version:020}.json"


def _is_live(entry: Path) -> bool:
    try:
        actions = [json.loads(line) for line in entry.read_bytes().splitlines()]
    except (OSError, ValueError):
        return False
    told = (each["commitInfo"] for each in actions if "commitInfo" in each)
    said: dict[str, Any] = next(told, {})
    return all(said.get(name) == value for name, value in LIVE.items())
