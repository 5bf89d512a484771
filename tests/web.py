"""A real HTTP server on this machine that answers as a test says, and notes what it was asked."""

import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Asked:
    """A request as it came; names of headers are in small letters."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass
class Answer:
    """What to say. ``body`` may be a generator of parts, to be slow with."""

    status: int = 200
    body: "bytes | Iterator[bytes]" = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Web:
    """A running server: what it was asked so far, and what it answers by path."""

    url: str
    asked: list[Asked] = field(default_factory=list)
    answers: dict[str, Callable[[Asked], Answer]] = field(default_factory=dict)

    def answer(self, path: str, *answers: "Answer | bytes | Callable[[Asked], Answer]") -> str:
        """Answer a path with each in turn, the last from then on; return its address."""
        left = list(answers)

        def say(asked: Asked) -> Answer:
            each = left.pop(0) if len(left) > 1 else left[0]
            if isinstance(each, bytes):
                return Answer(body=each)
            return each if isinstance(each, Answer) else each(asked)

        self.answers[path] = say
        return self.url + path


@contextmanager
def running(certificate: "tuple[Path, Path] | None" = None) -> Iterator[Web]:
    """Start a server on 127.0.0.1, with TLS where a certificate and its key are given."""

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            given = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, parts.path, dict(parse_qsl(parts.query)), given, body)
            web.asked.append(asked)
            say = web.answers.get(parts.path)
            answer = say(asked) if say else Answer(404)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if isinstance(answer.body, bytes):
                self.send_header("content-length", str(len(answer.body)))
            self.end_headers()
            try:
                for part in [answer.body] if isinstance(answer.body, bytes) else answer.body:
                    self.wfile.write(part)
                    self.wfile.flush()
            except OSError:
                self.close_connection = True

        do_GET = do_POST = do_HEAD = handle_any  # noqa: N815 - the library's names

        def log_message(self, *_args: Any) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_args: Any) -> None:
            """A client that hangs up, as some tests do, is no error."""

    server = Server(("127.0.0.1", 0), Handler)
    scheme = "http"
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    web = Web(f"{scheme}://127.0.0.1:{server.server_port}")
    serving = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    serving.start()
    try:
        yield web
    finally:
        server.shutdown()
        server.server_close()
        serving.join()
