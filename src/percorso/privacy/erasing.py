"""Erasing a person from all that is held, and proving it.

What is to be erased is noted first (``erasing/`` in the workspace), so that an erasure that was cut
off anywhere, by a power cut too, is taken up again: ``resume``. The note is the last to go.
"""

import json
import logging
import secrets
import shutil
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from percorso import durable_file
from percorso.durable_database import still_read
from percorso.i18n import gettext as _
from percorso.log.anonymous import PREFIX
from percorso.log.errors import LogBusyError
from percorso.log.lock import exclusive
from percorso.privacy.certificates import Certificate, Left, PlaceCleared, Register
from percorso.privacy.errors import ErasureWaitsError, PrivacyError
from percorso.privacy.naming import Naming
from percorso.privacy.person import Person, gather, rows_of
from percorso.privacy.places import AFTER_THE_LOG, BEFORE_THE_LOG, Place
from percorso.privacy.scanning import Hit, Scan, Search, scan

if TYPE_CHECKING:
    from percorso.log import Log

logger = logging.getLogger("percorso.privacy")

FOLDER: Final = "erasing"
_LOCK: Final = "erasing.lock"
_WAIT: Final = 600.0
#: How long those are waited for who read what was deleted, in seconds.
READERS_S: Final = 30.0

#: Called with the name of what is being done: a place, ``log``, ``scan``.
OnStep = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """An erasure that was asked for.

    ``until``: only what came until then (None: all). ``cleared`` is what was done before it was
    cut off, if it was.
    """

    id: str
    person: Person
    who: str
    at: datetime
    keep_figures: bool = False
    until: datetime | None = None
    cleared: tuple[PlaceCleared, ...] = ()


def erase(
    log: "Log",
    customer: str,
    *,
    who: str = "",
    also: Sequence[Place] = (),
    keep_figures: bool = False,
    on_step: OnStep | None = None,
) -> Certificate:
    """Erase the customer that ``customer`` (a reference) belongs to; return the certificate.

    ``who`` asked for it. ``also`` are places besides the workspace's own files: the application's
    tables. With ``keep_figures`` the interactions stay without the person (``log.anonymous``).
    Raises LogError, with what was begun noted and taken up by ``resume``: also ErasureWaitsError,
    where somebody reads what was deleted.
    """
    task = begin(log, customer, who=who, keep_figures=keep_figures)
    return finish(log, task, also=also, on_step=on_step)


def begin(
    log: "Log",
    customer: str,
    *,
    who: str = "",
    keep_figures: bool = False,
    until: datetime | None = None,
    references: Collection[str] = (),
) -> Task:
    """Note whom to erase, for ``finish`` or ``resume``. On the disk when this returns."""
    if not customer.strip():
        raise PrivacyError(_("Say whom to erase."))
    now = datetime.now(UTC)
    task = Task(
        id=f"{now:%Y%m%d}-{secrets.token_hex(4)}",
        person=gather(log, customer, also=references),
        who=who,
        at=now,
        keep_figures=keep_figures,
        until=until,
    )
    _keep(log, task)
    return task


def waiting(log: "Log") -> tuple[Task, ...]:
    """Return the erasures that were begun and not finished, the oldest first."""
    folder = log.workspace.path / FOLDER
    found = []
    for file in folder.glob("*.json") if folder.is_dir() else ():
        with suppress(FileNotFoundError):  # somebody finished it meanwhile
            found.append(_read(file))
    return tuple(sorted(found, key=lambda each: each.at))


def resume(log: "Log", *, also: Sequence[Place] = ()) -> tuple[Certificate, ...]:
    """Finish every erasure that was begun. One that has to wait for readers stays noted."""
    done = []
    for each in waiting(log):
        try:
            done.append(finish(log, each, also=also))
        except ErasureWaitsError as error:
            logger.warning("erasure %s: %s", each.id, error)
    return tuple(done)


