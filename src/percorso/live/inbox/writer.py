"""One thread that writes to the inbox: whatever came meanwhile goes with one flush of the disk."""

import contextlib
import logging
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Final

from percorso.live.errors import InboxError, InboxFullError, LiveError
from percorso.live.inbox.database import Connection, connect, errors
from percorso.live.inbox.packing import pack
from percorso.live.received import Received
from percorso.vocabulary import N_, Phrase

#: Called in the writer's thread when what was submitted with it is on the disk, or with the error.
Finish = Callable[[Sequence[Any], Exception | None], None]
_Submitted = tuple[Received, Any, Finish]

#: Bytes of one row at most, unless one request alone is larger.
_ROW: Final = 2**20
_LOOKS_EVERY_S: Final = 1.0
_GATHERS_S: Final = 0.0003
#: Looks after which all that waits is counted anew: other processes put events in too.
_RECOUNTS_EVERY: Final = 30
#: Bytes of what was rejected and is kept.
REJECTED_SIZE: Final = "SELECT coalesce(sum(length(body) + 500), 0) FROM rejected"
_SOON_S: Final = 1
_LATER_S: Final = 10
_AT_ONCE: Final = Phrase(N_("Too much comes at once."))
_NO_ROOM: Final = Phrase(N_("The disk is almost full."))
_WAITS: Final = Phrase(N_("Too much waits to be worked off."))
_logger: Final = logging.getLogger("percorso.live")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much the inbox takes in before it says that it is full, all in bytes.

    ``waiting``: received and not drained, or rejected and kept. ``queued``: in memory, on its way
    to the disk. ``free_disk``: left free on the disk of the inbox.
    """

    waiting: int = 2**30
    queued: int = 64 * 2**20
    free_disk: int = 256 * 2**20


class Writer:
    """Takes what is submitted from any thread, and writes it in the order it came."""

    def __init__(self, place: Path | str, limits: Limits) -> None:
        self._place = place
        self._limits = limits
        self._queue: SimpleQueue[_Submitted | None] = SimpleQueue()
        self._mutex = threading.Lock()
        self._queued = 0
        self._full: Phrase | None = None
        self._database: Connection | None = None
        self._looked = 0.0
        self._looks = 0
        self._up_to = -1
        self._waiting = 0
        self._rejected = 0
        self._thread: threading.Thread | None = None

    def submit(self, received: Received, token: Any, finish: Finish) -> None:
        """Have it written; ``finish`` gets the token back. Raises InboxFullError."""
        size = len(received.body)
        with self._mutex:
            if self._thread is None:
                self._start()
            if self._full is not None:
                raise InboxFullError(self._full, _LATER_S)
            if self._queued > self._limits.queued:
                raise InboxFullError(_AT_ONCE, _SOON_S)
            self._queued += size
        self._queue.put((received, token, finish))

    def close(self) -> None:
        """Write what is left, and stop."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._work, name="inbox", daemon=True)
        self._thread.start()

    def _work(self) -> None:
        busy = closing = False
        while not closing:
            taken, closing = self._take(busy=busy)
            busy = len(taken) > 1
            if taken:
                received = [each for each, _, _ in taken]
                self._finish(taken, self._write(received))
                with self._mutex:
                    self._queued -= sum(len(each.body) for each in received)
            self._look_around()
        self._forget_connection()

    def _take(self, *, busy: bool) -> "tuple[list[_Submitted], bool]":
        """Wait for something to write, and return all there is, and whether it is the last."""
        taken: list[_Submitted] = []
        try:
            each = self._queue.get(timeout=_LOOKS_EVERY_S)
            if busy:
                # One flush of the disk then does for more of it.
                time.sleep(_GATHERS_S)
            while each is not None:
                taken.append(each)
                each = self._queue.get_nowait()
        except Empty:
            return taken, False
        return taken, True

    def _finish(self, taken: "list[_Submitted]", error: Exception | None) -> None:
        groups: dict[Finish, list[Any]] = {}
        for _, token, finish in taken:
            groups.setdefault(finish, []).append(token)
        for finish, tokens in groups.items():
            try:
                finish(tokens, error)
            except Exception:
                # Whoever waited is gone; all others still wait for this thread.
                _logger.exception("somebody could not be told that what they sent is kept")

    def _write(self, received: list[Received]) -> Exception | None:
        now = time.time_ns() // 1000
        try:
            self._connection().add([_as_row(part, now) for part in _portions(received)])
        except Exception as error:
            # Whatever it is: without this thread whoever sends later would wait for ever.
            if not isinstance(error, (LiveError, *errors())):
                _logger.exception("the inbox cannot be written to")
            self._forget_connection()
            return InboxError(
                Phrase(N_("The inbox cannot be written to: {error}"), {"error": str(error)})
            )
        self._waiting += sum(len(each.body) for each in received)
        return None

    def _look_around(self) -> None:
        """See, now and then, whether there is room for more."""
        now = time.monotonic()
        if now - self._looked < _LOOKS_EVERY_S:
            return
        self._looked = now
        try:
            self._full = self._why_full()
        except Exception as error:
            # Whoever submits next is told when the writing fails.
            if not isinstance(error, (LiveError, *errors())):
                _logger.exception("the inbox cannot be looked at")
            self._forget_connection()
            self._full = None

    def _why_full(self) -> Phrase | None:
        if isinstance(self._place, Path):
            free = shutil.disk_usage(self._place.parent).free
            if free < self._limits.free_disk:
                return _NO_ROOM
        database = self._connection()
        ((up_to,),) = database.ask("SELECT up_to FROM drained")
        # What was drained changes the sum; else we know what we added ourselves.
        if up_to != self._up_to or self._looks % _RECOUNTS_EVERY == 0:
            self._up_to = up_to
            ((self._waiting,),) = database.ask(
                "SELECT coalesce(sum(size), 0) FROM arrived WHERE number > ?", (up_to,)
            )
        if self._looks % _RECOUNTS_EVERY == 0:
            ((self._rejected,),) = database.ask(REJECTED_SIZE)
        self._looks += 1
        kept = self._waiting + self._rejected
        return _WAITS if kept > self._limits.waiting else None

    def _connection(self) -> Connection:
        if self._database is None:
            self._database = connect(self._place)
        return self._database

    def _forget_connection(self) -> None:
        if self._database is not None:
            database, self._database = self._database, None
            with contextlib.suppress(Exception):
                database.close()


def _portions(received: list[Received]) -> list[list[Received]]:
    portions: list[list[Received]] = [[]]
    size = 0
    for each in received:
        if portions[-1] and size + len(each.body) > _ROW:
            portions.append([])
            size = 0
        portions[-1].append(each)
        size += len(each.body)
    return portions


def _as_row(received: list[Received], now: int) -> tuple[int, int, int, bytes]:
    packed = pack(received)
    return now, sum(one.events for one in received), len(packed), packed
