"""One server and one worker per workspace, also after a crash.

The lock belongs to the process: the kernel lets it go when the process ends, however it ends. So
whoever holds the worker's lock knows that no other worker is alive.
"""

import fcntl
import os
from pathlib import Path
from typing import IO, Self

from percorso.app.serving.errors import ServingError
from percorso.workspace import Workspace


class ProcessLock:
    """A lock on a file of the workspace, held as long as this object is, or until ``release``."""

    def __init__(self, workspace: Workspace, name: str) -> None:
        self._path: Path = workspace.path / f"{name}.lock"
        self._file: IO[str] | None = None

    def take(self) -> Self:
        """Take the lock. Raises ServingError that names the process which holds it."""
        file = self._path.open("a+", encoding="ascii")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            holder = file.read().strip() or "?"
            file.close()
            raise ServingError(
                f"{self._path.parent} is being served already, by process {holder}. "
                "Stop that one first, or use its pages."
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._file = file
        return self

    def release(self) -> None:
        """Let the lock go."""
        if self._file is not None:
            self._file.close()
            self._file = None
