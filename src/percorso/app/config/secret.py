"""The key that signs sessions and links, made once and kept in the workspace."""

import os
import secrets
from pathlib import Path
from typing import Final

from percorso.workspace import Workspace

FILE_NAME: Final = "secret.key"


def path(workspace: Workspace) -> Path:
    """Return where the key lies."""
    return workspace.path / FILE_NAME


def key(workspace: Workspace) -> str:
    """Return the workspace's key, and make it the first time, readable by its owner alone."""
    file = path(workspace)
    if not file.exists():
        _make(file)
    return file.read_text(encoding="ascii").strip()


def _make(file: Path) -> None:
    draft = file.with_name(f"{FILE_NAME}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as written:
        written.write(secrets.token_urlsafe(50) + "\n")
        written.flush()
        os.fsync(written.fileno())
    try:
        # A link, unlike a rename, fails where another process was first: its key stays.
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
