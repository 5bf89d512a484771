"""What the worker does with data that came: imports, and all that follows from new rows.

Working out the usual answers, reading texts and finding who is who belong to slices above by what
they say, but they are asked for here, after an import, and by every slice that writes rows
(``refresh``); a slice cannot call one above it. Each task may be run again after it was cut off.
"""

import logging
import shutil
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from percorso import i18n
from percorso.app import company, results
from percorso.app.audit.actions import record
from percorso.app.intake import reading
from percorso.app.intake.models import Import, Status

if TYPE_CHECKING:
    from django_tasks.base import Task

logger = logging.getLogger("percorso.intake")

#: How often a running import says how far it is.
SAYS_EVERY_S: Final = 0.5
#: Rows of a group that are tried again at one press, so that imports do not wait for long.
TRIED_AT_ONCE: Final = 1000
TRIED_IN_ONE_COMMIT: Final = 200
#: Texts that are read before other tasks can have their turn: some seconds' work.
TEXTS_AT_ONCE: Final = 1024


@task()
def look(import_id: str) -> None:
    """Find out what the files are, for the preview."""
    from percorso import intake

    one = _of(import_id, Status.READING)
    if one is None:
        return
    with i18n.in_language(one.language):
        try:
            plan = intake.inspect(
                company.workspace(),
                _paths(one),
                recipe=one.recipe or None,
                mapping=one.mapping,
                on_progress=_Teller(one),
            )
        except intake.IntakeError as error:
            _fail(one, str(error))
        except Exception:
            logger.exception("looking at import %s failed", import_id)
            _fail(one, "")
        else:
            Import.objects.filter(id=one.id, status=Status.READING).update(
                status=Status.READY, plan=_plain(plan.as_dict()), progress={}
            )


@task()
def run(import_id: str) -> None:
    """Import the files."""
    from percorso import intake

    one = _of(import_id, Status.QUEUED, Status.RUNNING)
    if one is None:
        return
    Import.objects.filter(id=one.id).update(status=Status.RUNNING)
    with i18n.in_language(one.language):
        try:
            teller = _Teller(one)
            plan = intake.inspect(
                company.workspace(), _paths(one), recipe=one.recipe or None, mapping=one.mapping
            )
            if plan.problems:
                raise intake.IntakeError("\n".join(plan.problems))
            result = intake.run(
                company.log(),
                plan,
                who=str(one.made_by or ""),
                confirmed=True,
                on_progress=teller,
            )
        except intake.IntakeError as error:
            _fail(one, str(error))
        except Exception:
            logger.exception("import %s failed", import_id)
            _fail(one, "")
        else:
            _finish(one, result)


@task()
def retry(number: int, values: dict[str, str], by: int, language: str) -> tuple[int, int]:
    """Try the rows of a group of the quarantine again; return how many entered, of how many."""
    from percorso import intake
    from percorso.app.accounts.models import User
    from percorso.log.quarantine import Quarantine

    quarantine = Quarantine(company.workspace())
    rows = quarantine.alike(number, "waiting", TRIED_AT_ONCE)
    accepted = 0
    with i18n.in_language(language):
        for first in range(0, len(rows), TRIED_IN_ONE_COMMIT):
            some = [each.id for each in rows[first : first + TRIED_IN_ONE_COMMIT]]
            accepted += intake.replay_many(company.log(), some, values)
    with transaction.atomic():
        person = User.objects.filter(id=by).first()
        record(person, "quarantine.retried", str(number), rows=len(rows), accepted=accepted)
        if accepted:
            refresh()
    return accepted, len(rows)


@task()
def warm() -> None:
    """Work out the usual answers, so that nobody waits for them."""
    from percorso.log.steps import open_steps
    from percorso.text import enrichment, topics

    log = company.log()
    open_steps(log)
    results.prepare(log)
    if enrichment.pending(log) or topics.due(log):
        once(read_texts)
    look_for_who_is_who()


