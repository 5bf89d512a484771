"""What live events mean: the protocol, the clock, the rules, and what no rule knows."""

import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.live.conftest import batch, rows, track

from percorso.live import Received
from percorso.live.channels import write_channels
from percorso.live.draining import Drainer
from percorso.live.inbox import Inbox
from percorso.live.mapping import MOST_TOUCHPOINTS, MappingRulesError, read_rules, try_rules
from percorso.live.segment import MOST_EVENT, RefusedError, measure, parts
from percorso.log import Log
from percorso.metrics import promises
from percorso.workspace import Workspace


def drained(inbox: Inbox, drainer: Drainer, log: Log, *received: Received) -> list[dict[str, Any]]:
    inbox.put(received)
    while drainer.drain().events:
        pass
    return rows(log)


def one(inbox: Inbox, drainer: Drainer, log: Log, event: dict[str, Any]) -> dict[str, Any]:
    (row,) = drained(inbox, drainer, log, batch({"messageId": "m", **event}))
    return row


def reason(inbox: Inbox) -> str:
    (kept,) = inbox.rejected()
    return f"{kept.field}: {kept.reason}"


def test_an_order_becomes_an_order_with_its_promise(
    inbox: Inbox, drainer: Drainer, log: Log
) -> None:
    properties = {
        "order_id": 1001, "total": "40,50", "currency": "eur", "estimated_delivery": "2026-11-25",
    }  # fmt: skip
    event = track("Order Completed", "m1", properties=properties)
    order, promise = drained(inbox, drainer, log, batch(event))
    assert (order["id"], order["kind"], order["customer"]) == ("shop:m1", "order", "user:ada")
    assert (order["amount"], order["currency"]) == (40.5, "EUR")
    assert (order["about"], order["touchpoint"]) == ("order:1001", "Order Completed")
    assert (promise["id"], promise["kind"], promise["name"]) == ("shop:m1#1", "promise", "delivery")
    assert promise["about"] == "order:1001"
    assert promise["direction"] == "out"
    # A day is over when it ends in the company's zone.
    assert promise["due_at"] == datetime(2026, 11, 25, 22, 59, 59, 999_999, UTC)


def test_without_a_promised_time_there_is_no_promise(
    inbox: Inbox, drainer: Drainer, log: Log
) -> None:
    assert one(inbox, drainer, log, track("order_completed"))["kind"] == "order"


@pytest.mark.parametrize(
    ("name", "properties", "about"),
    [
        ("Order Reviewed", {"order_id": 7}, "order:7"),
        ("Review Submitted", {"order_id": 7, "product_id": "p"}, "order:7"),
        ("Review Submitted", {"product_id": "p"}, "product:p"),
        ("Product Reviewed", {"order_id": 7, "product_id": "p"}, "product:p"),
        ("Order Reviewed", {}, None),
    ],
)
def test_a_review_is_of_the_order_it_names_unless_it_is_a_products(
    inbox: Inbox, drainer: Drainer, log: Log, name: str, properties: dict[str, Any],
    about: str | None,
) -> None:  # fmt: skip
    row = one(inbox, drainer, log, track(name, properties={**properties, "rating": 4}))
    assert (row["kind"], row["channel"], row["about"]) == ("review", "reviews", about)
    assert (row["scale"], row["score"]) == ("stars", 4)


@pytest.mark.parametrize("name", ["promised_delivery", "estimated_delivery", "expected_delivery"])
def test_an_order_promises_its_day_under_the_names_shops_give_it(
    inbox: Inbox, drainer: Drainer, log: Log, name: str
) -> None:
    said = {"order_id": 7, name: "2026-11-25"}
    found = drained(inbox, drainer, log, batch(track("Order Completed", "1", properties=said)))
    assert [each["kind"] for each in found] == ["order", "promise"]


@pytest.mark.parametrize(
    "name",
    ["Product Viewed", "product_viewed", "productViewed", "PRODUCT-VIEWED", " Product  Viewed"],
)
def test_a_name_is_known_however_it_is_written(
    inbox: Inbox, drainer: Drainer, log: Log, name: str
) -> None:
    row = one(inbox, drainer, log, track(name))
    assert (row["kind"], row["name"]) == ("view", " ".join(name.split()))


