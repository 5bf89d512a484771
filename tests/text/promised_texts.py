"""Reviews about orders that were promised for a time, with what was read in them."""

from typing import Any

import pyarrow as pa
from tests.log.rows import add, row
from tests.text.readings_kept import PLAIN, factor

from percorso.log import Log
from percorso.text import MODEL, kept

SLOW = [factor("speed", "negative")]
DEAR = [factor("value", "negative")]


def told(
    log: Log, said: list[tuple[str, bool, list[dict[str, Any]]]], *, written_at: float = 1000
) -> None:
    """Put orders into the log, each promised for minute 100 and come before or after, and a review.

    ``said`` are the customer, whether the delivery was late, and what was read in the review.
    """
    rows = []
    for n, (customer, late, _factors) in enumerate(said):
        about = f"order:{n}"
        due = row(f"d{n}").at.replace(minute=40, hour=10)  # minute 100
        rows += [
            row(f"p{n}", customer, 0, kind="promise", name="delivery", about=about, due_at=due),
            row(f"d{n}", customer, 150 if late else 50, kind="delivery", about=about),
            row(f"r{n}", customer, written_at, kind="review", about=about, text=f"review {n}"),
        ]
    add(log, rows)
    read = [
        {**PLAIN, "factors": found, "id": f"r{n}", "customer": customer, "model": MODEL.version}
        for n, (customer, _late, found) in enumerate(said)
    ]
    readings = kept.readings(log)
    readings.append(pa.Table.from_pylist(read, schema=readings.schema), log.version)
