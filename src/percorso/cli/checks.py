"""The checks of ``percorso doctor``."""

import os
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from percorso import __version__
from percorso.i18n import gettext as _
from percorso.workspace import Workspace, WorkspaceError

if TYPE_CHECKING:
    from percorso.log import Log

_GIB: Final = 2**30
_LEAST_DISK: Final = 2 * _GIB
_LEAST_MEMORY: Final = _GIB
#: A disk that takes longer than this to make one file durable makes imports wait.
_SLOW_SYNC: Final = 0.1
#: More files than this a bucket on average, and reading begins to wait for opening.
_MANY_FILES: Final = 48


class Status(StrEnum):
    FINE = "fine"
    LOOK = "look"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Check:
    """What was checked, what was found, and what to do (empty where nothing is to be done)."""

    name: str
    status: Status
    said: str
    advice: str = ""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def examine(directory: Path, *, deep: bool = False) -> tuple[Check, ...]:
    """Check the machine and the workspace. ``deep`` reads every row of the log."""
    return tuple(_all(directory, deep=deep))


def _all(directory: Path, *, deep: bool) -> Iterator[Check]:
    yield _python()
    yield _memory()
    try:
        workspace = Workspace.open(directory)
    except WorkspaceError as error:
        yield Check(_("Workspace"), Status.WRONG, str(error))
        return
    yield Check(
        _("Workspace"),
        Status.FINE,
        f"{workspace.path} ({workspace.settings.company}, {workspace.settings.zone})",
    )
    yield _disk(workspace)
    yield _durability(workspace)
    yield from _log(workspace, deep=deep)
    yield _guarded(_("Quarantine"), lambda: _quarantine(workspace))
    yield _guarded(_("Imports"), lambda: _imports(workspace))
    yield _guarded(_("Mapping rules"), lambda: _mapping_rules(workspace))
    yield _guarded(_("Written by hand"), lambda: _written_files(workspace))
    for name, file in (
        (_("Identities"), workspace.identity),
        (_("Application"), workspace.app_database),
    ):
        yield _guarded(name, lambda name=name, file=file: _database(name, file))  # type: ignore[misc]


def _guarded(name: str, check: Callable[[], Check]) -> Check:
    """Run a check; what goes wrong in it is its finding, not the doctor's end."""
    try:
        return check()
    except Exception as error:  # noqa: BLE001 - a broken file may fail in any library
        return Check(name, Status.WRONG, f"{type(error).__name__}: {error}", _restore())


def _restore() -> str:
    return _("Stop the server, keep a copy of the folder as it is, and restore from your backup.")


def _python() -> Check:
    found = ".".join(str(part) for part in sys.version_info[:3])
    return Check("Python", Status.FINE, f"{found}, Percorso {__version__}")


def _memory() -> Check:
    from percorso.log.engine import memory_limit

    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    said = _("{whole} GB, of which queries may use {limit} GB").format(
        whole=_gib(whole), limit=_gib(memory_limit())
    )
    if whole < _LEAST_MEMORY:
        return Check(
            _("Memory"), Status.LOOK, said, _("Below 1 GB large imports and reports are slow.")
        )
    return Check(_("Memory"), Status.FINE, said)


def _disk(workspace: Workspace) -> Check:
    free = shutil.disk_usage(workspace.path).free
    said = _("{free} GB free").format(free=_gib(free))
    if free < _LEAST_DISK:
        return Check(
            _("Disk"),
            Status.LOOK if free > _LEAST_DISK // 8 else Status.WRONG,
            said,
            _("Make room: imports and compaction write new files before old ones go."),
        )
    return Check(_("Disk"), Status.FINE, said)


def _durability(workspace: Workspace) -> Check:
    """Write a file and have it made durable, as every import does."""
    name = _("Writing")
    try:
        began = time.perf_counter()
        with tempfile.TemporaryFile(dir=workspace.path) as probe:
            probe.write(b"percorso")
            probe.flush()
            os.fsync(probe.fileno())
        took = time.perf_counter() - began
    except OSError as error:
        return Check(
            name,
            Status.WRONG,
            str(error),
            _("Let the user that runs Percorso write to {path}.").format(path=workspace.path),
        )
    said = _("a file is on the disk in {ms} ms").format(ms=round(took * 1000, 1))
    if took > _SLOW_SYNC:
        return Check(name, Status.LOOK, said, _("A slow or networked disk makes imports wait."))
    return Check(name, Status.FINE, said)


def _log(workspace: Workspace, *, deep: bool) -> Iterator[Check]:
    name = _("Log")
    if not workspace.log.exists():
        yield Check(name, Status.LOOK, _("empty"), _("Begin with: percorso import YOUR-FILES"))
        return
    from percorso.log import open_log

    try:
        log = open_log(workspace)
        checked = _log_files(log)
    except Exception as error:  # noqa: BLE001 - a broken table may fail in any library
        yield Check(name, Status.WRONG, f"{type(error).__name__}: {error}", _restore())
        return
    yield checked
    if checked.status is Status.WRONG:
        return
    if deep:
        yield _guarded(_("Rows"), lambda: _rows(log))
    yield _guarded(_("Steps index"), lambda: _index(log))


