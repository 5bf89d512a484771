"""The steps index as others use it."""

import threading
from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from percorso.log.errors import LogError
from percorso.log.lock import exclusive
from percorso.log.steps import bucket_file, manifest
from percorso.log.steps.bucket_file import Bucket
from percorso.log.steps.manifest import Manifest
from percorso.vocabulary import SCALES

if TYPE_CHECKING:
    from percorso.log.table import Log

#: Seconds to wait for another process that builds the index.
_WAIT: Final = 600.0
_ATTEMPTS: Final = 5
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_newest: dict[Path, "StepsIndex"] = {}
_mutex = threading.Lock()


@dataclass(frozen=True)
class StepsIndex:
    """The steps of all customers, mapped into memory, at one version of the log.

    A step is an interaction that is no promise. ``buckets`` hold whole customers. ``kept`` is for
    what is computed from this version once and asked for again.
    """

    log: "Log"
    state: Manifest
    buckets: tuple[Bucket, ...]
    kept: dict[Hashable, Any] = field(default_factory=dict)

    @property
    def log_version(self) -> int:
        return self.state.log_version

    @property
    def identity_version(self) -> int:
        return self.state.identity_version

    @cached_property
    def touchpoints(self) -> tuple[str, ...]:
        """Touchpoint by code; empty where a code is not in use."""
        return tuple(name or "" for name in self.state.touchpoints)

    @property
    def steps(self) -> int:
        return sum(bucket.rows for bucket in self.state.buckets)

    @property
    def customers(self) -> int:
        return sum(bucket.customers for bucket in self.state.buckets)

    @property
    def first(self) -> datetime | None:
        """The time of the first step."""
        times = [bucket.first for bucket in self.state.buckets if bucket.first is not None]
        return as_datetime(min(times)) if times else None

    @property
    def last(self) -> datetime | None:
        """The time of the last step."""
        times = [bucket.last for bucket in self.state.buckets if bucket.last is not None]
        return as_datetime(max(times)) if times else None

    def answers(self, scale: str) -> int:
        """Return how many answers on the scale the log holds."""
        code = list(SCALES).index(scale) + 1
        return sum(bucket.answers[code] for bucket in self.state.buckets)

    @cached_property
    def main_scale(self) -> str | None:
        """The scale with the most answers in the whole log (the first in SCALES of equals)."""
        most = max(SCALES, key=self.answers)
        return most if self.answers(most) else None


def open_steps(log: "Log") -> StepsIndex:
    """Return the index at the log's version of now, bringing it up to date first where needed.

    Processes and threads take turns at that. Raises LogError where it cannot be done.
    """
    folder = log.workspace.derived / "steps"
    with _mutex:
        known = _newest.get(folder)
        if known is None or not _holds(known.state, log):
            known = _open(log, folder)
            _newest.clear()
            _newest[folder] = known
        return known if known.log is log else replace(known, log=log)


def update_steps(log: "Log") -> None:
    """Bring the index up to date where there is one: its files hold names of customers."""
    if (log.workspace.derived / "steps" / manifest.NAME).exists():
        open_steps(log)


def as_datetime(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


def as_microseconds(time: datetime) -> int:
    return (time - _EPOCH) // timedelta(microseconds=1)


def _holds(state: Manifest, log: "Log") -> bool:
    """Say whether an index is of the log as it is now.

    Versions alone do not tell: a log deleted and made anew in the same place counts from 0 again,
    but no two logs have files of the same names.
    """
    if (state.log_version, state.identity_version) != (log.version, log.identity_version):
        return False
    sources = {file for bucket in state.buckets for file in bucket.sources}
    return sources == {each.path for each in log.snapshot().files}


def _open(log: "Log", folder: Path) -> StepsIndex:
    folder.mkdir(parents=True, exist_ok=True)
    for _ in range(_ATTEMPTS):
        state = manifest.read(folder)
        if state is None or not _holds(state, log):
            state = _update(log, folder)
        try:
            return StepsIndex(log, state, _mapped(folder, state))
        except (FileNotFoundError, ValueError):
            _discard(folder, state)
    raise LogError(
        f"The index at {folder} could not be read: its files changed at every attempt. "
        "Try again when nothing else writes there."
    )


def _update(log: "Log", folder: Path) -> Manifest:
    from percorso.log.steps.building import prepare

    with exclusive(folder.with_name("steps.lock"), _WAIT):
        before = manifest.read(folder)
        if before is not None and _holds(before, log):
            return before
        try:
            return prepare(log, folder, before).run()
        except (FileNotFoundError, ValueError):
            # A file of the log was compacted away meanwhile, or one of the index is damaged:
            # neither is in the way of building from nothing what the log holds now.
            return prepare(log, folder, None).run()


def _mapped(folder: Path, state: Manifest) -> tuple[Bucket, ...]:
    return tuple(bucket_file.read(folder / each.file, each.size) for each in state.buckets)


def _discard(folder: Path, state: Manifest) -> None:
    """Give up an index whose files are missing or damaged, unless it was replaced meanwhile."""
    with exclusive(folder.with_name("steps.lock"), _WAIT):
        if manifest.read(folder) == state:
            (folder / manifest.NAME).unlink()
