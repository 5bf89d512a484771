"""Asking a server that speaks the OpenAI protocols: one address, which may not lead elsewhere."""

import http.client
import json
import threading
import time
import urllib.request
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any


def ask(address: str, body: dict[str, Any], *, key: str, seconds: float, longest: int) -> Any:
    """Send JSON to an address of http or https and return the JSON that it answers.

    ``key`` is sent as bearer, where there is one. At most ``longest`` bytes are read,
    and all is over after ``seconds``, however slowly the answer drips. Raises
    HTTPError where the server refuses, or sends us elsewhere: that could lead the key to others.
    Raises OSError where it cannot be reached, ValueError where the answer, or the key, is none.
    """
    headers = {"Content-Type": "application/json"}
    if key.strip():
        # The message of http.client would say it, and that ends in a log.
        if not (key.strip().isascii() and key.strip().isprintable()):
            raise ValueError("the key has characters that no key has")
        headers["Authorization"] = f"Bearer {key.strip()}"
    request = urllib.request.Request(  # noqa: S310 - who asks sees to the scheme
        address, json.dumps(body).encode(), headers
    )
    read = _within(seconds, lambda: _read(request, seconds, longest))
    if len(read) > longest:
        raise ValueError("the answer is too long")
    try:
        return json.loads(read)
    except RecursionError as error:
        raise ValueError("the answer is nested too deep") from error


def _read(request: urllib.request.Request, seconds: float, longest: int) -> bytes:
    until = time.monotonic() + seconds
    read = bytearray()
    try:
        with urllib.request.build_opener(_Nowhere).open(request, timeout=seconds) as answer:
            while len(read) <= longest and (part := answer.read1(min(longest + 1, 1 << 16))):
                read += part
                if time.monotonic() > until:
                    raise TimeoutError("the answer takes too long")
    except http.client.HTTPException as error:
        raise OSError(f"broke off: {type(error).__name__}") from error
    return bytes(read[: longest + 1])


def _within(seconds: float, work: Callable[[], bytes]) -> bytes:
    """Return what ``work`` returns; raise TimeoutError where it takes longer.

    A timeout of a socket is for each piece that comes, and the head of an answer has many.
    """
    done: SimpleQueue[bytes | Exception] = SimpleQueue()

    def run() -> None:
        try:
            done.put(work())
        except Exception as error:  # noqa: BLE001 - raised again by who waits
            done.put(error)

    threading.Thread(target=run, daemon=True).start()
    try:
        found = done.get(timeout=seconds)
    except Empty as error:
        raise TimeoutError("the answer takes too long") from error
    if isinstance(found, Exception):
        try:
            raise found
        finally:
            del found  # it holds this frame, and an open connection
    return found


class _Nowhere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_given: object) -> None:
        return None
