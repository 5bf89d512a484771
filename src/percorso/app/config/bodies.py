"""The bodies of requests to the pages, read before a thread is taken to answer them.

There are few threads, and whoever sends a byte a minute must not hold one: a body is read whole
first, in memory and then on the disk, within a time and at a least rate. A large one is taken from
whoever may import files, a few at a time; all others are told by Django, by its announced length,
that it is too large.
"""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from shutil import disk_usage
from typing import IO, Any, Final

from percorso.app.asgi_types import Receive, Scope, Send

Application = Callable[[Scope, Receive, Send], Awaitable[None]]

#: Bytes that are held in memory, and bytes of what anybody may send.
IN_MEMORY: Final = 2**20
FORM: Final = 6 * 2**20
#: Left free on the disk, in bytes.
RESERVE: Final = 256 * 2**20
#: Seconds without a byte; seconds in which any body may come; after them, bytes a second at least.
SILENCE_S: float = 20.0
PATIENCE_S: float = 30.0
LEAST_RATE: Final = 32 * 1024
#: Large bodies that are read at the same time.
LARGE_AT_ONCE: Final = 3
_PIECE: Final = 256 * 1024
_BODILESS: Final = ("GET", "HEAD", "OPTIONS")


class TurnedAwayError(Exception):
    """A body that is not read: the status of the answer, and why."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class WholeBodies:
    """An ASGI application before another, which gets each request when its body is there.

    ``folder`` is where large bodies lie meanwhile, without a name; ``may_send_large`` says, and may
    take its time, whether a request may have one.
    """

    def __init__(
        self, pages: Application, folder: str | None, may_send_large: Callable[[Scope], bool]
    ) -> None:
        self._pages = pages
        self._folder = folder
        self._may_send_large = may_send_large
        self._large = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] in _BODILESS:
            await self._pages(scope, _from_memory(b"", receive), send)
            return
        try:
            async with self._body(scope, receive) as body:
                await self._pages(scope, body, send)
        except TurnedAwayError as turned_away:
            await _answer(send, turned_away)
        except _CutShortError:
            return

    @asynccontextmanager
    async def _body(self, scope: Scope, receive: Receive) -> AsyncIterator[Receive]:
        """Read the body, and give what receives it again."""
        announced = _announced(scope)
        is_large = announced > FORM
        if is_large and not await asyncio.to_thread(self._may_send_large, scope):
            yield _unread()
            return
        message = await _next(receive, SILENCE_S)
        if not message.get("more_body"):
            yield _from_memory(message.get("body", b""), receive)
            return
        self._large += is_large
        try:
            if is_large:
                self._check_room(announced)
            with tempfile.SpooledTemporaryFile(IN_MEMORY, dir=self._folder) as kept:
                size = await _keep(kept, message, receive, max(announced, FORM))
                await asyncio.to_thread(kept.seek, 0)
                yield _from_file(kept, size, receive)
        finally:
            self._large -= is_large

    def _check_room(self, announced: int) -> None:
        if self._large > LARGE_AT_ONCE:
            raise TurnedAwayError(503, "Other large files are being sent. Try again in a while.")
        if announced > disk_usage(self._folder or tempfile.gettempdir()).free - RESERVE:
            raise TurnedAwayError(507, "There is no room for it on the disk.")


class _CutShortError(Exception):
    """Whoever sends went away."""


async def _keep(kept: IO[bytes], message: dict[str, Any], receive: Receive, most: int) -> int:
    start, size = time.monotonic(), 0
    while True:
        piece = message.get("body", b"")
        size += len(piece)
        if size > most:
            raise TurnedAwayError(413, "It is larger than it said.")
        # What is on the disk may make the writer wait.
        if size > IN_MEMORY:
            await asyncio.to_thread(kept.write, piece)
        else:
            kept.write(piece)
        if not message.get("more_body"):
            return size
        left = start + PATIENCE_S + size / LEAST_RATE - time.monotonic()
        message = await _next(receive, min(left, SILENCE_S))


async def _next(receive: Receive, seconds: float) -> dict[str, Any]:
    try:
        message = await asyncio.wait_for(receive(), max(seconds, 0.001))
    except TimeoutError:
        raise TurnedAwayError(408, "It comes too slowly.") from None
    if message["type"] == "http.disconnect":
        raise _CutShortError
    return message


def _announced(scope: Scope) -> int:
    given = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    return int(given) if given.isdigit() and len(given) < 19 else 0


def _unread() -> Receive:
    """Stand for a body that is too large to be read at all: there is one, and none of it comes."""
    asked = False

    async def read() -> dict[str, Any]:
        nonlocal asked
        if asked:
            raise ConnectionResetError("the body was not read")
        asked = True
        return {"type": "http.request", "body": b"", "more_body": True}

    return read


def _from_memory(body: bytes, receive: Receive) -> Receive:
    given = False

    async def read() -> dict[str, Any]:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return read


def _from_file(kept: IO[bytes], size: int, receive: Receive) -> Receive:
    left = size

    async def read() -> dict[str, Any]:
        nonlocal left
        if left <= 0:
            return await receive()
        piece = await asyncio.to_thread(kept.read, _PIECE)
        left -= len(piece)
        return {"type": "http.request", "body": piece, "more_body": left > 0}

    return read


async def _answer(send: Send, turned_away: TurnedAwayError) -> None:
    body = f"{turned_away.reason}\n".encode()
    headers = [
        (b"content-type", b"text/plain"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
        (b"x-content-type-options", b"nosniff"),
    ]
    start = {"type": "http.response.start", "status": turned_away.status, "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": body})
