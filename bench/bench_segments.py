"""Segments of a million customers: seconds to prepare them, and to say who fits a rule, warm.

    python bench/bench_segments.py [--customers 1000000]

Prints JSON. ``warm`` is the median of five askings, each of another rule (no answer is kept), with
the names of all who fit; ``ratio`` compares the count with one plain pass of DuckDB over a column
of the same table.
"""

import argparse
import json
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from percorso.log import Log, open_log, segments
from percorso.log.facts import facts
from percorso.log.schema import SCHEMA, TIME
from percorso.segments import Catalogue, parse
from percorso.workspace import Workspace

KINDS = ["order", "visit", "view", "answer", "delivery", "ticket", "consent", "payment"]
SHARES = [0.2, 0.2, 0.25, 0.1, 0.1, 0.05, 0.05, 0.05]
RULE = (
    "orders >= {n} and last_order within {days} days and nps <= 8 and channel website "
    "and not consent marketing"
)


def fill(log: Log, customers: int, each: int = 5) -> None:
    """Write ``each`` interactions a customer on average, in parts of a million."""
    rng = np.random.default_rng(7)
    last = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1e6)
    left, number = customers * each, 0
    while left:
        n = min(left, 1_000_000)
        kind = rng.choice(KINDS, n, p=SHARES)
        at = pa.array(last - rng.integers(0, 700 * 86_400 * 10**6, n), TIME)
        answer, order, consent = (kind == name for name in ("answer", "order", "consent"))
        given = np.where(rng.random(n) < 0.7, "true", "false")
        columns = {
            "id": [f"{number + i}" for i in range(n)],
            "at": at,
            "received_at": at,
            "customer": pa.array([f"user:{i}" for i in rng.integers(0, customers, n)]),
            "kind": kind,
            "touchpoint": rng.choice([f"touchpoint {i}" for i in range(40)], n),
            "channel": rng.choice(["website", "store", "app", "email", "phone"], n),
            "direction": np.full(n, "in"),
            "scale": pa.array(np.full(n, "nps"), mask=~answer),
            "score": pa.array(rng.integers(0, 11, n).astype(float), mask=~answer),
            "amount": pa.array(np.round(rng.gamma(2, 20, n), 2), mask=~order),
            "currency": pa.array(np.full(n, "EUR"), mask=~order),
            "source": rng.choice(["shop", "site"], n),
            "properties": pa.array(
                [f'{{"purpose":"marketing","given":{yes}}}' for yes in given], mask=~consent
            ),
        }
        arrays = [
            pa.array(columns[f.name], f.type) if f.name in columns else pa.nulls(n, f.type)
            for f in SCHEMA
        ]
        log.append(pa.Table.from_arrays(arrays, schema=SCHEMA))
        number, left = number + n, left - n


def seconds(do: Callable[[], object]) -> float:
    begun = time.perf_counter()
    do()
    return time.perf_counter() - begun


def median(rules: list[str], do: Callable[[str], object]) -> float:
    return round(statistics.median(seconds(lambda rule=rule: do(rule)) for rule in rules), 3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.folder) as place:
        log = open_log(Workspace.create(Path(place) / "company"))
        filled = seconds(lambda: fill(log, asked.customers))
        prepared = seconds(lambda: facts(log))
        rules = [
            RULE.format(n=n, days=days)
            for n, days in ((1, 90), (1, 91), (2, 92), (1, 200), (2, 365))
        ]
        segments.count(log, parse("orders >= 3"))  # the first reads the file in
        counting = median(rules, lambda rule: segments.count(log, parse(rule)))
        naming = median(rules, lambda rule: segments.members(log, parse(f"{rule} or orders >= 5")))
        table = facts(log)
        plain = f'SELECT count(*) FROM "{table.get_name()}" WHERE orders >= '
        peer = median(list("12345"), lambda n: table.get_backend().raw_sql(plain + n).fetchall())
        every = seconds(lambda: segments.sizes(log, Catalogue(log.workspace).all()))
        found = {
            "customers": table.count().to_pyarrow().as_py(),
            "interactions": log.summary().interactions,
            "fill_s": round(filled, 1),
            "prepare_s": round(prepared, 2),
            "warm_count_s": counting,
            "warm_names_s": naming,
            "names": len(segments.members(log, parse(f"{rules[0]} or orders >= 5"))),
            "all_ready_made_sizes_s": round(every, 3),
            "plain_pass_s": peer,
            "ratio_to_plain_pass": round(counting / peer, 1),
            "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
