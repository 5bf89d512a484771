"""Hostile bytes at the door of live events: no error of ours, no word of how we are made.

Twenty seconds; PERCORSO_FUZZ_S=600 for as long as it is.
"""

import gzip
import os
import random
import re
import socket
import time
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.clients.conftest import add_source
from tests.server import Server, start, wait_for

from percorso.live.inbox import open_inbox
from percorso.live.segment import ADDRESSES
from percorso.log import open_log
from percorso.workspace import Settings, Workspace

SECONDS = float(os.environ.get("PERCORSO_FUZZ_S", "20"))
SEED = int(os.environ.get("PERCORSO_FUZZ_SEED", "0")) or random.SystemRandom().getrandbits(32)

pytestmark = pytest.mark.xdist_group("serving")

#: What an answer must not hold.
LEAKS = re.compile(
    rb"traceback|file \"|\.py\b|site-packages|percorso\.|msgspec|sqlite|zlib|asyncio|django|"
    rb"exception|/tmp/|/home/|/usr/|line \d+|byte \d+|0x[0-9a-f]{6}",
    re.IGNORECASE,
)
WHOLE = b'{"type":"track","event":"e","userId":"u","messageId":"%s","properties":{"a":1}}'
Make = Callable[[random.Random], bytes]


def _noise(chance: random.Random) -> bytes:
    return chance.randbytes(chance.choice((0, 1, 7, 300, 40_000)))


def _deep(chance: random.Random) -> bytes:
    opens, closes = chance.choice(((b"[", b"]"), (b'{"a":', b"}")))
    depth = chance.choice((500, 5_000, 60_000))
    inner = opens * depth + b"1" + closes * chance.choice((depth, 0))
    return chance.choice((inner, b'{"batch":[%s]}' % inner, b'{"properties":%s}' % inner))


def _numbers(chance: random.Random) -> bytes:
    number = chance.choice(
        (b"1e999", b"-1e999", b"9" * 400, b"-0", b"1e-400", b"NaN", b"Infinity", b"00", b"1.",
         b"18446744073709551616", b"0." + b"3" * 5000)
    )  # fmt: skip
    name = chance.choice((b"userId", b"timestamp", b"sentAt", b"messageId", b"event", b"price"))
    return b'{"batch":[{"type":"track","event":"e","userId":"u","%s":%s}]}' % (name, number)


def _texts(chance: random.Random) -> bytes:
    text = chance.choice(
        (b"\\u0000", b"\\ud800", b"\\udfff\\ud800", b"\x00", b"\xff\xfe", b"\xc0\xaf",
         b"\xed\xa0\x80", "\u202e\u0000".encode(), "🌹".encode() * 200, b"a" * 33_000, b"\\",
         b"\\u12",
         "\ufeff".encode(), b"'; DROP TABLE arrived;--", b"<script>alert(1)</script>",
         b"../../etc/passwd", b"\r\nSet-Cookie: a=b", "e\u0301".encode() * 50)
    )  # fmt: skip
    name = chance.choice((b"userId", b"event", b"type", b"messageId", b"timestamp", b"anonymousId"))
    given = {b"type": b"track", b"event": b"e", b"userId": b"u", name: text}
    event = b",".join(b'"%s":"%s"' % pair for pair in given.items())
    return b'{"batch":[{%s}],"sentAt":"%s"}' % (event, text)


def _shapes(chance: random.Random) -> bytes:
    value = chance.choice(
        (b"null", b"[]", b"{}", b'""', b"1", b"true", b"[[]]", b'[null,1,"a",[],{}]',
         b'[{"type":1,"userId":{},"event":[]}]', b'[{"type":"track"}]', b"[{}]" * 2)
    )  # fmt: skip
    shape = chance.choice(
        (b'{"batch":%s}', b"%s", b'{"writeKey":%s,"batch":[{}]}', b'{"context":%s,"batch":[{}]}',
         b'{"type":"track","userId":"u","event":"e","context":%s}',
         b'{"type":"identify","userId":"u","traits":%s}', b'{"batch":[%s,%s]}')
    )  # fmt: skip
    return shape.replace(b"%s", value)


def _broken(chance: random.Random) -> bytes:
    whole = bytearray(b'{"batch":[%s]}' % (WHOLE % b"%d" % chance.getrandbits(40)))
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(whole))
        length, put = chance.choice(((1, 1), (0, 1), (chance.randint(1, 20), 0)))
        whole[at : at + length] = chance.randbytes(put)
    return bytes(whole)


def _good(chance: random.Random) -> bytes:
    events = b",".join(
        WHOLE % b"%x" % chance.getrandbits(64) for _ in range(chance.choice((1, 1, 30, 2_600)))
    )
    return b'{"batch":[%s]}' % events


BODIES: tuple[Make, ...] = (
    _noise, _deep, _numbers, _texts, _shapes, _broken, _good,
)  # fmt: skip


def _packed(chance: random.Random, body: bytes) -> tuple[bytes, bytes]:
    """Return the body as it is sent, and what is said of it."""
    name = chance.choice((b"gzip", b"deflate", b"br", b"gzip, gzip", b"identity", b"GZIP", b"\x7f"))
    packed = chance.choice((
        lambda: gzip.compress(body),
        lambda: zlib.compress(body),
        lambda: gzip.compress(body)[:-9],
        lambda: gzip.compress(body) + b"more",
        lambda: gzip.compress(b"a" * 60_000_000, 1),
        lambda: b"\x1f\x8b" + chance.randbytes(60),
        lambda: body,
    ))()  # fmt: skip
    return packed, b"Content-Encoding: %s\r\n" % name


