"""Readings put beside a log by hand, so that tests say what was read."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
from tests.log.rows import add, row

from percorso.log import Log
from percorso.text import READINGS, kept
from percorso.text.model import MODEL

PLAIN: Mapping[str, Any] = {
    "language": "it",
    "language_certainty": 0.9,
    "sentiment": "neutral",
    "score": 0.0,
    "certainty": 0.6,
    "emotions": [],
    "factors": [],
    "urgency": 0,
    "need": False,
    "path": "fast",
}


def factor(name: str, polarity: str, start: int = 0, end: int = 0) -> dict[str, Any]:
    return {"factor": name, "polarity": polarity, "start": start, "end": end}


def put(
    log: Log,
    texts: Sequence[tuple[str, Mapping[str, Any]]],
    model: str = MODEL.version,
    **sent: Any,
) -> None:
    """Put texts into the log, a customer and a minute each, with what was read in them.

    ``sent`` is what else each was sent with.
    """
    said = [
        row(f"t{n}", f"user:{n}", n, kind="review", text=text, **sent)
        for n, (text, _) in enumerate(texts)
    ]
    add(log, said)
    read = [
        {**PLAIN, **reading, "id": each.id, "customer": each.customer, "model": model}
        for each, (_, reading) in zip(said, texts, strict=True)
    ]
    schema = kept.readings(log).schema
    assert {*READINGS.names, "id", "customer", "model"} == set(schema.names)
    kept.readings(log).append(pa.Table.from_pylist(read, schema=schema), log.version)
