"""Tables worked out from the log once for each state of it, and kept beside it as Parquet.

Answers about a filter that nobody asked for before are read from these instead of the whole log.
A table lies in ``derived/prepared/<state>/<name>.parquet``: whoever asks first works it out (the
application's worker does after an import), all processes read it. See ``state`` for what a state
is. Throwing the folder away costs time only, and ``Log.erase`` does, for rows of customers are in
it; who works a table out meanwhile does not leave it there. Where it cannot be written the table
is held in memory.
"""

import os
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from percorso.log.errors import LogError
from percorso.log.lock import exclusive
from percorso.log.state import PREPARED, is_whole, keep_newest, state

if TYPE_CHECKING:
    import ibis

    from percorso.log.table import Log

#: The states before serve readers still under way.
_STATES_KEPT: Final = 3
#: Seconds to wait for another process that works a table out.
_WAIT: Final = 600.0
_ATTEMPTS: Final = 5


@dataclass(frozen=True, slots=True)
class Prepared:
    """A table to be worked out: the name of its file, and the SQL that makes it.

    ``edition`` rises when the same log would give another table than before.
    """

    name: str
    edition: int
    query: "Callable[[Log], str]"

    @property
    def file(self) -> str:
        return f"{self.name}-{self.edition}.parquet"


def prepared(log: "Log", what: Prepared, connection: Any = None) -> "ibis.Table":
    """Return the table as the log is now, worked out first where nobody did before."""
    engine = log.engine()
    for _ in range(_ATTEMPTS):
        now = state(log)
        relation = f"{what.name} {now}"
        if engine.has(relation):
            return engine.table(relation, connection)
        with engine.working_out:
            if engine.has(relation) or _offer(log, what, relation, now):
                return engine.table(relation, connection)
    raise LogError(
        f"The table {what.name!r} could not be worked out: the log changed at every attempt. "
        "Try again when nothing else writes to it."
    )


def _offer(log: "Log", what: Prepared, relation: str, now: str) -> bool:
    """Have the engine offer the table; say whether the log stayed as it was meanwhile."""
    import duckdb

    engine = log.engine()
    file = log.workspace.derived / PREPARED / now / what.file
    with suppress(duckdb.Error):
        if file.exists():
            engine.view(relation, file)
            return True
    # There is none, or one that a power cut tore.
    query, snapshot = what.query(log), log.snapshot()
    if state(log) != now:
        return False
    try:
        _write(log, query, file)
        engine.view(relation, file)
    except (OSError, duckdb.IOException):
        if not is_whole(log, snapshot):
            return False
        engine.hold(relation, query)
        return True
    if not is_whole(log, snapshot):
        file.unlink(missing_ok=True)
        return False
    return True


def _write(log: "Log", query: str, file: Path) -> None:
    """Write the table whole or not at all. Processes take turns, so that only one works it out."""
    begun = time.time()
    file.parent.mkdir(parents=True, exist_ok=True)
    with exclusive(log.workspace.derived / f"{PREPARED}.lock", _WAIT):
        if file.exists() and file.stat().st_mtime > begun:
            return
        keep_newest(file.parent.parent, _STATES_KEPT)
        part = file.with_name(f"{uuid.uuid4().hex}.part")
        try:
            log.engine().copy(query, part)
            with part.open("rb") as written:
                os.fsync(written.fileno())
            part.replace(file)
        finally:
            part.unlink(missing_ok=True)
