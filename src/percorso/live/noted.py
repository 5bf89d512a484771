"""What the pages note of sources, in small files of the workspace, for the drainer to read.

The drainer is a process of its own that asks no database of the pages.
"""

import json
from pathlib import Path
from typing import Any

from percorso import durable_file


def read(file: Path) -> Any:
    """Return what was noted; None where there is nothing that can be read."""
    try:
        return json.loads(file.read_bytes())
    except (FileNotFoundError, ValueError):
        return None


def write(file: Path, given: Any) -> None:
    """Note something in the place of what was noted; the file is written whole or not at all."""
    durable_file.write(file, json.dumps(given, indent=1))
