"""The first rows of a preview, as a person reads them."""

from collections.abc import Callable, Iterable, Mapping
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


#: Words for the values of closed fields, in the reader's language.
_NAMED: Final[dict[str, Callable[[str], str]]] = {
    "kind": labels.kind,
    "channel": labels.channel,
}
_NUMBERS: Final = ("score", "amount")


@dataclass(frozen=True, slots=True)
class Cell:
    """A value or a heading in words; ``number`` puts it to the right."""

    words: str
    number: bool = False


@dataclass(frozen=True, slots=True)
class Sample:
    """Names of columns, and rows of words."""

    columns: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]


def sample(rows: Iterable[Mapping[str, Any]]) -> Sample:
    """Return the first rows of a plan in words."""
    first = list(rows)[:ROWS]
    shown = [name for name in COLUMNS if any(row.get(name) not in (None, "") for row in first)]
    return Sample(
        tuple(Cell(str(FIELDS[name][0]), name in _NUMBERS) for name in shown),
        tuple(tuple(Cell(_words(name, row), name in _NUMBERS) for name in shown) for row in first),
    )


def _words(name: str, row: Mapping[str, Any]) -> str:
    value = row.get(name)
    if value is None:
        return ""
    if name in ("at", "due_at"):
        return labels.moment(datetime.fromisoformat(value), workspace().settings.zone_info)
    if name == "amount":
        return f"{labels.number(value, 2)} {row.get('currency') or ''}".rstrip()
    if name == "score":
        return labels.number(value, 0 if float(value).is_integer() else 1)
    text = _NAMED[name](value) if name in _NAMED else str(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
