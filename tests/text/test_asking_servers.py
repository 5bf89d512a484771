"""Servers of vectors and words get no more than they need, and are not waited for."""

import contextlib
import json
import socket
import threading
import time

import pytest
from tests.text.conftest import VectorServer

from percorso.text import server as asking
from percorso.text.embedding import EmbeddingError, choose


def test_what_is_secret_in_an_address_is_said_nowhere() -> None:
    address = "http://user:pass@127.0.0.1:9/v1?key=sk-1"
    embedder = choose({"PERCORSO_EMBEDDINGS_URL": address, "PERCORSO_EMBEDDINGS_MODEL": "small"})
    assert embedder.name == "small@http://127.0.0.1:9/v1"
    with pytest.raises(EmbeddingError) as told:
        embedder.embed(["abc"])
    assert "pass" not in str(told.value)
    assert "sk-1" not in str(told.value)
    assert told.value.reason == "the server of meanings cannot be reached"


def test_half_an_address_at_the_cut_is_not_sent(server: tuple[type[VectorServer], str]) -> None:
    handler, address = server
    # Masked it is so much shorter that what stands at the cut would be sent.
    account = "IT60X0542811101000000123456 "
    for cut in (16_000, 16_200):
        long = account * (cut // len(account) - 1)
        for place in range(cut - 24, cut, 2):
            text = long + "x" * (place - len(long)) + " rossi@example.org and more " * 40
            choose({"PERCORSO_EMBEDDINGS_URL": address}).embed([text])
    assert "ross" not in json.dumps([each["body"] for each in handler.received])


def test_an_answer_that_drips_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        stop = threading.Event()

        def drip() -> None:
            connection, _address = listening.accept()
            with connection, contextlib.suppress(OSError):
                while not stop.wait(0.05):
                    connection.sendall(b"H")

        thread = threading.Thread(target=drip)
        thread.start()
        begun = time.monotonic()
        with pytest.raises(OSError, match="too long"):
            asking.ask(
                f"http://127.0.0.1:{listening.getsockname()[1]}", {}, key="", seconds=0.5, longest=9
            )
        stop.set()
        thread.join()
    assert time.monotonic() - begun < 5
