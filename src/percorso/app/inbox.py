"""The company's inbox, opened once for all of a process: each has a thread that writes."""

import os
import threading
from typing import TYPE_CHECKING

from percorso.app import company

if TYPE_CHECKING:
    from pathlib import Path

    from percorso.live.inbox import Inbox

_mutex = threading.Lock()
_opened: "tuple[tuple[Path, str], Inbox] | None" = None


def inbox() -> "Inbox":
    """Return the inbox. Raises LiveError where its address makes no sense."""
    global _opened
    from percorso.live.inbox import open_inbox

    workspace = company.workspace()
    place = (workspace.path, os.environ.get("PERCORSO_INBOX_URL", ""))
    with _mutex:
        if _opened is not None and _opened[0] != place:
            _opened[1].close()
            _opened = None
        if _opened is None:
            _opened = (place, open_inbox(workspace))
        return _opened[1]


def close() -> None:
    """Write what is on its way, and let go of the inbox."""
    global _opened
    with _mutex:
        if _opened is not None:
            _opened[1].close()
            _opened = None
