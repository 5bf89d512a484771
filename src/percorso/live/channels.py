"""Where each source is: the channel of what it sends, where an event does not say it.

The pages write it, the drainer reads it: a process of its own that asks no database of the pages.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from percorso import durable_file
from percorso.vocabulary import CHANNELS
from percorso.workspace import Workspace

FILE: Final = "channels.json"


def channels(workspace: Workspace) -> dict[str, str]:
    """Return source -> channel; of sources that are not in it, each event tells."""
    try:
        given = json.loads(place(workspace).read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    if not isinstance(given, dict):
        return {}
    return {source: each for source, each in given.items() if each in CHANNELS}


def write_channels(workspace: Workspace, given: Mapping[str, str]) -> None:
    """Say where sources are; the file is written whole or not at all."""
    durable_file.write(place(workspace), json.dumps(dict(sorted(given.items())), indent=1))


def place(workspace: Workspace) -> Path:
    return workspace.path / FILE