def _log_files(log: "Log") -> Check:
    """Look whether every file the log names is there, whole, and holds the rows it should."""
    import pyarrow.parquet as pq

    from percorso.log.schema import BUCKETS

    files = log.files()
    rows = 0
    for file in files:
        if not Path(file).exists():
            return Check(
                _("Log"), Status.WRONG, _("{file} is missing").format(file=file), _restore()
            )
        rows += pq.read_metadata(file).num_rows
    expected = log.summary().interactions
    if rows != expected:
        said = _("the files hold {rows} rows, the log says {expected}").format(
            rows=rows, expected=expected
        )
        return Check(_("Log"), Status.WRONG, said, _restore())
    said = _("version {version}: {rows} interactions in {files} files").format(
        version=log.version, rows=rows, files=len(files)
    )
    if len(files) > _MANY_FILES * BUCKETS:
        return Check(_("Log"), Status.LOOK, said, _("Join small files: percorso log compact"))
    return Check(_("Log"), Status.FINE, said)


def _rows(log: "Log") -> Check:
    """Read every row: none twice, none that a rule forbids."""
    table = log.interactions()
    counted = table.aggregate(
        rows=table.count(),
        ids=table.id.nunique(),
        nameless=(table.customer.isnull() | (table.customer == "")).sum(),
    ).to_pyarrow()
    found = counted.to_pylist()[0]
    twice = found["rows"] - found["ids"]
    if twice or found["nameless"]:
        said = _("{twice} rows are there twice, {nameless} have no customer").format(
            twice=twice, nameless=found["nameless"] or 0
        )
        return Check(_("Rows"), Status.WRONG, said, _restore())
    return Check(_("Rows"), Status.FINE, _("each of {n} is there once").format(n=found["rows"]))


def _index(log: "Log") -> Check:
    from percorso.log.steps import open_steps

    began = time.perf_counter()
    index = open_steps(log)
    said = _("at log version {version} (brought up to date in {seconds} s)").format(
        version=index.log_version, seconds=round(time.perf_counter() - began, 1)
    )
    return Check(_("Steps index"), Status.FINE, said)


def _quarantine(workspace: Workspace) -> Check:
    name = _("Quarantine")
    if not workspace.quarantine.exists():
        return Check(name, Status.FINE, _("empty"))
    checked = _database(name, workspace.quarantine)
    if checked.status is not Status.FINE:
        return checked
    from percorso.log.quarantine import Quarantine

    waiting = Quarantine(workspace).count("waiting")
    if waiting:
        return Check(
            name,
            Status.LOOK,
            _("{n} rows wait").format(n=waiting),
            _("See what is wrong with them: percorso quarantine list"),
        )
    return Check(name, Status.FINE, _("nothing waits"))


def _mapping_rules(workspace: Workspace) -> Check:
    """Look whether what says what live events mean can be read."""
    from percorso.live.mapping import MappingRulesError, load_rules

    name = _("Mapping rules")
    try:
        rules = load_rules(workspace)
    except MappingRulesError as error:
        return Check(
            name,
            Status.WRONG,
            str(error),
            _("Mend them on the page Live sources, Rules. Live events wait meanwhile."),
        )
    return Check(name, Status.FINE, _("{count} of your own").format(count=rules.own))


def _written_files(workspace: Workspace) -> Check:
    """Look whether the files that people may edit by hand can be read."""
    from percorso.journey_map import DraftError, Drafts
    from percorso.log.phases import PhaseRulesError, load_general_rules
    from percorso.touchpoints import Registry, TouchpointError

    name = _("Written by hand")
    wrong = []
    for read in (
        lambda: load_general_rules(workspace),
        Registry(workspace).all,
        Drafts(workspace).all,
    ):
        try:
            read()
        except (PhaseRulesError, TouchpointError, DraftError) as error:
            wrong.append(str(error))
    if wrong:
        return Check(name, Status.WRONG, "\n".join(wrong), _("Mend what is named there."))
    return Check(name, Status.FINE, _("rules of phases, touchpoints and drafts can be read"))


def _imports(workspace: Workspace) -> Check:
    from percorso.intake import History

    name = _("Imports")
    broken = [
        each
        for each in History(workspace).list(limit=20)
        if each.status in ("failed", "interrupted")
    ]
    if not broken:
        return Check(name, Status.FINE, _("none of the last 20 was cut short"))
    said = _("{n} of the last 20 did not finish; the last: {files}").format(
        n=len(broken), files=", ".join(broken[0].files)
    )
    return Check(
        name, Status.LOOK, said, _("Import the same files again: what is there is not added twice.")
    )


def _database(name: str, file: Path) -> Check:
    if not file.exists():
        return Check(name, Status.FINE, _("not used yet"))
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        said = database.execute("PRAGMA quick_check").fetchone()[0]
    if said != "ok":
        return Check(name, Status.WRONG, str(said), _restore())
    return Check(name, Status.FINE, _("whole"))


def _gib(size: int) -> str:
    from percorso.labels import number

    return number(size / _GIB, 1)
