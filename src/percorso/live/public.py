"""Which sources are public: their key stands in web pages, where anybody can read it.

Whoever has such a key could say anything about anybody, so of what it says only that counts which
the visitor of a website can know: whose browser this is. The pages write it, the drainer reads it.
"""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from percorso.workspace import Workspace

FILE: Final = "public-sources.json"


def public_sources(workspace: Workspace) -> frozenset[str]:
    """Return the names of the sources that are public."""
    try:
        given = json.loads(place(workspace).read_bytes())
    except (FileNotFoundError, ValueError):
        return frozenset()
    return frozenset(map(str, given)) if isinstance(given, list) else frozenset()


def write_public(workspace: Workspace, names: Iterable[str]) -> None:
    """Say which sources are public; the file is written whole or not at all."""
    file = place(workspace)
    draft = file.with_suffix(f".{os.getpid()}.draft")
    with draft.open("w", encoding="utf-8") as written:
        json.dump(sorted(names), written, indent=1)
        written.flush()
        os.fsync(written.fileno())
    draft.replace(file)


def place(workspace: Workspace) -> Path:
    return workspace.path / FILE
