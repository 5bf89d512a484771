"""The company this process serves: its workspace and its log."""

import logging
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from percorso.workspace import SETTINGS_FILE, Workspace, WorkspaceError

if TYPE_CHECKING:
    from percorso.log import Log

_stands_still = 0.0


def workspace() -> Workspace:
    """Return the workspace, with its settings as they are now. Raises WorkspaceError: none there.

    The settings may be changed while the server runs, by its pages or in the file: each process
    sees it here. While the file makes no sense, the settings of the server's start hold.
    """
    found: Workspace | None = settings.WORKSPACE
    if found is None:
        raise WorkspaceError(settings.WORKSPACE_PROBLEM)
    try:
        # Asked several times for each request: joining paths takes longer than looking.
        file = _settings_file(found).stat()
    except OSError:
        return found
    return _as_it_is(found, file.st_mtime_ns, file.st_ino)


def log() -> "Log":
    """Return the company's interaction log."""
    return _open(workspace())


def stand_still(seconds: float) -> None:
    """Have logs that are opened from now on stand still under live events; see log.standing."""
    global _stands_still
    _stands_still = seconds


@lru_cache(maxsize=4)
def _settings_file(found: Workspace) -> Path:
    return found.path / SETTINGS_FILE


@lru_cache(maxsize=4)
def _as_it_is(found: Workspace, changed_ns: int, inode: int) -> Workspace:  # noqa: ARG001 - the key
    try:
        return Workspace.open(found.path)
    except WorkspaceError as error:
        logging.getLogger("percorso").warning("the settings of the start hold: %s", error)
        return found


@lru_cache(maxsize=4)
def _open(place: Workspace) -> "Log":
    from percorso.log import open_log

    found = open_log(place)
    found.standing.seconds = _stands_still
    return found
