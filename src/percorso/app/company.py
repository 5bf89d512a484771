"""The company this process serves: its workspace and its log."""

from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings

from percorso.workspace import Workspace, WorkspaceError

if TYPE_CHECKING:
    from percorso.log import Log


def workspace() -> Workspace:
    """Return the workspace. Raises WorkspaceError where there is none."""
    found: Workspace | None = settings.WORKSPACE
    if found is None:
        raise WorkspaceError(settings.WORKSPACE_PROBLEM)
    return found


def log() -> "Log":
    """Return the company's interaction log."""
    return _open(workspace())


@lru_cache(maxsize=4)
def _open(place: Workspace) -> "Log":
    from percorso.log import open_log

    return open_log(place)
