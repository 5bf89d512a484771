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
import statistics
import tempfile
from pathlib import Path
from typing import Any

from served import NOOP, Server, demo_company, serving, time_of

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
    place = folder / "company"
    found, (read, prepared) = demo_company(place, interactions, PREPARE)
    with serving(place, until="/welcome/") as server:
        pages = _pages(server, times)
    return found | {"read_texts_s": read, "prepare_s": prepared} | pages


def _pages(server: Server, times: int) -> dict[str, Any]:
    browser, base = server.signed_in(), server.address
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
