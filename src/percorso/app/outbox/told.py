"""The record of contacts as files and programs are told it: a line for each customer and survey."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from percorso import i18n, labels
from percorso.app.outbox.queries import Line

#: Column of a file -> what it holds: see ``said``.
_COLUMNS: Final = {
    "customer": "reference",
    "name": "name",
    "about": "survey",
    "purpose": "purpose",
    "outcome": "outcome",
    "state": "state",
    "why": "why",
    "server_said": "server_said",
    "sent_at": "sent_at",
    "weighed_again_at": "weighed_again_at",
    "decided_at": "decided_at",
}
COLUMNS: Final = tuple(_COLUMNS)


def said(line: Line) -> dict[str, Any]:
    """Return what a line says, with the reason in words of the current language."""
    return {
        "key": line.key,
        "reference": line.reference,
        "name": line.name,
        "survey": line.campaign,
        "purpose": line.purpose,
        "outcome": line.outcome,
        "state": line.state,
        "why": labels.phrase(line.reason),
        "server_said": line.answer,
        "sent_at": line.sent_at,
        "weighed_again_at": line.weighed_again_at,
        "decided_at": line.decided_at,
    }


def rows(lines: Iterable[Line], language: str) -> Iterator[list[Any]]:
    """Yield the cells of each line, with the reason in words of a language. Times are in UTC."""
    for each in lines:
        with i18n.in_language(language):
            found = said(each)
        yield [_cell(found[field]) for field in _COLUMNS.values()]


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None else value
