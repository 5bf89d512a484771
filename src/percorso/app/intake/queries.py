"""Everything the data page shows."""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from percorso.app import company, results
from percorso.app.intake import tasks
from percorso.app.intake.models import MOVING, Import, Status
from percorso.estimation import MIN_SHOWN

if TYPE_CHECKING:
    from percorso.intake.model import ImportRecord
    from percorso.log import Log
    from percorso.log.quarantine import Group, Quarantine, Quarantined
    from percorso.log.quarantine import Status as RowStatus


@dataclass(frozen=True, slots=True)
class Line:
    """An import in the list. ``id`` is empty where it has no page: it came by the command line."""

    id: str
    files: str
    at: datetime
    who: str
    recipe: str
    status: str
    added: int = 0
    duplicates: int = 0
    quarantined: int = 0


@dataclass(frozen=True, slots=True)
class InLog:
    """What the log holds."""

    interactions: int
    customers: int
    first: datetime | None
    last: datetime | None

    @property
    def few(self) -> bool:
        """Say whether it holds so few customers that they might be recognised."""
        return self.customers < MIN_SHOWN


@dataclass(frozen=True, slots=True)
class Outcome:
    """Rows of an import: added to the log, in it before, in quarantine."""

    added: int
    duplicates: int
    quarantined: int


@dataclass(frozen=True, slots=True)
class Overview:
    """The first view of the data page."""

    log: InLog
    waiting: int
    open: tuple[Line, ...]
    done: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the worker is; ``percent`` is None where nobody knows."""

    stage: str
    percent: int | None
    file: str


@dataclass(frozen=True, slots=True)
class Detail:
    """An import on its own page: the library's plan and result as they were kept.

    ``language`` is the one in which the library said them.
    """

    id: uuid.UUID
    status: str
    moving: bool
    files: tuple[Mapping[str, Any], ...]
    recipe: str
    mapping: Mapping[str, str]
    plan: Mapping[str, Any]
    progress: Progress
    result: Mapping[str, Any]
    error: str
    ahead: bool
    who: str
    at: datetime
    language: str

    @property
    def name(self) -> str:
        return ", ".join(file["name"] for file in self.files)

    def counted(self) -> "Detail":
        """Return what whoever may not see rows may know: names and counts.

        What the library says of files (notes, problems, examples) may quote what stands in them.
        """
        told = ("name", "format", "bytes", "rows", "used", "use")
        files = [{name: each.get(name) for name in told} for each in self.plan.get("files", ())]
        plan = {"title": self.plan.get("title", ""), "files": files} if self.plan else {}
        result = {name: value for name, value in self.result.items() if name in _COUNTS}
        return replace(self, mapping={}, plan=plan, result=result, error="")


#: What an import's result says without quoting a row.
_COUNTS: Final = (
    "recipe",
    "rows_read",
    "interactions",
    "added",
    "duplicates",
    "quarantined",
    "already_quarantined",
    "skipped",
    "files",
    "version",
)


@dataclass(frozen=True, slots=True)
class Retrying:
    """What became of the last time a group of the quarantine was tried again, if it was."""

    going: bool = False
    failed: bool = False
    accepted: int = 0
    tried: int = 0
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Where interactions came from."""

    name: str
    interactions: int
    customers: int
    first: datetime
    last: datetime

    @property
    def few(self) -> bool:
        """Say whether they are of so few customers that these might be recognised."""
        return self.customers < MIN_SHOWN


@dataclass(frozen=True, slots=True)
class Sources:
    rows: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Recipe:
    """A recipe to choose from."""

    name: str
    title: str


def overview(limit: int, offset: int) -> Overview:
    """Return what the log holds and how it got there."""
    from percorso.intake.history import History

    records = History(company.workspace()).list(limit=limit, offset=offset)
    pages = {
        each.record: str(each.id)
        for each in Import.objects.filter(record__in=[record.id for record in records])
    }
    still = Import.objects.exclude(status__in=[Status.DONE, Status.DISCARDED])
    return Overview(
        log=in_log(),
        waiting=waiting(),
        open=tuple(_open_line(each) for each in still.select_related("made_by")[:50]),
        done=tuple(_done_line(each, pages.get(each.id, "")) for each in records),
    )


def in_log() -> InLog:
    """Return what the log holds."""
    summary = company.log().summary()
    return InLog(summary.interactions, summary.customers, summary.first, summary.last)


def waiting() -> int:
    """Return how many rows wait in quarantine."""
    return quarantine_count("waiting")


