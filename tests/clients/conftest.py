"""A real server with a source, for real clients of the tracking API."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from tests.server import Server, start, wait_for

from percorso.live.inbox import Inbox, open_inbox
from percorso.log import Log, open_log
from percorso.workspace import Settings, Workspace

#: How many events a client sends, and how often all of the server is killed meanwhile.
HOW_MUCH = pytest.mark.parametrize(
    ("events", "kills"),
    [
        pytest.param(200, 1, id="some"),
        # Each kill takes the seconds of starting a server again: minutes together.
        pytest.param(10_000, 5, id="whole", marks=pytest.mark.slow),
    ],
)
#: Browsers send each event by itself, and those of an outage again after ever longer whiles.
PATIENCE_S = 600
_MODULES = Path(__file__).parent / "node_modules"


@dataclass
class Listening:
    """A server that listens with one key, and what it has heard."""

    server: Server
    source: str
    key: str
    log: Log
    inbox: Inbox
    folder: Path

    def rows(self, *columns: str) -> list[dict[str, Any]]:
        """Return what is in the log of what came with the key."""
        found = self.log.read({*columns, "id", "source"}).read_all().to_pylist()
        return [each for each in found if each["source"] == self.source]

    def ids(self) -> list[str]:
        """Return the ids of its events in the log, without what was made besides."""
        return [each["id"] for each in self.rows() if "#" not in each["id"]]

    def restart(self, meanwhile: Callable[[], object]) -> None:
        """Kill all of the server, and start it again at the same address.

        ``meanwhile`` is called in between: what it has sent must be sent again.
        """
        import psutil

        parent = psutil.Process(self.server.process.pid)
        family = parent.children(recursive=True)
        # The parent first: it would start others in their place.
        for each in (parent, *family):
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
        self.server.process.wait(20)
        psutil.wait_procs(family, 20)
        meanwhile()
        port = int(self.server.url.rpartition(":")[2])
        self.server = start(self.server.workspace, self.folder, port)

    def wait_for_part(self, number: int, each: int) -> None:
        """Return once something of a part of ``each`` events has come, after ``number`` others."""
        wait_for(lambda: self.inbox.depth() + len(self.ids()) > number * each, PATIENCE_S)


def package(name: str) -> Path:
    """Return the folder of a package of npm, or skip."""
    place = _MODULES / name
    if shutil.which("node") is None or not place.is_dir():
        pytest.skip(f"node, or {name} for it, is not there: scripts/npm-packages installs it")
    return place


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


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listening]:
    """Return a server for all of these tests: starting one takes longer than what they do."""
    folder = tmp_path_factory.mktemp("clients")
    workspace = Workspace.create(folder / "company", Settings(company="Bottega Prova"))
    server = start(workspace, folder)
    made = Listening(server, "", "", open_log(workspace), open_inbox(workspace, ""), folder)
    yield made
    made.inbox.close()
    made.server.stop()


@pytest.fixture
def listening(shop: Listening) -> Listening:
    """Return the server with a source of the test's own."""
    shop.source = f"shop-{uuid4().hex[:8]}"
    shop.key = add_source(shop.server.workspace, shop.source)
    return shop
