"""What entered the log since a version of it, commit by commit."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from percorso.log.schema import SCHEMA

if TYPE_CHECKING:
    import pyarrow as pa

    from percorso.log.table import Log


@dataclass(frozen=True, slots=True)
class Arrival:
    """The rows one commit added, as stored (references not joined), always in the same order."""

    version: int
    rows: "pa.Table"


def arrivals(log: "Log", since: int, columns: Sequence[str]) -> Iterator[Arrival]:
    """Yield what each commit after version ``since`` added, with ``columns`` of SCHEMA.

    Compactions and erasures add nothing: they write again what was there. Rows whose file is gone,
    because they were compacted long ago or erased, are left out.
    """
    for version in range(since + 1, log.version + 1):
        paths = _added(log, version)
        rows = _read(log, paths, columns) if paths else None
        if rows is not None and rows.num_rows:
            yield Arrival(version, rows)


def _added(log: "Log", version: int) -> list[str]:
    entry = log.workspace.log / "_delta_log" / f"{version:020}.json"
    try:
        actions = [json.loads(line) for line in entry.read_bytes().splitlines()]
    except (FileNotFoundError, ValueError):
        return []
    if any("remove" in each for each in actions):
        return []
    return sorted(str(each["add"]["path"]) for each in actions if "add" in each)


def _read(log: "Log", paths: Sequence[str], columns: Sequence[str]) -> "pa.Table | None":
    import pyarrow as pa
    import pyarrow.parquet as pq

    tables = []
    schema = pa.schema([SCHEMA.field(name) for name in columns])
    for path in paths:
        try:
            read = pq.read_table(log.workspace.log / path, columns=list(columns), partitioning=None)
        except FileNotFoundError:
            continue
        tables.append(read.select(list(columns)).cast(schema))
    return pa.concat_tables(tables) if tables else None
