"""The record of contacts as a file: a line for each customer and survey."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from percorso import i18n, labels
from percorso.app.outbox.queries import Line

COLUMNS: Final = (
    *("customer", "name", "about", "purpose", "outcome", "state", "why", "server_said"),
    *("sent_at", "weighed_again_at", "decided_at"),
)


def rows(lines: Iterable[Line], language: str) -> Iterator[list[Any]]:
    """Yield the cells of each line, with the reason in words of a language. Times are in UTC."""
    for each in lines:
        with i18n.in_language(language):
            why = labels.phrase(each.reason)
        yield [
            each.reference,
            each.name,
            each.campaign,
            each.purpose,
            each.outcome,
            each.state,
            why,
            each.answer,
            _moment(each.sent_at),
            _moment(each.weighed_again_at),
            _moment(each.decided_at),
        ]


def _moment(at: datetime | None) -> str:
    return at.isoformat() if at else ""
