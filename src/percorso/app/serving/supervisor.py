"""The parent: prepares, starts the web server, the worker and the drainer, and keeps them alive.

It loads neither Django nor the analyses, so it costs a few megabytes. A child that dies is started
again, each time after a longer wait. A web server that cannot stay up at all ends the whole, with
its reason on the terminal; the others never do: what came waits for them, and the pages say that
they fell (``fallen``). SIGTERM and SIGINT let requests end and the worker finish, for a while; a
task cut off then is put back at the next start.
"""

import contextlib
import ctypes
import http
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import FrameType
from typing import Final

from percorso.app import fallen
from percorso.app.serving import address
from percorso.app.serving.errors import ServingError
from percorso.app.serving.locks import ProcessLock
from percorso.i18n import gettext as _
from percorso.workspace import Workspace

START_PATIENCE_S: Final = 60.0
STOP_PATIENCE_S: Final = 15.0
FIRST_WAIT_S: Final = 0.5
LONGEST_WAIT_S: Final = 30.0
#: Makes the allocator give memory back once it is free: 45 MB less in the drainer under load. And
#: has threads that wait for each other sleep: where other processes want the cores too, finding
#: topics takes a third less of them.
_THRIFT: Final = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_TRIM_THRESHOLD_": "1000000",
    "OMP_WAIT_POLICY": "PASSIVE",
}
#: The drainer takes and gives back much memory for each batch: as long as it is not more than this
#: it is kept, which costs 16 MB, and a twelfth less time than to have the system find it again.
_RECYCLING: Final = {
    "MALLOC_TRIM_THRESHOLD_": "16777216",
    "MALLOC_MMAP_THRESHOLD_": "1048576",
}
#: Of a child without which the server still serves.
LONGEST_WAIT_ASIDE_S: Final = 300.0
#: A child that stayed up this long was well: its next fall starts the waits anew.
WELL_AFTER_S: Final = 60.0
FALLS_BEFORE_GIVING_UP: Final = 8
_TICK_S: Final = 0.2


@dataclass(slots=True)
class Child:
    """A process that is kept alive."""

    name: str
    command: list[str]
    #: The short name by which pages say that it fell; empty where without it there are none.
    aside: str = ""
    #: What its environment has besides, where nobody set it otherwise.
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    falls: int = 0
    start_at: float = field(default=0.0)

    def start(self, environment: dict[str, str]) -> None:
        """Start it, so that it cannot outlive us."""
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and modules
            self.command,
            env={**_THRIFT, **self.environment, **environment},
            # Of its own group, so that Ctrl-C reaches the parent alone, which then stops each
            # child in order.
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )
        self.started = time.monotonic()

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def fell(self, now: float) -> float:
        """Note that it ended, and return how long to wait before the next start."""
        ended_well = self.process is not None and self.process.returncode == 0
        if ended_well or now - self.started > WELL_AFTER_S:
            self.falls = 0
        wait = 0.0
        if not ended_well:
            longest = LONGEST_WAIT_ASIDE_S if self.aside else LONGEST_WAIT_S
            wait = min(FIRST_WAIT_S * 2 ** min(self.falls, 16), longest)
            self.falls += 1
        if self.process is not None:
            _sweep(self.process)
        self.process, self.start_at = None, now + wait
        return wait


