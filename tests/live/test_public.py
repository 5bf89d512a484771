"""What a key that stands in a web page may say, and of whom."""

from typing import Any

import pytest
from tests.live.conftest import batch, rows, track

from percorso.identity import resolve
from percorso.live.draining import Drainer
from percorso.live.inbox import Inbox
from percorso.live.public import write_public
from percorso.log import Log
from percorso.privacy import consents


@pytest.fixture(autouse=True)
def public(log: Log) -> None:
    write_public(log.workspace, ["web"])


def drained(inbox: Inbox, drainer: Drainer, log: Log, *events: dict[str, Any], source: str) -> Any:
    inbox.put([batch(*events, source=source)])
    drainer.drain()
    return rows(log)


def alias(previous: str, user: str) -> dict[str, Any]:
    return {"type": "alias", "previousId": previous, "userId": user}


@pytest.mark.parametrize("source", ["web", "server"])
@pytest.mark.parametrize(
    ("previous", "user"),
    [("email:ada@example.org", "email:eve@example.org"), ("user:ada", "eve"), ("anon:a", "anon:b")],
)
def test_only_a_server_joins_two_customers(
    inbox: Inbox, drainer: Drainer, log: Log, source: str, previous: str, user: str
) -> None:
    found = drained(inbox, drainer, log, alias(previous, user), source=source)
    assert len(found) == (source == "server")
    assert inbox.rejected_count() == (source == "web")


@pytest.mark.parametrize("previous", ["7f", "anon:7f"])
def test_a_website_says_whose_browser_it_is(
    inbox: Inbox, drainer: Drainer, log: Log, previous: str
) -> None:
    identify = {"type": "identify", "userId": "bo", "anonymousId": "8a"}
    device = track("e", anonymousId="7f")
    del device["userId"]
    (joined, *_) = drained(
        inbox, drainer, log, {**alias(previous, "ada"), "messageId": "0"}, identify, device,
        source="web",
    )  # fmt: skip
    assert joined["properties"]["links"] == ["anon:7f"]
    resolve(log)
    assert log.identity.customer_of("anon:7f") == log.identity.customer_of("user:ada")
    assert log.identity.customer_of("anon:7f") != log.identity.customer_of("user:bo")


def said(given: bool, **more: Any) -> dict[str, Any]:
    proof = {
        "purpose": "marketing", "given": given, "by": "the director", "how": "phone",
        "words": "Write to me",
    }  # fmt: skip
    name = "Consent Given" if given else "Consent Withdrawn"
    return track(name, properties=proof, **more)


def test_a_website_says_only_what_its_visitor_agreed_to(
    inbox: Inbox, drainer: Drainer, log: Log
) -> None:
    assert drained(inbox, drainer, log, said(True), source="web") == []
    (rejected,) = inbox.rejected()
    assert rejected.field == "anonymousId"
    found = drained(inbox, drainer, log, said(True, anonymousId="7f"), source="web")
    (consent,) = (each for each in found if each["kind"] == "consent")
    assert consent["customer"] == "anon:7f"
    assert consent["properties"]["how"] == "website"
    assert "by" not in consent["properties"]
    assert not consents.may(log, "user:ada", "marketing")
    resolve(log)
    assert consents.may(log, log.identity.customer_of("user:ada"), "marketing")
    drained(inbox, drainer, log, said(False), source="web")
    assert not consents.may(log, log.identity.customer_of("user:ada"), "marketing")
    # Whoever names a customer who refused, at a browser of their own, agrees for nobody.
    drained(
        inbox, drainer, log,
        {"type": "identify", "userId": "ada", "anonymousId": "8a"}, said(True, anonymousId="8a"),
        source="web",
    )  # fmt: skip
    resolve(log)
    assert log.identity.customer_of("anon:8a") == log.identity.customer_of("user:ada")
    assert not consents.may(log, log.identity.customer_of("user:ada"), "marketing")


def test_a_server_is_believed(inbox: Inbox, drainer: Drainer, log: Log) -> None:
    (consent,) = drained(inbox, drainer, log, said(True), source="server")
    assert consent["customer"] == "user:ada"
    assert consent["properties"]["by"] == "the director"
    assert consents.may(log, "user:ada", "marketing")
