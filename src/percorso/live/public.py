"""Which sources are public: their key stands in web pages, where anybody can read it.

Whoever has such a key could say anything about anybody, so of what it says only that counts which
the visitor of a website can know: whose browser this is. The pages write it, the drainer reads it.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from percorso.live import noted
from percorso.workspace import Workspace

FILE: Final = "public-sources.json"


def public_sources(workspace: Workspace) -> frozenset[str]:
    """Return the names of the sources that are public."""
    given = noted.read(place(workspace))
    return frozenset(map(str, given)) if isinstance(given, list) else frozenset()


def write_public(workspace: Workspace, names: Iterable[str]) -> None:
    """Say which sources are public."""
    noted.write(place(workspace), sorted(names))


def place(workspace: Workspace) -> Path:
    return workspace.path / FILE
