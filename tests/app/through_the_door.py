"""Events sent to the door of a company, as a source sends them, and drained into its log."""

from collections.abc import Iterable
from itertools import islice
from typing import Any

import msgspec
from tests.asynchronous import run

from percorso.app.sources.door import Door
from percorso.app.sources.known_keys import KnownKeys
from percorso.app.sources.queries import Allowed
from percorso.app.sources.write_keys import digest
from percorso.live.draining import Drainer
from percorso.live.inbox import open_inbox
from percorso.live.segment import MOST_REQUEST
from percorso.log import Log, open_log
from percorso.workspace import Workspace

KEY = "prk_replay"
EVENTS = 500


def sent(workspace: Workspace, events: Iterable[dict[str, Any]]) -> Log:
    """Send events of which each must fit a rule; return the log they are in."""
    keys = KnownKeys(lambda: {digest(KEY): Allowed("replay")})
    keys.refresh()
    inbox, log = open_inbox(workspace, ""), open_log(workspace)
    door, drainer = Door(inbox, keys), Drainer(log, inbox)
    coming = iter(events)
    while some := list(islice(coming, EVENTS)):
        _send(door, some)
    while drainer.drain().events:
        pass
    assert inbox.rejected() == ()
    assert inbox.unmapped() == ()
    inbox.close()
    return log


def _send(door: Door, events: list[dict[str, Any]]) -> None:
    body = msgspec.json.encode({"writeKey": KEY, "batch": events})
    if len(body) > MOST_REQUEST:
        half = len(events) // 2
        _send(door, events[:half])
        _send(door, events[half:])
        return
    said: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            said.append(message["status"])

    scope = {"type": "http", "path": "/v1/batch", "method": "POST", "headers": []}
    run(door(scope, receive, send))
    assert said == [200]
