"""The log beside a bare ``deltalake`` write of the same rows, and what it costs to live with it.

Usage: python bench/bench_log.py [ROWS] [FOLDER]

Prints JSON. ``append_ratio`` is the bare write's time over ours, both from the same Arrow batches
in memory, alternating, the median of three; ours also finds repeated ids, sorts by customer and
time, and flushes to the disk.
"""

import json
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from deltalake import write_deltalake

from percorso.log import Log, open_log
from percorso.log.schema import SCHEMA, TIME
from percorso.workspace import Workspace

BATCH = 100_000


def batches(rows: int, first: int = 0) -> Iterator[pa.RecordBatch]:
    """Yield interactions like those of a shop, in the order of time, customers mixed."""
    random = np.random.default_rng(first + 1)
    kinds = pa.array(["view", "search", "order", "payment", "delivery", "ticket", "answer"])
    touchpoints = pa.array([f"touchpoint {number}" for number in range(40)])
    channels = pa.array(["website", "store", "email", "phone"])
    for start in range(first, first + rows, BATCH):
        size = min(BATCH, first + rows - start)
        numbers = np.arange(start, start + size)
        kind = random.integers(0, len(kinds), size)
        answer, order = kind == 6, kind == 2
        columns: dict[str, Any] = {f.name: pa.nulls(size, f.type) for f in SCHEMA}
        columns |= {
            "id": pa.array([f"shop:{n:09d}:{n * 2654435761 % 2**32:08x}" for n in numbers]),
            "at": pa.array(1_600_000_000_000_000 + numbers * 10_000_000).cast(TIME),
            "received_at": pa.array(1_750_000_000_000_000 + numbers).cast(TIME),
            "customer": pa.array(
                [f"user:{c:06d}" for c in random.integers(0, max(rows // 50, 100), size)]
            ),
            "kind": kinds.take(kind),
            "touchpoint": touchpoints.take(random.integers(0, 40, size)),
            "channel": channels.take(random.integers(0, 4, size)),
            "direction": pa.repeat("in", size),
            "source": pa.repeat("bench", size),
            "scale": pa.array(np.where(answer, "nps", ""), mask=~answer),
            "score": pa.array(random.integers(0, 11, size).astype(float), mask=~answer),
            "amount": pa.array(random.gamma(2, 20, size).round(2), mask=~order),
            "currency": pa.array(np.where(order, "EUR", ""), mask=~order),
            "about": pa.array([f"order:{n // 5}" for n in numbers]),
        }
        arrays = [columns[f.name].cast(f.type) for f in SCHEMA]
        yield pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


def seconds(do: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    do()
    return round(time.perf_counter() - begin, 3)


def warm(do: Callable[[], Any]) -> float:
    do()
    return statistics.median(seconds(do) for _ in range(5))


def append_beside_bare(data: list[pa.RecordBatch], folder: Path) -> dict[str, float]:
    ours, bare = [], []
    used = {"ours": 0.0, "bare": 0.0}
    for attempt in range(3):
        reader = pa.RecordBatchReader.from_batches(SCHEMA, data)
        before = time.process_time()
        bare.append(seconds(lambda r=reader, a=attempt: write_deltalake(folder / f"bare{a}", r)))  # type: ignore[misc]
        used["bare"] += time.process_time() - before
        log = open_log(Workspace.create(folder / f"log{attempt}"))
        before = time.process_time()
        ours.append(seconds(lambda to=log: to.append(iter(data))))  # type: ignore[misc]
        used["ours"] += time.process_time() - before
        shutil.rmtree(folder / f"bare{attempt}")
        if attempt < 2:
            shutil.rmtree(folder / f"log{attempt}")
    rows = sum(batch.num_rows for batch in data)
    return {
        "append_seconds": statistics.median(ours),
        "bare_deltalake_seconds": statistics.median(bare),
        "append_rows_a_second": round(rows / statistics.median(ours)),
        "append_ratio": round(statistics.median(bare) / statistics.median(ours), 2),
        "append_ratio_of_processor_time": round(used["bare"] / used["ours"], 2),
    }


def living_with_it(log: Log, rows: int) -> dict[str, float]:
    small = [pa.Table.from_batches(batches(1000, first=rows + n * 1000)) for n in range(40)]
    small_appends = [seconds(lambda t=each: log.append(t)) for each in small]  # type: ignore[misc]
    interactions = log.interactions()
    nps = interactions.filter(interactions.scale == "nps")
    by_channel = nps.group_by("channel").agg(mean=nps.score.mean())
    by_phase = interactions.group_by("phase").agg(n=interactions.count())
    return {
        "again_seconds": seconds(lambda: log.append(batches(rows))),
        "append_1000_seconds_median": statistics.median(small_appends),
        "append_1000_seconds_most": max(small_appends),
        "scores_by_channel_seconds": warm(by_channel.to_pyarrow),
        "by_phase_seconds": warm(by_phase.to_pyarrow),
        "customers_first_seconds": seconds(lambda: log.customers().count().to_pyarrow()),
        "customers_seconds": warm(lambda: log.customers().count().to_pyarrow()),
        "open_and_count_seconds": warm(lambda: open_log(log.workspace).snapshot()),
        "erase_seconds": seconds(lambda: log.erase("user:000007")),
        "compact_seconds": seconds(log.compact),
    }


def main() -> None:
    rows = int(float(sys.argv[1])) if len(sys.argv) > 1 else 1_000_000
    folder = Path(tempfile.mkdtemp(dir=sys.argv[2] if len(sys.argv) > 2 else None))
    try:
        data = list(batches(rows))
        result: dict[str, Any] = {"rows": rows, **append_beside_bare(data, folder)}
        result |= living_with_it(open_log(Workspace.open(folder / "log2")), rows)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        result["peak_megabytes_with_the_rows_in_memory"] = round(peak / 1024)
        print(json.dumps(result, indent=2))
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
