"""Rows on their way to the quarantine, kept on disk until the log has the rest."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, Self

import msgspec

from percorso.intake.checking import Refused
from percorso.intake.history import History
from percorso.intake.making import LABEL, Making
from percorso.intake.recipes import Match
from percorso.intake.tables import FILE_STEP, Tables
from percorso.vocabulary import Phrase
from percorso.workspace import Workspace

if TYPE_CHECKING:
    from percorso.log.quarantine import Quarantined

_BATCH: Final = 2_000


class _Entry(msgspec.Struct, array_like=True):
    file: str
    row: int
    violations: list[tuple[str, Phrase, str]]
    raw: dict[str, str]

    def key(self) -> str:
        """Name the row by what it is, so that it is known when its file comes again."""
        content = msgspec.json.encode((self.file, self.row, sorted(self.raw.items())))
        return hashlib.sha256(content).hexdigest()


class Waiting:
    """The rows of one import that broke a rule. ``by_file`` counts them by the file's number."""

    def __init__(self, import_id: str, match: Match, tables: Tables) -> None:
        self._import_id = import_id
        self._match, self._tables = match, tables
        self._several = len(match.recipe.outputs) > 1
        self._path = tables.folder / "refused.jsonl"
        self._file = self._path.open("wb")
        self.by_file: Counter[int] = Counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()

    def add(self, making: Making, refused: list[Refused]) -> None:
        """Take rows that were read but break a rule."""
        for each in refused:
            number, row = divmod(each.row or 0, FILE_STEP)
            name = self._tables.loaded[number].name
            if self._several and making.output.label:
                # A row may give several interactions; each is mended by itself.
                name = f"{name}{LABEL}{making.output.label}"
            violations = [(v.field, v.rule, v.value) for v in each.violations]
            self._write(number, _Entry(name, row, violations, each.fields))

    def add_unread(self) -> None:
        """Take the rows that could not be read at all."""
        used = {each.loaded.number: each.loaded.name for each in self._match.bindings}
        for number, reject in self._tables.rejects:
            if number in used:
                violation = (reject.field, reject.rule, reject.value)
                self._write(number, _Entry(used[number], reject.row, [violation], reject.raw))

    def _write(self, number: int, entry: _Entry) -> None:
        self.by_file[number] += 1
        self._file.write(msgspec.json.encode(entry) + b"\n")

    def settle(self, workspace: Workspace, *, write: bool) -> tuple[int, int]:
        """Put the rows into the quarantine; return how many are new and how many were there."""
        from percorso.log.quarantine import Quarantine

        self._file.flush()
        history, quarantine = History(workspace), Quarantine(workspace)
        new = known = 0
        for batch in self._batches():
            keys = {entry.key(): entry for entry in batch}
            fresh = history.new_keys(list(keys))
            new += len(fresh)
            known += len(keys) - len(fresh)
            if write and fresh:
                quarantine.add(
                    row for key in keys if key in fresh for row in self._quarantined(keys[key])
                )
                history.keep_keys(fresh)
        return new, known

    def _batches(self) -> Iterator[list[_Entry]]:
        decoder: Any = msgspec.json.Decoder(_Entry)
        batch: list[_Entry] = []
        with self._path.open("rb") as file:
            for line in file:
                batch.append(decoder.decode(line))
                if len(batch) == _BATCH:
                    yield batch
                    batch = []
        if batch:
            yield batch

    def _quarantined(self, entry: _Entry) -> "Iterator[Quarantined]":
        from percorso.log.quarantine import Quarantined

        for field, rule, value in entry.violations:
            yield Quarantined(
                import_id=self._import_id,
                file=entry.file,
                row=entry.row,
                field=field,
                rule=rule,
                value=value,
                raw=entry.raw,
                recipe=self._match.recipe.name,
            )
