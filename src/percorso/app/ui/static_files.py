"""Static files whose address changes with their content."""

import hashlib
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage


class VersionedFiles(StaticFilesStorage):
    """Adds the digest of a file to its address, so that browsers keep it and never keep it stale.

    Files are served from where they are installed: nothing is collected, nothing to forget.
    """

    def url(self, name: str | None) -> str:
        address = super().url(name)
        return f"{address}?v={_digest(name)}" if name else address


@cache
def _digest(name: str) -> str:
    found = finders.find(name)
    if not isinstance(found, str):
        raise FileNotFoundError(f"no static file is called {name}")
    return hashlib.sha256(Path(found).read_bytes()).hexdigest()[:12]
