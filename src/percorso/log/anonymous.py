"""Rows without the person they were about: what figures need stays, who it was does not.

What stays: kind, name, touchpoint, channel, direction, scale and score, amount, currency, the
language, the source, when a promise was due, and those properties that are asked for by name. The
time is kept to the hour, and the order of one customer's rows with it. The customer becomes a
random name, one for all rows of the customer that are made anonymous together, so that journeys
stay whole; what the rows concern becomes another, so that promises still meet their deliveries.
Texts, ids and all other properties go, and so does a name or a touchpoint that somebody may have
written: the name of what carries a text, as the subject of a letter is, and what is long or holds
an address or a number.
"""

import json
import secrets
from collections.abc import Collection
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from percorso.log.schema import SCHEMA, TIME

#: What a customer who was made anonymous is called begins with this.
PREFIX: Final = "gone:"
#: What people write of their own: an address, or a number of some digits. And what is long.
_OWN: Final = r"@|\d[\d ./-]{4,}\d"
_LONGEST: Final = 60
_HOUR: Final = 3_600_000_000


def anonymous(rows: pa.Table, properties: Collection[str] = ()) -> pa.Table:
    """Return rows of the log (columns of SCHEMA) without the persons they were about.

    Of ``properties`` the values are kept where they are numbers, yes or no, or short words.
    """
    rows = rows.sort_by(
        [("customer", "ascending"), ("at", "ascending"), ("received_at", "ascending")]
    )
    hour = rows["at"].combine_chunks().cast(pa.int64()).to_numpy() // _HOUR * _HOUR
    order = np.arange(rows.num_rows, dtype=np.int64) % _HOUR
    columns: dict[str, Any] = {name: rows[name] for name in SCHEMA.names}
    columns["id"] = pa.array([f"{PREFIX}{secrets.token_hex(16)}" for _ in range(rows.num_rows)])
    columns["customer"] = _renamed(rows["customer"])
    columns["about"] = _renamed(rows["about"])
    columns["at"] = pa.array(hour).cast(TIME)
    columns["received_at"] = pa.array(hour + order).cast(TIME)
    columns["name"] = _common(pc.if_else(pc.is_null(rows["text"]), rows["name"], None))
    # A row always has a touchpoint.
    columns["touchpoint"] = pc.fill_null(_common(rows["touchpoint"]), "other")
    columns["text"] = pa.nulls(rows.num_rows, pa.string())
    columns["properties"] = pa.array(
        [_kept(each, frozenset(properties)) for each in rows["properties"].to_pylist()], pa.string()
    )
    return pa.Table.from_arrays([columns[name] for name in SCHEMA.names], names=SCHEMA.names).cast(
        SCHEMA
    )


def _common(words: Any) -> Any:
    """Return words without those that may be somebody's own."""
    own = pc.or_kleene(
        pc.greater(pc.utf8_length(words), pa.scalar(_LONGEST)),
        pc.match_substring_regex(words, _OWN),
    )
    return pc.if_else(own, None, words)


def _renamed(names: Any) -> Any:
    """Give each different name a random one in its place; what is empty stays empty."""
    encoded = names.combine_chunks().dictionary_encode()
    random = pa.array(
        [f"{PREFIX}{secrets.token_hex(12)}" for _ in range(len(encoded.dictionary))], pa.string()
    )
    return random.take(encoded.indices)


def _kept(stored: str | None, wanted: frozenset[str]) -> str | None:
    if not stored or not wanted:
        return None
    given = json.loads(stored)
    kept = {
        name: value
        for name, value in given.items()
        if name in wanted
        and (isinstance(value, int | float) or (isinstance(value, str) and len(value) <= 60))
    }
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":")) if kept else None
