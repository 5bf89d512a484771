"""An inbox and a log to drain it into, and events as websites send them."""

import time
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from percorso.live import Received
from percorso.live.draining import Drainer
from percorso.live.inbox import Inbox, open_inbox
from percorso.log import Log, open_log
from percorso.workspace import Workspace


@pytest.fixture
def log(workspace: Workspace) -> Log:
    return open_log(workspace)


@pytest.fixture
def inbox(workspace: Workspace) -> Iterator[Inbox]:
    made = open_inbox(workspace, url="")
    yield made
    made.close()


@pytest.fixture
def drainer(log: Log, inbox: Inbox) -> Drainer:
    return Drainer(log, inbox)


def batch(*events: dict[str, Any], source: str = "shop", **whole: Any) -> Received:
    """Return a batch as it was received now."""
    body = msgspec.json.encode({"batch": list(events), **whole})
    return Received(source, "batch", time.time_ns() // 1000, body, len(events))


def track(event: str, message: str | None = None, **more: Any) -> dict[str, Any]:
    """Return an event of a customer."""
    given = {"type": "track", "event": event, "userId": "ada", **more}
    return given if message is None else {**given, "messageId": message}


def rows(log: Log) -> list[dict[str, Any]]:
    """Return what is in the log, by id."""
    found = log.read().read_all().to_pylist()
    for each in found:
        each["properties"] = msgspec.json.decode(each["properties"] or "{}")
    return sorted(found, key=lambda each: str(each["id"]))
