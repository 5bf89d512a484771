"""The pages of sources: keys, what arrives, rules, contacts, a counter; as each role sees them."""

import re
import shutil
import threading
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from tests.server import wait_for

from percorso.app import inbox
from percorso.app.audit.models import Entry
from percorso.app.sources import actions, arrivals, contacts, health, mapping, tasks
from percorso.app.sources.models import Source, WriteKey
from percorso.app.sources.queries import working_keys
from percorso.app.sources.write_keys import digest
from percorso.live import Received
from percorso.live.draining import Drainer
from percorso.log import open_log
from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db
As = Callable[[str], Client]


@pytest.fixture(autouse=True)
def _company(company: Workspace) -> Any:
    cache.clear()
    yield
    inbox.close()


def send(*events: dict[str, Any], source: str = "shop") -> None:
    body = msgspec.json.encode({"batch": list(events)})
    now = time.time_ns() // 1000
    inbox.inbox().put([Received(source, "batch", now, body, len(events))])


def track(event: str, message: str = "m1", **properties: Any) -> dict[str, Any]:
    return {
        "type": "track",
        "event": event,
        "userId": "42",
        "messageId": message,
        "properties": properties,
    }


def drain(company: Workspace) -> None:
    Drainer(open_log(company), inbox.inbox()).drain()


def rows(company: Workspace) -> list[dict[str, Any]]:
    return open_log(company).read().read_all().to_pylist()  # type: ignore[no-any-return]


def said(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


# Sources and keys


def test_a_key_is_shown_once_and_works(client_of: As) -> None:
    manager = client_of("cx_manager")
    given = {"name": "Online-Shop", "origins": "https://a.example.org\nhttps://b.example.org"}
    answer = manager.post(reverse("sources:add"), given)
    key = re.search(r"prk_[\w-]+", answer.content.decode())[0]  # type: ignore[index] # it is there
    assert working_keys()[digest(key)].origins == {"https://a.example.org", "https://b.example.org"}
    assert f"data-key=&quot;{key}&quot;" in answer.content.decode() or f'data-key="{key}"' in (
        answer.content.decode()
    )
    again = manager.get(reverse("sources:one", args=["online-shop"]))
    assert key not in again.content.decode()
    assert f"…{key[-4:]}" in said(again)
    assert Entry.objects.filter(action="source.added", actor_name="cx_manager@example.org").exists()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"name": "Città!"}, "small letters, digits and hyphens"),
        ({"name": "shop", "origins": "not a website"}, "is not the address of a website"),
        ({"name": "shop", "most_per_second": "0"}, "greater than or equal to 1"),
        ({"name": ""}, "required"),
    ],
)
def test_what_makes_no_source_is_said(client_of: As, given: dict[str, str], words: str) -> None:
    answer = client_of("cx_manager").post(reverse("sources:add"), given)
    assert answer.status_code == 422
    assert words in said(answer)
    assert not Source.objects.exists()


def test_keys_are_rotated_revoked_and_the_source_closed(client_of: As) -> None:
    first = actions.add(None, "shop")
    manager, act = client_of("cx_manager"), reverse("sources:act", args=["shop"])
    second = re.search(r"prk_[\w-]+", manager.post(act, {"do": "rotate"}).content.decode())[0]  # type: ignore[index]
    assert {digest(first), digest(second)} == set(working_keys())
    assert manager.post(act, {"do": "revoke", "ending": first[-4:]}).status_code == 302
    assert set(working_keys()) == {digest(second)}
    assert "Revoke all" not in said(manager.get(reverse("sources:one", args=["shop"])))
    manager.post(act, {"do": "close"})
    assert working_keys() == {}
    page = said(manager.get(reverse("sources:one", args=["shop"])))
    assert "closed" in page
    assert "Make a new key" not in page
    assert WriteKey.objects.count() == 2
    done = set(Entry.objects.values_list("action", flat=True))
    assert {"source.rotated", "source.revoked", "source.closed"} <= done


def test_who_may_send_is_changed(client_of: As) -> None:
    key = actions.add(None, "shop")
    manager, page = client_of("cx_manager"), reverse("sources:one", args=["shop"])
    assert manager.post(page, {"origins": "https://x.example.org"}).status_code == 302
    assert working_keys()[digest(key)].origins == {"https://x.example.org"}
    wrong = manager.post(page, {"origins": "ftp://x.example.org"})
    assert wrong.status_code == 422
    assert "Write it like https://www.example.org" in said(wrong)


