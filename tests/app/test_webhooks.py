"""Webhooks out, to a real server that checks their signatures; and in, into the inbox."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import msgspec
import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings as DjangoSettings
from tests import web as webs
from tests.app.test_door import ask, batch
from tests.log.rows import add, row
from tests.web import Answer, Asked, Web

from percorso import net
from percorso.app import company as served
from percorso.app.api.limits import Limit
from percorso.app.inbox import inbox
from percorso.app.sources import actions as sources
from percorso.app.sources import allowance
from percorso.app.sources.door import Door
from percorso.app.sources.known_keys import KnownKeys
from percorso.app.sources.models import Source
from percorso.app.sources.queries import Allowed
from percorso.app.sources.write_keys import digest
from percorso.app.webhooks import actions, events, incoming, noticing, queries, sending
from percorso.app.webhooks.errors import WebhookError
from percorso.app.webhooks.models import Attempt, Delivery, Endpoint, Message
from percorso.live.draining import Drainer
from percorso.live.inbox import open_inbox
from percorso.log import open_log
from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def _company(company: Workspace, settings: DjangoSettings) -> None:
    settings.NETWORK_GUARD = net.Guard.parse("127.0.0.0/8")
    allowance.a_second.cache_clear()


@pytest.fixture
def web() -> Iterator[Web]:
    with webs.running() as started:
        yield started


class Receiver:
    """A receiving system as the standard wants it: it checks, and takes each id once."""

    def __init__(self, web: Web, path: str = "/hook") -> None:
        self.url = web.url + path
        self.secret = ""
        self.status = [200]
        self.taken: dict[str, dict[str, Any]] = {}
        self.stamps: list[tuple[str, str]] = []
        self.headers: dict[str, str] = {}
        web.answer(path, self._take)

    def _take(self, asked: Asked) -> Answer:
        try:
            message_id, stamp = net.signatures.verify([self.secret], asked.headers, asked.body)
        except net.signatures.SignatureError:
            return Answer(401, b"who are you?")
        self.stamps.append((message_id, str(stamp)))
        status = self.status.pop(0) if len(self.status) > 1 else self.status[0]
        if status == 200:
            assert message_id not in self.taken
            self.taken[message_id] = msgspec.json.decode(asked.body)
        return Answer(status, b"noted", self.headers)


@pytest.fixture
def receiver(web: Web) -> Receiver:
    return Receiver(web)


def endpoint(receiver: Receiver, *told: str, **other: Any) -> Endpoint:
    made, receiver.secret = actions.add(None, receiver.url, told or (events.RECEIVED,), **other)
    noticing.notice()  # from here on
    return Endpoint.objects.get(id=made)


def received(*ids: str, **given: Any) -> None:
    rows = [row(each, "user:1", 0, **{"kind": "message", "text": "Ciao"} | given) for each in ids]
    moment = {"at": timezone.now() - timedelta(seconds=9), "received_at": timezone.now()}
    add(served.log(), [_with(each, {**moment, **given}) for each in rows])


def _with(each: Any, values: dict[str, Any]) -> Any:
    import dataclasses

    return dataclasses.replace(each, **values)


def due_now() -> None:
    Delivery.objects.update(next_at=timezone.now())
    Endpoint.objects.update(rests_until=None)


def test_what_is_received_is_told_signed_and_once(receiver: Receiver) -> None:
    endpoint(receiver)
    received("a", "b")
    assert noticing.notice() == 2
    assert sending.deliver_due() == 2
    told = sorted(receiver.taken.values(), key=lambda each: each["data"]["id"])
    assert [each["type"] for each in told] == ["interaction.received"] * 2
    assert told[0]["data"]["id"] == "a"
    assert told[0]["data"]["customer"] == "user:1"
    assert (noticing.notice(), sending.deliver_due()) == (0, 0)
    assert {each.status for each in Delivery.objects.all()} == {"delivered"}


def test_what_customers_wrote_goes_only_where_it_was_asked_for(web: Web) -> None:
    bare, whole = Receiver(web, "/bare"), Receiver(web, "/whole")
    endpoint(bare)
    endpoint(whole, with_words=True)
    received("a")
    noticing.notice()
    sending.deliver_due()
    assert "text" not in next(iter(bare.taken.values()))["data"]
    assert next(iter(whole.taken.values()))["data"]["text"] == "Ciao"


def test_history_is_no_news(receiver: Receiver) -> None:
    received("before")
    endpoint(receiver)
    received("old", at=timezone.now() - timedelta(days=9))
    received("fact", kind="profile", text=None)
    received("new")
    assert noticing.notice() == 1
    assert Message.objects.get().key == "interaction.received:new"


def test_only_the_kinds_that_are_wanted(receiver: Receiver) -> None:
    endpoint(receiver, kinds=["order"])
    received("a")
    received("b", kind="order")
    assert noticing.notice() == 1


def test_a_large_commit_is_told_a_part_at_a_time(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(noticing, "AT_ONCE", 4)
    endpoint(receiver)
    received(*(f"m{number}" for number in range(9)))
    received("last")
    counts = [noticing.notice() for _ in range(5)]
    assert sum(counts) == 10
    assert max(counts) == 4
    assert Message.objects.count() == 10


def test_a_compaction_is_no_news(receiver: Receiver) -> None:
    endpoint(receiver)
    for number in range(3):
        received(f"m{number}")
    assert noticing.notice() == 3
    served.log().compact()
    assert noticing.notice() == 0


def test_scores_merges_and_broken_promises_are_told(receiver: Receiver) -> None:
    endpoint(receiver, events.SCORED, events.MERGED, events.BROKEN)
    received("s", kind="answer", scale="nps", score=3.0, text=None)
    received("plain")
    received(
        "p", kind="promise", about="order:1", due_at=timezone.now() + timedelta(minutes=1),
        direction="out", text=None,
    )  # fmt: skip
    served.log().merge("anon:7", "user:1")
    noticing.notice(timezone.now() + timedelta(minutes=6))
    sending.deliver_due()
    told = {each["type"]: each["data"] for each in receiver.taken.values()}
    assert set(told) == {"score.given", "customer.merged", "promise.broken"}
    assert (told["score.given"]["scale"], told["score.given"]["score"]) == ("nps", 3.0)
    assert told["customer.merged"]["reference"] == "anon:7"
    assert told["customer.merged"]["customer"] == "user:1"
    assert (told["promise.broken"]["id"], told["promise.broken"]["fate"]) == ("p", "unmet")
    assert noticing.notice(timezone.now() + timedelta(minutes=20)) == 0


def test_however_many_promises_are_broken_all_are_told(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(noticing, "AT_ONCE", 3)
    endpoint(receiver, events.BROKEN)
    late = {"kind": "promise", "direction": "out", "text": None}
    for number in range(7):
        due = timezone.now() + timedelta(seconds=60 + number)
        received(f"p{number}", about=f"order:{number}", due_at=due, **late)
    told = [noticing.notice(timezone.now() + timedelta(minutes=6 * each)) for each in (1, 2, 3, 4)]
    assert told == [3, 3, 1, 0]
    # One that comes to the log only now was broken before the others were told of.
    received("p7", about="order:7", due_at=timezone.now() + timedelta(seconds=30), **late)
    assert noticing.notice(timezone.now() + timedelta(minutes=30)) == 1
    sending.deliver_due()
    assert {each["data"]["id"] for each in receiver.taken.values()} == {
        f"p{number}" for number in range(8)
    }


def test_a_problem_is_told_when_it_is_new(receiver: Receiver) -> None:
    class Problem:
        def __init__(self, name: str) -> None:
            self.id = name

        def as_dict(self) -> dict[str, Any]:
            return {"id": self.id, "title": "Delivery is late"}

    endpoint(receiver, events.FOUND)
    assert noticing.tell_problems([Problem("one")]) == 0  # type: ignore[list-item] # it quacks
    both = [Problem("one"), Problem("two")]
    assert noticing.tell_problems(both) == 1  # type: ignore[arg-type]
    assert noticing.tell_problems(both) == 0  # type: ignore[arg-type]
    sending.deliver_due()
    assert next(iter(receiver.taken.values()))["data"]["id"] == "two"


def test_a_failure_is_tried_again_under_the_same_id_with_a_new_timestamp(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint(receiver)
    receiver.status = [500, 500, 200]
    received("a")
    noticing.notice()
    clock = [1_800_000_000.0]
    monkeypatch.setattr(net.signatures.time, "time", lambda: clock[0])
    for _ in range(3):
        sending.deliver_due()
        due_now()
        clock[0] += 600
    assert len({message_id for message_id, _ in receiver.stamps}) == 1
    assert len({stamp for _, stamp in receiver.stamps}) == 3
    assert len(receiver.taken) == 1
    assert [each.status for each in Attempt.objects.order_by("id")] == [500, 500, 200]


def test_attempts_go_on_for_three_days_and_then_the_endpoint_is_given_up(
    receiver: Receiver,
) -> None:
    made = endpoint(receiver)
    receiver.status = [500]
    received("a")
    noticing.notice()
    waits = []
    while Delivery.objects.get().status == "waiting":
        sending.deliver_due()
        waits.append(Delivery.objects.get().next_at - timezone.now())
        due_now()
    assert Attempt.objects.count() == 10
    total = sum((each for each in waits[:-1]), timedelta())
    assert timedelta(days=2.5) < total < timedelta(days=4)
    assert waits[0] < timedelta(seconds=7) < waits[1] < waits[2]
    made.refresh_from_db()
    assert made.reason == "failing"
    receiver.status = [200]
    actions.resume(None, made.id)
    assert actions.send_failed_again(None, made.id) == 1
    sending.deliver_due()
    assert len(receiver.taken) == 1


def test_410_disables_at_once(receiver: Receiver) -> None:
    made = endpoint(receiver)
    receiver.status = [410]
    received("a", "b")
    noticing.notice()
    sending.deliver_due()
    found = queries.webhook(made.id)
    assert found is not None
    assert (found.health, found.failed, found.waiting) == (queries.Health.GONE, 2, 0)
    assert len(receiver.stamps) == 1
    received("c")
    assert noticing.notice() == 0


def test_redirects_are_failures(web: Web, receiver: Receiver) -> None:
    endpoint(receiver)
    receiver.status, receiver.headers = [302], {"Location": "/elsewhere"}
    received("a")
    noticing.notice()
    sending.deliver_due()
    assert [each.path for each in web.asked] == ["/hook"]
    assert Attempt.objects.get().status == 302


def test_one_that_is_busy_is_left_alone_for_as_long_as_it_says(receiver: Receiver) -> None:
    made = endpoint(receiver)
    receiver.status, receiver.headers = [503], {"Retry-After": "3600"}
    received("a", "b")
    noticing.notice()
    assert sending.deliver_due() == 1
    made.refresh_from_db()
    assert made.rests_until is not None
    assert made.rests_until > timezone.now() + timedelta(minutes=55)
    assert sending.deliver_due() == 0


def test_one_that_does_not_answer_holds_up_no_other(
    web: Web, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "TIMEOUT_S", 6.0)
    endpoint(receiver)
    slow = web.answer("/slow", lambda _: Answer(200 if time.sleep(60) is None else 500))
    actions.add(None, slow, [events.RECEIVED])
    received("a", "b", "c")
    noticing.notice()
    begun = time.monotonic()
    assert sending.deliver_due() == 4  # the slow one is asked once
    assert time.monotonic() - begun < 40  # the machine may be busy
    assert len(receiver.taken) == 3
    trouble = Attempt.objects.get(status=None).trouble
    assert "in time" in trouble["message"]


def test_a_new_secret_and_the_one_before_sign_together(receiver: Receiver) -> None:
    made = endpoint(receiver)
    old = receiver.secret
    new = actions.rotate(None, made.id)
    for secret in (old, new):
        receiver.secret = secret
        received(f"by {secret}")
        noticing.notice()
        sending.deliver_due()
    assert len(receiver.taken) == 2
    Endpoint.objects.update(previous_until=timezone.now())
    receiver.secret = old
    received("late")
    noticing.notice()
    sending.deliver_due()
    assert len(receiver.taken) == 2
    assert Attempt.objects.order_by("-id")[0].status == 401


def test_private_addresses_are_not_told(receiver: Receiver, settings: DjangoSettings) -> None:
    endpoint(receiver)
    settings.NETWORK_GUARD = net.Guard()
    received("a")
    noticing.notice()
    sending.deliver_due()
    assert not receiver.stamps
    assert "private network" in Attempt.objects.get().trouble["message"]
    with pytest.raises(WebhookError, match="https"):
        actions.add(None, "http://example.org/", [events.RECEIVED])


@pytest.mark.parametrize(
    ("url", "told", "name"),
    [
        ("ftp://example.org/", ["interaction.received"], "url"),
        ("https://u:p@example.org/", ["interaction.received"], "url"),
        ("https://example.org:22/", ["interaction.received"], "url"),
        ("https://example.org/", [], "events"),
        ("https://example.org/", ["everything"], "events"),
    ],
)
def test_what_makes_no_sense_is_named(url: str, told: list[str], name: str) -> None:
    with pytest.raises(WebhookError) as failed:
        actions.add(None, url, told)
    assert failed.value.field == name


def test_secrets_are_not_in_the_database_as_they_are(receiver: Receiver) -> None:
    made = endpoint(receiver)
    assert receiver.secret not in made.secret
    assert receiver.secret.removeprefix("whsec_") not in made.secret


def test_an_erasure_takes_messages_along(receiver: Receiver) -> None:
    endpoint(receiver)
    received("a")
    noticing.notice()
    assert actions.erase(["user:1"]) == 1
    assert not Message.objects.exists()
    assert sending.deliver_due() == 0


def test_old_messages_are_let_go(receiver: Receiver) -> None:
    endpoint(receiver)
    received("a")
    noticing.notice()
    sending.tidy(timezone.now() + timedelta(days=29))
    assert Message.objects.count() == 1
    sending.tidy(timezone.now() + timedelta(days=31))
    assert Message.objects.count() == 0


# The pages


def test_an_administrator_adds_a_webhook_and_sees_its_secret_once(
    client_of: Callable[[str], Client], receiver: Receiver
) -> None:
    client = client_of("administrator")
    given = {"url": receiver.url, "events": ["interaction.received"], "description": "CRM"}
    shown = client.post(reverse("webhooks:home"), given)
    made = Endpoint.objects.get()
    assert "whsec_" in shown.text
    address = reverse("webhooks:one", args=[made.id])
    assert "whsec_" not in client.get(address).text
    assert "CRM" in client.get(reverse("webhooks:home")).text
    receiver.secret = shown.text.partition('value="whsec_')[2].partition('"')[0]
    tested = client.post(reverse("webhooks:act", args=[made.id]), {"do": "test"})
    sending.deliver_due()
    assert "noted" in client.get(tested["location"]).text
    assert next(iter(receiver.taken.values()))["type"] == "percorso.test"
    client.post(tested["location"])
    receiver.taken.clear()
    sending.deliver_due()
    assert len(receiver.taken) == 1
    for do in ("pause", "resume", "rotate", "again", "remove"):
        assert client.post(reverse("webhooks:act", args=[made.id]), {"do": do}).status_code < 400
    assert not Endpoint.objects.exists()


def test_a_wrong_form_is_shown_again(client_of: Callable[[str], Client]) -> None:
    client = client_of("administrator")
    shown = client.post(reverse("webhooks:home"), {"url": "https://example.org:22/", "events": []})
    assert shown.status_code == 422
    assert not Endpoint.objects.exists()


def test_what_the_other_side_answers_is_shown_as_text(
    client_of: Callable[[str], Client], web: Web
) -> None:
    url = web.answer("/hook", Answer(500, b"<script>alert(1)</script>\x00\xff"))
    made, _secret = actions.add(None, url, [events.RECEIVED])
    number = actions.test(None, made)
    sending.deliver_due()
    shown = client_of("administrator").get(reverse("webhooks:sent", args=[made, number])).text
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert" in shown


# In


def post(
    secret: str, body: bytes, source: str = "till", address: str = "127.0.0.1", **other: Any
) -> Any:
    headers = net.signatures.headers([secret], "msg_1", body, time.time() - other.pop("late", 0))
    return Client().post(
        f"/hooks/in/{source}",
        body,
        content_type="application/json",
        headers={**headers, **other},
        REMOTE_ADDR=address,
    )


@pytest.fixture
def secret(company: Workspace) -> str:
    sources.add(None, "till")
    return actions.add_hook(None, "till", "data.customer.email")


def test_a_signed_message_becomes_an_event(secret: str, company: Workspace) -> None:
    body = msgspec.json.encode(
        {
            "type": "order.paid",
            "timestamp": "2026-03-05T10:00:00Z",
            "data": {"total": 12.5, "customer": {"email": "Ada@Example.org"}},
        }
    )
    answer = post(secret, body)
    assert (answer.status_code, answer.json()) == (202, {"id": "msg_1"})
    (kept,) = open_inbox(company).take().received
    event = msgspec.json.decode(kept.body)
    assert (kept.source, kept.call, kept.events) == ("till", "track", 1)
    assert event["messageId"] == "msg_1"
    assert (event["event"], event["userId"]) == ("order.paid", "email:ada@example.org")
    assert event["timestamp"] == "2026-03-05T10:00:00Z"
    assert event["properties"]["total"] == 12.5


def test_a_message_of_the_tracking_api_goes_in_as_it_is(secret: str, company: Workspace) -> None:
    assert post(secret, b'{"type": "identify", "userId": "7"}').status_code == 202
    batch = b'{"batch": [{"type": "track", "event": "x", "userId": "1"}, {"type": "alias"}]}'
    assert post(secret, batch).status_code == 202
    first, second = open_inbox(company).take().received
    assert (first.call, msgspec.json.decode(first.body)["messageId"]) == ("identify", "msg_1")
    assert (second.call, second.events) == ("batch", 2)
    ids = [each["messageId"] for each in msgspec.json.decode(second.body)["batch"]]
    assert ids == ["msg_1:0", "msg_1:1"]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"source": "other"}, 401),
        ({"late": 400}, 401),
        ({"late": -400}, 401),
        ({"webhook-signature": "v1,AAAA"}, 401),
        ({"webhook-id": "msg_2"}, 401),
        ({"webhook-id": ""}, 401),
    ],
)
def test_what_is_not_signed_is_not_taken(
    secret: str, company: Workspace, change: dict[str, Any], status: int
) -> None:
    answer = post(secret, b'{"type": "x"}', **change)
    assert answer.status_code == status
    assert open_inbox(company).depth() == 0
    assert (
        Client().post("/hooks/in/till", b"{}", content_type="application/json").status_code == 401
    )
    assert Client().get("/hooks/in/till").status_code == 405


def test_what_is_sent_once_more_counts_once(secret: str, company: Workspace) -> None:
    body = b'{"type": "order.paid", "data": {"customer": {"email": "ada@example.org"}}}'
    for _ in range(2):  # as whoever saw it on its way might
        assert post(secret, body).status_code == 202
    inbox = open_inbox(company)
    Drainer(open_log(company), inbox).drain()
    inbox.close()
    assert open_log(company).read(["id"]).read_all()["id"].to_pylist() == ["till:msg_1"]


@pytest.mark.parametrize(
    ("body", "status"), [(b"{", 400), (b"[]", 400), (b"x" * 600_000, 413), (b"[" * 90_000, 400)]
)
def test_what_makes_no_sense_is_refused(secret: str, body: bytes, status: int) -> None:
    assert post(secret, body).status_code == status


@pytest.fixture
def _few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a source send three messages, and an address five, and then one in 20 and 12 seconds."""
    monkeypatch.setattr(incoming, "OF_SOURCE", Limit(3, 60))
    monkeypatch.setattr(incoming, "FROM_ADDRESS", Limit(5, 60))


