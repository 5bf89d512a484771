"""One writer at a time, between processes and threads. Readers need no lock."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from percorso.log.errors import LogBusyError

_PAUSE: Final = 0.02


@contextmanager
def exclusive(file: Path, timeout: float) -> Iterator[None]:
    """Hold the lock ``file`` for a block; wait at most ``timeout`` seconds for it.

    The system lets go of it when the process ends, however it ends. Raises LogBusyError that
    names the process which holds it.
    """
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _take(descriptor, file, timeout)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, file: Path, timeout: float) -> None:
    end = time.monotonic() + timeout
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                holder = os.pread(descriptor, 20, 0).decode(errors="replace") or "unknown"
                raise LogBusyError(
                    f"Process {holder} is writing to {file.parent} and did not finish within "
                    f"{timeout:g} seconds. Try again when it has, or end that process."
                ) from None
            time.sleep(_PAUSE)
        else:
            return