def _authorization(chance: random.Random, key: bytes) -> bytes:
    import base64

    right = b"Basic " + base64.b64encode(key + b":")
    given = chance.choice(
        (right, right, right, right, b"", b"Basic", b"Basic !!!!", b"Basic " + b"A" * 9_000,
         b"Bearer " + key, b"Bearer \xff\xfe", b"Basic " + base64.b64encode(b"\xff\x00:"),
         b"Digest a=b", b"Bearer " + b"x" * 60_000)
    )  # fmt: skip
    return b"Authorization: %s\r\n" % given if given else b""


def _path(chance: random.Random) -> bytes:
    known = [b"/v1/" + name.encode() for name in ADDRESSES]
    odd = (b"/v1/", b"/v1//batch", b"/v1/batch/", b"/v1/%00", b"/v1/../v1/batch", b"/v1/\xff",
           b"/v1/projects/%2e%2e/settings", b"/v1/projects//settings", b"/v1/" + b"a" * 5_000,
           b"/percorso.js", b"/-/alive", b"/v1/projects/a/b/c/settings",
           b"/v1/batch?a=%zz")  # fmt: skip
    return chance.choice(known) if chance.random() < 0.85 else chance.choice(odd)


def _request(chance: random.Random, key: bytes) -> tuple[bytes, bool]:
    """Return a request, and whether its length is what it says."""
    body = chance.choice(BODIES)(chance)
    encoding = b""
    if chance.random() < 0.2:
        body, encoding = _packed(chance, body)
    length = b"Content-Length: %d\r\n" % len(body)
    whole = chance.random() >= 0.06
    if not whole:
        length = chance.choice(
            (b"", b"Content-Length: %d\r\n" % (len(body) + 9), b"Content-Length: -1\r\n",
             b"Content-Length: 1\r\nContent-Length: 2\r\n", b"Content-Length: 99999999999999\r\n",
             b"Content-Length: abc\r\n", b"Transfer-Encoding: chunked\r\n",
             b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n")
        )  # fmt: skip
    origin = chance.choice((b"", b"", b"Origin: null\r\n", b"Origin: \xff\xfe\r\n",
                            b"Origin: https://www.example.org\r\n"))  # fmt: skip
    method = chance.choice((b"POST",) * 15 + (b"GET", b"OPTIONS", b"PUT", b"HEAD", b"B\xffD"))
    head = b" HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
    said = _authorization(chance, key) + length + encoding + origin
    return method + b" " + _path(chance) + head + said + b"\r\n" + body, whole


def _ask(server: Server, request: bytes, *, whole: bool = True) -> bytes:
    """Return all that is answered; empty where the server hangs up without a word.

    Where the request is not ``whole`` the server must learn that no more comes.
    """
    parts = []
    with socket.create_connection(("127.0.0.1", urlsplit(server.url).port), 60) as asking:
        try:
            asking.sendall(request)
            if not whole:
                asking.shutdown(socket.SHUT_WR)
            while part := asking.recv(65536):
                parts.append(part)
        except OSError:
            pass  # it hung up, which is an answer too
    return b"".join(parts)


@pytest.mark.slow  # twenty seconds, or as long as is asked for
def test_no_error_of_ours_and_no_word_of_how_we_are_made(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "company", Settings(company="Bottega Prova"))
    server = start(workspace, tmp_path)
    chance = random.Random(SEED)
    statuses: Counter[str] = Counter()
    try:
        key = add_source(workspace, "shop").encode()
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            request, whole = _request(chance, key)
            answer = _ask(server, request, whole=whole)
            status = answer[9:12].decode("latin-1")
            statuses[status] += 1
            said = f"seed {SEED}: {request[:300]!r} -> {answer[:600]!r}"
            assert not answer or answer.startswith(b"HTTP/1.1 "), said
            assert not status.startswith("5"), said
            if b"/percorso.js" not in request[:40]:
                assert not LEAKS.search(answer), said
        print(f"seed {SEED}: {sum(statuses.values())} requests, {dict(statuses)}")  # noqa: T201 - shown with -s
        assert statuses["200"] > 0
        assert statuses["400"] > 0
        assert statuses["401"] > 0
        # Only who does not speak HTTP is hung up on.
        assert statuses[""] < sum(statuses.values()) / 4
        # All that was taken in is worked off, and the next event still comes through.
        last = b'{"writeKey":"%s","batch":[%s]}' % (key, WHOLE % b"the-last")
        head = b"POST /v1/batch HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
        asked = head + b"Content-Length: %d\r\n\r\n" % len(last) + last
        assert _ask(server, asked).startswith(b"HTTP/1.1 200")
        inbox = open_inbox(workspace, "")
        wait_for(lambda: inbox.depth() == 0, 120)
        inbox.close()
        ids = open_log(workspace).read(["id"]).read_all()["id"].to_pylist()
        assert "shop:the-last" in ids
        assert len(ids) == len(set(ids))
        assert "Traceback" not in server.printed
    finally:
        server.stop()