@pytest.mark.usefixtures("_few_at_once")
def test_a_source_may_send_so_much_and_no_more(secret: str) -> None:
    body = b'{"type": "a"}'
    assert post("whsec_" + "A" * 32, body).status_code == 401, "what is not believed is not its own"
    assert [post(secret, body).status_code for _ in range(3)] == [202] * 3
    refused = post(secret, body)
    assert refused.status_code == 429
    assert refused.json() == {"error": "This source sends more than it may."}
    assert 1 <= int(refused["Retry-After"]) <= 20


@pytest.mark.usefixtures("_few_at_once")
def test_an_address_may_send_so_much_whatever_it_says(secret: str) -> None:
    guess = "whsec_" + "A" * 32
    assert [post(guess, b"{}", address="10.1.1.1").status_code for _ in range(5)] == [401] * 5
    refused = post(secret, b"{}", address="10.1.1.1")
    assert refused.status_code == 429
    assert 1 <= int(refused["Retry-After"]) <= 12
    assert post(secret, b"{}", address="10.1.1.2").status_code == 202


def test_a_sources_own_limit_holds_here_too(secret: str) -> None:
    Source.objects.update(most_per_second=1)
    assert [post(secret, b"{}").status_code for _ in range(2)] == [202, 429]


def test_a_sources_own_limit_is_one_for_both_doors(
    secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(allowance, "Limit", partial(Limit, clock=lambda: 0.0))
    Source.objects.update(most_per_second=3)
    known = KnownKeys(lambda: {digest("prk_till"): Allowed("till", most_per_second=3)})
    known.refresh()
    door = Door(inbox(), known)
    call = batch([{"type": "track", "event": "e", "userId": "ada", "messageId": "m"}], "prk_till")
    assert [ask(door, "/v1/b", call).status for _ in range(2)] == [200, 200]
    assert [post(secret, b"{}").status_code for _ in range(2)] == [202, 429]
    assert ask(door, "/v1/b", call).status == 429


def test_a_way_in_has_two_secrets_for_a_day(secret: str) -> None:
    new = actions.rotate_hook(None, "till")
    assert post(secret, b'{"type": "a"}').status_code == 202
    assert post(new, b'{"type": "a"}').status_code == 202
    actions.remove_hook(None, "till")
    assert post(new, b'{"type": "a"}').status_code == 401


def test_ways_in_are_opened_on_the_page(client_of: Callable[[str], Client]) -> None:
    sources.add(None, "till")
    client = client_of("administrator")
    shown = client.post(reverse("webhooks:add_hook"), {"source": "till", "customer_at": "a.b"})
    assert "whsec_" in shown.text
    address = reverse("webhooks:act_on_hook", args=["till"])
    assert "whsec_" in client.post(address, {"do": "rotate"}).text
    assert client.post(address, {"do": "remove"}).status_code == 302
    assert client.post(reverse("webhooks:add_hook"), {"source": "nobody"}).status_code == 422


def test_reading_the_log_holds_up_nobody_who_writes(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint(receiver)
    received("a")
    within: list[bool] = []
    usual = noticing._arrived
    outside = len(connection.savepoint_ids)

    def watched(*given: Any) -> Any:
        within.append(len(connection.savepoint_ids) > outside)
        return usual(*given)

    monkeypatch.setattr(noticing, "_arrived", watched)
    assert noticing.notice() == 1
    assert within == [False]


def test_what_another_noticed_meanwhile_is_not_told_twice(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint(receiver)
    received("a")
    usual = noticing._merged

    def meanwhile(*given: Any) -> Any:
        with monkeypatch.context() as patch:
            patch.setattr(noticing, "_merged", usual)
            assert noticing.notice() == 1
        return usual(*given)

    monkeypatch.setattr(noticing, "_merged", meanwhile)
    assert noticing.notice() == 0
    monkeypatch.undo()
    assert noticing.notice() == 0
    assert Message.objects.count() == 1


@pytest.mark.parametrize("private", ["yes", "127.0.0.0/8"])
def test_http_goes_to_no_public_address(settings: DjangoSettings, private: str) -> None:
    settings.NETWORK_GUARD = net.Guard.parse(private)
    with pytest.raises(WebhookError, match="https only"):
        actions.add(None, "http://93.184.215.14/hook", [events.RECEIVED])
    actions.add(None, "http://127.0.0.1/hook", [events.RECEIVED])
    actions.add(None, "https://93.184.215.14/hook", [events.RECEIVED])


def test_a_name_that_becomes_public_is_sent_nothing_in_the_clear(receiver: Receiver) -> None:
    made = endpoint(receiver)
    received("a")
    noticing.notice()
    # As if the name had been one of this network when it was entered.
    Endpoint.objects.filter(id=made.id).update(url="http://93.184.215.14/hook")
    assert sending.deliver_due() == 1
    assert "https only" in str(Attempt.objects.get().trouble)


def test_another_server_gets_another_secret_and_nothing_of_the_one_before(
    receiver: Receiver,
) -> None:
    made = endpoint(receiver)
    received("a")
    noticing.notice()
    assert actions.change(None, made.id, receiver.url + "?v=2", [events.RECEIVED]) == ""
    assert sending.deliver_due() == 1
    received("b")
    noticing.notice()
    with webs.running() as other:
        elsewhere = Receiver(other)
        elsewhere.secret = actions.change(None, made.id, elsewhere.url, [events.RECEIVED])
        assert elsewhere.secret not in ("", receiver.secret)
        assert sending.deliver_due() == 0
        received("c")
        noticing.notice()
        sending.deliver_due()
        assert [each["data"]["id"] for each in elsewhere.taken.values()] == ["c"]


@pytest.mark.parametrize("what", ["pause", "erase", "again"])
def test_what_somebody_does_while_messages_are_on_their_way_counts(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    made = endpoint(receiver)
    received("a", "b")
    noticing.notice()
    note, first = sending._note, Delivery.objects.order_by("id").first()
    assert first is not None
    if what == "again":
        receiver.status = [500]

    def meanwhile(result: Any) -> None:
        if what == "pause":
            actions.pause(None, made.id)
        elif what == "erase":
            Message.objects.exclude(id=first.message_id).delete()
        elif result.delivery == first.id:
            actions.send_again(None, made.id, [first.id])
        note(result)

    monkeypatch.setattr(sending, "_note", meanwhile)
    sending.deliver_due()
    if what == "again":
        first.refresh_from_db()
        assert (first.status, first.tries) == (Delivery.Status.WAITING, 0)
        assert first.next_at <= timezone.now()
    else:
        assert len(receiver.taken) == 1