def test_the_list_says_how_each_source_is(client_of: As, company: Workspace) -> None:
    viewer, page = client_of("viewer"), reverse("sources:list")
    assert "Nobody tells anything yet" in said(viewer.get(page))
    for name in ("shop", "till", "old"):
        actions.add(None, name)
    actions.revoke(None, "old")
    send(track("Order Completed", order_id="1", total=9))
    send({"type": "track", "event": "x", "messageId": "b"}, source="till")
    drain(company)
    words = said(viewer.get(page))
    assert "events arrive" in words
    assert "most of the last day is rejected" in words
    assert "none of its keys works" in words
    assert "1 event was rejected" in words
    assert "Add a source" not in words


# What arrives


def test_the_debugger_shows_each_event_and_its_fate(client_of: As, company: Workspace) -> None:
    actions.add(None, "shop")
    send(
        track("Order Completed", "a", order_id="1", total=9.5, currency="EUR"),
        track("Mystery", "b"),
        {"type": "track", "event": "Nobody", "messageId": "c"},
    )
    drain(company)
    send(track("Product Viewed", "d"))
    found = arrivals.arrived(10)
    assert [(e.name, e.fate.value) for e in found] == [
        ("Product Viewed", "waits"),
        ("Nobody", "rejected"),
        ("Mystery", "unmapped"),
        ("Order Completed", "kept"),
    ]
    page = client_of("analyst").get(reverse("sources:live"))
    words = said(page)
    for each in ("Order", "not yet mapped", "userId or anonymousId must be given", "user:42"):
        assert each in words
    assert "every 3s" in page.content.decode()
    part = client_of("analyst").get(reverse("sources:live"), headers={"HX-Request-Type": "partial"})
    assert "<html" not in part.content.decode()
    assert "Mystery" in part.content.decode()
    one = said(client_of("analyst").get(reverse("sources:event", args=[found[-1].number])))
    assert "order:1" in one
    assert "9.5" in one


def test_what_was_rejected_is_told_by_what_happened_not_by_todays_rules(
    client_of: As, company: Workspace
) -> None:
    company.mapping_rules.write_text(
        '[[rule]]\nevent = "Voto"\nkind = "answer"\nscale = "nps"\nscore = "voto"\n'
        '[[rule]]\nevent = "Ping"\nkind = "other"\n'
    )
    send(track("Voto", "a", voto=11), track("Voto", "b", voto=9), track("Ping", "c"))
    drain(company)
    rules = company.mapping_rules.read_text()
    company.mapping_rules.write_text(rules.replace("nps", "csat"))
    found = arrivals.arrived(10)
    fates = [(each.name, each.fate.value) for each in found]
    assert fates == [("Ping", "kept"), ("Voto", "kept"), ("Voto", "rejected")]
    kept = found[1]
    page = client_of("analyst").get(reverse("sources:event", args=[kept.number]))
    words = said(page).replace("&#x27;", "'").replace("&#39;", "'")
    assert "Today's rules would reject it:" in words
    assert "on csat must be" in words


def test_broken_rules_are_said_and_break_no_page(client_of: As, company: Workspace) -> None:
    actions.add(None, "shop")
    send(track("Product Viewed", "a"))
    (found,) = arrivals.arrived(1)
    company.mapping_rules.write_text("[[rule]]\nevent = 3\nkind = 'visit'\n")
    analyst = client_of("analyst")
    page = analyst.get(reverse("sources:event", args=[found.number]))
    assert page.status_code == 503
    assert "rule 1: event must be a text" in said(page)
    words = said(analyst.get(reverse("sources:list")))
    assert "The mapping rules make no sense." in words
    assert "rule 1: event must be a text" in words
    assert "rule 1: event must be a text" in said(analyst.get(reverse("sources:live")))


