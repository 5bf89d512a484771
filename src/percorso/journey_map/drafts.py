"""Maps of the journey as it is to be: drafts that people write, in ``maps.toml`` of the workspace.

The file can be edited by hand: a change counts from the next question on.
"""

import re
import secrets
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from percorso import durable_file, toml_text
from percorso.i18n import gettext as _
from percorso.journey_map.model import LANES, PHASES
from percorso.metrics.definitions import METRICS
from percorso.workspace import Workspace, is_one_line

LONGEST_NAME: Final = 80
LONGEST_TEXT: Final = 600
MOST: Final = 100
MOST_ENTRIES: Final = 400
FILE: Final = "maps.toml"
#: The largest file that is read, in bytes.
LARGEST: Final = 4_000_000
_ID: Final = re.compile(r"[a-z0-9]{8,32}")
_HEADING: Final = (
    "# Percorso: maps of the journey as it is to be. See docs/reference/journey-maps.md.\n"
)


class DraftError(Exception):
    """A draft cannot be read or saved. Says which, where, and what to do."""


class _Part(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What all parts share: unknown fields are errors, and nothing changes."""


class Entry(_Part, frozen=True, kw_only=True):
    """What is to be, in a cell: ``text`` in a ``phase`` and a ``lane``."""

    id: str
    phase: str
    lane: str
    text: str


class Target(_Part, frozen=True, kw_only=True):
    """A score that a phase is to reach."""

    phase: str
    metric: str
    value: float


class Draft(_Part, frozen=True, kw_only=True):
    """A map as it is to be; ``segment`` is its persona, empty for all customers.

    Entries of a cell stand in their order. ``by`` and ``at`` say who changed it last, and when.
    """

    id: str
    name: str
    segment: str = ""
    entries: tuple[Entry, ...] = ()
    targets: tuple[Target, ...] = ()
    by: str = ""
    at: datetime | None = None

    def cell(self, phase: str, lane: str) -> tuple[Entry, ...]:
        """Return what is to be in a cell, in order."""
        return tuple(each for each in self.entries if (each.phase, each.lane) == (phase, lane))

    def entry(self, id_: str) -> Entry | None:
        return next((each for each in self.entries if each.id == id_), None)

    def target(self, phase: str) -> Target | None:
        return next((each for each in self.targets if each.phase == phase), None)


class Drafts:
    """The drafts of a workspace. Several processes may use it at once."""

    def __init__(self, workspace: Workspace) -> None:
        self._file = workspace.path / FILE

    def all(self) -> tuple[Draft, ...]:
        """Return the drafts in the order they were made. Raises DraftError."""
        return _read(self._file)

    def find(self, id_: str) -> Draft | None:
        """Return a draft by its id. Raises DraftError."""
        return next((each for each in self.all() if each.id == id_), None)

    def make(self, name: str, *, segment: str = "", who: str) -> Draft:
        """Make an empty draft. Raises DraftError."""
        with self._changing() as before:
            if len(before) >= MOST:
                raise DraftError(_("There is room for {most} of them.").format(most=MOST))
            made = Draft(
                id=secrets.token_hex(6), name=_name(name, before), segment=segment, **_signed(who)
            )
            _write(self._file, (*before, made))
        return made

    def rename(self, id_: str, name: str, *, segment: str, who: str) -> Draft:
        """Change a draft's name and persona. Raises DraftError."""
        with self._changing() as before:
            draft = _of(before, id_)
            others = [each for each in before if each.id != id_]
            made = msgspec.structs.replace(
                draft, name=_name(name, others), segment=segment, **_signed(who)
            )
            return self._put(before, made)

    def delete(self, id_: str) -> None:
        """Delete a draft. Raises DraftError where there is none."""
        with self._changing() as before:
            _of(before, id_)
            _write(self._file, [each for each in before if each.id != id_])

    def write(
        self, id_: str, phase: str, lane: str, text: str, *, who: str, entry: str = ""
    ) -> Draft:
        """Write an entry, a new one or in the place of ``entry``; it may move to another cell.

        Raises DraftError.
        """
        with self._changing() as before:
            draft = _of(before, id_)
            made = Entry(id=entry or secrets.token_hex(5), phase=phase, lane=lane, text=_text(text))
            _check_entry(made)
            if entry and draft.entry(entry) is None:
                raise DraftError(_("What was written there is gone already."))
            entries = tuple(made if each.id == entry else each for each in draft.entries)
            if not entry:
                entries = (*entries, made)
            if len(entries) > MOST_ENTRIES:
                raise DraftError(_("There is room for {most} of them.").format(most=MOST_ENTRIES))
            return self._put(
                before, msgspec.structs.replace(draft, entries=entries, **_signed(who))
            )

    def move(self, id_: str, entry: str, *, up: bool, who: str) -> Draft:
        """Move an entry before, or after, its neighbour in the cell. Raises DraftError."""
        with self._changing() as before:
            draft = _of(before, id_)
            moved = draft.entry(entry)
            if moved is None:
                raise DraftError(_("What was written there is gone already."))
            cell = [each.id for each in draft.cell(moved.phase, moved.lane)]
            place = cell.index(entry) + (-1 if up else 1)
            entries = list(draft.entries)
            if 0 <= place < len(cell):
                ids = [each.id for each in entries]
                one, other = ids.index(entry), ids.index(cell[place])
                entries[one], entries[other] = entries[other], entries[one]
            return self._put(
                before, msgspec.structs.replace(draft, entries=tuple(entries), **_signed(who))
            )

    def put(
        self, id_: str, entry: str, phase: str, lane: str, *, who: str, before: str = ""
    ) -> Draft:
        """Put an entry into a cell: before another of it, or last. Raises DraftError."""
        with self._changing() as drafts:
            draft = _of(drafts, id_)
            moved = draft.entry(entry)
            if moved is None:
                raise DraftError(_("What was written there is gone already."))
            made = msgspec.structs.replace(moved, phase=phase, lane=lane)
            _check_entry(made)
            entries = [each for each in draft.entries if each.id != entry]
            cell = [each.id for each in draft.cell(phase, lane)]
            ids = [each.id for each in entries]
            entries.insert(
                ids.index(before) if before in ids and before in cell else len(ids), made
            )
            return self._put(
                drafts, msgspec.structs.replace(draft, entries=tuple(entries), **_signed(who))
            )

    def remove(self, id_: str, entry: str, *, who: str) -> Draft:
        """Remove an entry. Raises DraftError."""
        with self._changing() as before:
            draft = _of(before, id_)
            entries = tuple(each for each in draft.entries if each.id != entry)
            if len(entries) == len(draft.entries):
                raise DraftError(_("What was written there is gone already."))
            return self._put(
                before, msgspec.structs.replace(draft, entries=entries, **_signed(who))
            )

    def aim(self, id_: str, phase: str, metric: str, value: float | None, *, who: str) -> Draft:
        """Set the score a phase is to reach; None takes it away. Raises DraftError."""
        with self._changing() as before:
            draft = _of(before, id_)
            targets = tuple(each for each in draft.targets if each.phase != phase)
            if value is not None:
                made = Target(phase=phase, metric=metric, value=value)
                _check_target(made)
                targets = (*targets, made)
            return self._put(
                before, msgspec.structs.replace(draft, targets=targets, **_signed(who))
            )

    def _put(self, before: tuple[Draft, ...], made: Draft) -> Draft:
        _write(self._file, [made if each.id == made.id else each for each in before])
        return made

    @contextmanager
    def _changing(self) -> Iterator[tuple[Draft, ...]]:
        """Let one change the file at a time, of all processes; give what it holds."""
        with durable_file.one_at_a_time(self._file.with_suffix(".lock")):
            yield _read(self._file)


def _of(drafts: tuple[Draft, ...], id_: str) -> Draft:
    found = next((each for each in drafts if each.id == id_), None)
    if found is None:
        raise DraftError(_("There is no such draft: somebody may have deleted it."))
    return found


def _signed(who: str) -> dict[str, Any]:
    return {"by": who, "at": datetime.now(UTC).replace(microsecond=0)}


def _name(given: str, others: Any) -> str:
    name = " ".join(given.split())
    if not name:
        raise DraftError(_("Give the draft a name."))
    if len(name) > LONGEST_NAME or not is_one_line(name):
        raise DraftError(
            _("A name has at most {most} characters, in one line.").format(most=LONGEST_NAME)
        )
    if any(each.name.casefold() == name.casefold() for each in others):
        raise DraftError(
            _("There is a draft “{name}” already. Choose another name.").format(name=name)
        )
    return name


def _text(given: str) -> str:
    text = "\n".join(" ".join(line.split()) for line in given.strip().splitlines())
    if not text:
        raise DraftError(_("Write what is to be."))
    if len(text) > LONGEST_TEXT or not all(map(is_one_line, filter(None, text.split("\n")))):
        raise DraftError(
            _("A text has at most {most} characters, and none that cannot be seen.").format(
                most=LONGEST_TEXT
            )
        )
    return text


def _check_entry(entry: Entry) -> None:
    _known(entry.phase, PHASES, "phase")
    _known(entry.lane, LANES, "lane")


def _check_target(target: Target) -> None:
    _known(target.phase, PHASES, "phase")
    _known(target.metric, tuple(METRICS), "metric")
    metric = METRICS[target.metric]
    if not metric.low <= target.value <= metric.high:
        raise DraftError(
            _("The score to reach must be from {low:g} to {high:g}.").format(
                low=metric.low, high=metric.high
            )
        )


def _known(word: str, known: tuple[str, ...], field: str) -> None:
    if word not in known:
        raise DraftError(
            _("{field}: {word!r} is not known. Known are: {known}.").format(
                field=field, word=word[:60], known=", ".join(known)
            )
        )


_kept: dict[Path, tuple[tuple[int, int], tuple[Draft, ...]]] = {}


def _read(file: Path) -> tuple[Draft, ...]:
    try:
        found = file.stat()
    except FileNotFoundError:
        return ()
    stamp = (found.st_mtime_ns, found.st_ino)
    known = _kept.get(file)
    if known is None or known[0] != stamp:
        known = _kept[file] = (stamp, _parsed(file))
    return known[1]


def _parsed(file: Path) -> tuple[Draft, ...]:
    try:
        if file.stat().st_size > LARGEST:
            raise DraftError(
                _("{file} is larger than {most} MB.").format(file=file, most=LARGEST // 1_000_000)
            )
        given = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise DraftError(
            _("{file} cannot be read: {error}").format(file=file, error=error)
        ) from error
    found: list[Draft] = []
    rows = given.get("draft", [])
    if set(given) - {"draft"} or not isinstance(rows, list):
        raise DraftError(_("{file}: write each draft below a line [[draft]].").format(file=file))
    for number, row in enumerate(rows, 1):
        try:
            draft = msgspec.convert(row, Draft)
            if not _ID.fullmatch(draft.id) or any(each.id == draft.id for each in found):
                raise DraftError(_("id: it takes an id of its own, of small letters and digits."))
            _name(draft.name, found)
            for entry in draft.entries:
                _check_entry(entry)
                _text(entry.text)
            for target in draft.targets:
                _check_target(target)
        except (msgspec.ValidationError, DraftError) as error:
            raise DraftError(
                _("{file}, draft {number}: {error}").format(file=file, number=number, error=error)
            ) from error
        found.append(draft)
    return tuple(found)


def _write(file: Path, drafts: Iterable[Draft]) -> None:
    rows = (msgspec.to_builtins(each, builtin_types=(datetime,)) for each in drafts)
    text = _HEADING + "".join(toml_text.one_of("draft", row) for row in rows)
    if len(text.encode()) > LARGEST:
        raise DraftError(_("There is no room for more: shorten or delete something first."))
    durable_file.write(file, text, private=True)
