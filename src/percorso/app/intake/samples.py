"""The first rows of a preview, as a person reads them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from percorso import labels
from percorso.app.company import workspace
from percorso.app.intake.words import FIELDS

ROWS: Final = 10
LONGEST: Final = 48
#: The fields shown, where any row has them.
COLUMNS: Final = (
    "at",
    "customer",
    "kind",
    "touchpoint",
    "channel",
    "score",
    "scale",
    "amount",
    "text",
    "about",
    "due_at",
)


@dataclass(frozen=True, slots=True)
class Sample:
    """Names of columns, and rows of words."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def sample(rows: Iterable[Mapping[str, Any]]) -> Sample:
    """Return the first rows of a plan in words."""
    first = list(rows)[:ROWS]
    shown = [name for name in COLUMNS if any(row.get(name) not in (None, "") for row in first)]
    return Sample(
        tuple(str(FIELDS[name][0]) for name in shown),
        tuple(tuple(_words(name, row.get(name)) for name in shown) for row in first),
    )


def _words(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name in ("at", "due_at"):
        return labels.moment(datetime.fromisoformat(value), workspace().settings.zone_info)
    if name in ("kind", "channel"):
        return labels.kind(value) if name == "kind" else labels.channel(value)
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
