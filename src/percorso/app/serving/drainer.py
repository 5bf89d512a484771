"""The drainer: brings what the inbox holds into the log, for as long as the parent lives.

A process of its own, without Django, so that neither a long task nor a page holds events up, and so
that whatever happens to it leaves the inbox, which goes on taking events in.
"""

import gc
import logging
import os
import signal
import sys
from types import FrameType
from typing import Final

from percorso.app.lean import leave_pandas_out
from percorso.workspace import Workspace, default_path

_TURN_S: Final = 0.0005


def main() -> int:
    """Drain until told to stop."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    leave_pandas_out()
    # To acknowledge comes first; what was acknowledged can wait a moment.
    os.nice(5)
    # A batch is many small objects, none of which lie in a circle: to look for circles among them
    # as often as Python does takes a tenth of the time.
    gc.set_threshold(200_000, 20, 20)
    # Files are merged while events are mapped: who waits for its turn waits this long.
    sys.setswitchinterval(_TURN_S)
    stopped: list[int] = []

    def stop(signum: int, _frame: FrameType | None) -> None:
        stopped.append(signum)

    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, stop)
    from percorso.live.draining import drain_for_ever
    from percorso.live.inbox import open_inbox
    from percorso.log import open_log

    workspace = Workspace.open(default_path())
    inbox = open_inbox(workspace)
    drain_for_ever(open_log(workspace), inbox, lambda: bool(stopped))
    inbox.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