def test_the_clock_of_a_device_is_put_right(inbox: Inbox, drainer: Drainer, log: Log) -> None:
    """It happened as long before it was received as, by the device's clock, before it was sent."""
    event = track("e", "m", timestamp="2020-01-01T10:00:00.250Z")
    received = batch(event, sentAt="2020-01-01T10:00:30.750Z")
    (row,) = drained(inbox, drainer, log, received)
    at = datetime.fromtimestamp(received.received_at / 1e6, UTC)
    assert abs(row["at"] - (at - timedelta(seconds=30.5))) < timedelta(microseconds=2)


def test_without_sent_at_a_time_is_taken_as_it_is(inbox: Inbox, drainer: Drainer, log: Log) -> None:
    row = one(inbox, drainer, log, track("e", timestamp="2020-01-01T10:00:00+01:00"))
    assert row["at"] == datetime(2020, 1, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize("sent", [{}, {"sentAt": "2020-01-01T10:00:00Z"}])
def test_what_would_happen_later_happened_when_it_came(
    inbox: Inbox, drainer: Drainer, log: Log, sent: dict[str, Any]
) -> None:
    received = batch(track("e", "m", timestamp="2190-01-01T10:00:00Z", **sent))
    (row,) = drained(inbox, drainer, log, received)
    assert row["at"] == datetime.fromtimestamp(received.received_at / 1e6, UTC)


def test_an_own_sent_at_counts_before_the_batchs(inbox: Inbox, drainer: Drainer, log: Log) -> None:
    event = track("e", "m", timestamp="2020-01-01T10:00:00Z", sentAt="2020-01-01T10:00:10Z")
    received = batch(event, sentAt="2020-06-01T00:00:00Z")
    (row,) = drained(inbox, drainer, log, received)
    at = datetime.fromtimestamp(received.received_at / 1e6, UTC)
    assert abs(row["at"] - (at - timedelta(seconds=10))) < timedelta(microseconds=2)


def test_what_the_batch_says_holds_for_each_that_says_nothing(
    inbox: Inbox, drainer: Drainer, log: Log
) -> None:
    page = {"path": "/from-the-batch"}
    own = track("e", "1", context={"page": {"path": "/own"}})
    found = drained(inbox, drainer, log, batch(own, track("e", "2"), context={"page": page}))
    assert [each["properties"] for each in found] == [{"path": "/own"}, {"path": "/from-the-batch"}]


def test_identify_gives_facts_and_says_who_is_who(inbox: Inbox, drainer: Drainer, log: Log) -> None:
    event = {
        "type": "identify", "userId": "ada", "anonymousId": "7f",
        "traits": {"email": "ada@example.org", "address": {"city": "Milano"}},
    }  # fmt: skip
    row = one(inbox, drainer, log, event)
    assert (row["kind"], row["name"], row["customer"]) == ("profile", "identify", "user:ada")
    assert row["properties"] == {
        "traits": {"email": "ada@example.org", "address.city": "Milano"},
        "links": ["anon:7f"],
    }


def test_an_event_with_both_ids_says_it_once(inbox: Inbox, drainer: Drainer, log: Log) -> None:
    events = [track("Product Viewed", str(n), anonymousId="7f") for n in range(5)]
    found = drained(inbox, drainer, log, batch(*events))
    # Another process knows nothing of what was said before; the log does.
    found = drained(inbox, Drainer(log, inbox), log, batch(track("e", "x", anonymousId="7f")))
    (link,) = [each for each in found if each["kind"] == "profile"]
    assert (link["customer"], link["properties"]["links"]) == ("user:ada", ["anon:7f"])
    assert len(found) == 7


def test_alias_and_group_are_facts_too(inbox: Inbox, drainer: Drainer, log: Log) -> None:
    alias = {"type": "alias", "messageId": "1", "userId": "ada", "previousId": "7f"}
    group = {"type": "group", "messageId": "2", "userId": "ada", "groupId": "acme",
             "traits": {"plan": "pro"}}  # fmt: skip
    first, second = drained(inbox, drainer, log, batch(alias, group))
    assert first["properties"]["links"] == ["anon:7f", "user:7f"]
    assert second["properties"]["traits"] == {"group": "acme", "group.plan": "pro"}
    assert {first["kind"], second["kind"]} == {"profile"}


def test_a_reference_that_says_what_it_is_is_taken_as_it_is(
    inbox: Inbox, drainer: Drainer, log: Log
) -> None:
    row = one(inbox, drainer, log, track("e", userId="email:ada@example.org"))
    assert row["customer"] == "email:ada@example.org"


def test_a_survey_answer_has_its_scale_and_its_words(
    inbox: Inbox, drainer: Drainer, log: Log
) -> None:
    said = {"scale": "nps", "score": "9", "comment": "Gentili e veloci"}
    row = one(inbox, drainer, log, track("Survey Answered", properties=said))
    assert (row["kind"], row["scale"], row["score"], row["text"]) == (
        "answer", "nps", 9.0, "Gentili e veloci",
    )  # fmt: skip


WHAT_IS_NO_CONSENT: list[tuple[str, dict[str, Any], str]] = [
    ("Consent Changed", {"purpose": "marketing"}, "given: must be true or false"),
    ("Consent Changed", {"purpose": "marketing", "given": "no"}, "given: must be true or false"),
    ("Consent Given", {}, "purpose: must be one of: service, survey"),
    ("Consent Given", {"purpose": "parties"}, "purpose: must be one of: service, survey"),
    ("Consent Withdrawn", {"given": False}, "purpose: must be one of"),
    ("Consent Withdrawn", {"purpose": "survey", "given": True}, "given: must not be the opposite"),
    ("Unsubscribed", {"given": True}, "given: must not be the opposite"),
    ("Consent Given", {"purpose": "survey", "basis": "he wanted it"}, "basis: must be one of"),
    ("Consent Given", {"purpose": "survey"}, "words: must be given: what the customer read"),
    ("Newsletter Box", {}, "given: must be true or false"),
    ("Newsletter Box", {"given": True}, "purpose: must be one of"),
]


@pytest.mark.parametrize(("name", "said", "why"), WHAT_IS_NO_CONSENT)
def test_no_consent_is_presumed(
    inbox: Inbox, drainer: Drainer, log: Log, workspace: Workspace, name: str,
    said: dict[str, Any], why: str,
) -> None:  # fmt: skip
    workspace.mapping_rules.write_text('[[rule]]\nevent = "Newsletter Box"\nkind = "consent"\n')
    assert drained(inbox, drainer, log, batch(track(name, "1", properties=said))) == []
    assert why in reason(inbox)


def test_a_consent_beside_an_order_is_made_where_the_order_speaks_of_it(
    inbox: Inbox, drainer: Drainer, log: Log, workspace: Workspace
) -> None:
    workspace.mapping_rules.write_text(
        '[[rule]]\nevent = "Ordine"\nkind = "order"\n[[rule.also]]\nkind = "consent"\n'
    )
    found = drained(
        inbox, drainer, log,
        batch(
            track("Ordine", "1"),
            track("Ordine", "2", properties={"purpose": "marketing", "given": False}),
        ),
    )  # fmt: skip
    assert [each["kind"] for each in found] == ["order", "order", "consent"]
    assert found[2]["properties"] == {
        "purpose": "marketing", "given": False, "basis": "consent", "how": "api",
    }  # fmt: skip


def test_a_consent_has_its_proof(inbox: Inbox, drainer: Drainer, log: Log) -> None:
    said = {"purpose": "marketing", "words": "Sì, scrivetemi", "words_version": "3", "extra": 1}
    given, taken = drained(
        inbox, drainer, log,
        batch(track("Consent Given", "1", properties=said), track("Unsubscribed", "2")),
    )  # fmt: skip
    assert given["kind"] == taken["kind"] == "consent"
    assert given["properties"]["given"] is True
    assert given["properties"]["words"] == "Sì, scrivetemi"
    assert "extra" not in given["properties"]
    assert taken["properties"]["given"] is False


#: What happens with one order, in time, as a shop, its courier and its mailer tell it.
LIFE_OF_AN_ORDER = (
    "Order Placed", "Order Completed", "Payment Completed", "Invoice Issued", "Invoice Sent",
    "Email Sent", "Email Delivered", "Order Shipped", "SMS Sent", "SMS Delivered",
    "Order Delivered", "Call Started", "Call Received", "Call Completed", "Ticket Created",
    "Ticket Solved", "Ticket Closed", "Return Requested", "Return Started", "Return Completed",
    "Order Refunded",
)  # fmt: skip


def test_nothing_in_the_life_of_an_order_is_counted_twice(
    inbox: Inbox, drainer: Drainer, log: Log
) -> None:
    said = {
        "order_id": "7", "ticket_id": "9", "total": 40, "currency": "EUR",
        "estimated_delivery": "2026-01-09",
    }  # fmt: skip
    events = [
        track(name, f"{n:02}", properties=said, timestamp=f"2026-01-{n + 1:02}T10:00:00Z")
        for n, name in enumerate(LIFE_OF_AN_ORDER)
    ]
    found = drained(inbox, drainer, log, batch(*events))
    assert inbox.rejected() == ()
    assert inbox.unmapped() == ()
    counts = Counter(each["kind"] for each in found)
    assert {kind: count for kind, count in counts.items() if count > 1} == {
        "progress": 9,
        "message": 2,  # an e-mail and an SMS
        "promise": 3,  # placed, completed, shipped: of the same parcel
    }
    # The date before 9 January that was said last counts, and it was one delivery that was late.
    (fate,) = promises.fates(log).to_pyarrow().to_pylist()
    assert (fate["id"], fate["fate"]) == ("shop:07#1", "late")
    (customer,) = log.customers().to_pyarrow().to_pylist()
    assert (customer["orders"], customer["value"]) == (1, 0)


@pytest.mark.parametrize(
    ("event", "of_source", "expected"),
    [
        (track("e"), "", "other"),
        (track("e"), "store", "store"),
        (track("e", properties={"channel": "phone"}), "store", "phone"),
        (track("e", context={"library": {"name": "analytics-python"}}), "", "other"),
        (track("e", context={"library": {"name": "@segment/analytics-node"}}), "", "other"),
        (track("e", context={"library": {"name": "analytics-python"}}), "store", "store"),
        (track("e", context={"page": {"path": "/"}}), "", "website"),
        (track("e", context={"library": {"name": "percorso.js"}}), "", "website"),
        ({"type": "page", "userId": "a"}, "", "website"),
        ({"type": "screen", "userId": "a"}, "", "app"),
        (track("e", context={"library": {"name": "analytics-ios"}}), "", "app"),
        (track("e", context={"device": {"type": "Android"}}), "", "app"),
    ],
)
def test_where_it_happened(
    inbox: Inbox, drainer: Drainer, log: Log, workspace: Workspace, event: dict[str, Any],
    of_source: str, expected: str,
) -> None:  # fmt: skip
    write_channels(workspace, {"shop": of_source} if of_source else {})
    assert one(inbox, drainer, log, event)["channel"] == expected


def test_a_sources_channel_holds_as_soon_as_it_is_said(
    inbox: Inbox, drainer: Drainer, log: Log, workspace: Workspace
) -> None:
    drained(inbox, drainer, log, batch(track("e", "1")))
    write_channels(workspace, {"shop": "store"})
    found = drained(inbox, drainer, log, batch(track("e", "2")))
    assert [each["channel"] for each in found] == ["other", "store"]


@pytest.mark.parametrize(
    ("written", "amount"),
    [("1.234,50", 1234.5), ("1,234.50", 1234.5), ("€ 12,50", 12.5), ("12.50 EUR", 12.5), ("7", 7)],
)
def test_an_amount_is_read_as_people_write_it(
    inbox: Inbox, drainer: Drainer, log: Log, written: str, amount: float
) -> None:
    event = track("Order Completed", properties={"order_id": 1, "total": written})
    assert one(inbox, drainer, log, event)["amount"] == amount


def test_the_language_of_a_device_is_that_of_who_wrote_nothing(
    inbox: Inbox, drainer: Drainer, log: Log
) -> None:
    context = {"locale": "it-IT"}
    wrote = track("Form Submitted", "1", context=context, properties={"message": "Hello there"})
    looked = track("Product Viewed", "2", context=context)
    sent = track("Email Delivered", "3", context=context)
    odd = track("Product Viewed", "4", context={"locale": "Klingon!"})
    found = drained(inbox, drainer, log, batch(wrote, looked, sent, odd))
    assert [each["language"] for each in found] == [None, "it", None, None]


def test_pages_are_named_by_their_name_or_by_where_they_are(
    inbox: Inbox, drainer: Drainer, log: Log
) -> None:
    context = {"page": {"path": "/libri/il-nome-della-rosa", "referrer": "https://example.org/"}}
    events = [
        {"type": "page", "messageId": "1", "anonymousId": "a", "name": "Home"},
        {"type": "page", "messageId": "2", "anonymousId": "a", "context": context},
        {"type": "screen", "messageId": "3", "anonymousId": "a", "name": "Cart"},
    ]
    found = drained(inbox, drainer, log, batch(*events))
    assert [each["touchpoint"] for each in found] == ["Home", "/libri", "Cart"]
    assert [each["channel"] for each in found] == ["website", "website", "app"]
    assert found[1]["properties"] == {
        "path": "/libri/il-nome-della-rosa", "referrer": "https://example.org/",
    }  # fmt: skip


def test_what_identifies_a_machine_is_not_kept(inbox: Inbox, drainer: Drainer, log: Log) -> None:
    context = {"ip": "192.0.2.7", "userAgent": "Mozilla/5.0", "page": {"path": "/"}}
    row = one(inbox, drainer, log, track("e", context=context))
    assert "192.0.2.7" not in str(row)
    assert "Mozilla" not in str(row)


def test_an_unknown_event_is_kept_and_listed(inbox: Inbox, drainer: Drainer, log: Log) -> None:
    found = drained(
        inbox, drainer, log,
        batch(track("Lampada Accesa", "1"), track("Lampada Accesa", "2"), source="casa"),
        batch(track("Product Viewed", "3")),
    )  # fmt: skip
    assert {each["kind"] for each in found if each["source"] == "casa"} == {"other"}
    (unknown,) = inbox.unmapped()
    assert (unknown.source, unknown.name, unknown.events) == ("casa", "Lampada Accesa", 2)
    assert b'"messageId":"2"' in unknown.example
    inbox.forget_unmapped([("casa", "track", "Lampada Accesa")])
    assert inbox.unmapped() == ()


def test_names_without_end_make_no_touchpoints_without_end(
    inbox: Inbox, drainer: Drainer, log: Log
) -> None:
    events = [track(f"made up {n}", str(n)) for n in range(MOST_TOUCHPOINTS + 50)]
    found = drained(
        inbox, drainer, log, *(batch(*events[n : n + 500]) for n in range(0, 2050, 500))
    )
    assert len(found) == MOST_TOUCHPOINTS + 50
    assert len({each["touchpoint"] for each in found}) == MOST_TOUCHPOINTS + 1
    assert len({each["name"] for each in found}) == MOST_TOUCHPOINTS + 50
    assert len(inbox.unmapped(5000)) == MOST_TOUCHPOINTS + 1


# What is wrong with an event


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ({"type": "track", "event": "e"}, "userId: userId or anonymousId must be given"),
        ({"type": "track", "event": "e", "userId": "  "}, "userId: userId or anonymousId must be"),
        ({"type": "track", "userId": "a"}, "event: must be given"),
        ({"type": "track", "userId": "a", "event": "  "}, "event: must be given"),
        ({"type": "jump", "userId": "a"}, "type: must be one of"),
        ({"userId": "a", "event": "e"}, "type: must be one of"),
        (track("e", "m" * 100), "messageId: must be under 100 characters"),
        (track("e", timestamp="yesterday"), "timestamp: must be a time such as"),
        (track("e", timestamp="0001-01-01T00:00:00Z"), "at: must be from 1970"),
        (track("e", properties=[1]), "properties: must be names and values"),
        (track("e", userId={"id": 1}), "userId: must be text"),
        (track("e", userId="x" * 300), "customer: must be at most 200 characters"),
        (track("NPS Submitted", properties={"score": 11}), "score: on nps must be"),
        (track("NPS Submitted", properties={"score": "many"}), "score: must be a number"),
        (track("Order Completed", properties={"currency": "euro"}), "currency: must be written"),
        (track("Promise Made", properties={"promise": "call"}), "due_at: must be given"),
        ({"type": "alias", "userId": "a"}, "previousId: must be given"),
        ({"type": "group", "userId": "a"}, "groupId: must be given"),
        (track("e", text="x" * MOST_EVENT), "an event may hold 32 KB at most"),
    ],
)
def test_what_breaks_a_rule_is_kept_with_the_reason_and_holds_no_other_up(
    inbox: Inbox, drainer: Drainer, log: Log, event: dict[str, Any], why: str
) -> None:
    found = drained(inbox, drainer, log, batch(event, track("e", "well")))
    assert [each["id"] for each in found] == ["shop:well"]
    assert why in reason(inbox)
    assert inbox.seen()["shop"].rejected == 1


