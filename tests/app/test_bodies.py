"""Bodies are read before a thread is taken: whole, within a time, and none too large."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tests.asynchronous import run

from percorso.app.config import bodies
from percorso.app.config.bodies import FORM, IN_MEMORY, Receive, Scope, Send, WholeBodies

MB = 2**20


class Pages:
    """Reads what it is sent, as Django does."""

    def __init__(self) -> None:
        self.read: list[bytes] = []
        self.asked = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked += 1
        parts = []
        while True:
            message = await receive()
            parts.append(message["body"])
            if not message["more_body"]:
                break
        self.read.append(b"".join(parts))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": scope["path"].encode()})


@pytest.fixture
def pages() -> Pages:
    return Pages()


def ask(
    whole: WholeBodies, pieces: list[bytes], method: str = "POST", pause: float = 0, **more: Any
) -> int:
    """Send pieces, and return the status of the answer; 0 where there is none."""
    statuses = [0]
    length = more.get("announced", sum(map(len, pieces)))
    left = list(pieces)

    async def receive() -> dict[str, Any]:
        if pause:
            await asyncio.sleep(pause)
        if not left:
            return {"type": "http.disconnect"}
        piece = left.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(left) or "cut" in more}

    async def send(message: dict[str, Any]) -> None:
        statuses.append(message.get("status", statuses[-1]))

    headers = [(b"content-length", str(length).encode())]
    scope = {"type": "http", "method": method, "path": "/data/upload", "headers": headers}
    run(whole(scope, receive, send))
    return statuses[-1]


@pytest.mark.parametrize("size", [0, 10, IN_MEMORY + 7, 9 * MB])
def test_a_body_arrives_whole(pages: Pages, tmp_path: Path, size: int) -> None:
    body = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    pieces = [body[at : at + 65_536] for at in range(0, size, 65_536)] or [b""]
    assert ask(WholeBodies(pages, str(tmp_path), lambda _: True), pieces) == 200
    assert pages.read == [body]
    assert not list(tmp_path.iterdir())


def test_nobody_who_may_not_import_sends_a_large_one(pages: Pages, tmp_path: Path) -> None:
    """Django says so, by the announced length; none of it is read."""
    whole = WholeBodies(pages, str(tmp_path), lambda _: False)
    with pytest.raises(ConnectionResetError):
        ask(whole, [b"x" * MB] * 9)
    assert (pages.asked, pages.read) == (1, [])
    assert ask(whole, [b"x" * MB] * 7, announced=0) == 413
    assert ask(whole, [b"x" * MB] * 2, announced=10) == 200
    assert FORM < 7 * MB


def test_slow_bodies_reach_no_thread(
    pages: Pages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = WholeBodies(pages, str(tmp_path), lambda _: True)
    monkeypatch.setattr(bodies, "SILENCE_S", 0.05)
    assert ask(whole, [b"x"] * 3, pause=0.2) == 408
    monkeypatch.setattr(bodies, "SILENCE_S", 20)
    monkeypatch.setattr(bodies, "PATIENCE_S", 0.1)
    assert ask(whole, [b"x"] * 50, pause=0.02) == 408
    assert ask(whole, [b"x", b""], method="GET", pause=0.01) == 200
    assert pages.read == [b""]


def test_one_that_is_cut_short_reaches_no_page(pages: Pages, tmp_path: Path) -> None:
    whole = WholeBodies(pages, str(tmp_path), lambda _: True)
    assert ask(whole, [b"x", b"y"], announced=10, cut=True) == 0
    assert pages.asked == 0


def test_few_large_ones_are_read_at_once_and_only_where_there_is_room(
    pages: Pages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = WholeBodies(pages, str(tmp_path), lambda _: True)
    monkeypatch.setattr(bodies, "LARGE_AT_ONCE", 0)
    assert ask(whole, [b"x" * MB] * 8) == 503
    monkeypatch.setattr(bodies, "LARGE_AT_ONCE", 3)
    monkeypatch.setattr(bodies, "RESERVE", 2**60)
    assert ask(whole, [b"x" * MB] * 8) == 507
    monkeypatch.setattr(bodies, "RESERVE", 0)
    assert ask(whole, [b"x" * MB] * 8) == 200
