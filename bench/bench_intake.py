"""How fast live events are taken in, and how soon they are in an answer, from a real server.

    python bench/bench_intake.py

Starts the server as ``percorso serve`` does, adds a source, and sends events over 32 connections:
first the same requests to the address that reads a request and does nothing else (``noop``), then
batches of 1, 10 and 100 events, each acknowledged when it is on the disk. ``ratio_to_noop`` is of
requests a second; ``processor_us_a_request`` is what each part of the server spent on one. Then
``--seconds`` more of batches of 100, at ``--rate`` events a second (0: as many as it takes), while
an event a quarter second is followed from its acknowledgement until it is in an answer over all of
the log: ``visible``, with what each part of the server spent on an event, and how many waited at
the end. ``memory_mb`` is of the web server, the drainer and the worker (``rss``: pages that
processes share counted in each; ``pss``: counted once). The sender takes processor time from the
server, on the same machine. Prints JSON; times are in milliseconds.

    python bench/bench_intake.py --only visible --seconds 600 --rate 30000

is a soak: ``visible`` and ``memory_mb`` over time, by tenths, say whether they grow.
"""

import argparse
import json
import os
import selectors
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from served import serving

CONNECTIONS = 32
ALIVE, BATCH = "/-/alive", "/v1/batch"
EVENT = (
    b'{"type":"track","event":"%(event)s","messageId":"bench-%(run)s-RRRRRRRRRRRR-%(n)04d",'
    b'"anonymousId":"b1946ac9-2492-%(who)04d-RRRRRRRRRRRR","timestamp":"2026-11-22T09:30:00Z",'
    b'"properties":{"product_id":"9788804%(n)04d","name":"Il nome della rosa","price":14.5,'
    b'"currency":"EUR","quantity":1},"context":{"library":{"name":"analytics.js",'
    b'"version":"next-1.70.0"},"page":{"path":"/libri/il-nome-della-rosa"}}}'
)
#: All of a request: a batch of 100 events is of five visitors, whom nobody saw before.
EVENTS_OF_A_VISIT = 20
EVENTS = (b"Product Viewed", b"Product Added", b"Product List Viewed", b"Checkout Started")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rate", type=int, default=0, help="events a second of the last part")
    parser.add_argument("--only", choices=("speed", "visible"))
    parser.add_argument("--folder", type=Path, help="where the company goes (removed afterwards)")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="bench-intake-", dir=given.folder))
    try:
        print(json.dumps(_measure(folder, given), indent=2))
    finally:
        shutil.rmtree(folder)


