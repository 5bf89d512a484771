"""What is written is on the disk before anybody is told that it is stored."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from percorso.durable_file import flush


def sync(paths: Iterable[Path]) -> None:
    """Flush files and folders to the disk (side by side: a disk gathers the waits)."""
    with ThreadPoolExecutor(8) as pool:
        for _ in pool.map(flush, paths):
            pass
