"""What benchmarks of the server share: a company, a server over it, and how long it takes."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

#: Interactions of a customer of the demo company, on average.
PER_CUSTOMER = 28.4
#: The address that only says that the server and its database answer.
NOOP = "/-/health"
SERVE = (
    "import sys; from percorso import app; from percorso.workspace import Workspace;"
    "app.serve(Workspace.open(sys.argv[1]), port=int(sys.argv[2]))"
)
#: What Python over a company's folder begins with, to use the application.
SETUP = (
    "import json, os, sys, time; os.environ['PERCORSO_DIR'] = sys.argv[1];"
    "os.environ['DJANGO_SETTINGS_MODULE'] = 'percorso.app.config.settings';"
    "import django; django.setup(); from django.core.management import call_command;"
    "call_command('migrate', interactive=False, verbosity=0);"
)


@dataclass(frozen=True)
class Server:
    """A server that runs. ``printed`` is what it has said so far."""

    port: int
    pid: int
    printed: str

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def signed_in(self) -> urllib.request.OpenerDirector:
        """Return what asks for pages as the administrator, who came by the one-time link."""
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        lines = self.printed.splitlines()
        _sign_in(browser, next(line.strip() for line in lines if "/welcome/" in line))
        return browser


def demo_company(
    place: Path, interactions: int, prepare: str
) -> tuple[dict[str, Any], list[float]]:
    """Make a demo company and run ``prepare`` over it; return what is there, and what that said.

    ``prepare`` is Python that goes on where ``SETUP`` ends, and prints a list of seconds as JSON.
    """
    from percorso import demo
    from percorso.log import open_log

    summary = open_log(demo.make(place, customers=round(interactions / PER_CUSTOMER))).summary()
    run = subprocess.run(
        [sys.executable, "-c", SETUP + prepare, str(place)],
        capture_output=True,
        text=True,
        check=True,
    )
    found = {
        "cores": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 2),
        "interactions": summary.interactions,
        "customers": summary.customers,
    }
    return found, json.loads(run.stdout.splitlines()[-1])


@contextmanager
def serving(place: Path, *, until: str = "Percorso is at", **environment: str) -> Iterator[Server]:
    """Start the server as ``percorso serve`` does, and wait until it has said ``until``."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    printed = place.with_name("printed.txt")
    with printed.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(place), str(port)],
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **environment},
        )
    try:
        while until not in printed.read_text(encoding="utf-8"):
            if process.poll() is not None:
                raise SystemExit(printed.read_text(encoding="utf-8"))
            time.sleep(0.2)
        yield Server(port, process.pid, printed.read_text(encoding="utf-8"))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def time_of(
    browser: urllib.request.OpenerDirector, address: str, headers: dict[str, str] | None = None
) -> float:
    """Return the milliseconds that an answer takes."""
    begun = time.perf_counter()
    with browser.open(urllib.request.Request(address, headers=headers or {})) as answer:
        answer.read()
    return (time.perf_counter() - begun) * 1000


def _sign_in(browser: urllib.request.OpenerDirector, welcome: str) -> None:
    page = browser.open(welcome)
    words = page.read().decode()
    names = re.findall(r'<input[^>]*name="([^"]+)"', words)
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', words))
    answers = {"name": "Ada", "email": "ada@example.org"}
    form = {
        name: hidden.get(name) or answers.get(name) or "una frase lunga di prova" for name in names
    }
    request = urllib.request.Request(
        page.url, urllib.parse.urlencode(form).encode(), {"Referer": page.url}
    )
    after = browser.open(request)
    if "/welcome/" in after.url:
        raise SystemExit("signing in failed")