class Supervisor:
    """Runs ``percorso serve``."""

    def __init__(self, workspace: Workspace, host: str, port: int) -> None:
        self._workspace = workspace
        self._host = host
        self._port = port
        self._stopping = False
        python = [sys.executable, "-m"]
        self._children = (
            Child("the web server", [*python, *_granian(host, port)]),
            Child("the worker", [*python, "percorso.app.serving.worker"], "worker"),
            Child("the drainer", [*python, "percorso.app.serving.drainer"], "drainer", _RECYCLING),
        )

    def run(self) -> None:
        """Serve until stopped. Raises ServingError that says why it cannot."""
        lock = ProcessLock(self._workspace, "serve").take()
        try:
            self._check_port()
            prepared = self._prepare()
            with self._signals():
                try:
                    self._start(prepared)
                    self._watch()
                finally:
                    self._stop()
        finally:
            lock.release()

    def _environment(self) -> dict[str, str]:
        given = dict(os.environ)
        given["PERCORSO_DIR"] = str(self._workspace.path)
        given["DJANGO_SETTINGS_MODULE"] = "percorso.app.config.settings"
        # Whoever names an address to listen on means to be reached by it.
        if self._host not in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
            hosts = [given.get("PERCORSO_HOSTS", ""), self._host]
            given["PERCORSO_HOSTS"] = ",".join(filter(None, hosts))
        return given

    def _check_port(self) -> None:
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self._host, self._port))
            except OSError as error:
                raise ServingError(
                    _(
                        "Cannot listen on {host}, port {port}: {reason}. "
                        "Choose another with --port or --host."
                    ).format(host=self._host, port=self._port, reason=error.strerror)
                ) from error

    def _prepare(self) -> dict[str, object]:
        done = subprocess.run(
            [sys.executable, "-m", "percorso.app.serving.prepare"],
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise ServingError(done.stderr.strip() or _("The server could not be prepared."))
        prepared: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
        return prepared

    def _start(self, prepared: dict[str, object]) -> None:
        environment = self._environment()
        fallen.clear(self._workspace)
        for child in self._children:
            child.start(environment)
        self._await_answer()
        if self._stopping:
            return
        for note in prepared["notes"]:  # type: ignore[attr-defined] # a list of text, from JSON
            _say(_("Note: {note}").format(note=note))
        address.remember(self._workspace, self._address())
        place = os.environ.get("PERCORSO_URL", "").rstrip("/") or self._address()
        _say(_("Percorso is at {address} (Ctrl+C stops it)").format(address=place))
        if prepared["welcome_path"]:
            _say(
                _("Open this link to become its administrator. It works once, for 24 hours:")
                + f"\n  {place}{prepared['welcome_path']}"
            )

    def _address(self) -> str:
        return f"http://{_reachable(self._host, bracketed=True)}:{self._port}"

    def _await_answer(self) -> None:
        until = time.monotonic() + START_PATIENCE_S
        while time.monotonic() < until and not self._stopping:
            web = self._children[0]
            if not web.alive:
                raise ServingError(_("The web server ended at once. Its reason is above."))
            if _answers(_reachable(self._host), self._port):
                return
            time.sleep(_TICK_S)
        if not self._stopping:
            raise ServingError(
                _("The web server did not answer within {seconds} seconds.").format(
                    seconds=int(START_PATIENCE_S)
                )
            )

    def _watch(self) -> None:
        environment = self._environment()
        while not self._stopping:
            time.sleep(_TICK_S)
            now = time.monotonic()
            for child in self._children:
                if child.alive or self._stopping:
                    self._note_health(child, now)
                    continue
                if child.process is not None:
                    self._note_fall(child, now)
                elif now >= child.start_at:
                    child.start(environment)

    def _note_fall(self, child: Child, now: float) -> None:
        code = child.process.returncode if child.process else None
        wait = child.fell(now)
        if child.aside:
            fallen.note(self._workspace, child.aside, child.falls)
        elif child.falls >= FALLS_BEFORE_GIVING_UP:
            raise ServingError(
                _("{child} ended {count} times in a row; its reason is above.").format(
                    child=child.name, count=child.falls
                )
            )
        if child.falls:
            _say(
                _("{child} ended (code {code}); starting it again in {wait} s.").format(
                    child=child.name, code=code, wait=f"{wait:.1f}"
                )
            )

    def _note_health(self, child: Child, now: float) -> None:
        """Take back that a child fell once it has stayed up."""
        if child.falls and child.aside and now - child.started > WELL_AFTER_S:
            child.falls = 0
            fallen.note(self._workspace, child.aside, 0)

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        def stop(_signum: int, _frame: FrameType | None) -> None:
            self._stopping = True

        before = {each: signal.signal(each, stop) for each in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)

    def _stop(self) -> None:
        self._stopping = True
        for child in self._children:
            if child.process is not None and child.alive:
                child.process.terminate()
        until = time.monotonic() + STOP_PATIENCE_S
        for child in self._children:
            if child.process is None:
                continue
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(max(until - time.monotonic(), 0.1))
            _sweep(child.process)


def _granian(host: str, port: int) -> list[str]:
    return [
        "granian",
        "--interface",
        "asgi",
        "--host",
        host,
        "--port",
        str(port),
        "--workers",
        "1",
        "--loop",
        "uvloop",
        "--no-ws",
        "--log-level",
        "error",
        "--respawn-failed-workers",
        "percorso.app.config.asgi:application",
    ]


def _sweep(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the child's group: the web server has a process of its own below it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _die_with_parent() -> None:
    """Ask Linux to stop the child when its parent ends, even by SIGKILL."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


def _reachable(host: str, *, bracketed: bool = False) -> str:
    if host in ("0.0.0.0", ""):  # noqa: S104 - compared, not bound
        return "127.0.0.1"
    if host == "::":
        host = "::1"
    return f"[{host}]" if bracketed and ":" in host else host


def _answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", "/-/health", headers={"Host": "localhost"})
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()
