"""How long it takes to erase a customer from a workspace, with every byte searched afterwards.

    python bench/bench_erasure.py --rows 1000000

Makes a workspace of that many interactions of ``--customers`` customers, with texts, readings of
them, joined references, the tables that pages prepare, an inbox and a quarantine; erases one
customer, who has about 50 interactions, and prints JSON: seconds for each part, processor seconds,
what was searched, whether anything was left. Before and after, every byte of every file is searched
for the customer's e-mail and telephone by means of this program's own.
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
import pyarrow.parquet as pq

from percorso import privacy
from percorso.live.inbox import open_inbox
from percorso.live.received import Received
from percorso.log import Log, open_log
from percorso.log.beside import Beside
from percorso.log.facts import facts
from percorso.log.quarantine import Quarantine, Quarantined
from percorso.log.schema import SCHEMA, TIME
from percorso.vocabulary import Phrase
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
EMAIL = "c17@example.org"
PHONE = "+393330000017"
START = 1_700_000_000_000_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--customers", type=int, default=20_000)
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
    facts(log)
    made = time.perf_counter() - begun
    before = _files_with_names(log.workspace.path)
    steps: dict[str, float] = {}
    begun = last = time.perf_counter()
    name = ""

    def step(new: str) -> None:
        nonlocal name, last
        now = time.perf_counter()
        if name:
            steps[name] = round(now - last, 3)
        name, last = new, now

    worked = time.process_time()
    done = privacy.erase(log, f"email:{EMAIL}", who="bench", on_step=step)
    step("")
    whole = time.perf_counter() - begun
    worked = time.process_time() - worked
    return {
        "rows": rows,
        "made_s": round(made, 1),
        "erased_s": round(whole, 2),
        "processor_s": round(worked, 2),
        "parts_s": steps,
        "removed": {each.name: each.removed for each in done.places if each.removed},
        "files": done.files,
        "mb": round(done.bytes / 1e6, 1),
        "mb_unpacked": round(done.unpacked / 1e6, 1),
        "strings": done.strings,
        "clean": done.clean,
        "files_with_names_before": before,
        "files_with_names_after": _files_with_names(log.workspace.path),
    }


def _files_with_names(folder: Path) -> int:
    """Return how many files hold the customer's e-mail or telephone, in plain bytes or decoded."""
    found = 0
    for file in (each for each in folder.rglob("*") if each.is_file()):
        raw = file.read_bytes()
        if raw.startswith(b"PAR1"):
            columns = pq.ParquetFile(file).read().columns
            texts = [each for each in columns if pa.types.is_string(each.type)]
            raw += b"".join(chunk.buffers()[-1] or b"" for each in texts for chunk in each.chunks)
        found += any(name.encode() in raw for name in (EMAIL, PHONE))
    return found


def _fill(log: Log, rows: int, customers: int) -> None:
    random = np.random.default_rng(7)
    portion = 250_000
    for start in range(0, rows, portion):
        log.append(_rows(random, start, min(portion, rows - start), customers))
        log.merge(f"anon:device-of-seventeen-{start}", f"email:{EMAIL}")
    _read_some(log)
    Quarantine(log.workspace).add(
        Quarantined(
            import_id="i",
            file="a.csv",
            row=n,
            field="at",
            rule=Phrase("is wrong"),
            value="31/02",
            raw={"customer": f"email:c{n}@example.org", "at": "31/02"},
        )
        for n in range(2000)
    )
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


def _read_some(log: Log) -> None:
    """Keep a reading of every text, as the reading of texts does."""
    ids: list[tuple[str, str]] = []
    for batch in log.read(["id", "customer", "text"]):
        table = pa.Table.from_batches([batch])
        table = table.filter(table["text"].is_valid())
        ids += zip(table["id"].to_pylist(), table["customer"].to_pylist(), strict=True)
    table = pa.table({"id": [i for i, _ in ids], "customer": [c for _, c in ids]})
    words = pa.schema([("sentiment", pa.string())])
    mood = pa.array(["positive"] * len(ids))
    Beside(log, "readings-of-bench", words).append(
        table.append_column("sentiment", mood), log.version
    )


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
