"""How many answers to a survey a server takes in a second, each on the disk when it is thanked.

    python bench/bench_answers.py

Starts the server as ``percorso serve`` does, with a survey of two questions on one page and a door
to it. Over ``--connections`` connections, each from an address of its own (a trusted proxy says
which, so that nobody is slowed as one person would be), for ``--seconds`` each: requests to the
address that reads one and does nothing else (``noop``), pages looked at (``look``), pages filled in
and sent (``answer``, each a page looked at before: read, checked, on the disk in the inbox,
thanked), both together, and links of invited people looked at and answered (``invited``: the
invitation is marked as used besides). ``ratio_to_noop`` is of requests a second. Afterwards the
answers are counted in the log: ``kept`` says that none is missing. The sender takes processor time
from the server, on the same machine. Prints JSON; times are in milliseconds.
"""

import argparse
import html
import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from served import serving

#: Makes the survey, a door, and links; prints the door's address and the links.
PREPARE = """
import sys, django, json
django.setup()
from datetime import timedelta
from django.utils import timezone
from percorso.app import company
from percorso.app.surveys import actions
from percorso.app.surveys.models import Door
from percorso.surveys import Surveys, ready
import msgspec
surveys = Surveys(company.workspace())
surveys.add(msgspec.structs.replace(ready("nps", "bench"), layout="all"))
surveys.publish("bench")
door = Door.objects.create(code="benchbench", survey="bench", kind="link", touchpoint="Bench",
    channel="survey")
soon = timezone.now() + timedelta(days=1)
links = [
    actions.invite("bench", f"email:c{n}@example.org", touchpoint="Bench", expires_at=soon).path
    for n in range(int(sys.argv[1]))
]
print(json.dumps({"door": "/s/benchbench", "links": links}))
"""
COUNT = """
import sys
from percorso.log import open_log
from percorso.workspace import Workspace
log = open_log(Workspace.open(sys.argv[1]))
print(sum(1 for each in log.read(["name"]).read_all()["name"].to_pylist() if each == "nps"))
"""
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class Sent:
    """What one part of the benchmark sent: seconds of each request, and answers that were kept."""

    taken: list[float] = field(default_factory=list)
    kept: int = 0
    seconds: float = 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--links", type=int, default=3000)
    parser.add_argument("--folder", type=Path, help="where the company goes (removed afterwards)")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="bench-answers-", dir=given.folder))
    try:
        print(json.dumps(_measure(folder, given), indent=2))
    finally:
        shutil.rmtree(folder)