def detail(import_id: uuid.UUID) -> Detail | None:
    """Return an import with all that its page shows."""
    one = Import.objects.select_related("made_by").filter(id=import_id).first()
    if one is None:
        return None
    return Detail(
        id=one.id,
        status=one.status,
        moving=one.status in MOVING,
        files=tuple(one.files),
        recipe=one.recipe,
        mapping=one.mapping,
        plan=one.plan,
        progress=_progress(one.progress),
        result=one.result,
        error=one.error,
        ahead=_others_ahead(one),
        who=str(one.made_by or ""),
        at=one.made_at,
        language=one.language,
    )


def outcomes(import_ids: Iterable[str]) -> dict[str, Outcome]:
    """Return what became of imports that are done, by id; those that are not yet are left out."""
    found = Import.objects.filter(id__in=list(import_ids), status=Status.DONE)
    return {
        str(each.id): Outcome(
            each.result.get("added", 0),
            each.result.get("duplicates", 0),
            each.result.get("quarantined", 0),
        )
        for each in found.only("result")
    }


def sources() -> tuple[Source, ...]:
    """Return where the log's interactions came from, the most first."""
    log = company.log()
    return results.result(log, "sources", (), Sources, lambda: _sources(log)).rows


def recipes() -> tuple[Recipe, ...]:
    """Return the recipes there are, the company's own first."""
    from percorso.intake import recipes as library

    return tuple(Recipe(each.name, each.title) for each in library.available(company.workspace()))


def groups(status: "RowStatus", limit: int, offset: int) -> "tuple[Group, ...]":
    """Return what was found wrong, put together by file, field and rule."""
    return _quarantine().groups(status, limit, offset)


def group(number: int, status: "RowStatus") -> "Group | None":
    """Return the group that a row belongs to; None where there is no such row."""
    from percorso.log import LogError

    try:
        return _quarantine().group(number, status)
    except LogError:
        return None


def alike(number: int, status: "RowStatus", limit: int, offset: int) -> "tuple[Quarantined, ...]":
    """Return the rows of a group."""
    return _quarantine().alike(number, status, limit, offset)


def retrying(number: int) -> Retrying:
    """Return how the last try of a group went, or that it is under way."""
    from django_tasks.base import TaskResultStatus
    from django_tasks_db.models import DBTaskResult

    path = tasks.retry.module_path
    asked = DBTaskResult.objects.filter(task_path=path, args_kwargs__args__0=number)
    last = asked.order_by("-enqueued_at").first()
    if last is None:
        return Retrying()
    if last.finished_at is None:
        return Retrying(going=True)
    if last.status != TaskResultStatus.SUCCESSFUL:
        return Retrying(failed=True, at=last.finished_at)
    accepted, tried = last.return_value
    return Retrying(accepted=accepted, tried=tried, at=last.finished_at)


def quarantine_count(status: "RowStatus") -> int:
    """Return how many rows of the quarantine are ``status``."""
    return _quarantine().count(status)


def quarantined(number: int) -> "tuple[Quarantined, ...]":
    """Return all that was found wrong with a row; nothing where there is no such row."""
    from percorso.log import LogError

    try:
        return _quarantine().siblings(number)
    except LogError:
        return ()


def all_quarantined(status: "RowStatus") -> "Iterator[Quarantined]":
    """Return every row of ``status``, read piece by piece."""
    size, offset = 500, 0
    while page := _quarantine().list(status, size, offset):
        yield from page
        offset += len(page)


def _quarantine() -> "Quarantine":
    from percorso.log.quarantine import Quarantine

    return Quarantine(company.workspace())


def _open_line(one: Import) -> Line:
    return Line(str(one.id), str(one), one.made_at, str(one.made_by or ""), one.recipe, one.status)


def _done_line(record: "ImportRecord", page: str) -> Line:
    return Line(
        page,
        ", ".join(record.files),
        record.started_at,
        record.who,
        record.recipe,
        record.status,
        record.added,
        record.duplicates,
        record.quarantined,
    )


def _others_ahead(one: Import) -> bool:
    return (
        one.status in (Status.READING, Status.QUEUED)
        and Import.objects.filter(status=Status.RUNNING).exclude(id=one.id).exists()
    )


def _progress(kept: Mapping[str, Any]) -> Progress:
    total, done = kept.get("total", 0), kept.get("done", 0)
    percent = min(int(100 * done / total), 100) if total else None
    return Progress(kept.get("stage", ""), percent, kept.get("file", ""))


def _sources(log: "Log") -> Sources:
    table = log.interactions()
    found = (
        table.group_by("source")
        .aggregate(
            interactions=table.count(),
            customers=table.customer.nunique(),
            first=table.at.min(),
            last=table.at.max(),
        )
        .to_pyarrow()
        .to_pylist()
    )
    rows = sorted(found, key=lambda each: -each["interactions"])
    return Sources(tuple(Source(name=each.pop("source"), **each) for each in rows))
