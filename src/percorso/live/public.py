"""Which sources are public: their key stands in web pages, where anybody can read it.

Whoever has such a key could say anything about anybody, so of what it says only that counts which
the visitor of a website can know: whose browser this is. The pages write it, the drainer reads it.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from percorso import durable_file
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
    durable_file.write(place(workspace), json.dumps(sorted(names), indent=1))


def place(workspace: Workspace) -> Path:
    return workspace.path / FILE
