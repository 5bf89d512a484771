"""The official Python client delivers everything, once, whatever befalls the server."""

import math
import threading

import pytest
from segment.analytics import Client
from tests.clients.conftest import HOW_MUCH, Listening
from tests.server import wait_for

pytestmark = pytest.mark.xdist_group("serving")


@HOW_MUCH
def test_every_event_is_there_once_though_the_server_is_killed(
    listening: Listening, events: int, kills: int
) -> None:
    part = math.ceil(events / (kills + 1))
    client = Client(
        listening.key, host=listening.server.url, max_queue_size=events * 2, max_retries=60,
        upload_interval=0.05, upload_size=100, gzip=True, timeout=10,
    )  # fmt: skip
    go_on = threading.Event()

    def send() -> None:
        for number in range(events):
            client.track(f"user-{number % 200}", "Product Viewed", {"sku": number},
                         message_id=f"python-{number}")  # fmt: skip
            # A part before each kill, and one after the last.
            if (number + 1) % part == 0 and number + 1 < events:
                go_on.wait(60)
                go_on.clear()

    sending = threading.Thread(target=send)
    sending.start()
    for kill in range(kills):
        listening.wait_for_part(kill, part)
        listening.restart(meanwhile=go_on.set)
    sending.join()
    client.flush()
    client.join()
    wait_for(lambda: len(listening.ids()) >= events)
    ids = listening.ids()
    assert len(ids) == len(set(ids)) == events
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
