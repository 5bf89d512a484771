"""A log that was written when there were 32 buckets is a log like any other."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
from tests.log.rows import add, ids, row, rows

from percorso.log import Log, open_log
from percorso.log.commits import commit, open_table
from percorso.log.hashing import hash64
from percorso.log.schema import BUCKETS, as_table
from percorso.log.steps import open_steps
from percorso.log.writing import write_sorted
from percorso.vocabulary import Interaction
from percorso.workspace import Workspace

OLDER = 32


def older(place: Path, made: Sequence[Interaction]) -> Log:
    """Return a log whose files lie as they did then."""
    workspace = open_log(Workspace.create(place)).workspace
    table = as_table(made)
    buckets = hash64(table["customer"]) % OLDER
    files = [
        write_sorted(table.filter(pa.array(buckets == bucket)), workspace.log, bucket, "older")
        for bucket in sorted(set(buckets.tolist()))
    ]
    commit(workspace.log, open_table(workspace.log), added=files)
    return open_log(workspace)


def held(log: Log, bucket: int) -> list[Any]:
    return sorted(log.read(["id"], bucket).read_all()["id"].to_pylist())


def steps(log: Log) -> int:
    return sum(len(bucket.at) for bucket in open_steps(log).buckets)


def folders(log: Log) -> set[str]:
    return {Path(file).parent.name for file in log.files()}


def test_it_is_read_and_changed_as_any(log: Log, tmp_path: Path) -> None:
    made = rows(300, customers=60)
    add(log, made)
    old = older(tmp_path / "old", made)
    assert len(folders(old)) > BUCKETS
    assert [held(old, each) for each in range(BUCKETS)] == [
        held(log, each) for each in range(BUCKETS)
    ]
    assert old.summary().customers == log.summary().customers
    before = steps(log)
    assert steps(old) == before

    assert add(old, [*made, row("new", "user:1")]) == (1, 300)
    assert old.erase("user:1").rows == log.erase("user:1").rows + 1
    assert steps(old) == steps(log) < before
    left = {path.parent.name + "/" + path.name for path in old.workspace.log.glob("bucket=*/*")}
    assert left == {"/".join(Path(file).parts[-2:]) for file in old.files()}

    old.compact(timedelta(0))
    assert folders(old) == {f"bucket={each}" for each in range(BUCKETS)}
    assert ids(old) == ids(log)
    assert steps(old) == steps(log)
