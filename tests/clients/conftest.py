"""A real server with a source, for real clients of the tracking API."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.server import Server, start

from percorso.live.inbox import Inbox, open_inbox
from percorso.log import Log, open_log
from percorso.workspace import Settings, Workspace


@dataclass
class Listening:
    """A server that listens with one key, and what it has heard."""

    server: Server
    key: str
    log: Log
    inbox: Inbox
    folder: Path

    def ids(self, source: str = "shop") -> list[str]:
        """Return the ids of the events in the log, without what was made besides."""
        found = self.log.read(["id", "source", "kind"]).read_all().to_pylist()
        return [each["id"] for each in found if each["source"] == source and "#" not in each["id"]]

    def restart(self) -> None:
        """Kill all of the server, and start it again at the same address."""
        import psutil

        parent = psutil.Process(self.server.process.pid)
        family = parent.children(recursive=True)
        # The parent first: it would start others in their place.
        for each in (parent, *family):
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
        self.server.process.wait(20)
        psutil.wait_procs(family, 20)
        port = int(self.server.url.rpartition(":")[2])
        self.server = start(self.server.workspace, self.folder, port)


def add_source(workspace: Workspace, name: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "percorso.cli", "source", "add", name, "--json"],
        env={**os.environ, "PERCORSO_DIR": str(workspace.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    key: str = json.loads(done.stdout)["write_key"]
    return key


@pytest.fixture
def listening(tmp_path: Path) -> Iterator[Listening]:
    workspace = Workspace.create(tmp_path / "company", Settings(company="Bottega Prova"))
    server = start(workspace, tmp_path)
    made = Listening(
        server,
        add_source(workspace, "shop"),
        open_log(workspace),
        open_inbox(workspace, ""),
        tmp_path,
    )
    yield made
    made.inbox.close()
    made.server.stop()
