"""The key that signs sessions and links, made once and kept in the workspace."""

import secrets
from pathlib import Path
from typing import Final

from percorso import durable_file
from percorso.workspace import Workspace

FILE_NAME: Final = "secret.key"


def path(workspace: Workspace) -> Path:
    """Return where the key lies."""
    return workspace.path / FILE_NAME


def key(workspace: Workspace) -> str:
    """Return the workspace's key, and make it the first time, readable by its owner alone."""
    file = path(workspace)
    if not file.exists():
        durable_file.make(file, secrets.token_urlsafe(50) + "\n", private=True)
    return file.read_text(encoding="ascii").strip()