def test_odd_types_are_read_where_they_can_be(inbox: Inbox, drainer: Drainer, log: Log) -> None:
    event = {
        "type": "track", "event": 7, "userId": 42, "messageId": 5, "timestamp": "2026-01-05",
        "context": {"page": "none", "library": 3}, "sentAt": "never",
    }  # fmt: skip
    row = one(inbox, drainer, log, event)
    assert (row["customer"], row["name"], row["id"]) == ("user:42", "7", "shop:5")


def test_a_rejected_event_stands_by_itself_and_enters_once_it_is_mended(
    inbox: Inbox, drainer: Drainer, log: Log, workspace: Workspace
) -> None:
    event = track("Voto", "m", properties={"voto": "9"}, timestamp="2026-01-05T10:00:00Z")
    rules = '[[rule]]\nevent = "Voto"\nkind = "answer"\nscale = "csat"\nscore = "voto"\n'
    workspace.mapping_rules.write_text(rules)
    received = batch(event, context={"page": {"path": "/x"}}, sentAt="2026-01-05T10:00:05Z")
    assert drained(inbox, drainer, log, received) == []
    assert "score: on csat" in reason(inbox)
    workspace.mapping_rules.write_text(rules.replace("csat", "nps"))
    (kept,) = inbox.rejected()
    inbox.replay([kept.id])
    (row,) = drained(inbox, drainer, log)
    assert (row["scale"], row["score"], row["properties"]["path"]) == ("nps", 9.0, "/x")
    at = datetime.fromtimestamp(received.received_at / 1e6, UTC)
    assert abs(row["at"] - (at - timedelta(seconds=5))) < timedelta(microseconds=2)


