"""Journeys against DuckDB and pm4py: the index, and graph with medians and variants together.

    python bench/bench_journeys.py --rows 1000000 10000000

Each size gets a log of its own, written by ``Log.append``; each side runs in a process of its own,
so that its peak memory is its own. DuckDB gets the same rows in a native table of integers, which
is the kindest form for it, and answers with the fastest of several ways to write the SQL; the
answers are checked to be the same. pm4py starts from a pandas frame. Best of ``--repeat`` runs,
all in one run on one machine. Prints JSON.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

TOUCHPOINTS = 40
STEPS_PER_CUSTOMER = 50
CHUNK_OF_CUSTOMERS = 10_000
PM4PY_ROWS = (300_000, 1_000_000)
START = 1_700_000_000_000_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000_000])
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--no-pm4py", action="store_true")
    parser.add_argument("--folder", type=Path, help="where the logs go (removed afterwards)")
    parser.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.part:
        result = PARTS[given.part](given.folder, given.rows[0], given.repeat)
        # In kilobytes on Linux.
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({**result, "peak_mb": round(peak)}))
        return
    folder = Path(tempfile.mkdtemp(prefix="bench-journeys-", dir=given.folder))
    try:
        print(json.dumps(_all(folder, given), indent=2))
    finally:
        shutil.rmtree(folder)


def _all(folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    found: dict[str, Any] = {"cores": os.cpu_count(), "touchpoints": TOUCHPOINTS, "sizes": []}
    pm4py = {} if given.no_pm4py else _pm4py_growth(folder, given.repeat)
    for rows in given.rows:
        found["sizes"].append(_size(folder / f"{rows}", rows, given.repeat))
    if pm4py:
        found["pm4py"] = pm4py
        for size in found["sizes"]:
            seconds = pm4py["seconds_per_million_at_least"] * size["rows"] / 1e6
            size["pm4py_seconds_if_linear"] = round(seconds, 2)
            size["times_as_fast_as_pm4py"] = round(seconds / size["percorso"]["seconds"], 1)
    return found


def _size(folder: Path, rows: int, repeat: int) -> dict[str, Any]:
    made = _run("make", folder, rows, repeat)
    builds = [_run("index", folder, rows, repeat) for _ in range(repeat)]
    index = min(builds, key=lambda each: each["build_seconds"])
    ours = _run("percorso", folder, rows, repeat)
    duckdb = _run("duckdb", folder, rows, repeat)
    index["one_percent_more"] = _run("increment", folder, rows, repeat)
    shutil.rmtree(folder)
    for name in ("customers", "distinct_variants", "edges", "medians", "edge_customers", "scores"):
        if ours["answer"][name] != duckdb["answer"][name]:
            raise SystemExit(f"rows {rows}: DuckDB has other {name}")
    answer = ours.pop("answer")
    duckdb.pop("answer")
    return {
        "rows": rows,
        "customers": answer["customers"],
        "edges": len(answer["edges"]),
        "distinct_variants": answer["distinct_variants"],
        "append": made,
        "index": index,
        "percorso": ours,
        "duckdb": duckdb,
        # Percorso's answer holds the scores after each transition; the first SQL leaves them out.
        "times_as_fast_as_duckdb": round(duckdb["seconds"] / ours["seconds"], 1),
        "times_as_fast_as_duckdb_both_without_scores": round(
            duckdb["seconds"] / ours["seconds_without_scores"], 1
        ),
        "times_as_fast_as_duckdb_both_with_scores": round(
            duckdb["seconds_with_scores"] / ours["seconds"], 1
        ),
        "times_as_fast_as_duckdb_on_a_sorted_table": round(
            duckdb["seconds_on_a_sorted_table"] / ours["seconds"], 1
        ),
        "index_build_over_duckdb_query": round(index["build_seconds"] / duckdb["seconds"], 2),
    }


def _pm4py_growth(folder: Path, repeat: int) -> dict[str, Any]:
    sizes = []
    for rows in PM4PY_ROWS:
        below = folder / f"pm4py-{rows}"
        _run("make", below, rows, repeat)
        sizes.append({"rows": rows, **_run("pm4py", below, rows, repeat)})
        shutil.rmtree(below)
    per_million = [each["seconds"] / each["rows"] * 1e6 for each in sizes]
    small, large = sizes[0], sizes[-1]
    growth = np.log(large["seconds"] / small["seconds"]) / np.log(large["rows"] / small["rows"])
    return {
        "sizes": sizes,
        "growth_exponent": round(float(growth), 2),
        "seconds_per_million_at_least": round(min(per_million), 3),
    }


def _run(part: str, folder: Path, rows: int, repeat: int) -> dict[str, Any]:
    command = [sys.executable, __file__, "--part", part, "--folder", str(folder)]
    command += ["--rows", str(rows), "--repeat", str(repeat)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def _best(ask: Callable[[], Any], repeat: int) -> tuple[float, Any]:
    best, answer = float("inf"), None
    for _ in range(repeat):
        begin = time.perf_counter()
        answer = ask()
        best = min(best, time.perf_counter() - begin)
    return best, answer


# The log


def _make(folder: Path, rows: int, _: int) -> dict[str, Any]:
    from percorso.log import open_log
    from percorso.workspace import Workspace

    log = open_log(Workspace.create(folder))
    begin = time.perf_counter()
    added = log.append(_batches(rows)).added
    seconds = time.perf_counter() - begin
    if added != rows:
        raise SystemExit(f"{added} rows added, not {rows}")
    return {"seconds": round(seconds, 2)}


def _batches(rows: int, first_id: int = 0) -> Iterator[Any]:
    """Make journeys: touchpoints by chance from the last one, waits log-normal, times mixed."""
    random = np.random.default_rng([20, first_id])
    # From each touchpoint some follow often and most rarely.
    weights = random.dirichlet(np.full(TOUCHPOINTS, 0.3), TOUCHPOINTS) + 1e-4
    steps = np.cumsum(weights / weights.sum(axis=1, keepdims=True), axis=1)
    customer = done = 0
    while done < rows:
        lengths = 1 + random.geometric(1 / (STEPS_PER_CUSTOMER - 1), CHUNK_OF_CUSTOMERS)
        lengths[np.cumsum(lengths) > rows - done] = 0
        if not lengths.any():
            lengths[0] = rows - done
        lengths = lengths[lengths > 0]
        yield from _table(random, steps, lengths, customer, first_id + done).to_batches()
        customer += len(lengths)
        done += int(lengths.sum())


def _table(
    random: np.random.Generator, steps: Any, lengths: Any, first_customer: int, done: int
) -> Any:
    import pyarrow as pa

    from percorso.log.schema import SCHEMA

    count = int(lengths.sum())
    place = np.arange(count) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    touchpoint = np.empty(count, np.int64)
    now = random.integers(0, TOUCHPOINTS, len(lengths))
    starts = np.cumsum(lengths) - lengths
    for step in range(int(lengths.max())):
        going = lengths > step
        touchpoint[starts[going] + step] = now[going]
        chance = random.random(len(now))
        now = np.minimum((steps[now] < chance[:, None]).sum(axis=1), TOUCHPOINTS - 1)
    waits = random.lognormal(np.log(6 * 3600e6), 2, count).astype(np.int64)
    begin = START + random.integers(0, 365 * 86_400_000_000, len(lengths))
    total = np.cumsum(waits)
    at = np.repeat(begin - (total - waits)[starts], lengths) + total - waits
    order = np.argsort(at, kind="stable")
    answers = touchpoint == TOUCHPOINTS - 1
    customers = first_customer + np.repeat(np.arange(len(lengths)), lengths)
    columns = {
        "id": np.char.mod("e%010d", done + np.arange(count)),
        "at": at,
        "received_at": START + 2 * 365 * 86_400_000_000 + done + np.arange(count),
        "customer": np.char.mod("user:%d", customers)[order],
        "kind": np.where(answers, "answer", "visit")[order],
        "touchpoint": np.char.mod("touchpoint %02d", touchpoint)[order],
        "channel": np.where(place % 3, "website", "store")[order],
        "direction": np.full(count, "in"),
        "scale": np.where(answers, "nps", None)[order],
        "score": np.where(answers, random.integers(0, 11, count), np.nan)[order],
        "source": np.full(count, "bench"),
    }
    columns["at"] = at[order]
    arrays = []
    for each in SCHEMA:
        given = columns.get(each.name)
        if given is None:
            arrays.append(pa.nulls(count, each.type))
        else:
            arrays.append(pa.array(given, from_pandas=True).cast(each.type))
    return pa.Table.from_arrays(arrays, schema=SCHEMA)


# Percorso


def _index(folder: Path, _: int, __: int) -> dict[str, Any]:
    import pyarrow.parquet  # noqa: F401 - what a process that imports has loaded anyway

    from percorso.log import open_log
    from percorso.log.steps import open_steps
    from percorso.workspace import Workspace

    workspace = Workspace.open(folder)
    log = open_log(workspace)
    shutil.rmtree(workspace.derived / "steps", ignore_errors=True)
    seconds, _ = _best(lambda: open_steps(log), 1)
    stored = sum(path.stat().st_size for path in (workspace.derived / "steps").iterdir())
    return {"build_seconds": round(seconds, 3), "stored_mb": round(stored / 1e6)}


def _increment(folder: Path, rows: int, _: int) -> dict[str, Any]:
    """Add 1% more rows, of customers who are there already, and bring the index up to date."""
    from percorso.log import open_log
    from percorso.log.steps import open_steps
    from percorso.workspace import Workspace

    log = open_log(Workspace.open(folder))
    open_steps(log)
    log.append(_batches(rows // 100, first_id=rows))
    seconds, index = _best(lambda: open_steps(log), 1)
    if index.steps != rows + rows // 100:
        raise SystemExit(f"{index.steps} steps in the index")
    return {"seconds": round(seconds, 3)}


def _percorso(folder: Path, _: int, repeat: int) -> dict[str, Any]:
    from percorso import journeys
    from percorso.log import open_log
    from percorso.log.steps import open_steps
    from percorso.workspace import Workspace

    log = open_log(Workspace.open(folder))
    opening, index = _best(lambda: open_steps(log), 1)
    first, _ = _best(lambda: (journeys.graph(index), journeys.variants(index, limit=100)), 1)
    graph_seconds, graph = _best(lambda: journeys.graph(index), repeat + 2)
    plain_seconds, _ = _best(lambda: journeys.graph(index, with_scores=False), repeat + 2)
    variants_seconds, variants = _best(lambda: journeys.variants(index, limit=100), repeat + 2)
    edges = sorted(graph.edges, key=lambda edge: (edge.source, edge.target))
    return {
        "open_seconds": round(opening, 4),
        "first_seconds": round(first, 3),
        "graph_seconds": round(graph_seconds, 3),
        "graph_seconds_without_scores": round(plain_seconds, 3),
        "variants_seconds": round(variants_seconds, 3),
        "seconds": round(graph_seconds + variants_seconds, 3),
        "seconds_without_scores": round(plain_seconds + variants_seconds, 3),
        "answer": {
            "customers": graph.customers,
            "distinct_variants": variants.distinct,
            "edges": [edge.count for edge in edges],
            "edge_customers": [edge.customers for edge in edges],
            "medians": [f"{edge.median_hours:.6f} {edge.p90_hours:.6f}" for edge in edges],
            "scores": [
                f"{edge.score_after.n} {edge.score_after.value:.6f}"
                if edge.score_after is not None and edge.score_after.value is not None
                else "hidden"
                for edge in edges
            ],
        },
    }


# DuckDB

_PAIRS = """
    SELECT touchpoint AS a, lead(touchpoint) OVER w AS b, lead(at_us) OVER w - at_us AS gap,
        customer
    FROM steps WINDOW w AS (PARTITION BY customer ORDER BY at_us, tie)