def finish(
    log: "Log", task: Task, *, also: Sequence[Place] = (), on_step: OnStep | None = None
) -> Certificate:
    """Do an erasure that was noted, and keep its certificate.

    Raises ErasureWaitsError where somebody reads for so long what was deleted that its bytes are
    still there: no certificate is given then, and ``resume`` takes it up again.
    """
    begun = time.monotonic()
    say = on_step or _nothing
    workspace = log.workspace
    with exclusive(workspace.path / _LOCK, _WAIT):
        done = Register(workspace).certificate(task.id)
        if done is None:
            # More may have come since it was asked for, and more may be known of who it is.
            _look_for_who_is_who(log)
            person = _joined(
                task.person, gather(log, task.person.customer, also=task.person.references)
            )
            task = replace(task, person=person)
            _keep(log, task)
            places = _clear(log, task, also, say)
            say("scan")
            searched, left, swept = _search(log, task)
            if any(each.why == "found" for each in left):
                # Whoever was at work with their data when they went may have written it since.
                task = replace(task, cleared=tuple(places))
                places = _clear(log, task, also, say)
                searched, left, swept = _search(log, task)
            certificate = Certificate(
                id=task.id,
                at=datetime.now(UTC),
                who=task.who,
                references=len(person.references),
                places=(*places, *swept),
                figures_kept=task.keep_figures,
                files=searched.files,
                bytes=searched.bytes,
                unpacked=searched.unpacked,
                strings=searched.strings,
                left=left,
                seconds=round(time.monotonic() - begun, 3),
                log_version=log.version,
                release=_release(),
            )
            done = Register(workspace).add(certificate, {*person.references, *person.names})
        _drop(log, task)
    return done


def _look_for_who_is_who(log: "Log") -> None:
    """Join what came lately: what somebody said on the telephone is theirs under its number too."""
    from percorso import identity

    # Where settings make no sense, or another search does not end, the joins so far hold.
    with suppress(identity.IdentityError, LogBusyError):
        identity.resolve(log)


def _clear(log: "Log", task: Task, also: Sequence[Place], say: OnStep) -> list[PlaceCleared]:
    person, before = task.person, {each.name: each for each in task.cleared}

    def note(name: str, searched: int, removed: int) -> None:
        last = before.get(name, PlaceCleared(name, 0, 0))
        both = PlaceCleared(name, max(searched, last.searched), removed + last.removed)
        found[name] = both
        _keep(log, replace(task, cleared=tuple({**before, **found}.values())))

    def clear(places: Sequence[Place]) -> None:
        for place in places:
            say(place.name)
            cleared = place.clear(log, person, task.until)
            note(place.name, cleared.searched, cleared.removed)

    found: dict[str, PlaceCleared] = {}
    # Nothing enters the log meanwhile that was taken from the inbox before the person left it.
    with draining_stopped(log):
        clear(BEFORE_THE_LOG)
        say("log")
        rows = log.snapshot().rows
        erased = log.erase(
            person.customer,
            references=person.references,
            received_until=task.until,
            keep_figures=task.keep_figures,
        )
    note("log", rows, erased.rows)
    note("readings", erased.readings, erased.readings)
    note("corrections", erased.corrected, erased.corrected)
    note("quarantine", erased.quarantined, erased.quarantined)
    clear((*also, *AFTER_THE_LOG))
    _overwrite(log)
    return list(found.values())


def _overwrite(log: "Log") -> None:
    """See that what was deleted is overwritten in the workspace's databases, and not in a journal.

    Raises ErasureWaitsError.
    """
    read = still_read(sorted(log.workspace.path.glob("*.sqlite")), READERS_S)
    if read:
        raise ErasureWaitsError(
            _(
                "Everything was deleted, but {files} is still being read, so its old contents are "
                "on the disk. There is no certificate yet; the erasure is finished by itself once "
                "the reading ends."
            ).format(files=", ".join(each.name for each in read))
        )


@contextmanager
def draining_stopped(log: "Log") -> Iterator[None]:
    """Hold the lock that whoever drains the inbox holds."""
    from percorso.live.draining import LOCK

    with exclusive(log.workspace.path / LOCK, _WAIT):
        yield