def test_what_a_source_sent_long_ago_says_nothing_of_today(
    client_of: As, company: Workspace
) -> None:
    actions.add(None, "shop")
    wrong = {"type": "track", "event": "x"}
    old = time.time_ns() // 1000 - 3 * 86_400_000_000
    body = msgspec.json.encode({"batch": [{**wrong, "messageId": str(n)} for n in range(50)]})
    inbox.inbox().put([Received("shop", "batch", old, body, 50)])
    drain(company)
    line = health.line("shop")
    assert line is not None
    assert (line.health, line.rejected, line.lately) == ("quiet", 50, 0)
    send(track("Product Viewed", "a"), track("Product Viewed", "b"), {**wrong, "messageId": "c"})
    drain(company)
    line = health.line("shop")
    assert line is not None
    assert (line.health, line.events, line.lately, line.lately_rejected) == ("arrives", 53, 3, 1)
    send(*({**wrong, "messageId": f"d{n}"} for n in range(5)))
    drain(company)
    assert "most of the last day is rejected" in said(client_of("viewer").get("/sources/"))


def test_more_names_than_a_page_lists_are_counted(company: Workspace) -> None:
    send(*(track(f"Name {n}", str(n)) for n in range(230)))
    drain(company)
    assert health.state().unmapped == 230


def test_a_process_has_one_inbox(company: Workspace) -> None:
    send(track("Product Viewed"))
    before = sum(each.name == "inbox" for each in threading.enumerate())
    for _ in range(3):
        send(track("Product Viewed"))
        actions_inbox = inbox.inbox()
    assert actions_inbox is inbox.inbox()
    assert sum(each.name == "inbox" for each in threading.enumerate()) == before


def test_older_events_are_reached_without_gap_or_repetition(company: Workspace) -> None:
    for batch in range(3):
        send(*(track(f"E{batch}-{n}", f"{batch}-{n}") for n in range(7)))
    names: list[str] = []
    before = None
    while found := arrivals.arrived(4, before):
        names += [each.name for each in found]
        before = found[-1].place
    assert names == [f"E{batch}-{n}" for batch in (2, 1, 0) for n in range(6, -1, -1)]


def test_only_those_of_a_source(company: Workspace) -> None:
    send(track("A", "1"), source="shop")
    send(track("B", "2"), source="till")
    assert [each.name for each in arrivals.arrived(10, source="till")] == ["B"]


@pytest.mark.parametrize("number", ["x", "1.2", "1.2.3.4", "99.0.0", "9" * 40, "1.0.7", "٣.٣.٣"])
def test_an_event_that_is_not_there_is_not_found(client_of: As, number: str) -> None:
    send(track("A"))
    answer = client_of("analyst").get(reverse("sources:event", args=[number]))
    assert answer.status_code == 404


def test_what_was_sent_is_escaped(client_of: As, company: Workspace) -> None:
    actions.add(None, "shop")
    send(track("<script>alert(1)</script>", "x", **{"<b>": "<img src=x onerror=1>"}))
    send({"type": "<i>", "userId": "1", "messageId": "<u>"})
    drain(company)
    manager = client_of("cx_manager")
    unknown = mapping.unknown()[0]
    asked = {"source": unknown.source, "call": unknown.call, "name": unknown.name}
    for page in (
        manager.get(reverse("sources:live")),
        manager.get(reverse("sources:rejected")),
        manager.get(reverse("sources:unmapped")),
        manager.get(reverse("sources:new_rule"), asked),
        manager.get(reverse("sources:event", args=[arrivals.arrived(2)[1].number])),
    ):
        assert page.status_code == 200
        for each in (b"<script>alert", b"<img src=x", b"<i>", b"<u>"):
            assert each not in page.content


def test_rejected_events_go_in_again_or_away(client_of: As, company: Workspace) -> None:
    for name in ("a", "b", "c"):
        send({"type": "track", "event": "x", "messageId": name})
    drain(company)
    analyst = client_of("analyst")
    page = analyst.get(reverse("sources:rejected"))
    assert "3 events were rejected" in said(page)
    ids = re.findall(r'name="id" value="(\d+)"', page.content.decode())
    assert len(ids) == 3
    analyst.post(reverse("sources:settle"), {"do": "discard", "id": ids[:1]})
    analyst.post(reverse("sources:settle"), {"do": "replay", "id": [*ids[1:], "x", "9" * 30]})
    assert inbox.inbox().rejected_count() == 0
    drain(company)
    assert inbox.inbox().rejected_count() == 2  # they still break the rule
    trail = dict(Entry.objects.values_list("action", "details"))
    assert trail["event.discarded"] == {"events": 1}
    assert trail["event.replayed"] == {"events": 2}


# Rules

RULE = '[[rule]]\nevent = "Mystery"\nkind = "order"\namount = "total"\ncurrency = "EUR"\n'


