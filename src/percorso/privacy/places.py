"""Where a person may be besides the log, and how they are taken out of there.

The application's tables are places too: it gives them along (``percorso.app.holdings``).
"""

import json
import shutil
import sqlite3
import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from percorso import durable_file
from percorso.contacts import Ledger
from percorso.durable_database import empty_journal
from percorso.live.ready_rows import is_rows
from percorso.live.received import Received
from percorso.live.segment import UNREADABLE
from percorso.privacy.naming import Naming, users
from percorso.privacy.person import Person, rows_of
from percorso.privacy.scanning import Search
from percorso.vocabulary import N_
from percorso.workspace import SETTINGS_FILE

if TYPE_CHECKING:
    from percorso.log import Log

_WRITTEN_BY_PEOPLE: Final = ("*.toml", "*.json", "*.md", "recipes/*")


@dataclass(frozen=True, slots=True)
class Cleared:
    """What was gone through at a place, and how much of it was removed or had a name taken out."""

    searched: int
    removed: int


@dataclass(frozen=True, slots=True)
class Place:
    """A place to clear. ``words`` is its English name, a message of gettext.

    ``clear`` takes the log, the person, and the time until which what came is theirs (None: all).
    """

    name: str
    words: str
    clear: "Callable[[Log, Person, datetime | None], Cleared]"


def inbox(log: "Log", person: Person, until: datetime | None) -> Cleared:
    """Take the person's events out of what was received live, waiting, kept or rejected."""
    from percorso.live.inbox import is_there, open_inbox

    if not is_there(log.workspace):
        return Cleared(0, 0)
    naming = Naming(person)
    last = None if until is None else int(until.timestamp() * 1_000_000)
    searched = removed = 0

    def keep(received: Received) -> Received | None:
        nonlocal searched, removed
        searched += max(received.events, 1)
        if (last is not None and received.received_at > last) or not naming.maybe_in(received.body):
            return received
        kept = _without_events(received, naming, known)
        if kept is not received:
            removed += max(received.events - (kept.events if kept else 0), 1)
        return kept

    @cache
    def known(reference: str) -> bool:
        return any(True for _row in rows_of(log, [reference], ["customer"]))

    with closing(open_inbox(log.workspace)) as opened:
        opened.erase(keep)
    return Cleared(searched, removed)


def contacts(log: "Log", person: Person, until: datetime | None) -> Cleared:  # noqa: ARG001
    """Take the person out of who was written to. That somebody was stays, for the company's limits.

    Whatever waits for them goes too, also where they came back since.
    """
    ledger = Ledger(log.workspace)
    searched = sum(sum(each.values()) for each in ledger.overview().values())
    removed = ledger.erase(person.references, datetime.now(UTC)) if searched else 0
    return Cleared(searched, removed)


def imports(log: "Log", person: Person, until: datetime | None) -> Cleared:  # noqa: ARG001
    """Take the names out of the history of imports: what it says of columns, notes, errors."""
    file = log.workspace.path / "imports.sqlite"
    if not file.exists():
        return Cleared(0, 0)
    naming = Naming(person)
    changed = 0
    with closing(sqlite3.connect(file, timeout=30, isolation_level=None)) as database:
        database.execute("PRAGMA secure_delete = ON")
        columns = ("files", "outcome", "plan")
        rows = database.execute(f"SELECT id, who, recipe, {', '.join(columns)} FROM imports")
        for id_, _who, _recipe, *stored in rows.fetchall():
            cleaned = [json.dumps(naming.without(json.loads(each))) for each in stored]
            if any(map(naming.in_text, stored)):
                database.execute(
                    "UPDATE imports SET files = ?, outcome = ?, plan = ? WHERE id = ?",
                    (*cleaned, id_),
                )
                changed += 1
        count = database.execute("SELECT count(*) FROM imports").fetchone()[0]
        database.execute("VACUUM")
        empty_journal(database)
    return Cleared(count, changed)


def uploads(log: "Log", person: Person, until: datetime | None) -> Cleared:  # noqa: ARG001
    """Delete uploaded files that name the person, and all that was uploaded with them."""
    folder = log.workspace.uploads
    searched = removed = 0
    if folder.is_dir():
        search = Search(person.names)
        for each in sorted(folder.iterdir()):
            files = (
                [file for file in each.rglob("*") if file.is_file()] if each.is_dir() else [each]
            )
            searched += len(files)
            if any(search.file(file) for file in files):
                removed += len(files)
                shutil.rmtree(each) if each.is_dir() else each.unlink()
    return Cleared(searched, removed)