def _measure(folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    from percorso.workspace import Workspace

    place = Workspace.create(folder / "company").path
    with serving(place, PERCORSO_TRUSTED_PROXIES="1") as server:
        return _speed(place, server.port, given)


def _speed(place: Path, port: int, given: argparse.Namespace) -> dict[str, Any]:
    django = {"PERCORSO_DIR": str(place), "DJANGO_SETTINGS_MODULE": "percorso.app.config.settings"}
    made = json.loads(_run(PREPARE, str(given.links), django))
    door, links = made["door"], iter(made["links"])
    mutex = threading.Lock()
    sheets: deque[str] = deque()

    def noop(connection: http.client.HTTPConnection, headers: dict[str, str]) -> int:
        _ask(connection, "POST", "/-/alive", "x" * 200, headers)
        return 0

    def look(connection: http.client.HTTPConnection, headers: dict[str, str]) -> int:
        sheets.append(_hidden(_ask(connection, "GET", door, "", headers)[1]))
        return 0

    def answer(connection: http.client.HTTPConnection, headers: dict[str, str]) -> int:
        # Each on a page of its own, looked at before: of one page only one answer counts.
        try:
            sheet = sheets.popleft()
        except IndexError:
            raise StopIteration from None
        return _answer(connection, door, sheet, headers)

    def look_and_answer(connection: http.client.HTTPConnection, headers: dict[str, str]) -> int:
        fresh = _hidden(_ask(connection, "GET", door, "", headers)[1])
        return _answer(connection, door, fresh, headers)

    def invited(connection: http.client.HTTPConnection, headers: dict[str, str]) -> int:
        with mutex:
            link = next(links, None)
        if link is None:
            raise StopIteration
        fresh = _hidden(_ask(connection, "GET", link, "", headers)[1])
        return _answer(connection, link, fresh, headers)

    found: dict[str, Any] = {"cores": os.cpu_count(), "load_before": round(os.getloadavg()[0], 2)}
    # The first seconds are those of a server that still starts.
    _go(port, 0, given.connections, given.seconds / 4, look)
    base = _go(port, 1, given.connections, given.seconds, noop)
    found["noop"] = _row(base, base, 1)
    kept = 0
    parts = (
        ("look", look, 1),
        ("answer", answer, 1),
        ("look_and_answer", look_and_answer, 2),
        ("invited_look_and_answer", invited, 2),
    )
    for part, (name, act, requests) in enumerate(parts, start=2):
        sent = _go(port, part, given.connections, given.seconds, act)
        kept += sent.kept
        found[name] = _row(sent, base, requests)
    found["kept"] = {"thanked": kept, "in_the_log": _drained(place, kept)}
    return found


def _go(
    port: int,
    part: int,
    connections: int,
    seconds: float,
    act: Callable[[http.client.HTTPConnection, dict[str, str]], int],
) -> Sent:
    sent = Sent()
    failed: list[SystemExit] = []
    mutex = threading.Lock()
    until = time.monotonic() + seconds

    def work(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        taken, kept, count = [], 0, 0
        try:
            while time.monotonic() < until:
                count += 1
                # A hundred requests, and it is somebody else's address.
                who = {"X-Forwarded-For": f"10.{part}.{number}.{count // 100 % 250 + 1}"}
                begun = time.perf_counter()
                kept += act(connection, who)
                taken.append(time.perf_counter() - begun)
        except StopIteration:
            pass
        except SystemExit as wrong:
            failed.append(wrong)
        connection.close()
        with mutex:
            sent.taken += taken
            sent.kept += kept

    threads = [threading.Thread(target=work, args=(number,)) for number in range(connections)]
    begun = time.monotonic()
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    if failed:
        raise failed[0]
    sent.seconds = time.monotonic() - begun
    return sent


def _row(sent: Sent, base: Sent, requests: int) -> dict[str, Any]:
    if not (sent.taken and base.taken):
        raise SystemExit(f"nothing was answered within {min(sent.seconds, base.seconds):.0f} s")
    taken = sorted(sent.taken)
    a_second = len(taken) / sent.seconds
    row = {
        "a_second": round(a_second),
        "requests_a_second": round(a_second * requests),
        "p50": round(taken[len(taken) // 2] * 1000, 2),
        "p99": round(taken[int(len(taken) * 0.99)] * 1000, 2),
    }
    ratio = a_second * requests / (len(base.taken) / base.seconds)
    return {**row, "ratio_to_noop": round(ratio, 3)}


def _answer(
    connection: http.client.HTTPConnection, path: str, sheet: str, headers: dict[str, str]
) -> int:
    body = urlencode({"sheet": sheet, "nps": "9", "why": "Sono stati gentili e puntuali."})
    status, page = _ask(connection, "POST", path, body, {**headers, **FORM})
    if status != 200 or 'class="done"' not in page:
        raise SystemExit(f"{status}: {page[:500]}")
    return 1


def _ask(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    body: str,
    headers: dict[str, str],
) -> tuple[int, str]:
    connection.request(method, path, body or None, headers)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def _hidden(page: str) -> str:
    found = re.search(r'name="sheet" value="([^"]+)"', page)
    if not found:
        raise SystemExit(page[:500])
    return html.unescape(found[1])


def _drained(place: Path, expected: int) -> int:
    """Wait until the answers are in the log; return how many are."""
    for _time in range(60):
        count = int(_run(COUNT, str(place), {}))
        if count >= expected:
            return count
        time.sleep(1)
    return count


def _run(code: str, argument: str, environment: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, argument],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout


if __name__ == "__main__":
    main()
