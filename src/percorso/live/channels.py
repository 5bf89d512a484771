"""Where each source is: the channel of what it sends, where an event does not say it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from percorso.live import noted
from percorso.vocabulary import CHANNELS
from percorso.workspace import Workspace

FILE: Final = "channels.json"


def channels(workspace: Workspace) -> dict[str, str]:
    """Return source -> channel; of sources that are not in it, each event tells."""
    given = noted.read(place(workspace))
    if not isinstance(given, dict):
        return {}
    return {source: each for source, each in given.items() if each in CHANNELS}


def write_channels(workspace: Workspace, given: Mapping[str, str]) -> None:
    """Say where sources are."""
    noted.write(place(workspace), dict(sorted(given.items())))


def place(workspace: Workspace) -> Path:
    return workspace.path / FILE
