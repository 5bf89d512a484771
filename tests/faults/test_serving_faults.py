"""``percorso serve`` under bad luck: killed parts, two at once, a taken port, a stop."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from tests.server import Server, free_port, start, wait_for

from percorso import app
from percorso.app.serving import ServingError
from percorso.workspace import Settings, Workspace

pytestmark = pytest.mark.xdist_group("serving")


class Standing:
    """One server for these tests, started again where a test ended it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._workspace = Workspace.create(folder / "company", Settings(company="Bottega Prova"))
        self._server: Server | None = None

    def running(self) -> Server:
        if self._server is None or self._server.process.poll() is not None:
            self._server = start(self._workspace, self._folder)
        return self._server

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop()


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    made = Standing(tmp_path_factory.mktemp("serving"))
    yield made
    made.stop()


@pytest.fixture
def server(standing: Standing) -> Server:
    return standing.running()


def healthy(server: Server) -> bool:
    try:
        with urllib.request.urlopen(f"{server.url}/-/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def test_a_link_asked_for_elsewhere_is_for_where_it_is_served(server: Server) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PERCORSO_")}
    done = subprocess.run(
        [sys.executable, "-m", "percorso.cli", "people", "link", "--dir", server.workspace.path],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith(f"{server.url}/welcome/")


def test_it_prints_where_it_is_and_the_first_link(server: Server) -> None:
    assert f"Percorso is at {server.url}" in server.printed
    assert server.welcome.startswith(f"{server.url}/welcome/")
    assert "Traceback" not in server.printed.partition("/welcome/")[0]


def test_slow_connections_stop_no_page(server: Server) -> None:
    """Twelve bodies that come a byte at a time; there are four threads."""
    place = ("127.0.0.1", urlsplit(server.url).port)
    head = b"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\r\na="
    slow = []
    try:
        for _ in range(12):
            slow.append(socket.create_connection(place, 10))
            slow[-1].sendall(head)
        for _ in range(3):
            for each in slow:
                each.sendall(b"x")
            start = time.monotonic()
            assert healthy(server)
            assert time.monotonic() - start < 2
    finally:
        for each in slow:
            each.close()


@pytest.mark.parametrize("part", ["percorso.app.serving.worker", "granian"])
def test_a_killed_part_comes_back(server: Server, part: str) -> None:
    wait_for(lambda: server.children(part))
    victim = server.children(part)[0]
    below = victim.children(recursive=True)
    victim.kill()
    victim.wait(10)
    _, orphans = psutil.wait_procs(below, 20)
    assert orphans == [], "what it had started ends with it"
    wait_for(lambda: any(each.pid != victim.pid for each in server.children(part)))
    wait_for(lambda: healthy(server))
    assert server.process.poll() is None


def test_a_second_server_on_the_same_workspace_is_refused(server: Server) -> None:
    with pytest.raises(ServingError, match=f"process {server.process.pid}"):
        app.serve(server.workspace, port=free_port())
    assert healthy(server)


def test_a_taken_port_is_said(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "company")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ServingError, match=f"port {taken.getsockname()[1]}"):
            app.serve(workspace, port=taken.getsockname()[1])


def test_a_set_up_that_makes_no_sense_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace.create(tmp_path / "company")
    monkeypatch.setenv("PERCORSO_URL", "shop.example.org")
    monkeypatch.setenv("PERCORSO_LOG_LEVEL", "LOUD")
    with pytest.raises(ServingError) as refused:
        app.serve(workspace, port=free_port())
    assert "PERCORSO_URL" in str(refused.value)
    assert "PERCORSO_LOG_LEVEL" in str(refused.value)
    assert "Traceback" not in str(refused.value)


def test_a_stop_leaves_nothing_behind(server: Server) -> None:
    wait_for(lambda: server.children("percorso.app.serving.worker"))
    family = psutil.Process(server.process.pid).children(recursive=True)
    assert len(family) >= 3
    said, began = len(server.printed), time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - began < 12
    _, alive = psutil.wait_procs(family, 5)
    assert alive == []
    assert "Traceback" not in server.printed[said:]


def test_children_do_not_outlive_a_killed_parent(server: Server) -> None:
    family = psutil.Process(server.process.pid).children(recursive=True)
    server.process.kill()
    server.process.wait(10)
    _, alive = psutil.wait_procs(family, 20)
    assert alive == []
