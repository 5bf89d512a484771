"""A watched folder: which files are new, or changed, and whole."""

import fnmatch
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from percorso.connectors.model import ConnectorError, Fetched, Skip
from percorso.connectors.settings import FolderSettings
from percorso.vocabulary import N_, Phrase

#: Files that may lie in the folder, and that are taken in one run.
_MOST_FILES: Final = 100_000
_AT_ONCE: Final = 100
#: What programs call a file they have not finished.
_UNFINISHED: Final = (".part", ".tmp", ".crdownload", ".filepart", ".partial", "~")


def run(settings: FolderSettings, state: Mapping[str, Any], *, now: datetime) -> Fetched:
    """Say which files to import. They are left where they are."""
    folder = Path(settings.path)
    try:
        names = [f.name for f in folder.iterdir() if _is_meant(f.name, settings.pattern)]
    except OSError as error:
        raise ConnectorError(
            Phrase(
                N_("The folder {path} cannot be read: {reason}."),
                {"path": settings.path, "reason": error.strerror or type(error).__name__},
            )
        ) from error
    if len(names) > _MOST_FILES:
        raise ConnectorError(
            Phrase(
                N_(
                    "The folder {path} holds more than {most} such files. Move those away that "
                    "were imported."
                ),
                {"path": settings.path, "most": _MOST_FILES},
            )
        )
    taken: dict[str, list[int]] = dict(state.get("taken", {}))
    looked: dict[str, list[int]] = {}
    ready: list[Path] = []
    stamps: dict[str, list[int]] = {}
    for file in (folder / each for each in sorted(names)):
        stamp = _stamp(file)
        if stamp is None:
            continue
        stamps[file.name] = stamp
        if taken.get(file.name) == stamp:
            continue
        looked[file.name] = stamp
        if state.get("looked", {}).get(file.name) == stamp or _is_old(stamp, settings, now):
            ready.append(file)
    chosen = ready if settings.together else ready[:_AT_ONCE]
    kept = {name: stamp for name, stamp in taken.items() if name in stamps}
    kept |= {file.name: stamps[file.name] for file in chosen}
    waiting = {
        name: stamp for name, stamp in looked.items() if name not in kept or kept[name] != stamp
    }
    unsettled = len(looked) - len(ready)
    return Fetched(
        state={"taken": kept, "looked": waiting},
        files=tuple(chosen),
        read=len(stamps),
        skipped={Skip.UNSETTLED: unsettled} if unsettled else {},
        more=len(chosen) < len(ready),
        wait=float(settings.settle) if unsettled else None,
        unchanged=not chosen,
    )


def _is_meant(name: str, pattern: str) -> bool:
    if name.startswith(".") or name.lower().endswith(_UNFINISHED):
        return False
    return fnmatch.fnmatchcase(name, pattern)


def _stamp(file: Path) -> list[int] | None:
    """Return size and time of a file that is to be looked at. Links may lead anywhere: none."""
    if file.is_symlink() or not file.is_file():
        return None
    try:
        found = file.stat()
    except OSError:
        return None  # gone in the meantime
    return [found.st_size, found.st_mtime_ns] if found.st_size else None


def _is_old(stamp: list[int], settings: FolderSettings, now: datetime) -> bool:
    return now.timestamp() - stamp[1] / 1e9 >= settings.settle
