"""Where each source is: the channel of what it sends, where an event does not say it.

The pages write it, the drainer reads it: a process of its own that asks no database of the pages.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

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
    file = place(workspace)
    draft = file.with_suffix(f".{os.getpid()}.draft")
    with draft.open("w", encoding="utf-8") as written:
        json.dump(dict(sorted(given.items())), written, indent=1)
        written.flush()
        os.fsync(written.fileno())
    draft.replace(file)


def place(workspace: Workspace) -> Path:
    return workspace.path / FILE
