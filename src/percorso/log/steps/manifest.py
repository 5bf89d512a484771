"""What the index holds and what it was built from: one JSON file, replaced in one move."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from percorso import durable_file
from percorso.log.schema import BUCKETS
from percorso.log.steps.bucket_file import COLUMNS, Size
from percorso.vocabulary import CHANNELS, KINDS, SCALES

NAME: Final = "manifest.json"

#: An index that was written with other columns or codes is built anew.
FORMAT: Final[list[Any]] = [2, BUCKETS, list(COLUMNS), list(KINDS), list(CHANNELS), list(SCALES)]


@dataclass(frozen=True, slots=True)
class Stored:
    """A bucket of the index: its file, its size, first and last time, answers by scale code.

    ``sources`` are the files of the log's bucket of the same number that are in the index.
    """

    file: str
    rows: int
    customers: int
    name_bytes: int
    first: int | None
    last: int | None
    answers: list[int]
    sources: list[str]

    @property
    def size(self) -> Size:
        return Size(self.rows, self.customers, self.name_bytes)


@dataclass(frozen=True, slots=True)
class Manifest:
    """The index at one version of the log and of the identities."""

    log_version: int
    identity_version: int
    touchpoints: list[str | None]
    references: str | None
    buckets: list[Stored]

    @property
    def files(self) -> set[str]:
        """The files that belong to the index, this one included."""
        references = set() if self.references is None else {self.references}
        return {NAME, *(bucket.file for bucket in self.buckets), *references}


def read(folder: Path) -> Manifest | None:
    """Read the manifest; None where there is none, or one that this release cannot use."""
    try:
        content = json.loads((folder / NAME).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    if not isinstance(content, dict) or content.pop("format", None) != FORMAT:
        return None
    buckets = [Stored(**each) for each in content.pop("buckets")]
    return Manifest(**content, buckets=buckets)


def publish(manifest: Manifest, folder: Path) -> None:
    """Replace the manifest in one move, then remove the files that no longer belong.

    A process that has mapped a removed file keeps it until it lets go of it.
    """
    text = json.dumps({"format": FORMAT, **asdict(manifest)}, ensure_ascii=False)
    durable_file.write(folder / NAME, text)
    for path in folder.iterdir():
        if path.name not in manifest.files:
            path.unlink(missing_ok=True)
