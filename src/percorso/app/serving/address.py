"""Where the workspace was last served, for whoever prints a link from another terminal."""

from pathlib import Path
from typing import Final

from percorso.workspace import Workspace

USUAL: Final = "http://127.0.0.1:8000"


def remember(workspace: Workspace, address: str) -> None:
    """Note where the workspace is served now."""
    _file(workspace).write_text(address + "\n", encoding="ascii")


def last(workspace: Workspace) -> str:
    """Return where the workspace was last served; the usual address where nobody knows."""
    try:
        return _file(workspace).read_text(encoding="ascii").strip() or USUAL
    except (OSError, UnicodeDecodeError):
        return USUAL


def _file(workspace: Workspace) -> Path:
    return workspace.path / "served-at.txt"