def look_for_who_is_who() -> None:
    """Have the worker search for references that are one customer, where something is new."""
    from percorso import identity

    try:
        due = identity.due(company.log())
    except identity.IdentityError as error:
        # The company's settings make no sense: they are mended by hand, and looked at again.
        logger.warning("who is who is not looked for: %s", error)
        return
    if due:
        once(find_who_is_who)


@task()
def find_who_is_who() -> None:
    """Join the references that are one customer."""
    from percorso import identity

    try:
        found = identity.resolve_new(company.log())
    except identity.IdentityError as error:
        logger.warning("who is who is not looked for: %s", error)
        return
    if found is not None and (found.joined or found.undone):
        refresh()


@task()
def read_texts() -> None:
    """Read the texts that were not read yet; where other tasks wait, they have their turn first."""
    stage: reading.Stage = "reading"
    try:
        with i18n.in_language(company.workspace().settings.language):
            from percorso.text import enrichment, topics

            log = company.log()
            enrichment.enrich(log, at_once=TEXTS_AT_ONCE, on_progress=_give_way)
            stage = "topics"
            # Whoever was stopped between the two left texts that are read and in no topic.
            if topics.due(log):
                topics.refresh(log)
                refresh()
    except _OthersWaitError:
        once(read_texts)
    except Exception as error:
        logger.exception("reading the texts failed")
        reading.note(stage, error)
        return
    reading.forget()


class _OthersWaitError(Exception):
    """Another task is ready to be done."""


def _give_way(done: int, there: int) -> None:
    from django_tasks_db.models import DBTaskResult

    if done == there:
        return
    if DBTaskResult.objects.ready().exclude(task_path=read_texts.module_path).exists():
        raise _OthersWaitError


def refresh() -> None:
    """Ask for fresh answers, once however often it is asked."""
    once(warm)


def once(wanted: "Task[[], None]") -> None:
    """Have the worker do a task, unless it waits to be done already."""
    from django_tasks_db.models import DBTaskResult

    if not DBTaskResult.objects.ready().filter(task_path=wanted.module_path).exists():
        wanted.enqueue()


@transaction.atomic
def _finish(one: Import, result: Any) -> None:
    one.refresh_from_db()
    one.status, one.finished_at = Status.DONE, timezone.now()
    one.result, one.record, one.progress = _plain(result.as_dict()), result.import_id, {}
    one.save()
    record(
        one.made_by, "import.finished", str(one), added=result.added, quarantined=result.quarantined
    )
    refresh()
    # The log and the quarantine hold all of it now; a second copy would only have to be guarded.
    transaction.on_commit(lambda: shutil.rmtree(_folder(one), ignore_errors=True))


@transaction.atomic
def _fail(one: Import, reason: str) -> None:
    one.refresh_from_db()
    one.status, one.error, one.progress = Status.FAILED, reason, {}
    one.finished_at = timezone.now()
    one.save()
    record(one.made_by, "import.failed", str(one))


def _of(import_id: str, *expected: Status) -> Import | None:
    """Return the import, unless it has gone on without us (a task may be run twice)."""
    return Import.objects.filter(id=uuid.UUID(import_id), status__in=expected).first()


def _folder(one: Import) -> Path:
    return company.workspace().uploads / str(one.id)


def _paths(one: Import) -> list[Path]:
    return [_folder(one) / file["name"] for file in one.files]


def _plain(value: Any) -> Any:
    """Return what JSON can hold: tuples as lists, times and paths as text."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


class _Teller:
    """Writes down how far an import is, now and then."""

    def __init__(self, one: Import) -> None:
        self._id = one.id
        self._next = 0.0
        self._stage = ""

    def __call__(self, progress: Any) -> None:
        now = time.monotonic()
        if now < self._next and progress.stage == self._stage:
            return
        self._next, self._stage = now + SAYS_EVERY_S, progress.stage
        Import.objects.filter(id=self._id).update(
            progress={
                "stage": progress.stage,
                "done": progress.done,
                "total": progress.total,
                "unit": progress.unit,
                "file": progress.file,
            }
        )
