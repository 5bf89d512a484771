"""Importing CSV files beside a bare ``deltalake`` write of the same rows, already in Arrow.

Usage: python bench/bench_import.py [ROWS] [FOLDER]

Prints JSON. For a file of orders (Italian dates, decimal commas, promised and actual delivery) and
one of survey answers: rows of the file a second, interactions a second, and ``ratio``: the bare
write's time over the import's, where the bare write gets the very interactions the import made, in
memory. The import also reads and types the text, checks every rule, finds repeated ids, sorts and
flushes to the disk. ``processor_ratio`` is the same in processor time, which other work on the
machine changes less. ``peak_mb`` is the resident memory of a process that does nothing but import.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

IMPORT = """
import json, re, sys, time
from percorso import intake
from percorso.log import open_log
from percorso.workspace import Workspace
log = open_log(Workspace.open(sys.argv[1]))
plan = intake.inspect(log.workspace, [sys.argv[2]])
begin, processor = time.perf_counter(), time.process_time()
result = intake.run(log, plan)
seconds, processor = time.perf_counter() - begin, time.process_time() - processor
# Not ru_maxrss, which begins at what the process that started this one had.
peak = int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024
print(json.dumps({"seconds": seconds, "processor_seconds": round(processor, 2),
                  "peak_mb": round(peak), "recipe": result.recipe,
                  "rows": result.rows_read, "interactions": result.added,
                  "quarantined": result.quarantined}))
"""


def orders(rows: int) -> Iterator[str]:
    """Yield an export of orders as an Italian shop's software writes it."""
    random = np.random.default_rng(7)
    yield "Numero ordine;Cliente;Data ordine;Totale;Consegna prevista;Data consegna;Provincia\n"
    start = datetime(2023, 1, 1)  # noqa: DTZ001 - the shop's own clock
    provinces = ["MI", "RM", "TO", "NA", "PA"]
    for number in range(rows):
        at = start + timedelta(seconds=60 * number % 60_000_000)
        due = at + timedelta(days=3)
        arrived = at + timedelta(hours=float(random.gamma(4, 14)))
        total = f"{random.gamma(2, 20):.2f}".replace(".", ",")
        yield (
            f"N{number};{random.integers(0, max(rows // 5, 10))};{at:%d/%m/%Y %H:%M:%S};{total};"
            f"{due:%d/%m/%Y};{arrived:%d/%m/%Y %H:%M};{provinces[number % 5]}\n"
        )


def answers(rows: int) -> Iterator[str]:
    """Yield an export of survey answers: a score, a comment in three of ten, other columns."""
    random = np.random.default_rng(8)
    yield "response_id,timestamp,email,nps,comment,store,age\n"
    start = datetime(2023, 1, 1)  # noqa: DTZ001 - the company's own clock
    for number in range(rows):
        at = start + timedelta(seconds=45 * number % 60_000_000)
        comment = '"Tutto bene, consegna rapida e personale gentile"' if number % 10 < 3 else ""
        customer = random.integers(0, max(rows // 3, 10))
        yield (
            f"r{number},{at:%Y-%m-%d %H:%M:%S},c{customer}@example.org,"
            f"{random.integers(0, 11)},{comment},store {number % 40},{20 + number % 60}\n"
        )


def measure(name: str, lines: Iterator[str], folder: Path) -> dict[str, Any]:
    from percorso.log import open_log
    from percorso.workspace import Workspace

    path = folder / f"{name}.csv"
    with path.open("w", encoding="utf-8") as file:
        file.writelines(lines)
    megabytes = path.stat().st_size / 2**20
    workspace = Workspace.create(folder / f"{name}-workspace")
    done = subprocess.run(
        [sys.executable, "-c", IMPORT, str(workspace.path), str(path)],
        check=True,
        capture_output=True,
        text=True,
    )
    imported = json.loads(done.stdout)
    bare, processor = bare_write(open_log(workspace), folder / f"{name}-bare")
    path.unlink()
    shutil.rmtree(workspace.path)
    return {
        **imported,
        "seconds": round(imported["seconds"], 2),
        "file_mb": round(megabytes, 1),
        "rows_per_second": round(imported["rows"] / imported["seconds"]),
        "interactions_per_second": round(imported["interactions"] / imported["seconds"]),
        "bare_write_seconds": round(bare, 2),
        "ratio": round(bare / imported["seconds"], 3),
        "bare_write_processor_seconds": round(processor, 2),
        "processor_ratio": round(processor / imported["processor_seconds"], 3),
    }


def bare_write(log: Any, folder: Path) -> tuple[float, float]:
    """Write the log's rows with ``deltalake`` and nothing else; return seconds, and processor's."""
    from deltalake import write_deltalake

    table = log.read().read_all()
    begin, processor = time.perf_counter(), time.process_time()
    write_deltalake(str(folder), table)
    seconds, processor = time.perf_counter() - begin, time.process_time() - processor
    shutil.rmtree(folder)
    return seconds, processor


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 500_000
    folder = Path(tempfile.mkdtemp(dir=sys.argv[2] if len(sys.argv) > 2 else None))
    try:
        found = {
            "rows": rows,
            "orders": measure("ordini", orders(rows), folder),
            "survey": measure("answers", answers(rows), folder),
        }
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
