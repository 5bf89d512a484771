"""Folders for half-done work, and away with those of processes that were cut off."""

import os
import shutil
import tempfile
from pathlib import Path

from percorso.workspace import Workspace


def scratch(workspace: Workspace, what: str) -> Path:
    """Return a new folder for ``what``; folders of processes that are no more are removed."""
    workspace.temporary.mkdir(parents=True, exist_ok=True)
    for left in workspace.temporary.glob(f"{what}-*-*"):
        process = left.name.split("-")[1]
        if process.isdigit() and not is_running(int(process)):
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{what}-{os.getpid()}-", dir=workspace.temporary))


def is_running(process: int) -> bool:
    """Say whether there is a process of that number."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
