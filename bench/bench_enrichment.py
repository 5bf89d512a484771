"""Reading a log of many reviews in ``auto``, with the reader killed in the middle once.

Usage: python bench/bench_enrichment.py [--reviews N] [--kill-at SHARE]

Makes a workspace in a temporary folder with reviews of 5 to 60 words, cut at random from the
project's own examples (``bench_text.cut``: no two alike), and reads them by ``text.enrich``. When
about the share ``--kill-at`` of them is kept the reading process is ended with SIGKILL, and
another one goes on. Prints JSON: seconds of wall clock and of processor time of both processes
together (their start and the loading of the models counted, the making of the log not), texts per
second, the peak memory of a process, how many texts were read accurately, what the killed process
had kept, and whether every text was read exactly once.
"""

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench_text import cut

START = datetime(2025, 1, 1, tzinfo=UTC)
#: Reviews put into the log at once.
_AT_ONCE = 20_000


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--reviews", type=int, default=100_000)
    arguments.add_argument("--kill-at", type=float, default=0.5)
    arguments.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.read:
        _read(given.read)
        return
    with tempfile.TemporaryDirectory(prefix="percorso-bench-") as folder:
        print(json.dumps(_measure(Path(folder) / "workspace", given.reviews, given.kill_at)))


def _read(folder: Path) -> None:
    """Read what is to be read; this is the process that is killed."""
    from percorso.log import open_log
    from percorso.text.enrichment import enrich
    from percorso.workspace import Workspace

    done = enrich(open_log(Workspace.open(folder)), path="auto")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"read": done.read, "already": done.already, "peak_mb": round(peak)}))


def _measure(folder: Path, reviews: int, kill_at: float) -> dict[str, Any]:
    load = os.getloadavg()[0]
    log = _made(folder, cut(reviews, 5, 60))
    used, begun = _children(), time.perf_counter()
    first = _killed(log, folder, round(reviews * kill_at))
    kept = _kept(log)
    said = subprocess.run(_command(folder), capture_output=True, text=True, check=True)
    seconds = time.perf_counter() - begun
    second = json.loads(said.stdout)
    ids = _kept(log)
    paths = _paths(log)
    return {
        "reviews": reviews,
        "seconds": round(seconds, 1),
        "processor_seconds": round(_children() - used, 1),
        "per_second": round(reviews / seconds, 1),
        "peak_mb": max(first, second["peak_mb"]),
        "kept_when_killed": len(kept),
        "read_after": second["read"],
        "each_read_once": (
            len(ids) == len(set(ids)) == reviews
            and second["read"] == reviews - len(kept)
            and set(kept) <= set(ids)
        ),
        "accurate": paths.count("accurate"),
        "fast": paths.count("fast"),
        "processors": os.cpu_count(),
        "load_before": load,
    }


def _made(folder: Path, texts: list[str]) -> Any:
    """Make a log of reviews, of a third as many customers."""
    from percorso.log import open_log
    from percorso.log.schema import as_table
    from percorso.workspace import Workspace

    log = open_log(Workspace.create(folder))
    for start in range(0, len(texts), _AT_ONCE):
        log.append(as_table(_reviews(texts, range(start, min(start + _AT_ONCE, len(texts))))))
    return log


def _reviews(texts: list[str], places: Iterable[int]) -> list[Any]:
    from percorso.vocabulary import Interaction

    return [
        Interaction(
            id=f"review:{place}",
            at=START + timedelta(minutes=place),
            received_at=START + timedelta(days=365),
            customer=f"user:{place % max(len(texts) // 3, 1)}",
            kind="review",
            source="bench",
            touchpoint="review site",
            channel="website",
            text=texts[place],
        )
        for place in places
    ]


def _killed(log: Any, folder: Path, at: int) -> int:
    """Start to read and kill the reader when so many texts are kept; return its peak memory."""
    from percorso.text import kept

    peak = 0
    with subprocess.Popen(_command(folder), stdout=subprocess.DEVNULL) as reader:
        while reader.poll() is None and kept.readings(log).count() < at:
            peak = max(peak, _peak(reader.pid))
            time.sleep(0.05)
        if reader.poll() is not None:
            raise SystemExit("The reader ended before it was to be killed: use more reviews.")
        peak = max(peak, _peak(reader.pid))
        reader.send_signal(signal.SIGKILL)
    return peak


def _peak(process: int) -> int:
    """Return the peak memory of a process in MB; 0 where it cannot be told."""
    try:
        status = Path(f"/proc/{process}/status").read_text("utf-8")
    except OSError:
        return 0
    told = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(told[0]) // 1024 if told else 0


def _command(folder: Path) -> list[str]:
    return [sys.executable, __file__, "--read", str(folder)]


def _kept(log: Any) -> list[str]:
    from percorso.text import kept

    return list(kept.readings(log).read(["id"])["id"].to_pylist())


def _paths(log: Any) -> list[str]:
    from percorso.text import kept

    return list(kept.readings(log).read(["path"])["path"].to_pylist())


def _children() -> float:
    """Return the processor seconds of the readers that ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
