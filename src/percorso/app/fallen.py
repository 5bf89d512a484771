"""Which parts of the server fall again and again, for the pages to say.

The parent writes it, the web server reads it. What cannot be written is not said: it stands on the
terminal too.
"""

import contextlib
import json
from pathlib import Path
from typing import Final

from percorso.workspace import Workspace

FILE: Final = "fallen.json"
#: Falls in a row before anybody is told: one alone mends itself.
TELLING: Final = 3


def note(workspace: Workspace, name: str, falls: int) -> None:
    """Note how often a part fell in a row; 0 once it stays up."""
    known = _read(workspace)
    if known.get(name, 0) == falls:
        return
    known[name] = falls
    _write(workspace, known)


def clear(workspace: Workspace) -> None:
    """Begin anew."""
    with contextlib.suppress(OSError):
        _file(workspace).unlink(missing_ok=True)


def fallen(workspace: Workspace) -> tuple[str, ...]:
    """Return the parts (``drainer``, ``worker``) that cannot stay up."""
    return tuple(sorted(name for name, falls in _read(workspace).items() if falls >= TELLING))


def _read(workspace: Workspace) -> dict[str, int]:
    try:
        given = json.loads(_file(workspace).read_bytes())
    except (OSError, ValueError):
        return {}
    return {str(k): v for k, v in given.items() if isinstance(v, int)} if given else {}


def _write(workspace: Workspace, known: dict[str, int]) -> None:
    draft = _file(workspace).with_suffix(".draft")
    with contextlib.suppress(OSError):
        draft.write_text(json.dumps(known), encoding="ascii")
        draft.replace(_file(workspace))


def _file(workspace: Workspace) -> Path:
    return workspace.path / FILE
