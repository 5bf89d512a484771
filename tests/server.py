"""A real ``percorso serve`` for tests that need one."""

import functools
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from percorso.workspace import Workspace

_SERVE = (
    "import sys; from percorso import app; from percorso.workspace import Workspace;"
    "app.serve(Workspace.open(sys.argv[1]), port=int(sys.argv[2]))"
)
_MAKE_TABLES = (
    "from django.core.management import call_command\n"
    "call_command('migrate', interactive=False, verbosity=0)"
)
_PATIENCE_S = 90


@dataclass
class Server:
    """A running server: its workspace, its address, what it printed, its parent process.

    ``environment`` is what it was given besides that of the tests.
    """

    workspace: Workspace
    url: str
    log: Path
    process: "subprocess.Popen[bytes]"
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def printed(self) -> str:
        return self.log.read_text(encoding="utf-8")

    @property
    def welcome(self) -> str:
        """The one-time link it printed."""
        return next(line.strip() for line in self.printed.splitlines() if "/welcome/" in line)

    def children(self, word: str) -> list[psutil.Process]:
        """Return the processes below it whose command line holds ``word``."""
        below = psutil.Process(self.process.pid).children(recursive=True)
        return [each for each in below if word in _command(each)]

    def stop(self) -> int:
        """Ask it to stop, and return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:  # ended meanwhile, or about to
        return ""


def inside(server: Server, code: str) -> str:
    """Run code as the application does; return what it prints."""
    return _run(server.workspace, server.environment, code)


def _run(workspace: Workspace, environment: Mapping[str, str], code: str) -> str:
    given = {
        "PERCORSO_DIR": str(workspace.path),
        "DJANGO_SETTINGS_MODULE": "percorso.app.config.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", f"import django; django.setup()\n{code}"],
        env={**_inherited(), **environment, **given},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def _inherited() -> dict[str, str]:
    """Return the environment of the tests without what they set for the application."""
    return {k: v for k, v in os.environ.items() if not k.startswith("PERCORSO_")}


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def start(
    workspace: Workspace,
    folder: Path,
    port: int | None = None,
    environment: Mapping[str, str] | None = None,
) -> Server:
    """Start a server, with more in its environment, and return once it answers.

    Its application's tables are there already, but for where it has a file of its own.
    """
    port = port or free_port()
    if "PERCORSO_DATABASE_URL" not in (environment or {}) and not workspace.app_database.exists():
        workspace.app_database.write_bytes(tables())
    log = folder / "printed.txt"
    given = environment or {}
    with log.open("wb") as printed:
        process = subprocess.Popen(
            [sys.executable, "-c", _SERVE, str(workspace.path), str(port)],
            stdout=printed,
            stderr=subprocess.STDOUT,
            env={**_inherited(), **given},
        )
    server = Server(workspace, f"http://127.0.0.1:{port}", log, process, given)
    wait_for(lambda: "Percorso is at" in server.printed or process.poll() is not None)
    if process.poll() is not None:
        pytest.fail(f"the server did not start:\n{server.printed}")
    return server


@functools.cache
def tables() -> bytes:
    """Return a database whose tables are made: once here, and not at the start of each server."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace.create(Path(folder) / "company")
        _run(workspace, {}, _MAKE_TABLES)
        return workspace.app_database.read_bytes()


def wait_for(condition: Callable[[], object], seconds: float = _PATIENCE_S) -> None:
    """Return once ``condition`` holds; fail where it does not within the time."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            pytest.fail(f"waited {seconds} s in vain")
        time.sleep(0.1)