def _measure(folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    from percorso.workspace import Workspace

    place = Workspace.create(folder / "company").path
    with serving(place) as server:
        added = subprocess.run(
            [sys.executable, "-m", "percorso.cli", "source", "add", "bench", "--json"],
            env={**os.environ, "PERCORSO_DIR": str(place)},
            capture_output=True,
            text=True,
            check=True,
        )
        key = json.loads(added.stdout)["write_key"]
        found: dict[str, Any] = {
            "cores": os.cpu_count(),
            "load_before": round(os.getloadavg()[0], 2),
        }
        if given.only != "visible":
            found |= _speed(server.port, key, given.seconds, server.pid)
            _drained(place)
        if given.only != "speed":
            found |= _visible(server.port, key, place, server.pid, given)
        return found


def _speed(port: int, key: str, seconds: float, server: int) -> dict[str, Any]:
    rows = {}
    noop = None
    # The first seconds are those of a server that still starts.
    _send(port, ALIVE, _bodies("start", key, 1), seconds / 2)
    for name, path, events in (
        ("noop", ALIVE, 1),
        ("batch_1", BATCH, 1),
        ("batch_10", BATCH, 10),
        ("batch_100", BATCH, 100),
    ):
        before = _processor(server)
        sent = _send(port, path, _bodies(name, key, events), seconds / (1 if noop else 2))
        spent = {each: total - before[each] for each, total in _processor(server).items()}
        noop = noop or sent
        rows[name] = _row(sent, events, noop, spent)
    return rows


def _row(sent: "Sent", events: int, noop: "Sent", spent: dict[str, float]) -> dict[str, Any]:
    taken = sorted(sent.taken)
    a_second = len(taken) / sent.seconds
    return {
        "requests_a_second": round(a_second),
        "events_a_second": round(a_second * events),
        "p50": round(taken[len(taken) // 2] * 1000, 2),
        "p99": round(taken[int(len(taken) * 0.99)] * 1000, 2),
        "ratio_to_noop": round(a_second / (len(noop.taken) / noop.seconds), 3),
        "refused": sent.refused,
        "processor_us_a_request": {
            each: round(seconds / len(taken) * 1e6) for each, seconds in spent.items()
        },
    }


def _processor(server: int) -> dict[str, float]:
    """Return the seconds of processor time the parts of a server have taken."""
    import psutil

    spent = dict.fromkeys(("web", "drainer", "worker"), 0.0)
    for each in psutil.Process(server).children(recursive=True):
        times = each.cpu_times()
        spent[_part(each)] += times.user + times.system
    return spent


def _part(process: Any) -> str:
    words = " ".join(process.cmdline())
    return next((n for n in ("worker", "drainer") if f"serving.{n}" in words), "web")


@dataclass
class Sent:
    seconds: float = 0.0
    refused: int = 0
    taken: list[float] = field(default_factory=list)


def _bodies(run: str, key: str, events: int) -> bytes:
    """Return the body of a request; the R in it are to be replaced by a number."""
    batch = b",".join(
        EVENT
        % {b"event": EVENTS[n % 4], b"run": run.encode(), b"n": n, b"who": n // EVENTS_OF_A_VISIT}
        for n in range(events)
    )
    return b'{"writeKey":"%s","sentAt":"2026-11-22T09:30:01Z","batch":[%s]}' % (key.encode(), batch)


class _Connection:
    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.begun = 0.0

    def ask(self, request: bytes) -> None:
        self.begun = time.perf_counter()
        self.socket.sendall(request)


def _send(port: int, path: str, body: bytes, seconds: float, rate: float = 0.0) -> Sent:
    """Send over many connections, each its next request when the one before was answered.

    ``rate`` is of requests a second, 0 for as many as can be.
    """
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode()
    template = head + body
    sent = Sent()
    number = 0
    # In turn: a connection that rests for half a minute is closed.
    idle: deque[_Connection] = deque()
    with selectors.DefaultSelector() as selector:
        for _ in range(CONNECTIONS):
            each = _Connection(port)
            selector.register(each.socket, selectors.EVENT_READ, each)
            idle.append(each)
        begun = time.perf_counter()
        until = begun + seconds
        while (now := time.perf_counter()) < until:
            allowed = (now - begun) * rate if rate else float("inf")
            while idle and number < allowed:
                idle.popleft().ask(template.replace(b"RRRRRRRRRRRR", b"%012d" % number))
                number += 1
            for key, _ in selector.select(0.001 if rate else 1.0):
                each = key.data
                answer = each.socket.recv(65536)
                sent.taken.append(time.perf_counter() - each.begun)
                if not answer.startswith(b"HTTP/1.1 200"):
                    sent.refused += 1
                    if not answer.startswith(b"HTTP/1.1 429"):
                        raise SystemExit(answer.decode("utf-8", "replace"))
                idle.append(each)
        sent.seconds = time.perf_counter() - begun
        for key in list(selector.get_map().values()):
            key.data.socket.close()
    return sent


def _drained(place: Path) -> float:
    """Wait until all is in the log, and return the seconds it took."""
    from percorso.live.inbox import open_inbox
    from percorso.workspace import Workspace

    begun = time.monotonic()
    inbox = open_inbox(Workspace.open(place))
    while inbox.depth():
        time.sleep(0.2)
    inbox.close()
    return round(time.monotonic() - begun, 1)


def _waiting(place: Path) -> int:
    """Return how many events are not in the log yet."""
    from percorso.live.inbox import open_inbox
    from percorso.workspace import Workspace

    inbox = open_inbox(Workspace.open(place))
    waiting = inbox.depth()
    inbox.close()
    return waiting


def _visible(
    port: int, key: str, place: Path, server: int, given: argparse.Namespace
) -> dict[str, Any]:
    followed = subprocess.Popen(
        [sys.executable, __file__.replace("bench_intake", "follow_intake"), str(place), str(port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert followed.stdin is not None
    assert followed.stdout is not None
    followed.stdin.write(key + "\n")
    followed.stdin.flush()
    followed.stdout.readline()
    memory: list[dict[str, float]] = []
    done = threading.Event()
    watching = threading.Thread(target=_watch, args=(server, memory, done))
    watching.start()
    before = _processor(server)
    sent = _send(port, BATCH, _bodies("soak", key, 100), given.seconds, given.rate / 100)
    spent = {each: total - before[each] for each, total in _processor(server).items()}
    waiting = _waiting(place)
    done.set()
    watching.join()
    followed.stdin.close()
    seen = json.loads(followed.stdout.read())
    followed.wait(60)
    lags = seen["lags"]
    ordered = sorted(lags)
    tenth = max(len(lags) // 10, 1)
    return {
        "visible": {
            "seconds": round(sent.seconds, 1),
            "events_a_second": round(len(sent.taken) * 100 / sent.seconds),
            "refused": sent.refused,
            "processor_us_an_event": {
                # The drainer's are of those that it brought into the log.
                n: round(seconds / (len(sent.taken) * 100 - waiting * (n == "drainer")) * 1e6, 2)
                for n, seconds in spent.items()
            },
            "waiting_at_the_end": waiting,
            "followed": len(lags),
            "lost": seen["lost"],
            "p50": round(statistics.median(ordered)),
            "p99": round(ordered[min(int(len(ordered) * 0.99), len(ordered) - 1)]),
            "most": round(ordered[-1]),
            "by_tenths": [
                round(statistics.median(lags[at : at + tenth])) for at in range(0, len(lags), tenth)
            ],
        },
        "memory_mb": {
            # The worker makes room for a fresh one now and then.
            "most": {n: round(max(each.get(n, 0.0) for each in memory)) for n in memory[0]},
            "by_tenths": [
                round(memory[at]["rss"]) for at in range(0, len(memory), max(len(memory) // 10, 1))
            ],
        },
        "load_after": round(os.getloadavg()[0], 2),
    }


def _watch(server: int, found: list[dict[str, float]], done: threading.Event) -> None:
    import psutil

    parent = psutil.Process(server)
    while not done.wait(1.0):
        now: dict[str, float] = {"rss": 0.0, "pss": 0.0}
        for each in parent.children(recursive=True):
            try:
                whole = each.memory_full_info()
                name = _part(each)
            except psutil.Error:
                continue
            now[f"{name}_pss"] = now.get(f"{name}_pss", 0.0) + whole.pss / 2**20
            now["rss"] += whole.rss / 2**20
            now["pss"] += whole.pss / 2**20
        found.append(now)


if __name__ == "__main__":
    main()
