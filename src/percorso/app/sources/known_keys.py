"""The keys that work, in memory: each request asks for one, and the database is asked now and then.

A new key works at once, one that was revoked stops within two seconds.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Final

from percorso.app.sources.queries import Allowed
from percorso.app.sources.write_keys import digest

_REFRESHED_EVERY_S: Final = 2.0
#: An unknown key makes the database be asked again, so often at most: guessing costs us nothing.
_ASKED_AGAIN_AFTER_S: Final = 0.25
_KEPT: Final = 10_000

_logger: Final = logging.getLogger("percorso.sources")


class KnownKeys:
    """Keys by what they allow; ``load`` reads those that work, by their digests."""

    def __init__(self, load: Callable[[], Mapping[str, Allowed]]) -> None:
        self._load = load
        self._by_digest: Mapping[str, Allowed] = {}
        self._by_key: dict[str, Allowed | None] = {}
        self._loaded = 0.0
        self._mutex = threading.Lock()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def get(self, key: str) -> Allowed | None:
        """Return what a key allows, None where it is not known (yet)."""
        try:
            return self._by_key[key]
        except KeyError:
            found = self._by_digest.get(digest(key)) if key else None
            if found is not None:
                if len(self._by_key) >= _KEPT:
                    self._by_key.clear()
                self._by_key[key] = found
            return found

    def origins(self) -> tuple[frozenset[str], bool]:
        """Return the websites that may send with any key, and whether any website may."""
        allowed = list(self._by_digest.values())
        named = frozenset().union(*(each.origins for each in allowed)) if allowed else frozenset()
        return named, any(not each.origins for each in allowed)

    def refresh(self, *, at_most_once_in: float = 0.0) -> None:
        """Ask the database, unless it was asked a moment ago."""
        with self._mutex:
            if time.monotonic() - self._loaded < at_most_once_in:
                return
            try:
                found = dict(self._load())
            except Exception as error:  # noqa: BLE001 - whatever the database raises
                _logger.warning("the keys that worked before go on working: %s", error)
                return
            finally:
                self._loaded = time.monotonic()
            if found != self._by_digest:
                self._by_digest = found
                self._by_key = {}

    def refresh_for_unknown(self) -> None:
        self.refresh(at_most_once_in=_ASKED_AGAIN_AFTER_S)

    def keep_fresh(self) -> None:
        """Ask the database now and then, in a thread of its own."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="keys", daemon=True)
            self._thread.start()

    def close(self) -> None:
        self._closing.set()

    def _work(self) -> None:
        while not self._closing.wait(_REFRESHED_EVERY_S):
            self.refresh()
