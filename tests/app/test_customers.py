"""The pages of customers, asked as a browser asks: who sees what, what is found and changed."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from tests.log.rows import START, add, row

from percorso import identity
from percorso.app.audit.models import Entry
from percorso.app.customers.models import Note
from percorso.log import Log, open_log
from percorso.log.facts import key_of
from percorso.segments import Catalogue
from percorso.workspace import Settings, Workspace

DAY = 24 * 60
ADA = "email:ada.rossi@example.org"
CALL_ME = "Chiamate Ada: 333 1234567"
NASTY = "<script>alert(1)</script>"
ClientOf = Callable[[str], Client]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a log of three customers."""
    place = Workspace.create(
        tmp_path_factory.mktemp("customers") / "company",
        Settings(company="Bottega Prova", language="en"),
    )
    found = open_log(place)
    order: dict[str, Any] = {"kind": "order", "currency": "EUR", "touchpoint": "Cassa"}
    traits = {"firstName": "Ada", "lastName": "Rossì", "phone": "333 1234567", "city": NASTY}
    consent = {"purpose": "marketing", "given": True, "how": "form", "words": "Accetto"}
    add(
        found,
        [
            row("a1", ADA, 0, kind="profile", source="crm", properties={"traits": traits}),
            row("a2", ADA, 1, **order, amount=40.0, about="order:7001"),
            row("a3", ADA, 2, **order, amount=60.0, about="order:7002"),
            row("a4", ADA, 3, kind="answer", scale="nps", score=2.0, text=CALL_ME),
            row("a5", ADA, 4, kind="consent", properties=consent),
            row(
                "a6", ADA, 5, kind="promise", name="delivery", about="order:7002",
                direction="out", due_at=START + timedelta(days=40),
            ),
            row("b1", "user:42", 10, **order, amount=5.0, about="order:7003"),
            row("c1", "anon:77", 20 * DAY, kind="visit"),
        ],
    )  # fmt: skip
    identity.resolve(found)
    return place.path


def page_of(log: Log, customer: str) -> str:
    return f"/customers/{key_of(log, customer)}/"


