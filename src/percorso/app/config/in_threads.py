"""Django's pages as an ASGI application: each request is answered by a thread.

The event loop and a thread take turns twice for a request: the body, where it is one piece, goes
along, and a page comes back whole. What a view streams comes piece by piece.
"""

import asyncio
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from contextvars import copy_context
from typing import Any, Final

from a2wsgi.wsgi import build_environ

from percorso.app.asgi_types import Receive, Scope, Send

Message = dict[str, Any]

#: Bytes of a body that are read at once by what reads it line by line.
_BUFFER: Final = 64 * 1024


class InThreads:
    """An application as WSGI has it, answered by ``threads`` threads of its own."""

    def __init__(
        self, pages: Callable[[dict[str, Any], Any], Any], threads: int, name: str
    ) -> None:
        self._pages = pages
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        loop = asyncio.get_running_loop()
        message = await receive()
        first: bytes = message.get("body", b"")
        more = _Rest(first, receive, loop) if message.get("more_body") else None
        body = io.BufferedReader(more, _BUFFER) if more else io.BytesIO(first)

        def answer() -> list[Message]:
            def send_now(message: Message) -> None:
                asyncio.run_coroutine_threadsafe(_send(send, message), loop).result()

            return self._answer(build_environ(scope, body), send_now)  # type: ignore[arg-type]

        for left in await loop.run_in_executor(self._threads, copy_context().run, answer):
            await send(left)

    def _answer(
        self, environ: dict[str, Any], send_now: Callable[[Message], None]
    ) -> list[Message]:
        """Answer a request, in a thread; return what of the answer is still to be sent."""
        start: Message = {"type": "http.response.start"}

        def start_response(status: str, headers: list[tuple[str, str]], _error: Any = None) -> None:
            start["status"] = int(status.partition(" ")[0])
            start["headers"] = [
                (name.strip().lower().encode("latin-1"), value.strip().encode("latin-1"))
                for name, value in headers
            ]

        with closing(self._pages(environ, start_response)) as answer:
            if not answer.streaming:
                return [start, {"type": "http.response.body", "body": b"".join(answer)}]
            send_now(start)
            for piece in answer:
                send_now({"type": "http.response.body", "body": piece, "more_body": True})
        return [{"type": "http.response.body", "body": b""}]


class _Rest(io.RawIOBase):
    """A body of several pieces, read in a thread: the event loop is asked for each."""

    def __init__(self, first: bytes, receive: Receive, loop: asyncio.AbstractEventLoop) -> None:
        self._piece = first
        self._more = True
        self._receive = receive
        self._loop = loop

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        while not self._piece and self._more:
            message = asyncio.run_coroutine_threadsafe(_next(self._receive), self._loop).result()
            self._piece, self._more = message.get("body", b""), message.get("more_body", False)
        size = min(len(into), len(self._piece))
        into[:size], self._piece = self._piece[:size], self._piece[size:]
        return size


async def _next(receive: Receive) -> Message:
    return await receive()


async def _send(send: Send, message: Message) -> None:
    await send(message)
