"""What answers stand on, as one name: when any of it changes, what was kept is worked out anew."""

import hashlib
import shutil
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from percorso.log.keys import FILE as KEY_FILE
from percorso.log.purposes import FILE as PURPOSES_FILE

if TYPE_CHECKING:
    from percorso.log.commits import Snapshot
    from percorso.log.table import Log

#: Folders of ``derived`` that hold a folder for each state: tables, and answers to questions.
PREPARED: Final = "prepared"
RESULTS: Final = "results"
#: The folder of ``derived`` with what the log says about people, for finding who is who.
IDENTITY: Final = "identity"


def state(log: "Log") -> str:
    """Name the log's version, the identities', the rules, the settings and the release.

    Versions alone do not tell: a log deleted and made anew in the same place counts from 0 again,
    but no two logs have files of the same names.
    """
    snapshot = log.snapshot()
    files = "\n".join(sorted(each.path for each in snapshot.files))
    path = log.workspace.path
    rules = (path / PURPOSES_FILE, path / KEY_FILE)
    changed = [each.read_bytes() if each.is_file() else b"" for each in rules]
    # Of the touchpoints their rules alone: what else is written of them changes no answer.
    phases = repr(log.phase_rules())
    stands_on = digest(_release(), files, *changed, phases, repr(log.workspace.settings))
    return f"v{snapshot.version}-i{log.identity_version}-{stands_on}"


def digest(*parts: str | bytes) -> str:
    """Return a short name for these parts, another one for any others."""
    found = hashlib.sha256()
    for part in parts:
        found.update(part.encode() if isinstance(part, str) else part)
        found.update(b"\0")
    return found.hexdigest()[:20]


def keep_newest(folder: Path, states: int) -> None:
    """Remove what was kept for all but the latest states; each has a folder of its own."""
    found = sorted(folder.iterdir(), key=lambda each: each.stat().st_mtime, reverse=True)
    for old in found[states:]:
        shutil.rmtree(old, ignore_errors=True)


def discard(log: "Log") -> None:
    """Remove what was kept for every state: rows and words of customers may be in it."""
    for folder in (PREPARED, RESULTS, IDENTITY):
        shutil.rmtree(log.workspace.derived / folder, ignore_errors=True)


def is_whole(log: "Log", snapshot: "Snapshot") -> bool:
    """Say whether the files of a snapshot are all there still.

    An erasure deletes them before it discards what was kept. So whoever keeps something that was
    worked out from a snapshot asks this afterwards, and takes it away again where they are not.
    """
    return all((log.workspace.log / each.path).exists() for each in snapshot.files)


@cache
def _release() -> str:
    return version("percorso")
