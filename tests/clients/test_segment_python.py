"""The official Python client delivers everything, once, whatever befalls the server."""

import os
import threading
import time

import pytest
from segment.analytics import Client
from tests.clients.conftest import Listening
from tests.server import wait_for

#: More of both take minutes of starting servers again: set them by hand.
EVENTS = int(os.environ.get("PERCORSO_CLIENT_EVENTS", "3000"))
KILLS = int(os.environ.get("PERCORSO_CLIENT_KILLS", "1"))

pytestmark = pytest.mark.xdist_group("serving")


def test_every_event_is_there_once_though_the_server_is_killed(listening: Listening) -> None:
    client = Client(
        listening.key, host=listening.server.url, max_queue_size=EVENTS * 2, max_retries=60,
        upload_interval=0.05, upload_size=100, gzip=True, timeout=10,
    )  # fmt: skip
    killed = threading.Event()

    def send() -> None:
        for number in range(EVENTS):
            client.track(f"user-{number % 200}", "Product Viewed", {"sku": number},
                         message_id=f"python-{number}")  # fmt: skip
            if number % (EVENTS // (KILLS + 1)) == 0 and number:
                killed.wait(60)
                killed.clear()

    sending = threading.Thread(target=send)
    sending.start()
    for _ in range(KILLS):
        wait_for(lambda: listening.inbox.depth() or listening.ids())
        time.sleep(0.3)
        listening.restart()
        killed.set()
    sending.join()
    client.flush()
    client.join()
    wait_for(lambda: len(listening.ids()) >= EVENTS)
    ids = listening.ids()
    assert len(ids) == len(set(ids)) == EVENTS
    assert listening.inbox.rejected() == ()
    assert len({each["customer"] for each in listening.rows("customer")}) == 200


def test_each_call_arrives_as_what_it_is(listening: Listening) -> None:
    client = Client(listening.key, host=listening.server.url, upload_interval=0.05)
    client.identify("ada", {"email": "ada@example.org", "plan": "pro"}, anonymous_id="7f")
    client.page("ada", "Docs", "Home", {"url": "https://www.example.org/"})
    client.screen("ada", "App", "Cart")
    client.group("ada", "acme", {"employees": 3})
    client.alias("7f", "ada")
    client.track("ada", "Order Completed", {"order_id": "1", "total": 12.5, "currency": "EUR"})
    client.flush()
    client.join()
    wait_for(lambda: len(listening.ids()) >= 6, 30)
    assert sorted((each["kind"], each["name"]) for each in listening.rows("kind", "name")) == [
        ("order", "Order Completed"), ("profile", "alias"), ("profile", "group"),
        ("profile", "identify"), ("view", "Cart"), ("view", "Home"),
    ]  # fmt: skip
