"""How long it takes to erase a customer from a workspace, with every byte searched afterwards.

    python bench/bench_erasure.py --rows 1000000

Makes a workspace of that many interactions of ``--customers`` customers, with texts, derived tables
and an inbox, erases one, and prints JSON: seconds for each part, what was searched, whether
anything was left. ``ratio_to_read`` is the whole erasure as a multiple of one plain reading of
every file of the workspace in the same run.
"""

import argparse
import json
import shutil
import tempfile
import time
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa

from percorso import privacy
from percorso.live.inbox import open_inbox
from percorso.live.received import Received
from percorso.log import Log, open_log
from percorso.log.schema import SCHEMA, TIME
from percorso.workspace import Workspace

WORDS = [
    "consegna",
    "libro",
    "ritardo",
    "gentile",
    "negozio",
    "pacco",
    "rotto",
    "grazie",
    "sempre",
    "mai",
    "bene",
    "male",
    "sito",
]
START = 1_700_000_000_000_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--customers", type=int, default=200_000)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="bench-erasure-", dir=given.folder))
    try:
        print(json.dumps(_measure(folder, given.rows, given.customers), indent=2))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _measure(folder: Path, rows: int, customers: int) -> dict[str, object]:
    log = open_log(Workspace.create(folder / "workspace"))
    begun = time.perf_counter()
    _fill(log, rows, customers)
    log.customers().count().to_pyarrow()
    made = time.perf_counter() - begun
    begun = time.perf_counter()
    for file in log.workspace.path.rglob("*"):
        if file.is_file():
            file.read_bytes()
    read = time.perf_counter() - begun
    steps: dict[str, float] = {}
    begun = last = time.perf_counter()
    name = ""

    def step(new: str) -> None:
        nonlocal name, last
        now = time.perf_counter()
        if name:
            steps[name] = round(now - last, 3)
        name, last = new, now

    done = privacy.erase(log, "email:c17@example.org", who="bench", on_step=step)
    step("")
    whole = time.perf_counter() - begun
    return {
        "rows": rows,
        "made_s": round(made, 1),
        "erased_s": round(whole, 2),
        "parts_s": steps,
        "removed": {each.name: each.removed for each in done.places if each.removed},
        "files": done.files,
        "mb": round(done.bytes / 1e6, 1),
        "mb_unpacked": round(done.unpacked / 1e6, 1),
        "strings": done.strings,
        "clean": done.clean,
        "ratio_to_read": round(whole / max(read, 1e-9), 1),
    }


def _fill(log: Log, rows: int, customers: int) -> None:
    random = np.random.default_rng(7)
    portion = 250_000
    for start in range(0, rows, portion):
        log.append(_rows(random, start, min(portion, rows - start), customers))
    inbox = open_inbox(log.workspace)
    for start in range(0, 20_000, 100):
        events = [
            {
                "type": "track",
                "event": "Seen",
                "messageId": f"m{n}",
                "userId": f"email:c{n % customers}@example.org",
            }
            for n in range(start, start + 100)
        ]
        body = msgspec.json.encode({"batch": events})
        inbox.put([Received("web", "batch", START, body, len(events))])
    inbox.close()


def _rows(random: np.random.Generator, start: int, count: int, customers: int) -> pa.Table:
    numbers = random.integers(0, customers, count)
    kinds = random.choice(["view", "order", "review", "profile"], count, p=[0.7, 0.15, 0.1, 0.05])
    picked = random.integers(0, len(WORDS), (count, 12))
    texts = [
        f"{n} " + " ".join(WORDS[w] for w in row) if kind == "review" else None
        for n, row, kind in zip(numbers.tolist(), picked.tolist(), kinds.tolist(), strict=True)
    ]
    properties = [
        json.dumps({"traits": {"email": f"c{n}@example.org", "phone": f"+39333{n:07}"}})
        if kind == "profile"
        else '{"carrier":"Rapido","device":"phone"}'
        for n, kind in zip(numbers.tolist(), kinds.tolist(), strict=True)
    ]
    times = pa.array(START + np.arange(start, start + count, dtype=np.int64) * 1_000_000).cast(TIME)
    columns = {
        "id": pa.array([f"bench-{start + n}" for n in range(count)]),
        "at": times,
        "received_at": times,
        "customer": pa.array([f"email:c{n}@example.org" for n in numbers.tolist()]),
        "kind": pa.array(kinds.tolist()),
        "touchpoint": pa.array(["shop"] * count),
        "channel": pa.array(["website"] * count),
        "direction": pa.array(["in"] * count),
        "source": pa.array(["bench"] * count),
        "text": pa.array(texts, pa.string()),
        "properties": pa.array(properties),
        "amount": pa.array(np.where(kinds == "order", 20.0, np.nan), from_pandas=True),
        "about": pa.array([f"order:{start + n}" for n in range(count)]),
    }
    return pa.Table.from_arrays(
        [columns.get(each.name, pa.nulls(count, each.type)).cast(each.type) for each in SCHEMA],
        schema=SCHEMA,
    )


if __name__ == "__main__":
    main()
