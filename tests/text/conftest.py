"""What tests of texts share: a server of vectors, and what it was asked."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


class VectorServer(BaseHTTPRequestHandler):
    received: list[dict[str, Any]] = []
    answer: Any = None
    status = 200

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.received.append({"body": body, "path": self.path, **dict(self.headers)})
        answer = self.answer
        if answer is None:
            rows = enumerate(body["input"])
            data = [{"index": place, "embedding": [3.0, float(len(t))]} for place, t in rows]
            answer = {"data": data[::-1]}
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_: Any) -> None:
        """Keep quiet."""


@pytest.fixture
def server() -> Iterator[tuple[type[VectorServer], str]]:
    handler = type("Server", (VectorServer,), {"received": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as served:
        thread = threading.Thread(target=served.serve_forever, args=(0.02,))
        thread.start()
        yield handler, f"http://127.0.0.1:{served.server_port}/v1"
        served.shutdown()
        thread.join()