def written(log: "Log", person: Person, until: datetime | None) -> Cleared:  # noqa: ARG001
    """Take the names out of files that people write: rules, segments, names of topics, recipes.

    An address or a number alone is looked for: a sender chooses what a user is called, and it may
    be a word of the rules. A file that would not be read any more stays, and the search finds it.
    """
    naming = Naming(replace(person, references=(), names=person.telling))
    searched = removed = 0
    for file in _files(log.workspace.path):
        searched += 1
        with suppress(UnicodeDecodeError, ValueError):
            text = file.read_bytes().decode("utf-8")
            cleaned = naming.out_of(text)
            if cleaned != text:
                _check(file, cleaned)
                durable_file.write(file, cleaned)
                removed += 1
    return Cleared(searched, removed)


def temporary(log: "Log", person: Person, until: datetime | None) -> Cleared:  # noqa: ARG001
    """Delete half-done work that names the person, and all that kills left half-written."""
    from percorso.log.appending import clear_abandoned

    folder = log.workspace.temporary
    searched = removed = durable_file.clear_drafts(log.workspace.path)
    if folder.is_dir():
        clear_abandoned(folder)
        search = Search(person.strings)
        for file in (each for each in folder.rglob("*") if each.is_file()):
            with suppress(FileNotFoundError):
                searched += 1
                if search.file(file):
                    file.unlink()
                    removed += 1
    return Cleared(searched, removed)


#: What those are called that an erasure clears by itself.
LOG_WORDS: Final = {
    "log": N_("interactions with customers"),
    "readings": N_("what was read in texts"),
    "corrections": N_("what people corrected of readings"),
    "quarantine": N_("rows that could not be read"),
    "derived": N_("what is worked out of the log"),
    "app": N_("the application's database, overwritten where rows went"),
}
#: In the order they are cleared. What waits to enter the log goes before the log itself.
BEFORE_THE_LOG: Final = (Place("inbox", N_("events received live"), inbox),)
AFTER_THE_LOG: Final = (
    Place("contacts", N_("who was written to, and when"), contacts),
    Place("imports", N_("history of imports"), imports),
    Place("uploads", N_("files that were uploaded"), uploads),
    Place("written", N_("rules, segments, topics and recipes"), written),
    Place("temporary", N_("half-done work"), temporary),
)


def _without_events(
    received: Received, naming: Naming, known: Callable[[str], bool]
) -> Received | None:
    """Return what is left of a request.

    An event that names the person and says another user is theirs too, unless the log knows that
    user: whoever is new under their telephone would be joined with them.
    """
    try:
        whole = msgspec.json.decode(received.body)
    except UNREADABLE:
        return None if naming.seems_in(received.body) else received

    def is_theirs(event: Any, *, named: bool = False) -> bool:
        if naming.owns(event):
            return True
        return (named or naming.in_json(event)) and not any(map(known, users(event)))

    if is_rows(received.call) and isinstance(whole, dict):
        return _without_rows(received, whole, naming)
    events = whole.get("batch") if isinstance(whole, dict) else None
    if not isinstance(events, list):
        if is_theirs(whole):
            return None
        return _written_anew(received, whole, naming) if naming.in_json(whole) else received
    # What a batch says of all its events.
    named = naming.in_json({key: value for key, value in whole.items() if key != "batch"})
    kept = [each for each in events if not is_theirs(each, named=named and not users(each))]
    if not kept:
        return None
    if len(kept) == len(events) and not (named or naming.in_json(kept)):
        return received
    return _written_anew(received, {**whole, "batch": kept}, naming, len(kept))


def _without_rows(received: Received, whole: dict[str, Any], naming: Naming) -> Received | None:
    """Return what is left of a request of rows: each says whose it is."""
    rows = [each for each in whole.get("rows", ()) if isinstance(each, dict)]
    kept = [each for each in rows if not naming.is_called(str(each.get("customer")))]
    if not kept:
        return None
    if len(kept) == len(rows) and not naming.in_json(kept):
        return received
    return _written_anew(received, {"rows": kept}, naming, len(kept))


def _written_anew(received: Received, whole: Any, naming: Naming, events: int = 1) -> Received:
    """Return what was received with what is left of it, the names taken out."""
    left = naming.masked(whole)
    try:
        body = msgspec.json.encode(left)
    except UNREADABLE:
        # Of numbers that are longer than a machine's.
        body = json.dumps(left).encode()
    return Received(received.source, received.call, received.received_at, body, events)


def _files(folder: Path) -> Iterator[Path]:
    for pattern in _WRITTEN_BY_PEOPLE:
        for file in sorted(folder.glob(pattern)):
            if file.is_file() and file.name != SETTINGS_FILE:
                yield file


def _check(file: Path, text: str) -> None:
    """Raise ValueError where ``text`` is not what a file of this name holds."""
    if file.suffix == ".toml":
        tomllib.loads(text)
    elif file.suffix == ".json":
        json.loads(text)