def read(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


@pytest.mark.parametrize(
    ("query", "finds"),
    [
        ("", 3),
        ("q=rossi+ADA", 1),
        ("q=ada.rossi@example", 1),
        ("q=%2B39+333+1234567", 1),
        ("q=7003", 1),
        ("q=nobody", 0),
        ("q=%27+OR+1%3D1+--", 0),
        ("segment=no_purchase", 1),
        ("rule=nps+<%3D+6", 1),
        ("channel=website&order=value", 3),
        ("seen=-365", 0),
        ("phase=nonsense&order=nonsense", 3),
    ],
)
def test_the_list_finds(shared: Log, client_of: ClientOf, query: str, finds: int) -> None:
    text = read(client_of("agent"), f"/customers/?{query}")
    assert len(re.findall(r'<th scope="row">', text)) == finds


def test_a_rule_in_the_address_that_is_wrong_says_where(shared: Log, client_of: ClientOf) -> None:
    text = read(client_of("agent"), "/customers/?rule=ordrs+>+1")
    assert "Did you mean “orders”?" in text


def test_the_page_tells_all_and_escapes_it(shared: Log, client_of: ClientOf) -> None:
    text = read(client_of("agent"), page_of(shared, ADA))
    for words in (
        "Ada Rossì", "ada.rossi@example.org", "crm", "€\xa0100", "NPS 2", CALL_ME,
        "order:7002", "open, due", "Marketing", "“Accetto”", "Day",
    ):  # fmt: skip
        assert words in text, words
    assert NASTY not in text
    only = read(client_of("agent"), page_of(shared, ADA) + "?only=said")
    assert (
        len(re.findall(r'<li class="event', only.split('id="timeline"')[1].split("</ol>")[0])) == 1
    )


def test_a_note_that_a_device_is_somebody_s_is_no_event(log: Log, client_of: ClientOf) -> None:
    agent = client_of("agent")
    before = read(agent, page_of(log, ADA)).count('<li class="event')
    facts = {"traits": {}, "links": ["anon:7f"]}
    add(log, [row("s:link:1", ADA, 9, kind="profile", name="link", properties=facts)])
    assert read(agent, page_of(log, ADA)).count('<li class="event') == before == 6


def test_a_viewer_is_not_told_who_it_is(shared: Log, client_of: ClientOf) -> None:
    viewer = client_of("viewer")
    for address in ("/customers/", page_of(shared, ADA)):
        text = read(viewer, address)
        for word in ("Ross", "ada.", "333", "7002", "user:42"):
            assert word not in text, (address, word)
    assert "NPS 2" in read(viewer, page_of(shared, ADA))
    assert viewer.get("/customers/?q=ada").status_code == 403


def test_who_looks_is_noted_once_without_the_name(shared: Log, client_of: ClientOf) -> None:
    agent = client_of("agent")
    read(agent, page_of(shared, ADA))
    read(agent, page_of(shared, ADA) + "?only=said")
    [entry] = Entry.objects.filter(action="customer.seen")
    assert entry.actor_name == "agent@example.org"
    assert "ada" not in f"{entry.subject}{entry.details}".casefold()
    assert "agent@example.org" in read(client_of("cx_manager"), page_of(shared, ADA))
    assert "Who looked" not in read(agent, page_of(shared, ADA))


def test_notes_follow_the_customer_and_are_taken_back(log: Log, client_of: ClientOf) -> None:
    agent, address = client_of("agent"), page_of(log, "user:42")
    assert agent.post(address + "notes/", {"text": "  "}).status_code == 422
    assert agent.post(address + "notes/", {"text": f"Preferisce {NASTY}"}).status_code == 302
    assert "Preferisce &lt;script&gt;" in read(agent, address)
    log.merge("user:42", ADA)
    joined = agent.get(address)
    assert joined.status_code == 302
    assert joined["Location"] == page_of(log, ADA)
    assert "Preferisce" in read(agent, page_of(log, ADA))
    log.unmerge("user:42")
    assert "Preferisce" not in read(agent, page_of(log, ADA))
    [note] = Note.objects.all()
    other = client_of("analyst")
    other.post(f"{address}notes/{note.pk}/remove/")
    assert Note.objects.count() == 1
    # Another customer's page takes no note away.
    agent.post(f"{page_of(log, ADA)}notes/{note.pk}/remove/")
    assert Note.objects.count() == 1
    agent.post(f"{address}notes/{note.pk}/remove/")
    assert Note.objects.count() == 0


def test_a_list_of_nobody_offers_no_segment_and_no_file(log: Log, client_of: ClientOf) -> None:
    analyst = client_of("analyst")
    for query, offered in (("", True), ("?rule=ordini+>+0", True), ("?q=nobody+at+all", False)):
        page = read(analyst, f"/customers/{query}")
        assert ("/segments/build/" in page) is offered, query
        assert ("customers.csv" in page) is offered, query
    assert "<code>orders &gt; 0</code>" in read(analyst, "/customers/?rule=ordini+>+0")


def test_a_pair_is_answered_and_undone(log: Log, client_of: ClientOf) -> None:
    analyst = client_of("analyst")
    said = {"one": ADA, "other": "user:42", "same": "yes"}
    assert analyst.post("/customers/duplicates/answer/", said).status_code == 302
    assert log.identity.customer_of(ADA) == log.identity.customer_of("user:42")
    customer = log.identity.customer_of(ADA)
    assert "one customer" in read(analyst, "/customers/duplicates/")
    [join] = identity.explain(log, customer)
    undone = analyst.post(f"{page_of(log, customer)}undo/{join.number}/")
    assert undone.status_code == 302
    assert log.identity.customer_of(ADA) != log.identity.customer_of("user:42")
    assert analyst.post("/customers/duplicates/answer/", {**said, "same": "x"}).status_code == 400
    analyst.post("/customers/duplicates/answer/", {**said, "same": "no"})
    assert "two customers" in read(analyst, "/customers/duplicates/")


def test_a_segment_is_built_without_script_saved_and_filters_pages(
    log: Log, client_of: ClientOf
) -> None:
    analyst = client_of("analyst")
    query = "match=all&rows=1&field-0=orders&operator-0=%3E%3D&value-0=2&do=add"
    text = read(analyst, f"/segments/build/?{query}")
    assert 'name="field-1"' in text
    text = read(analyst, f"/segments/build/?{query.replace('&do=add', '')}")
    assert re.search(r'class="big">\s*1<', text)
    assert "orders &gt;= 2" in text
    given = {"as": "Clienti & co", "rule": "orders >= 2", "editing": ""}
    assert analyst.post("/segments/save/", given).status_code == 302
    assert "Clienti &amp; co" in read(analyst, "/segments/")
    assert (
        len(re.findall(r'<th scope="row">', read(analyst, "/customers/?segment=Clienti+%26+co")))
        == 1
    )
    page = read(analyst, "/problems/?period=all&segment=Clienti+%26+co")
    assert '<option value="Clienti &amp; co" selected>' in page
    changed = {"as": "Clienti", "rule": "orders >= 1", "editing": "Clienti & co"}
    analyst.post("/segments/save/", changed)
    assert "“Clienti”" in read(analyst, "/segments/build/?name=Clienti")
    analyst.post("/segments/delete/", {"name": "Clienti"})
    assert (
        "Clienti"
        not in read(analyst, "/segments/").split("By RFM")[0].split("Saved")[1].split("deleted")[-1]
    )
    actions_done = list(Entry.objects.values_list("action", flat=True))
    for action in ("segment.saved", "segment.changed", "segment.deleted"):
        assert action in actions_done


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("by=text&rule=ordrs+>+1", "Did you mean “orders”?"),
        ("by=text&rule=(orders+>+1+or+nps+<+3)+and+orders+>+0", "of 3 customers fit"),
        ("rule=(orders+>+1+or+nps+<+3)+and+orders+>+0", "has brackets"),
        ("rows=1&field-0=orders&operator-0=%3E%3D&value-0=two", "give a number"),
        ("rows=1&field-0=last_order&operator-0=%3E%3D&value-0=2", "Fill in a condition"),
        ("rows=999999999999&match=%00", "Fill in a condition"),
        ("rule=segment+Nobody", "is no segment"),
        ("rule=channel+website,+store", "of 3 customers fit"),
        ("rule=not+channel+phone", "of 3 customers fit"),
        ("rule=last_order+within+2+months+and+trait+city+known", "of 3 customers fit"),
    ],
)
def test_the_builder_says_what_it_makes_of_the_address(
    shared: Log, client_of: ClientOf, query: str, says: str
) -> None:
    assert says in read(client_of("agent"), f"/segments/build/?{query}")


