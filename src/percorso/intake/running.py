"""The import itself: one call, one commit."""

import time
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from percorso.i18n import gettext as _
from percorso.intake.choosing import choose
from percorso.intake.composing import prepare
from percorso.intake.history import History
from percorso.intake.making import Making, batches, first_rows, make_all, reading_notes
from percorso.intake.model import (
    ImportedFile,
    ImportResult,
    IntakeError,
    NotConfirmedError,
    OnProgress,
    Plan,
    Progress,
    Skipped,
)
from percorso.intake.recipes import Match
from percorso.intake.replaying import remembered
from percorso.intake.scratch import scratch
from percorso.intake.sources import find
from percorso.intake.tables import Loaded, Tables
from percorso.intake.waiting import Waiting
from percorso.intake.wanted import columns_wanted
from percorso.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa

    from percorso.log import Appended, Log

_SAMPLE: Final = 12


def run(
    log: "Log",
    plan: Plan,
    *,
    who: str = "",
    confirmed: bool = False,
    dry_run: bool = False,
    on_progress: OnProgress | None = None,
) -> ImportResult:
    """Import what the plan says: all of it in one commit of the log, or nothing.

    Rows that break a rule go to the quarantine. An import that was cut off leaves nothing behind
    and can be run again; what is in the log already is not added twice. ``confirmed`` says that
    somebody agreed with the guesses. Raises IntakeError for what stands in ``plan.problems``, and
    NotConfirmedError for guesses nobody confirmed.
    """
    _check(plan, confirmed=confirmed)
    workspace = log.workspace
    import_id = uuid.uuid4().hex[:12]
    running = _Running(log, plan, import_id, dry_run=dry_run, on_progress=on_progress)
    if dry_run:
        return running.run()
    history = History(workspace)
    names = tuple(each.name for each in plan.files if each.used)
    history.begin(import_id, who=who, recipe=plan.recipe or plan.title, files=names)
    try:
        result = running.run()
    except BaseException as error:
        history.fail(import_id, str(error) or type(error).__name__)
        raise
    history.finish(result)
    return result


def _check(plan: Plan, *, confirmed: bool) -> None:
    if plan.problems:
        raise IntakeError("\n".join(plan.problems))
    open_ones = [each for each in plan.questions if each.default is None or not confirmed]
    if open_ones:
        raise NotConfirmedError("\n".join(each.text for each in open_ones), plan)


class _Running:
    """An import under way."""

    def __init__(
        self,
        log: "Log",
        plan: Plan,
        import_id: str,
        *,
        dry_run: bool,
        on_progress: OnProgress | None,
    ) -> None:
        self._log, self._plan, self._id = log, plan, import_id
        self._dry_run = dry_run
        self._tell = on_progress or (lambda _progress: None)
        self._interactions = 0
        self._skipped: Counter[str] = Counter()

    def run(self) -> ImportResult:
        begun = time.monotonic()
        workspace = self._log.workspace
        with Tables(scratch(workspace, "import")) as tables:
            plan = self._plan
            wanted = columns_wanted(workspace, plan.recipe, plan.mapping)
            tables.load(find(plan.paths).sources, on_progress=self._tell, wanted=wanted)
            tables.shut()
            match = self._match(workspace, tables)
            prepare(tables, match)
            makings = make_all(tables, match.recipe, workspace.settings, self._plan.mapping)
            if not self._dry_run:
                History(workspace).remember(self._id, remembered(match, makings))
            sample = _sample(tables, match, makings) if self._dry_run else []
            with Waiting(self._id, match, tables) as waiting:
                appended = self._store(tables, match, makings, waiting)
                waiting.add_unread()
                quarantined, already = waiting.settle(workspace, write=not self._dry_run)
            used = [each.loaded for each in match.bindings]
            return ImportResult(
                import_id=self._id,
                recipe=match.recipe.name,
                rows_read=sum(_rows_of(tables, each) for each in used),
                interactions=self._interactions,
                added=appended.added if appended else 0,
                duplicates=appended.duplicates if appended else 0,
                quarantined=quarantined,
                already_quarantined=already,
                skipped=tuple(Skipped(*each) for each in self._skipped.items()),
                files=tuple(
                    ImportedFile(each.name, _rows_of(tables, each), waiting.by_file[each.number])
                    for each in used
                ),
                notes=tuple(_notes(makings, tables)),
                seconds=time.monotonic() - begun,
                version=appended.version if appended else None,
                dry_run=self._dry_run,
                sample=tuple(sample),
            )

    def _store(
        self, tables: Tables, match: Match, makings: list[Making], waiting: Waiting
    ) -> "Appended | None":
        """Put every row that is fit into the log, in one commit; in a dry run only count them."""
        rows = self._rows(tables, match, makings, waiting)
        if not self._dry_run:
            return self._log.append(batch for table in rows for batch in table.to_batches())
        for _table in rows:
            pass
        return None

    def _match(self, workspace: Workspace, tables: Tables) -> Match:
        """Choose again, over all of the rows; what was planned must still hold."""
        chosen = choose(workspace, tables, self._plan.recipe, self._plan.mapping)
        if chosen.problems:
            raise IntakeError("\n".join(chosen.problems))
        if chosen.match is None or (chosen.guessed and self._plan.recipe is not None):
            raise IntakeError(_("The files changed since they were looked at. Look again."))
        return chosen.match

    def _rows(
        self, tables: Tables, match: Match, makings: list[Making], waiting: Waiting
    ) -> "Iterator[pa.Table]":
        """Yield the rows for the log, output after output, in the order of the files."""
        received_at = time.time_ns() // 1000
        rows = sum(each.loaded.rows for each in match.bindings)
        total, done = rows * len(makings), 0
        for making in makings:
            for made in batches(
                tables,
                match.recipe,
                making,
                received_at=received_at,
                source=match.recipe.name,
            ):
                received_at += made.rows
                done += made.rows
                self._interactions += made.table.num_rows
                for number, count in made.skipped.items():
                    self._skipped[making.output.skip[number].reason] += count
                waiting.add(making, made.refused)
                self._tell(Progress("checking", done, max(total, done), "rows"))
                yield made.table
        # All is read: the log may have the memory now.
        tables.close()
        self._tell(Progress("storing", done, done, "rows"))


def _rows_of(tables: Tables, loaded: Loaded) -> int:
    return loaded.rows + tables.rejects.counts.get(loaded.number, 0)


def _sample(tables: Tables, match: Match, makings: list[Making]) -> list[Mapping[str, Any]]:
    rows: list[Mapping[str, Any]] = []
    for making in makings:
        rows += first_rows(tables, match.recipe, making, match.recipe.name, 2)
    return rows[:_SAMPLE]


def _notes(makings: list[Making], tables: Tables) -> Iterator[str]:
    yield from reading_notes(makings)
    for each in tables.loaded:
        for note in each.notes:
            yield f"{each.name}: {note}"
