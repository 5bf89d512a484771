"""A process of its own that works on a log until it is ended; a file says what was acknowledged."""

import os
import time
from dataclasses import dataclass
from itertools import count, islice
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Final

from tests import apart
from tests.log.rows import row

from percorso.log import open_log
from percorso.log.schema import as_table
from percorso.workspace import Workspace

ROWS: Final = 40


def call_of(name: str, number: int) -> list[str]:
    """Return the ids that a call adds: some in each of many buckets, one sent in every call."""
    return [*(f"{name}-{number}-{each}" for each in range(ROWS)), f"{name}-always"]


def work(folder: str, name: str, what: str, calls: int | None, said: str) -> None:
    """Append or compact ``calls`` times, or for ever; write a byte to ``said`` after each."""
    acknowledged = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    log = open_log(Workspace.open(folder))
    os.write(acknowledged, b".")
    for number in islice(count(), calls):
        if what == "append":
            ids = call_of(name, number)
            log.append(as_table(row(id_, f"user:{each}") for each, id_ in enumerate(ids)))
        else:
            log.compact()
        os.write(acknowledged, b".")


@dataclass(frozen=True)
class Writer:
    process: BaseProcess
    said: Path

    @property
    def calls(self) -> int:
        """How many calls it said were done; -1 before it has opened the log."""
        return self.said.stat().st_size - 1 if self.said.exists() else -1

    def wait_for(self, calls: int) -> None:
        end = time.monotonic() + 60
        while self.calls < calls:
            assert time.monotonic() < end, "the writer does not get on"
            time.sleep(0.001)

    def kill(self) -> None:
        self.process.kill()
        self.process.join(60)


def start(workspace: Workspace, name: str, what: str, calls: int | None = None) -> Writer:
    said = workspace.path / f"said-{name}"
    return Writer(apart.start(work, str(workspace.path), name, what, calls, str(said)), said)