"""
_GRAPH = """
    SELECT a, b, count(*), count(DISTINCT customer), quantile_cont(gap, [0.5, 0.9])
    FROM pairs WHERE b IS NOT NULL GROUP BY a, b ORDER BY a, b
"""
_GRAPH_IN_TWO = """
    SELECT a, b, n, customers, waits FROM
        (SELECT a, b, count(*) AS n, quantile_cont(gap, [0.5, 0.9]) AS waits
            FROM pairs WHERE b IS NOT NULL GROUP BY a, b)
        JOIN (SELECT a, b, count(*) AS customers FROM
            (SELECT DISTINCT a, b, customer FROM pairs WHERE b IS NOT NULL) GROUP BY a, b)
        USING (a, b)
    ORDER BY a, b
"""
#: Ways to write the graph: statements, the last of which answers.
_GRAPHS = {
    "one query": (f"WITH pairs AS ({_PAIRS}) {_GRAPH}",),
    "customers apart": (f"CREATE OR REPLACE TEMP TABLE pairs AS {_PAIRS}", _GRAPH_IN_TWO),
}
#: The whole of what Percorso's graph says: with the mean of the answers after each transition.
_WHOLE = (
    """
    CREATE OR REPLACE TEMP TABLE arrivals AS
    SELECT lag(touchpoint) OVER w AS a, touchpoint AS b, at_us - lag(at_us) OVER w AS gap,
        customer, at_us, first_value(
            CASE WHEN score IS NOT NULL THEN {'at': at_us, 'tie': tie, 'score': score} END
            IGNORE NULLS) OVER (w ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS answer
    FROM steps WINDOW w AS (PARTITION BY customer ORDER BY at_us, tie)
    """,
    """
    SELECT a, b, n, customers, waits, answers, score FROM
        (SELECT a, b, count(*) AS n, quantile_cont(gap, [0.5, 0.9]) AS waits
            FROM arrivals WHERE a IS NOT NULL GROUP BY a, b)
        JOIN (SELECT a, b, count(*) AS customers FROM
            (SELECT DISTINCT a, b, customer FROM arrivals WHERE a IS NOT NULL) GROUP BY a, b)
        USING (a, b)
        LEFT JOIN (SELECT a, b, count(*) AS answers, avg(score) AS score FROM
            (SELECT DISTINCT a, b, customer, answer.at, answer.tie, answer.score
                FROM arrivals WHERE a IS NOT NULL AND answer.at - at_us <= 30 * 86400000000)
            GROUP BY a, b)
        USING (a, b)
    ORDER BY a, b
    """,
)
_COUNTED = "SELECT journey, count(*) AS n, count(*) OVER () AS distinct_journeys"
_VARIANTS = {
    "lists": (
        "SELECT list(touchpoint ORDER BY at_us, tie) AS journey FROM steps GROUP BY customer",
    ),
    "strings": (
        "SELECT string_agg(chr(touchpoint + 48), '' ORDER BY at_us, tie) AS journey "
        "FROM steps GROUP BY customer",
    ),
}
#: The same where the table lies in the order of the answer, as the index does.
_SORTED_PAIRS = """
    SELECT touchpoint AS a, lead(touchpoint) OVER () AS b, lead(at_us) OVER () - at_us AS gap,
        customer, lead(customer) OVER () AS following
    FROM sorted_steps
"""


def _duckdb(folder: Path, _: int, repeat: int) -> dict[str, Any]:
    import duckdb

    from percorso.log import open_log
    from percorso.workspace import Workspace

    log = open_log(Workspace.open(folder))
    database = duckdb.connect(
        str(folder / "native.duckdb"), config={"temp_directory": str(folder / "spill")}
    )
    database.execute("SET TimeZone = 'UTC'")
    database.execute(
        "CREATE TABLE steps AS SELECT substr(customer, 6)::INTEGER AS customer, "
        'epoch_us("at") AS at_us, epoch_us(received_at) AS tie, '
        "right(touchpoint, 2)::UTINYINT AS touchpoint, score::UTINYINT AS score "
        "FROM read_parquet(?, hive_partitioning = false)",
        [list(log.files())],
    )

    def ask(statements: tuple[str, ...]) -> list[Any]:
        for statement in statements[:-1]:
            database.execute(statement)
        return database.execute(statements[-1]).fetchall()

    graphs = {name: _best(lambda s=s: ask(s), repeat) for name, s in _GRAPHS.items()}
    variants = {
        name: _best(
            lambda s=s: ask(
                (f"{_COUNTED} FROM ({s[0]}) GROUP BY journey ORDER BY n DESC LIMIT 100",)
            ),
            repeat,
        )
        for name, s in _VARIANTS.items()
    }
    whole_seconds, whole = _best(lambda: ask(_WHOLE), repeat)
    database.execute("CREATE TABLE sorted_steps AS FROM steps ORDER BY customer, at_us, tie")
    pairs = f"SELECT * FROM ({_SORTED_PAIRS}) WHERE customer = following"
    on_sorted = {
        "one query": _best(lambda: ask((f"WITH pairs AS ({pairs}) {_GRAPH}",)), repeat),
        "customers apart": _best(
            lambda: ask((f"CREATE OR REPLACE TEMP TABLE pairs AS {pairs}", _GRAPH_IN_TWO)), repeat
        ),
    }
    best_graph = min(seconds for seconds, _ in graphs.values())
    best_variants = min(seconds for seconds, _ in variants.values())
    best_sorted = min(seconds for seconds, _ in on_sorted.values())
    answer = graphs["one query"][1]
    if [row[:4] for row in answer] != [row[:4] for row in on_sorted["one query"][1]]:
        raise SystemExit("DuckDB's sorted table gives another answer")
    (customers,) = database.execute("SELECT count(DISTINCT customer) FROM steps").fetchall()[0]
    return {
        "version": duckdb.__version__,
        "graph_seconds": {name: round(seconds, 3) for name, (seconds, _) in graphs.items()},
        "variants_seconds": {name: round(seconds, 3) for name, (seconds, _) in variants.items()},
        "seconds": round(best_graph + best_variants, 3),
        "graph_with_scores_seconds": round(whole_seconds, 3),
        "seconds_with_scores": round(whole_seconds + best_variants, 3),
        "seconds_on_a_sorted_table": round(best_sorted + best_variants, 3),
        "answer": {
            "customers": customers,
            "distinct_variants": variants["lists"][1][0][2],
            "edges": [row[2] for row in answer],
            "edge_customers": [row[3] for row in answer],
            "medians": [f"{row[4][0] / 3.6e9:.6f} {row[4][1] / 3.6e9:.6f}" for row in answer],
            "scores": [
                f"{row[5]} {row[6]:.6f}" if (row[5] or 0) >= 5 else "hidden" for row in whole
            ],
        },
    }


# pm4py


def _pm4py(folder: Path, _: int, repeat: int) -> dict[str, Any]:
    warnings.simplefilter("ignore")
    import pandas as pd
    import pm4py

    from percorso.log import open_log
    from percorso.workspace import Workspace

    log = open_log(Workspace.open(folder))
    table = log.read(["customer", "touchpoint", "at"]).read_all()
    frame = pd.DataFrame(
        {
            "case:concept:name": table.column("customer").to_pandas(),
            "concept:name": table.column("touchpoint").to_pandas(),
            "time:timestamp": table.column("at").to_pandas(),
        }
    )

    def ask() -> None:
        formatted = pm4py.format_dataframe(frame.copy())
        pm4py.discover_dfg(formatted)
        pm4py.discover_performance_dfg(formatted)
        pm4py.get_variants(formatted)

    seconds, _ = _best(ask, repeat)
    return {"version": pm4py.__version__, "seconds": round(seconds, 3)}


PARTS: dict[str, Callable[[Path, int, int], dict[str, Any]]] = {
    "make": _make,
    "index": _index,
    "increment": _increment,
    "percorso": _percorso,
    "duckdb": _duckdb,
    "pm4py": _pm4py,
}

if __name__ == "__main__":
    main()