def test_the_same_message_is_there_once_for_ever(inbox: Inbox, drainer: Drainer, log: Log) -> None:
    for _ in range(3):
        found = drained(inbox, drainer, log, batch(track("e", "m"), track("e", "m")))
    assert len(found) == 1
    assert len(drained(inbox, drainer, log, batch(track("e", "m"), source="other"))) == 2


def test_whoever_sends_no_id_means_each_to_count(inbox: Inbox, drainer: Drainer, log: Log) -> None:
    assert len(drained(inbox, drainer, log, batch(track("e"), track("e")), batch(track("e")))) == 3


# Rules


def test_own_rules_come_first_and_may_ask(
    inbox: Inbox, drainer: Drainer, log: Log, workspace: Workspace
) -> None:
    workspace.mapping_rules.write_text("""
        [[rule]]
        type = "page"
        where = { "context.page.path" = ["/aiuto*", "/help*"] }
        kind = "search"
        touchpoint = "Help centre"
        [[rule]]
        event = "Door*"
        source = "till"
        kind = "visit"
        channel = "store"
        touchpoint = "Shop {shop.city|city}"
        [[rule]]
        event = "Heartbeat"
        drop = true
        kind = "other"
        [[rule]]
        event = "Richiamata promessa"
        kind = "promise"
        name = "call"
        about = "ticket:{ticket}"
        due_at = ["entro", "+2 hours"]
    """)
    page = {
        "type": "page",
        "messageId": "1",
        "userId": "a",
        "context": {"page": {"path": "/aiuto/x"}},
    }
    door = track("Door opened", "2", properties={"shop": {"city": "Milano"}})
    promised = track(
        "richiamata promessa", "4", properties={"ticket": 7}, timestamp="2026-01-05T10:00:00Z"
    )
    found = drained(
        inbox, drainer, log,
        batch(page), batch(door, source="till"), batch(door | {"messageId": "3"}),
        batch(track("Heartbeat")), batch(promised),
    )  # fmt: skip
    by_id = {each["id"]: each for each in found}
    assert by_id["shop:1"]["touchpoint"] == "Help centre"
    assert by_id["till:2"]["touchpoint"] == "Shop Milano"
    assert by_id["shop:3"]["kind"] == "other", "the rule is of another source"
    assert by_id["shop:4"]["due_at"] == datetime(2026, 1, 5, 12, tzinfo=UTC)
    assert len(found) == 4


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[rule]]\nevent = 'x'", "rule 1: kind must be given"),
        ("[[rule]]\nkind = 'ordr'", "Did you mean 'order'"),
        ("[[rule]]\nkind = 'order'\n[[rule]]\nkin = 'order'", "rule 2: 'kin' is not known"),
        ("[[rule]]\nkind = 'order'\nevent = 5", "event must be a text or a list of texts"),
        ("[[rule]]\nkind = 'order'\nwhere = 'x'", "where must be like"),
        ("[[rule]]\nkind = 'order'\nabout = 'order:{id'", "brace too many or too few"),
        ("[[rule]]\nkind = 'order'\nabout = 'order:{}'", "names no property"),
        ("[[rule]]\nkind = 'promise'\ndue_at = '+soon'", "like +3 days"),
        ("[[rule]]\nkind = 'order'\n[[rule.also]]\nevent = 'x'", "also: 'event' is not known"),
        ("shipped = 1", "shipped must be true or false"),
        ("[[rule]", "mapping.toml: "),
    ],
)
def test_rules_that_make_no_sense_are_said(text: str, says: str) -> None:
    with pytest.raises(MappingRulesError) as wrong:
        read_rules(text)
    assert says in str(wrong.value)


