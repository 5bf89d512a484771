"""Every change on the data page, each with its entry in the trail."""

import contextlib
import errno
import os
import shutil
import stat
import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db import transaction
from django.utils import timezone

from percorso import i18n
from percorso.app import company
from percorso.app.accounts.models import User
from percorso.app.audit.actions import record
from percorso.app.intake import names, tasks
from percorso.app.intake.models import Import, Status

if TYPE_CHECKING:
    from percorso.intake.model import Replayed
    from percorso.log import Appended
    from percorso.vocabulary import Interaction

#: Files that nobody confirmed are not kept for longer than this.
UNCONFIRMED_LASTS: Final = timedelta(days=7)


class NotPossible(Exception):  # noqa: N818 - reads as what it says
    """The change makes no sense as things are."""


class NotThere(Exception):  # noqa: N818 - reads as what it says
    """There is no such import."""


def folder(import_id: uuid.UUID) -> Path:
    """Return where the files of an import lie."""
    return company.workspace().uploads / str(import_id)


def upload(by: User, files: Sequence[TemporaryUploadedFile]) -> Import:
    """Keep the files, and have them looked at."""
    upload_id = uuid.uuid4()
    kept = _keep(folder(upload_id), files)
    try:
        return _begin(by, upload_id, kept)
    except BaseException:
        shutil.rmtree(folder(upload_id), ignore_errors=True)
        raise


@transaction.atomic
def _begin(by: User, upload_id: uuid.UUID, kept: list[dict[str, Any]]) -> Import:
    made = Import.objects.create(
        id=upload_id, made_by=by, language=i18n.current_language(), files=kept
    )
    tasks.look.enqueue(str(made.id))
    record(by, "import.uploaded", str(made))
    return made


def hand_over(
    by: User | None,
    files: Sequence[Path],
    *,
    recipe: str = "",
    mapping: Mapping[str, str] | None,
    within: Path | None = None,
) -> Import:
    """Import files of this machine that nobody needs to look at first. They stay where they are.

    Raises OSError where one is no plain file any more, or not ``within`` the folder given.
    """
    import_id = uuid.uuid4()
    place = folder(import_id)
    place.mkdir(parents=True, mode=0o700)
    try:
        stored = names.apart(names.safe_name(each.name) for each in files)
        for name, file in zip(stored, files, strict=True):
            _copy(file, place / name, within)
        kept = [{"name": name, "bytes": (place / name).stat().st_size} for name in stored]
        with transaction.atomic():
            made = Import.objects.create(
                id=import_id,
                made_by=by,
                language=i18n.current_language(),
                files=kept,
                recipe=recipe,
                mapping={field: source for field, source in (mapping or {}).items() if source},
                status=Status.QUEUED,
            )
            tasks.run.enqueue(str(made.id))
            record(by, "import.handed_over", str(made))
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    return made


def _copy(file: Path, to: Path, within: Path | None) -> None:
    """Copy a file that others may swap at any moment: what was opened is judged, and copied."""
    opened = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(opened, "rb") as read:
        found = os.fstat(opened)
        real = file.resolve()
        inside = within is None or real.is_relative_to(within.resolve())
        if not (stat.S_ISREG(found.st_mode) and inside and os.path.samestat(found, real.stat())):
            raise OSError(errno.EPERM, "no plain file of this folder", file.name)
        with to.open("xb") as written:
            shutil.copyfileobj(read, written)


@transaction.atomic
def look_again(import_id: uuid.UUID, recipe: str, mapping: Mapping[str, str]) -> None:
    """Look at the files again with what the person chose, and say it in the person's language.

    A preview: not part of the trail.
    """
    one = _locked(import_id, Status.READY, Status.FAILED)
    _choose(one, recipe, mapping)
    one.language = i18n.current_language()
    one.status, one.error, one.progress = Status.READING, "", {}
    one.save()
    tasks.look.enqueue(str(one.id))


@transaction.atomic
def confirm(by: User, import_id: uuid.UUID, recipe: str, mapping: Mapping[str, str]) -> None:
    """Import the files with what the person chose, and say the outcome in the person's language."""
    one = _locked(import_id, Status.READY, Status.FAILED)
    _choose(one, recipe, mapping)
    one.language = i18n.current_language()
    one.status, one.error, one.progress = Status.QUEUED, "", {}
    one.save()
    tasks.run.enqueue(str(one.id))
    record(by, "import.confirmed", str(one), recipe=recipe, mapping=dict(mapping))


