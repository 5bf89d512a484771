"""How fast the pages answer at a million interactions, from a real server, signed in.

    python bench/bench_pages.py --interactions 1000000

Makes a demo company of that size, has the worker's usual answers worked out (timed), starts the
server as ``percorso serve`` does, signs in with the one-time link, and asks each page many times.
``noop`` is the address that only says that the server and its database answer: the ratio says what
a page costs beyond that. ``first`` is the first answer of a fresh server, ``fresh_filter`` those of
filters nobody asked for yet, where everything is worked out while somebody waits: the control room
whole, as without script, and the part a browser shows first. Prints JSON; times are in
milliseconds.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import tempfile
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from served import NOOP, Server, demo_company, serving, time_of

PAGES = {
    "control room": "/",
    "journeys: graph": "/journeys/",
    "journeys: a touchpoint picked": "/journeys/?at=Ordine+online",
    "journeys: variants": "/journeys/variants/",
    "journeys: stops and waits": "/journeys/stops/",
    "journeys: ideal path": "/journeys/ideal/",
    "journeys: table": "/journeys/table/",
    "problems": "/problems/",
    "a problem": "",
}
FRESH = {
    "control room": (
        "/?period=365&segment=repeat",
        "/?period=30&channel=website",
        "/?period=all&segment=top_fifth",
        "/?period=365&phase=purchase",
        "/?period=90&channel=store",
    ),
    "journeys: graph": ("/journeys/?period=365&channel=website",),
    "journeys: funnel": ("/journeys/funnel/?period=365&step=Scheda+del+libro&step=Ordine+online",),
}
#: Other filters, so that nothing was asked for yet.
SHOWN_FIRST = (
    "/?period=365&segment=one_purchase",
    "/?period=30&channel=email",
    "/?period=all&segment=repeat",
    "/?period=365&phase=loyalty",
    "/?period=90&channel=phone",
)
#: How htmx asks for a part of a page.
PARTIAL = {"HX-Request-Type": "partial"}
PREPARE = (
    "from percorso.app import company, results;"
    "from percorso.log.steps import open_steps; log = company.log(); begun = time.perf_counter();"
    "open_steps(log); index = time.perf_counter() - begun; results.prepare(log);"
    "print(json.dumps([round(index, 2), round(time.perf_counter() - begun, 2)]))"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--interactions", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=40)
    parser.add_argument("--folder", type=Path, help="where the company goes (removed afterwards)")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="bench-pages-", dir=given.folder))
    try:
        print(json.dumps(_measure(folder, given.interactions, given.times), indent=2))
    finally:
        shutil.rmtree(folder)


def _measure(folder: Path, interactions: int, times: int) -> dict[str, Any]:
    place = folder / "company"
    found, (index, prepared) = demo_company(place, interactions, PREPARE)
    with serving(place, until="/welcome/") as server:
        pages = _pages(server, times)
    return found | {"index_s": index, "prepare_s": prepared} | pages


def _pages(server: Server, times: int) -> dict[str, Any]:
    browser, base = server.signed_in(), server.address
    listed = browser.open(f"{base}/problems/").read().decode()
    pages = {**PAGES, "a problem": re.findall(r'href="(/problems/[0-9a-f]+/)"', listed)[0]}
    first = {name: time_of(browser, base + path) for name, path in pages.items()}
    noop = sorted(time_of(browser, base + NOOP) for _ in range(times * 3))
    rows = {}
    for name, path in pages.items():
        taken = sorted(time_of(browser, base + path) for _ in range(times))
        middle = statistics.median(taken)
        rows[name] = {
            "first": round(first[name], 1),
            "p50": round(middle, 1),
            "p95": round(taken[int(len(taken) * 0.95)], 1),
            "ratio_to_noop": round(middle / statistics.median(noop), 1),
        }
    return {
        "noop": {
            "p50": round(statistics.median(noop), 1),
            "p95": round(noop[int(len(noop) * 0.95)], 1),
        },
        "warm": rows,
        "fresh_filter": {
            **{name: _fresh(browser, base, paths, {}, server.pid) for name, paths in FRESH.items()},
            "control room, shown first": _fresh(browser, base, SHOWN_FIRST, PARTIAL, server.pid),
        },
        "load_after": round(os.getloadavg()[0], 2),
    }


def _fresh(
    browser: urllib.request.OpenerDirector,
    base: str,
    paths: tuple[str, ...],
    headers: dict[str, str],
    server: int,
) -> dict[str, float]:
    """Return the time by the clock, and the processor's, which suffers less from other work."""
    begun = _processor_ms(server)
    taken = [time_of(browser, base + path, headers) for path in paths]
    return {
        "p50": round(statistics.median(taken), 1),
        "most": round(max(taken), 1),
        "processor_mean": round((_processor_ms(server) - begun) / len(paths)),
    }


def _processor_ms(pid: int) -> float:
    """Return the processor time a process and those below it have taken."""
    spent = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    ticks = int(spent[11]) + int(spent[12])
    below = "".join(
        each.read_text(encoding="utf-8") for each in Path(f"/proc/{pid}/task").glob("*/children")
    )
    return ticks * 1000 / os.sysconf("SC_CLK_TCK") + sum(
        map(_processor_ms, map(int, below.split()))
    )


if __name__ == "__main__":
    main()