def test_ours_can_be_left_out(
    inbox: Inbox, drainer: Drainer, log: Log, workspace: Workspace
) -> None:
    workspace.mapping_rules.write_text("shipped = false\n")
    assert one(inbox, drainer, log, track("Order Completed"))["kind"] == "other"


def test_broken_rules_leave_those_before_in_force(
    inbox: Inbox, drainer: Drainer, log: Log, workspace: Workspace,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    workspace.mapping_rules.write_text('[[rule]]\nevent = "A"\nkind = "visit"\n')
    drained(inbox, drainer, log, batch(track("A", "1")))
    workspace.mapping_rules.write_text("[[rule]\n")
    found = drained(inbox, drainer, log, batch(track("A", "2")))
    assert [each["kind"] for each in found] == ["visit", "visit"]
    assert "mapping.toml" in caplog.text


def test_broken_rules_at_the_start_hold_all_up_and_nothing_is_mapped_by_others(
    inbox: Inbox, drainer: Drainer, log: Log, workspace: Workspace
) -> None:
    workspace.mapping_rules.write_text('[[rule]]\nevent = "e"\nkind = "visit')
    inbox.put([batch(track("e", "1"))])
    for _ in range(2):
        with pytest.raises(MappingRulesError, match=r"mapping\.toml"):
            drainer.drain()
    assert (rows(log), inbox.depth()) == ([], 1)
    workspace.mapping_rules.write_text('[[rule]]\nevent = "e"\nkind = "visit"\n')
    (row,) = drained(inbox, drainer, log)
    assert row["kind"] == "visit"


def test_a_trial_shows_what_a_rule_adds(
    inbox: Inbox, drainer: Drainer, log: Log, workspace: Workspace
) -> None:
    said = {"words": "Bello", "lang": "it", "coin": "EUR", "sum": 3, "purpose": "survey"}
    own = '[[rule]]\nevent = "Nota"\nkind = "message"\n'
    workspace.mapping_rules.write_text(own)
    drained(inbox, drainer, log, batch(track("Nota", "1", properties={**said, "given": True})))

    def differences(more: str, kind: str = "message") -> set[str]:
        rules = read_rules(own.replace("message", kind) + more)
        (changed,) = try_rules(rules, workspace, inbox, 0).examples
        before, after = changed.before or {}, changed.after or {}
        return {each for each in {**before, **after} if before.get(each) != after.get(each)}

    assert differences('text = "words"') == {"text"}
    assert differences('language = "lang"') == {"language"}
    assert differences('currency = "coin"\namount = "sum"') == {"currency", "amount"}
    assert differences('direction = "out"') == {"direction"}
    assert differences("", "consent") == {"kind", "purpose", "given"}


def test_what_a_rule_says_is_something_else_is_no_unknown_name(
    inbox: Inbox, drainer: Drainer, log: Log, workspace: Workspace
) -> None:
    workspace.mapping_rules.write_text('[[rule]]\nevent = "Ping"\nkind = "other"\n')
    drained(inbox, drainer, log, batch(track("Ping", "1"), track("Pong", "2")))
    assert [each.name for each in inbox.unmapped()] == ["Pong"]
    assert inbox.unmapped_count() == inbox.unmapped_count("shop") == 1


def test_a_request_is_taken_apart_into_events_that_stand_alone() -> None:
    whole = batch(
        track("a"), {"context": 5}, sentAt="2026-01-05T10:00:00Z", context={"locale": "it"}
    )
    assert measure("batch", whole.body) == (2, "")
    first, second = parts("batch", whole.body)
    assert b'"sentAt":"2026-01-05T10:00:00Z"' in first
    assert b'"locale":"it"' in first
    assert b'"context":5' in second


def test_rules_are_tried_on_what_came_and_nothing_is_written(
    inbox: Inbox, drainer: Drainer, log: Log, workspace: Workspace
) -> None:
    received = batch(track("Lampada Accesa", "1"), track("Product Viewed", "2"))
    drained(inbox, drainer, log, received)
    version = log.version
    rules = read_rules('[[rule]]\nevent = "Lampada *"\nkind = "visit"\ntouchpoint = "Casa"')
    trial = try_rules(rules, workspace, inbox, received.received_at - 1_000_000)
    assert (trial.events, trial.changed) == (2, 1)
    assert trial.kinds_before == {"other": 1, "view": 1}
    assert trial.kinds_after == {"visit": 1, "view": 1}
    (example,) = trial.examples
    assert example.before is not None
    assert example.after is not None
    assert (example.id, example.before["kind"], example.after["touchpoint"]) == (
        "shop:1", "other", "Casa",
    )  # fmt: skip
    assert log.version == version
    assert inbox.depth() == 0


@pytest.mark.parametrize("name", ["sentAt", "context", "other"])
@pytest.mark.parametrize(
    "value",
    [b'"\xed\xa0\x80"', b'"\xff"', b'"\\ud800"', b"1e999", b"9" * 400, b"[" * 900 + b"]" * 900],
    ids=["surrogate", "no utf-8", "half a pair", "too large", "too long", "too deep"],
)
def test_what_stands_around_events_stops_nothing(
    drainer: Drainer, inbox: Inbox, log: Log, name: str, value: bytes
) -> None:
    event = b'{"type":"track","event":"e","userId":"u","messageId":"m"}'
    body = b'{"batch":[{"type":1},%s],"%s":%s}' % (event, name.encode(), value)
    try:
        events, _ = measure("batch", body)
    except RefusedError:
        return
    inbox.put([Received("shop", "batch", time.time_ns() // 1000, body, events)])
    drainer.drain()
    assert [each["id"] for each in rows(log)] == ["shop:m"]
    assert len(inbox.rejected()) == 1
    assert inbox.depth() == 0
