"""Threads answer requests: bodies arrive as they were sent, and answers whole or piece by piece."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from tests.asynchronous import run

from percorso.app.config.in_threads import InThreads

MB = 2**20


def ask(answer: Callable[[dict[str, Any]], Any], pieces: list[bytes]) -> list[dict[str, Any]]:
    """Send pieces of a body; return the messages of the answer."""

    def pages(environ: dict[str, Any], start_response: Any) -> Any:
        made = answer(environ)
        start_response(f"{made.status_code} {made.reason_phrase}", list(made.items()))
        return made

    left, sent = list(pieces), []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    headers = [(b"content-length", str(sum(map(len, pieces))).encode()), (b"x-shop", b"Brera")]
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "path": "/citt\N{LATIN SMALL LETTER A WITH GRAVE}",
        "query_string": b"a=b",
        "headers": headers,
        "client": ("10.0.0.1", 5000),
    }
    run(InThreads(pages, 1, "test")(scope, receive, send))
    return sent


@pytest.mark.parametrize("pieces", [[b""], [b"one line\nand"], [b"x" * MB, b"", b"y\nz" * 100_000]])
def test_a_body_is_read_as_it_was_sent(pieces: list[bytes]) -> None:
    read = []

    def answer(environ: dict[str, Any]) -> HttpResponse:
        read.append(environ["wsgi.input"].readline())
        read.append(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        return HttpResponse(status=204)

    ask(answer, pieces)
    assert b"".join(read) == b"".join(pieces)


def test_a_page_comes_back_whole_from_a_thread() -> None:
    seen = []

    def answer(environ: dict[str, Any]) -> HttpResponse:
        path = environ["PATH_INFO"].encode("latin-1").decode()
        seen.extend([path, environ["QUERY_STRING"], environ["HTTP_X_SHOP"], environ["REMOTE_ADDR"]])
        seen.append(threading.current_thread().name)
        return HttpResponse("fine", status=422, headers={"X-Robots-Tag": "noindex"})

    start, body = ask(answer, [b""])
    assert seen[:4] == ["/città", "a=b", "Brera", "10.0.0.1"]
    assert seen[4].startswith("test")
    assert start["status"] == 422
    assert (b"x-robots-tag", b"noindex") in start["headers"]
    assert body == {"type": "http.response.body", "body": b"fine"}


def test_what_is_streamed_is_sent_piece_by_piece_and_closed() -> None:
    closed = []

    def pieces() -> Iterator[bytes]:
        try:
            yield b"one"
            yield b"two"
        finally:
            closed.append(True)

    messages = ask(lambda _: StreamingHttpResponse(pieces()), [b""])
    assert [each.get("body") for each in messages] == [None, b"one", b"two", b""]
    assert [each.get("more_body", False) for each in messages] == [False, True, True, False]
    assert closed == [True]


def test_what_goes_wrong_is_told() -> None:
    with pytest.raises(ZeroDivisionError):
        ask(lambda _: 1 / 0, [b""])