def _search(log: "Log", task: Task) -> tuple[Scan, tuple[Left, ...], tuple[PlaceCleared, ...]]:
    """Search every byte; sweep what is derived and holds the person still; say what is left."""
    workspace, strings = log.workspace, task.person.strings
    found = scan(workspace.path, strings, without=[workspace.path / FOLDER])
    # What rows of other customers hold is theirs: a sentence that many write, a shared telephone.
    # In files, that is, which the log still reads: one that it left behind holds nobody's rows.
    current = {Path(each).resolve() for each in log.files()}
    others = frozenset[int]().union(
        *(each.strings for each in found.hits if each.file.resolve() in current)
    )
    # A sentence may be others' wherever it lies; a name is excused in their rows alone.
    excused = others - frozenset(range(len(task.person.names)))
    remaining = [
        Hit(each.file, each.strings - excused)
        for each in found.hits
        if each.file.resolve() not in current
    ]
    remaining = [each for each in remaining if each.strings]
    swept = _sweep_derived(log, [each.file for each in remaining])
    search = Search(strings)
    left: list[Left] = []
    if others:
        left.append(Left("log", len(others), "others"))
    if task.until is None and any(rows_of(log, task.person.references, ["customer"])):
        left.append(Left("log", len(strings), "found"))
    naming = Naming(task.person)
    if task.keep_figures and _names_anonymous(log, naming):
        left.append(Left("log", 1, "found"))
    for hit in remaining:
        still = search.file(hit.file) - excused if hit.file.exists() else frozenset()
        if still:
            where = hit.file.relative_to(workspace.path).as_posix()
            left.append(Left(naming.out_of(where), len(still), "found"))
    return found, tuple(left), (PlaceCleared("derived", found.files, swept),)


def _names_anonymous(log: "Log", naming: Naming) -> bool:
    """Say whether rows that were made anonymous still name the person."""
    import pyarrow.compute as pc

    theirs = pc.starts_with(pc.field("customer"), PREFIX)
    for batch in log.read(["name", "touchpoint"], where=theirs):
        words = {*batch["name"].unique().to_pylist(), *batch["touchpoint"].unique().to_pylist()}
        if any(naming.in_text(each) for each in words if each):
            return True
    return False


def _sweep_derived(log: "Log", files: Sequence[Path]) -> int:
    """Throw away what is derived and holds the person: whatever it is, it is made again."""
    derived = log.workspace.derived
    chunks = set()
    for file in files:
        if file.is_relative_to(derived):
            parts = file.relative_to(derived).parts
            depth = 2 if parts[0] == "beside" else 1
            chunks.add(derived.joinpath(*parts[:depth]))
    for each in chunks:
        if each.is_dir():
            shutil.rmtree(each)
        else:
            each.unlink(missing_ok=True)
    return len(chunks)


def _joined(one: Person, other: Person) -> Person:
    def both(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*first, *second)))

    return Person(
        one.customer,
        both(one.references, other.references),
        both(one.names, other.names),
        both(one.phrases, other.phrases),
        max(one.interactions, other.interactions),
        both(one.telling, other.telling),
    )


def _keep(log: "Log", task: Task) -> None:
    folder = log.workspace.path / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    given = asdict(task)
    for name in ("at", "until"):
        given[name] = given[name].isoformat() if given[name] else None
    durable_file.write(folder / f"{task.id}.json", json.dumps(given), private=True)


def _read(file: Path) -> Task:
    given = json.loads(file.read_text(encoding="utf-8"))
    person, cleared = given.pop("person"), given.pop("cleared", [])
    lists = ("references", "names", "phrases", "telling")
    return Task(
        **{
            **given,
            "at": datetime.fromisoformat(given["at"]),
            "until": datetime.fromisoformat(given["until"]) if given["until"] else None,
            "cleared": tuple(PlaceCleared(**each) for each in cleared),
            "person": Person(**{**person, **{name: tuple(person.get(name, ())) for name in lists}}),
        }
    )


def _drop(log: "Log", task: Task) -> None:
    """Overwrite the note, and what a kill left of writing any note, and delete them."""
    folder = log.workspace.path / FOLDER
    with suppress(FileNotFoundError):
        durable_file.wipe(folder / f"{task.id}.json")
    durable_file.clear_drafts(folder)
    durable_file.flush(folder)


def _nothing(_step: str) -> None:
    return


def _release() -> str:
    from importlib.metadata import version

    return version("percorso")