def rules_page(client: Client, do: str, text: str) -> Any:
    page = client.get(reverse("sources:rules")).content.decode()
    version = re.search(r'name="version" value="(\w+)"', page)[1]  # type: ignore[index]
    return client.post(reverse("sources:rules"), {"do": do, "rules": text, "version": version})


def test_rules_are_tried_on_the_last_day_and_then_hold(client_of: As, company: Workspace) -> None:
    send(track("Mystery", "a", total=12), track("Product Viewed", "b"))
    drain(company)
    manager = client_of("cx_manager")
    tried = said(rules_page(manager, "try", RULE))
    assert "Events tried: 2. Rows that would be different: 1." in tried
    assert "12.0" in tried
    assert not company.mapping_rules.exists()
    assert rules_page(manager, "save", RULE.replace("\n", "\r\n")).status_code == 302
    assert company.mapping_rules.read_text() == RULE
    assert mapping.unknown() == ()
    send(track("Mystery", "c", total=7))
    drain(company)
    assert {(row["kind"], row["amount"]) for row in rows(company)} >= {("order", 7.0)}
    assert Entry.objects.get(action="rules.saved").details == {"rules": 1}
    assert "Mystery" in said(client_of("viewer").get(reverse("sources:rules")))


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (RULE + '\n[[rule]]\nevent = "x"\nkind = "ordr"\n', "Line 7", "Did you mean 'order'?"),
        (RULE + "kind = \n", "Line 6", "mapping.toml"),
        ("shiped = true\n", "", "Did you mean 'shipped'?"),
        (RULE + "colour = 'red'\n", "Line 1", "'colour' is not known"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(
    client_of: As, company: Workspace, text: str, line: str, words: str
) -> None:
    for do in ("check", "try", "save"):
        answer = rules_page(client_of("cx_manager"), do, text)
        assert answer.status_code == 422
        page = answer.content.decode().replace("&#x27;", "'")
        assert line in page
        assert words in page
        assert text.splitlines()[0].split(" ")[0] in page  # what was written is still there
    assert not company.mapping_rules.exists()


def test_two_people_do_not_overwrite_each_other(client_of: As, company: Workspace) -> None:
    manager = client_of("cx_manager")
    given = {"do": "save", "rules": RULE, "version": mapping.written().version}
    company.mapping_rules.write_text("# somebody else\n")
    answer = manager.post(reverse("sources:rules"), given)
    assert answer.status_code == 422
    assert "Somebody changed the rules meanwhile" in said(answer)
    assert company.mapping_rules.read_text() == "# somebody else\n"


def test_rules_broken_on_the_disk_are_shown_and_mended(client_of: As, company: Workspace) -> None:
    company.mapping_rules.write_text("[[rule]]\nkind = 3\n")
    manager = client_of("cx_manager")
    page = manager.get(reverse("sources:rules"))
    assert page.status_code == 200
    assert "Line 1" in said(page)
    send(track("A"))
    assert manager.get(reverse("sources:live")).status_code == 200
    assert rules_page(manager, "save", RULE).status_code == 302


def test_a_name_is_mapped_in_one_step(client_of: As, company: Workspace) -> None:
    company.mapping_rules.write_text(
        '# ours\n[[rule]]\nevent = "x"\nwhere = { "a" = "b" }\nkind = "view"'
    )
    name = 'Ordine "nuovo" \\ è\x7f'
    send(track(name, "a", euro=12.5, nota="ciao", n="7"), track("Beat", "b"))
    drain(company)
    manager, page = client_of("cx_manager"), reverse("sources:new_rule")
    assert "Ordine" in said(client_of("analyst").get(reverse("sources:unmapped")))
    shown = {each.name: each for each in mapping.unknown()}
    assert set(shown) == {name, "Beat"}
    asked = {"source": "shop", "call": "track", "name": name}
    assert "euro (12.5)" in said(manager.get(page, asked))
    form = {**asked, "kind": "order", "touchpoint": "Cassa", "amount": "euro", "about": "n"}
    assert manager.post(page, {**form, "text": "nothing"}).status_code == 422
    tried = said(manager.post(page, {**form, "do": "try"}))
    assert "Rows that would be different: 1" in tried
    assert "Cassa" in tried
    assert "nuovo" not in company.mapping_rules.read_text()
    assert manager.post(page, form).status_code == 302
    assert manager.post(page, {**asked, "name": "Beat", "kind": "drop"}).status_code == 302
    assert mapping.unknown() == ()
    assert company.mapping_rules.read_text().startswith("# ours\n")
    send(track(name, "c", euro=20, n="8"), track("Beat", "d"))
    drain(company)
    new = [row for row in rows(company) if row["id"] in ("shop:c", "shop:d")]
    assert [(r["kind"], r["amount"], r["touchpoint"], r["about"]) for r in new] == [
        ("order", 20.0, "Cassa", "order:8")
    ]
    assert manager.get(page, {**asked, "name": "unheard"}).status_code == 404


def test_what_came_before_a_rule_is_read_again(client_of: As, company: Workspace) -> None:
    send(track("Scontrino", "a", euro=5), track("Resto", "b"))
    drain(company)
    manager = client_of("cx_manager")
    asked = {"source": "shop", "call": "track", "name": "Scontrino"}
    form = manager.get(reverse("sources:new_rule"), asked).content.decode()
    assert re.search(r'name="again"[^>]* checked', form)
    given = {**asked, "kind": "order", "amount": "euro", "again": "on"}
    answer = manager.post(reverse("sources:new_rule"), given, follow=True)
    assert "read again in the next seconds" in said(answer)
    tasks.read_again.func()
    drain(company)
    assert {row["id"]: (row["kind"], row["amount"]) for row in rows(company)} == {
        "shop:a": ("order", 5.0),
        "shop:b": ("other", None),
    }
    assert client_of("analyst").post(reverse("sources:rules"), {"do": "again"}).status_code == 403
    assert manager.post(reverse("sources:rules"), {"do": "again"}).status_code == 302
    assert Entry.objects.filter(action="event.to_read_again").count() == 2
    assert Entry.objects.get(action="event.read_again").details == {"events": 1}


# Contacts and the counter


def test_a_visit_is_logged_in_two_taps(client_of: As, company: Workspace) -> None:
    agent, page = client_of("agent"), reverse("contacts:log")
    assert "What happened just now?" in said(agent.get(page))
    assert "Only looked" in said(agent.get(page, {"what": "visit"}))
    given = {"what": "visit", "reason": "looked", "place": "Via Roma"}
    done = agent.post(page, given, follow=True)
    assert "Logged: Visit to the shop, Only looked." in said(done)
    assert "Via Roma" in said(done)  # remembered for the next one
    agent.post(page, {"what": "call_in", "reason": "asked", "customer": "333 123 4567"})
    agent.post(page, {"what": "call_out", "reason": "other", "customer": "Ada@Example.org"})
    drain(company)
    found = {row["name"]: row for row in rows(company)}
    visit, call = found["Visit: looked"], found["Call received: asked"]
    ours = found["Call made: other"]
    assert (visit["kind"], visit["channel"], visit["touchpoint"]) == ("visit", "store", "Via Roma")
    assert visit["customer"].startswith("anon:")
    assert (call["customer"], call["direction"]) == ("phone:+393331234567", "in")
    assert (ours["customer"], ours["direction"]) == ("email:ada@example.org", "out")
    # Who came in is not known, and cannot be known again.
    assert visit["customer"].startswith("anon:once-")
    entries = Entry.objects.filter(action="contact.logged")
    assert entries.count() == 3
    assert not any("333" in f"{e.subject}{e.details}" for e in entries)


def test_a_complaint_is_a_request_for_help_too(client_of: As, company: Workspace) -> None:
    given = {"reason": "complained", "place": "Via Roma", "notes": "Era rotto"}
    for what in ("visit", "call_in", "call_out"):
        client_of("agent").post(reverse("contacts:log"), {"what": what, **given})
    drain(company)
    found = sorted((r["name"], r["kind"], r["touchpoint"], r["text"]) for r in rows(company))
    assert found == [
        ("Call made: complained", "call", "Via Roma", "Era rotto"),
        ("Call received: complained", "call", "Via Roma", "Era rotto"),
        ("Complaint", "ticket", "Via Roma", None),
        ("Complaint", "ticket", "Via Roma", None),
        ("Complaint", "ticket", "Via Roma", None),
        ("Visit: complained", "visit", "Via Roma", "Era rotto"),
    ]


@pytest.mark.parametrize(
    "given",
    [
        {"what": "visit", "reason": "bought", "customer": "Mario Rossi"},
        {"what": "visit", "reason": "stole"},
        {"what": "dance", "reason": "bought"},
        {"what": "visit", "reason": "bought", "notes": "x" * 3000},
    ],
)
def test_what_is_no_contact_is_not_logged(client_of: As, given: dict[str, str]) -> None:
    answer = client_of("agent").post(reverse("contacts:log"), given)
    assert answer.status_code == 422
    assert inbox.inbox().depth() == 0


@pytest.mark.parametrize(
    ("language", "why"),
    [("it", "Il disco è quasi pieno. Riprova."), ("en", "The disk is almost full. Try again.")],
)
def test_where_nothing_more_can_be_kept_that_is_said(
    client_of: As, client: Client, monkeypatch: pytest.MonkeyPatch, language: str, why: str
) -> None:
    agent, page = client_of("agent"), reverse("contacts:log")
    agent.post("/preferences", {"language": language})
    actions.add(None, "counter")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    given = {"what": "visit", "reason": "looked"}
    # The thread that writes looks around after its first flush.
    wait_for(lambda: agent.post(page, given).status_code == 422)
    assert why in said(agent.post(page, given))
    link = reverse("counter:page", args=[contacts.counter_token("counter", "Qui")])
    assert client.post(link, {"score": "5"}).status_code == 503


def test_a_counter_has_a_code_that_leads_to_the_question(
    client_of: As, company: Workspace, client: Client
) -> None:
    actions.add(None, "counter")
    manager = client_of("cx_manager")
    page = manager.get(reverse("sources:counter", args=["counter"]), {"place": "Via Roma 3"})
    link = re.search(r'value="http://testserver(/here/[^"]+)"', page.content.decode())[1]  # type: ignore[index]
    code = manager.get(reverse("sources:counter_code", args=["counter"]), {"place": "Via Roma 3"})
    assert code["Content-Type"] == "image/svg+xml"
    assert code.content.startswith(b"<?xml")
    asked = client.get(link, headers={"accept-language": "it"})
    assert "Via Roma 3" in said(asked)
    assert "csrf" not in asked.content.decode()
    assert not asked.cookies
    assert inbox.inbox().depth() == 0  # looking keeps nothing
    assert client.post(link, {"score": "9"}).status_code == 422
    assert client.post(link, {"score": "4", "words": " Gentili "}).status_code == 302
    drain(company)
    visit, answer = sorted(rows(company), key=lambda row: row["kind"], reverse=True)
    assert (visit["kind"], visit["channel"], visit["touchpoint"]) == (
        "visit",
        "store",
        "Via Roma 3",
    )
    assert (answer["scale"], answer["score"], answer["text"]) == ("csat", 4.0, "Gentili")
    assert answer["touchpoint"] == "Via Roma 3"
    assert answer["customer"] == visit["customer"]
    actions.close(None, "counter")
    assert client.get(link).status_code == 410
    assert client.post(link, {"score": "4"}).status_code == 410


def test_a_counter_takes_so_many_answers_a_minute(client: Client, company: Workspace) -> None:
    actions.add(None, "counter")
    link = reverse("counter:page", args=[contacts.counter_token("counter", "Qui")])
    answers = [client.post(link, {"score": "5"}).status_code for _ in range(22)]
    assert answers[:20] == [302] * 20
    assert answers[-1] == 429


@pytest.mark.parametrize("token", ["x", "WyJzaG9wIl0:1:abc", "%00"])
def test_a_made_up_link_leads_nowhere(client: Client, company: Workspace, token: str) -> None:
    assert client.get(f"/here/{token}").status_code == 410


def test_whoever_may_not_see_events_is_not_sent_to_those_rejected(
    client_of: As, company: Workspace
) -> None:
    client_of("cx_manager").post(reverse("sources:add"), {"name": "shop"})
    send({"type": "odd", "userId": "42", "messageId": "a"})
    drain(company)
    beside = {"HX-Request": "true", "HX-Request-Type": "partial"}
    for role, told in (("viewer", False), ("agent", False), ("analyst", True)):
        client = client_of(role)
        for address in (reverse("sources:list"), reverse("connectors:beside")):
            page = client.get(address, headers=beside if "beside" in address else {})
            assert (reverse("sources:rejected") in page.content.decode()) is told, (role, address)
