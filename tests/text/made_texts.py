"""Texts made for tests, with what was read in them, as ``voice.texts`` gives them."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa

from percorso.text.frame import Texts
from percorso.text.readings import READINGS

START = datetime(2026, 1, 1, tzinfo=UTC)
_WORDS = ("id", "customer", "touchpoint", "channel", "phase", "kind", "language", "scale")


def made(rows):
    """Return Texts of rows: dicts of some columns; ``factors`` are pairs (factor, polarity)."""
    full = [
        {
            **dict.fromkeys(_WORDS, "x"),
            "id": f"t{n:06}",
            "customer": f"c{n}",
            "at": START + timedelta(hours=n),
            "score": None,
            "sentiment": "neutral",
            "emotions": [],
            "need": False,
            **row,
            "factors": [
                {"factor": factor, "polarity": polarity, "start": 0, "end": 1}
                for factor, polarity in row.get("factors", ())
            ],
        }
        for n, row in enumerate(rows)
    ]
    schema = pa.schema(
        [
            *((name, pa.string()) for name in _WORDS),
            ("at", pa.timestamp("us", "UTC")),
            ("score", pa.float64()),
            ("sentiment", pa.string()),
            ("emotions", pa.list_(pa.string())),
            READINGS.field("factors"),
            ("need", pa.bool_()),
        ]
    )
    return Texts.of(pa.Table.from_pylist(full, schema=schema))
