"""The door live events come in by: the tracking API and our script, in front of Django.

A request is acknowledged when it is on the disk. Nothing here looks into events: see ``draining``.
"""

import asyncio
import hashlib
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from percorso.app.asgi_types import Receive, Scope, Send
from percorso.app.sources import allowance
from percorso.app.sources.front import Front
from percorso.app.sources.known_keys import KnownKeys
from percorso.app.sources.queries import Allowed
from percorso.live import InboxError, InboxFullError, Received
from percorso.live.inbox import Inbox
from percorso.live.script import script
from percorso.live.segment import ADDRESSES, MOST_REQUEST, RefusedError, inflate, key_of, measure

Headers = list[tuple[bytes, bytes]]

API: Final = "/v1/"
SCRIPT: Final = "/percorso.js"
#: Says that the server runs, and nothing else; with POST, once it has read the request: what an
#: answer costs before any work is done.
ALIVE: Final = "/-/alive"

_JSON: Final = (b"content-type", b"application/json")
_NOSNIFF: Final = (b"x-content-type-options", b"nosniff")
_SHARED: Final = (b"cross-origin-resource-policy", b"cross-origin")
_ACCEPTED: Final = b'{"success":true}'
_YES: Final[Headers] = [_JSON, _NOSNIFF, _SHARED, (b"content-length", b"16")]
_PREFLIGHT: Final[Headers] = [
    (b"access-control-allow-methods", b"POST, GET, OPTIONS"),
    # The client for browsers adds X-Retry-Count when it sends again.
    (
        b"access-control-allow-headers",
        b"authorization, content-type, content-encoding, x-retry-count",
    ),
    (b"access-control-max-age", b"86400"),
    (b"content-length", b"0"),
]
_RETRY_AFTER_TROUBLE_S: Final = 5
#: Seconds in which a body must have come.
PATIENCE_S: float = 30.0
#: Keys that are not known from one address in a minute, and addresses that are remembered.
_MOST_UNKNOWN: Final = 30
_MINUTE_S: Final = 60
_ADDRESSES: Final = 10_000