def test_the_export_is_safe_and_noted(shared: Log, client_of: ClientOf) -> None:
    text = client_of("analyst").get("/customers/customers.csv?q=rossi").content.decode("utf-8-sig")
    lines = text.splitlines()
    assert lines[0].startswith("customer,first,last,")
    assert len(lines) == 2
    [entry] = Entry.objects.filter(action="customer.exported")
    assert entry.details == {"customers": 1}
    assert "rossi" not in str(entry.subject)


def test_what_is_not_there(shared: Log, client_of: ClientOf) -> None:
    agent = client_of("agent")
    for key in ("x", "0" * 20, "..", "%00" * 7):
        assert agent.get(f"/customers/{key}/").status_code == 404
    assert read(agent, f"/problems/met/{key_of(shared, ADA)}/")
    assert agent.get("/problems/met/0000/").status_code == 404


def test_an_empty_log_says_what_to_do(company: Workspace, client_of: ClientOf) -> None:
    for address in ("/customers/", "/segments/", "/segments/build/"):
        assert "nothing in the log yet" in read(client_of("viewer"), address)


TELLS = 'trait "city" = "Roma"'


@pytest.mark.parametrize(
    "rule", [TELLS, f"orders >= 0 or not {TELLS}", 'source "crm"', 'segment "Romani"']
)
def test_a_viewer_asks_for_nobody_by_name(log: Log, client_of: ClientOf, rule: str) -> None:
    Catalogue(log.workspace).save("Romani", TELLS, who="Ada")
    viewer = client_of("viewer")
    assert viewer.get("/customers/", {"rule": rule}).status_code == 403
    assert client_of("agent").get("/customers/", {"rule": rule}).status_code == 200
    built = read(viewer, "/segments/build/?" + urlencode({"rule": rule, "by": "text"}))
    assert "Only who may see customers" in built
    assert "customers fit (" not in built
    assert viewer.get("/customers/", {"segment": "Romani"}).status_code == 403
    assert "Romani" not in read(viewer, "/segments/")
    assert "Romani" not in read(viewer, "/customers/")
    assert viewer.get("/segments/build/", {"name": "Romani"}).status_code == 403
    shown = read(viewer, "/problems/?" + urlencode({"segment": "Romani", "property.city": "Roma"}))
    assert "may filter by a property" in shown


def test_a_viewer_is_shown_no_list_and_no_count_that_is_short(
    shared: Log, client_of: ClientOf
) -> None:
    viewer, agent = client_of("viewer"), client_of("agent")
    assert key_of(shared, ADA) not in read(viewer, "/customers/?rule=orders+>=+2")
    assert "Fewer than 5" in read(viewer, "/customers/?rule=orders+>=+2")
    assert "Fewer than 5" in read(viewer, "/segments/build/?rule=orders+>=+2")
    assert key_of(shared, ADA) in read(agent, "/customers/?rule=orders+>=+2")
