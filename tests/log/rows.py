"""Rows for the tests of the log."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from percorso.log import Log
from percorso.log.schema import as_table
from percorso.vocabulary import Interaction

START = datetime(2025, 3, 1, 9, tzinfo=UTC)


def row(id_: str, customer: str = "user:1", minutes: float = 0, **more: Any) -> Interaction:
    given: dict[str, Any] = {
        "id": id_,
        "at": START + timedelta(minutes=minutes),
        "received_at": START + timedelta(days=300),
        "customer": customer,
        "kind": "view",
        "source": "test",
        "touchpoint": "home page",
        "channel": "website",
    }
    return Interaction(**{**given, **more})


def rows(count: int, *, customers: int = 10, prefix: str = "i", **more: Any) -> list[Interaction]:
    return [
        row(f"{prefix}{number}", f"user:{number % customers}", number, **more)
        for number in range(count)
    ]


def add(log: Log, interactions: Iterable[Interaction]) -> tuple[int, int]:
    """Append, and return how many were added and how many were there already."""
    done = log.append(as_table(interactions))
    return done.added, done.duplicates


def ids(log: Log) -> list[str]:
    return sorted(log.read(["id"]).read_all()["id"].to_pylist())


def stored(log: Log) -> list[dict[str, Any]]:
    return log.read().read_all().sort_by("id").to_pylist()


def answers(log: Log, *columns: str) -> list[tuple[Any, ...]]:
    """Return these columns of the interactions, by id."""
    table = log.interactions().select(*{"id", *columns}).to_pyarrow().sort_by("id")
    return [tuple(each[name] for name in columns) for each in table.to_pylist()]


def one_file_a_row(log: Log, interactions: Iterable[Interaction]) -> None:
    for each in interactions:
        log.append(as_table([each]))


def batches(table: pa.Table, size: int) -> Iterable[pa.RecordBatch]:
    return iter(table.to_batches(max_chunksize=size))
