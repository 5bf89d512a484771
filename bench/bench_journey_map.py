"""How fast the journey map opens at a million interactions, from a real server, signed in.

    python bench/bench_journey_map.py --interactions 1000000

Makes a demo company of that size, has its texts read (by the quick reader) and the worker's usual
answers worked out (timed), starts the server as ``percorso serve`` does, and asks for the map many
times. ``first`` is the first answer of a fresh server; ``warm`` those after it; ``fresh_filter``
those of filters nobody asked for yet, where everything is worked out while somebody waits.
``ratio_to_noop`` is beside the address that only says that the server answers. Prints JSON; times
are in milliseconds.
"""

import argparse
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

from bench_pages import NOOP, PER_CUSTOMER, SERVE, sign_in, time_of

PAGES = {
    "map": "/maps/",
    "map, a year": "/maps/?period=365",
    "map, all of the log": "/maps/?period=all",
    "map held against the period before": "/maps/?against=before",
    "next steps": "/maps/next-steps/",
    "beliefs": "/maps/beliefs/",
    "two personas": "/maps/compare/?period=365&segment=repeat&other=one_purchase",
    "map as CSV": "/maps/map.csv",
    "map as PDF": "/maps/map.pdf",
}
FRESH = (
    "/maps/?period=365&segment=repeat",
    "/maps/?period=30&channel=website",
    "/maps/?period=all&segment=top_fifth",
    "/maps/?period=90&segment=one_purchase",
)
#: The pages that are drawn as files take longer, and are asked for less.
FILES = ("map as PDF",)
PREPARE = (
    "import json, os, sys, time; os.environ['PERCORSO_DIR'] = sys.argv[1];"
    "os.environ['DJANGO_SETTINGS_MODULE'] = 'percorso.app.config.settings';"
    "import django; django.setup(); from django.core.management import call_command;"
    "call_command('migrate', interactive=False, verbosity=0);"
    "from percorso.app import company, results; from percorso.text import enrichment;"
    "log = company.log(); begun = time.perf_counter(); enrichment.enrich(log, path='fast');"
    "read = time.perf_counter(); results.prepare(log);"
    "print(json.dumps([round(read - begun, 2), round(time.perf_counter() - read, 2)]))"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--interactions", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=30)
    parser.add_argument("--folder", type=Path, help="where the company goes (removed afterwards)")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="bench-map-", dir=given.folder))
    try:
        print(json.dumps(_measure(folder, given.interactions, given.times), indent=2))
    finally:
        shutil.rmtree(folder)


def _measure(folder: Path, interactions: int, times: int) -> dict[str, Any]:
    from percorso import demo
    from percorso.log import open_log

    place = folder / "company"
    made = demo.make(place, customers=round(interactions / PER_CUSTOMER))
    summary = open_log(made).summary()
    run = subprocess.run(
        [sys.executable, "-c", PREPARE, str(place)], capture_output=True, text=True, check=True
    )
    read, prepared = json.loads(run.stdout.splitlines()[-1])
    found: dict[str, Any] = {
        "cores": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 2),
        "interactions": summary.interactions,
        "customers": summary.customers,
        "read_texts_s": read,
        "prepare_s": prepared,
    }
    return found | _ask(place, folder / "printed.txt", times)


def _ask(place: Path, printed: Path, times: int) -> dict[str, Any]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with printed.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(place), str(port)],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        while "/welcome/" not in printed.read_text(encoding="utf-8"):
            if server.poll() is not None:
                raise SystemExit(printed.read_text(encoding="utf-8"))
            time.sleep(0.2)
        words = printed.read_text(encoding="utf-8")
        welcome = next(line.strip() for line in words.splitlines() if "/welcome/" in line)
        return _pages(f"http://127.0.0.1:{port}", welcome, times)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)


def _pages(base: str, welcome: str, times: int) -> dict[str, Any]:
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    sign_in(browser, welcome)
    noop = sorted(time_of(browser, base + NOOP) for _ in range(times * 3))
    rows = {}
    for name, path in PAGES.items():
        first = time_of(browser, base + path)
        often = 5 if name in FILES else times
        taken = sorted(time_of(browser, base + path) for _ in range(often))
        rows[name] = {
            "first": round(first, 1),
            "p50": round(statistics.median(taken), 1),
            "p95": round(taken[int(len(taken) * 0.95)], 1),
            "ratio_to_noop": round(statistics.median(taken) / statistics.median(noop), 1),
        }
    fresh = [time_of(browser, base + path) for path in FRESH]
    return {
        "noop": {"p50": round(statistics.median(noop), 1)},
        "warm": rows,
        "fresh_filter": {
            "p50": round(statistics.median(fresh), 1),
            "most": round(max(fresh), 1),
        },
        "load_after": round(os.getloadavg()[0], 2),
    }


if __name__ == "__main__":
    main()
