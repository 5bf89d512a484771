"""What is told, and how it is written. docs/reference/webhooks.md describes each."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

RECEIVED: Final = "interaction.received"
MERGED: Final = "customer.merged"
SCORED: Final = "score.given"
BROKEN: Final = "promise.broken"
FOUND: Final = "problem.found"
TEST: Final = "percorso.test"

#: What an endpoint can be told, in words.
EVENTS: Final[Mapping[str, str | Promise]] = {
    RECEIVED: _("An interaction was received"),
    SCORED: _("A customer gave a score"),
    BROKEN: _("A promise was broken"),
    MERGED: _("Two references were found to be one customer"),
    FOUND: _("A problem was found"),
}
#: Fields that hold what customers wrote.
WORDS: Final = ("text",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened. ``key`` tells it from all others of its type."""

    type: str
    key: str
    at: datetime
    data: Mapping[str, Any] = field(repr=False)
    customer: str = ""
    reference: str = ""
    kind: str = ""

    def body(self) -> str:
        return _written(self.type, self.at, self.data)

    def bare_body(self) -> str:
        """Return the body without what customers wrote; empty where it is the same."""
        bare = {name: value for name, value in self.data.items() if name not in WORDS}
        return _written(self.type, self.at, bare) if len(bare) < len(self.data) else ""


def new_id() -> str:
    """Return an id for a message."""
    return f"msg_{secrets.token_hex(16)}"


def _written(kind: str, at: datetime, data: Mapping[str, Any]) -> str:
    told = {"type": kind, "timestamp": time(at), "data": dict(data)}
    return msgspec.json.encode(told).decode()


def time(at: datetime | None) -> str | None:
    """Return a time as messages write it: ISO 8601, UTC, to the microsecond."""
    if at is None:
        return None
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