class Door:
    """An ASGI application for the addresses above."""

    def __init__(
        self,
        inbox: Inbox,
        keys: KnownKeys,
        front: Front | None = None,
        in_browser: Callable[[str], None] | None = None,
    ) -> None:
        """``in_browser`` is told, in a thread, of a source whose key came from a web page."""
        self._inbox = inbox
        self._in_browser = in_browser
        self._told: set[str] = set()
        self._keys = keys
        self._front = front or Front()
        self._unknown: dict[tuple[str, int], int] = {}
        self._script = script()
        self._script_tag = f'"{hashlib.sha256(self._script).hexdigest()[:16]}"'.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        authorization, encoding, origin = _said(scope["headers"])
        call = ADDRESSES.get(scope["path"][len(API) :])
        try:
            if call is None or scope["method"] != "POST":
                await self._other(scope, receive, origin, send)
                return
            body = await _body(receive)
            if encoding:
                body = inflate(body, encoding)
            if call:
                await self._take(scope, call, body, (authorization, origin))
        except RefusedError as refused:
            await _refuse(send, refused.status, refused.reason, self._cors(origin))
        except InboxFullError as full:
            await _refuse(send, 429, str(full), self._cors(origin), full.retry_after)
        except InboxError:
            reason = "It cannot be kept now. Send it again."
            await _refuse(send, 503, reason, self._cors(origin), _RETRY_AFTER_TROUBLE_S)
        else:
            headers = [*_YES, *self._cors(origin)] if origin else _YES
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": _ACCEPTED})

    async def _take(self, scope: Scope, call: str, body: bytes, said: tuple[bytes, bytes]) -> None:
        """Keep a request. Raises RefusedError, InboxFullError, InboxError."""
        authorization, origin = said
        events, key = measure(call, body)
        given = (key_of(authorization) if authorization else "") or key
        allowed = self._keys.get(given) or await self._look_again(given, scope)
        if allowed.origins and origin.decode("latin-1").lower() not in allowed.origins:
            raise RefusedError(403, "This key is not for this website.")
        if allowed.most_per_second is not None:
            allowance.spend(allowance.a_second(allowed.most_per_second), allowed.source)
        if origin and not allowed.public:
            await self._tell(allowed.source)
        if events == 0:
            return
        loop = asyncio.get_running_loop()
        kept = loop.create_future()
        received = Received(allowed.source, call, time.time_ns() // 1000, body, events)
        self._inbox.submit(received, kept, self._finish)
        await kept

    async def _tell(self, source: str) -> None:
        """Say that a key stands in web pages, before anything that came with it is kept."""
        if self._in_browser is not None and source not in self._told:
            self._told.add(source)
            await asyncio.to_thread(self._in_browser, source)

    async def _look_again(self, key: str, scope: Scope) -> Allowed:
        """Look whether a key was made a moment ago; whoever guesses is slowed."""
        here = (self._front.client(scope), int(time.monotonic() // _MINUTE_S))
        if self._unknown.get(here, 0) >= _MOST_UNKNOWN:
            raise InboxFullError("Too many keys that are not known.", _MINUTE_S)
        if key:
            # It may have been made a moment ago.
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(None, self._keys.refresh_for_unknown)
        allowed = self._keys.get(key)
        if allowed is None:
            if len(self._unknown) >= _ADDRESSES:
                self._forget_some()
            self._unknown[here] = self._unknown.get(here, 0) + 1
            raise RefusedError(401, "The write key is missing or not known.")
        return allowed

    def _forget_some(self) -> None:
        """Forget the half of the addresses that matter least: of a minute ago, or of few guesses.

        Whoever guesses from many addresses must not free those that are slowed already.
        """
        least = sorted(self._unknown, key=lambda each: (each[1], self._unknown[each]))
        for each in least[: len(least) // 2]:
            del self._unknown[each]

    def _finish(self, waiting: Sequence[Any], error: Exception | None) -> None:
        """Wake whoever waits; called in the inbox's thread, once for many."""
        loop: asyncio.AbstractEventLoop = waiting[0].get_loop()
        loop.call_soon_threadsafe(_wake, waiting, error)

    def _cors(self, origin: bytes) -> Headers:
        """Return what lets a script of an allowed website read the answer."""
        if not origin:
            return []
        named, any_ = self._keys.origins()
        if not any_ and origin.decode("latin-1").lower() not in named:
            return []
        return [
            (b"access-control-allow-origin", origin),
            (b"access-control-expose-headers", b"retry-after"),
            (b"vary", b"origin"),
        ]

    async def _other(self, scope: Scope, receive: Receive, origin: bytes, send: Send) -> None:
        path, method = scope["path"], scope["method"]
        if method == "OPTIONS":
            await _answer(send, 204, b"", [*_PREFLIGHT, *self._cors(origin)])
        elif path == ALIVE:
            if method == "POST":
                await _body(receive)
            await _answer(send, 200, b"", [(b"content-length", b"0")])
        elif path == SCRIPT and method in ("GET", "HEAD"):
            await self._give_script(scope, send)
        elif path.startswith(f"{API}projects/") and path.endswith("/settings"):
            await self._give_settings(scope, origin, send)
        elif path[len(API) :] in ADDRESSES:
            await _refuse(send, 405, "Send it with POST.", self._cors(origin))
        else:
            await _refuse(send, 404, "There is nothing at this address.", self._cors(origin))

    async def _give_script(self, scope: Scope, send: Send) -> None:
        headers: Headers = [
            (b"content-type", b"text/javascript; charset=utf-8"),
            (b"cache-control", b"public, max-age=3600"),
            (b"etag", self._script_tag),
            (b"access-control-allow-origin", b"*"),
            _NOSNIFF,
            _SHARED,
        ]
        if (b"if-none-match", self._script_tag) in scope["headers"]:
            await _answer(send, 304, b"", headers)
            return
        headers.append((b"content-length", str(len(self._script)).encode()))
        await _answer(send, 200, b"" if scope["method"] == "HEAD" else self._script, headers)

    async def _give_settings(self, scope: Scope, origin: bytes, send: Send) -> None:
        """Answer what a script of Segment asks before it sends: whom to send to."""
        key = scope["path"].split("/")[3]
        try:
            if self._keys.get(key) is None:
                await self._look_again(key, scope)
        except RefusedError as refused:
            await _refuse(send, 404, refused.reason, self._cors(origin))
            return
        except InboxFullError as full:
            await _refuse(send, 429, str(full), self._cors(origin), full.retry_after)
            return
        address = self._front.address(scope)
        if address is None:
            await _refuse(send, 400, "This is not the address of this server.", self._cors(origin))
            return
        protocol, host = address
        settings = {
            "integrations": {
                "Segment.io": {
                    "apiKey": key,
                    "apiHost": f"{host}/v1",
                    "protocol": protocol,
                    "deliveryStrategy": {"strategy": "standard"},
                }
            },
            "plan": {"track": {"__default": {"enabled": True, "integrations": {}}}},
        }
        body = msgspec.json.encode(settings)
        headers = [_JSON, _NOSNIFF, _SHARED, (b"content-length", str(len(body)).encode())]
        await _answer(send, 200, body, [*headers, *self._cors(origin)])


def _wake(waiting: Sequence["asyncio.Future[None]"], error: Exception | None) -> None:
    for each in waiting:
        if each.done():
            continue
        if error is None:
            each.set_result(None)
        else:
            each.set_exception(error)


def _said(headers: Headers) -> tuple[bytes, bytes, bytes]:
    """Return the headers that matter: authorization, content encoding, origin."""
    authorization = encoding = origin = b""
    for name, value in headers:
        if name == b"authorization":
            authorization = value
        elif name == b"content-encoding":
            encoding = value.strip().lower()
        elif name == b"origin":
            origin = value
    return authorization, encoding, origin


async def _body(receive: Receive) -> bytes:
    """Read a body. Raises RefusedError where it comes too slowly, is cut short or too large."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await _whole_body(receive)
    except TimeoutError:
        raise RefusedError(408, "It comes too slowly.") from None


async def _whole_body(receive: Receive) -> bytes:
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        return body
    parts = [body]
    size = len(body)
    while message.get("more_body"):
        message = await receive()
        if message["type"] == "http.disconnect":
            raise RefusedError(400, "It is cut short.")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > MOST_REQUEST:
            raise RefusedError(400, f"A request may hold {MOST_REQUEST // 1024} KB at most.")
    return b"".join(parts)


async def _answer(send: Send, status: int, body: bytes, headers: Headers) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _refuse(
    send: Send, status: int, reason: str, headers: Headers, retry_after: int | None = None
) -> None:
    body = msgspec.json.encode({"success": False, "error": reason})
    more = [] if retry_after is None else [(b"retry-after", str(retry_after).encode())]
    size = (b"content-length", str(len(body)).encode())
    await _answer(send, status, body, [_JSON, _NOSNIFF, _SHARED, size, *more, *headers])