@transaction.atomic
def discard(by: User | None, import_id: uuid.UUID) -> None:
    """Throw the uploaded files away. What was imported stays in the log."""
    one = _locked(import_id, Status.READY, Status.FAILED, Status.READING)
    one.status, one.finished_at = Status.DISCARDED, timezone.now()
    one.save()
    record(by, "import.discarded", str(one))
    transaction.on_commit(lambda: shutil.rmtree(folder(import_id), ignore_errors=True))


def discard_forgotten() -> None:
    """Throw away what was uploaded long ago and never confirmed, or cut off half-way."""
    before = timezone.now() - UNCONFIRMED_LASTS
    for cut in company.workspace().temporary.glob("*.upload*"):
        if cut.stat().st_mtime < before.timestamp():
            cut.unlink(missing_ok=True)
    waiting = (Status.READY, Status.FAILED)
    for one in Import.objects.filter(status__in=waiting, made_at__lt=before):
        discard(None, one.id)


def mend(by: User, number: int, values: Mapping[str, str]) -> "Replayed":
    """Try a row of the quarantine again with other values."""
    from percorso import intake

    done = intake.replay(company.log(), number, dict(values))
    if done.accepted:
        with transaction.atomic():
            record(by, "quarantine.mended", str(number), fields=sorted(values))
            tasks.refresh()
    return done


@transaction.atomic
def try_again(by: User, number: int, values: Mapping[str, str]) -> None:
    """Have the rows of a group tried again in the background, each with ``values``."""
    tasks.retry.enqueue(number, dict(values), by.id, i18n.current_language())


def put_group_aside(by: User, number: int) -> int:
    """Put all that waits of a group aside for good. Return how many rows it were."""
    from percorso.log.quarantine import Quarantine

    done = Quarantine(company.workspace()).discard_alike(number)
    if done:
        with transaction.atomic():
            record(by, "quarantine.discarded", str(number), rows=done)
    return done


def put_aside(by: User, numbers: Sequence[int]) -> int:
    """Put rows of the quarantine aside for good; they stay listed. Return how many it were."""
    from percorso.log import LogError
    from percorso.log.quarantine import Quarantine

    quarantine, done = Quarantine(company.workspace()), []
    for number in numbers:
        # Somebody else may have mended it meanwhile, or it went with its sibling.
        with contextlib.suppress(LogError):
            quarantine.discard(number)
            done.append(number)
    if done:
        with transaction.atomic():
            record(by, "quarantine.discarded", ", ".join(map(str, done)), rows=len(done))
    return len(done)


@transaction.atomic
def note_export(by: User, status: str) -> None:
    """Note that somebody took the quarantine's rows out."""
    record(by, "quarantine.exported", status)


def _choose(one: Import, recipe: str, mapping: Mapping[str, str]) -> None:
    one.recipe = recipe
    one.mapping = {field: source for field, source in mapping.items() if source}


def _locked(import_id: uuid.UUID, *allowed: Status) -> Import:
    one = Import.objects.select_for_update().filter(id=import_id).first()
    if one is None:
        raise NotThere
    if one.status not in allowed:
        raise NotPossible(f"the import is {one.status}")
    return one


def _keep(place: Path, files: Sequence[TemporaryUploadedFile]) -> list[dict[str, Any]]:
    """Move the files into their folder, so that they outlive the request and a power cut."""
    place.mkdir(parents=True, mode=0o700)
    stored = names.apart(names.safe_name(file.name or "") for file in files)
    for name, file in zip(stored, files, strict=True):
        target = place / name
        # The file lies in the same workspace already: moving it copies nothing.
        os.link(file.temporary_file_path(), target)
        with target.open("rb") as written:
            os.fsync(written.fileno())
    return [{"name": name, "bytes": file.size} for name, file in zip(stored, files, strict=True)]


def receive(interactions: "Sequence[Interaction]") -> "Appended":
    """Store interactions that follow the rules; what is written in them is read afterwards.

    They are on the disk when this returns. Raises LogBusyError where nothing was stored.
    """
    from percorso.log.schema import as_table

    stored = company.log().append(as_table(interactions))
    if stored.added and any(each.text for each in interactions):
        tasks.once(tasks.read_texts)
    return stored
