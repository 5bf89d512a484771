"""Customers and segments by the API: found, read whole, noted; every look in the trail."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from tests.log.rows import START, add, row

from percorso import identity
from percorso.app.audit.models import Entry
from percorso.app.customers.models import Note
from percorso.log import Log, open_log
from percorso.log.facts import key_of
from percorso.segments import Catalogue
from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db
Program = Callable[..., Client]
ADA = "email:ada@example.org"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a log of three customers, one with all that can be known of somebody."""
    place = Workspace.create(tmp_path_factory.mktemp("customers") / "company")
    log = open_log(place)
    traits = {"firstName": "Ada", "lastName": "Rossi", "phone": "333 1234567"}
    order: dict[str, Any] = {"kind": "order", "currency": "EUR", "touchpoint": "Till"}
    add(
        log,
        [
            row("a1", ADA, 0, kind="profile", source="crm", properties={"traits": traits}),
            row("a2", "user:7", 1, kind="profile", properties={"links": [ADA]}),
            row("a3", "user:7", 2, **order, amount=40.0, about="order:7001"),
            row("a4", ADA, 3, kind="answer", scale="nps", score=2.0, text="Che attesa"),
            row("a5", ADA, 4, kind="consent", properties={"purpose": "marketing", "given": True}),
            row(
                "a6", ADA, 5, kind="promise", name="delivery", about="order:7001",
                direction="out", due_at=START + timedelta(days=40),
            ),
            row("b1", "user:42", 10, **order, amount=5.0, about="order:7003"),
            row("c1", "anon:77", 20, kind="visit"),
        ],
    )  # fmt: skip
    identity.resolve(log)
    return place.path


def ask(client: Client, path: str, **query: Any) -> Any:
    answer = client.get(f"/api/v1{path}", query)
    assert answer.status_code == 200, answer.content
    return answer.json()


@pytest.mark.parametrize(
    ("query", "finds"),
    [
        ({}, {"user:7", "user:42", "anon:77"}),
        ({"q": "rossi"}, {"user:7"}),
        ({"q": "ada@example.org"}, {"user:7"}),
        ({"reference": ADA}, {"user:7"}),
        ({"reference": "user:1"}, set()),
        ({"segment": "no_purchase"}, {"anon:77"}),
        ({"rule": "orders >= 1 and nps <= 6"}, {"user:7"}),
        ({"rule": "consenso marketing", "reference": "user:42"}, set()),
    ],
)
def test_customers_are_found(
    shared: Log, program: Program, query: dict[str, str], finds: set[str]
) -> None:
    found = ask(program("read:customers"), "/customers", **query)
    assert {each["customer"] for each in found["customers"]} == finds
    assert (found["total"], found["after"]) == (len(finds), None)
    assert found["log_version"] == shared.version


def test_a_long_list_comes_in_parts_and_each_is_in_the_trail(shared: Log, program: Program) -> None:
    client, seen = program("read:customers"), []
    part = ask(client, "/customers", limit=2)
    seen += part["customers"]
    rest = ask(client, "/customers", limit=2, after=part["after"])
    seen += rest["customers"]
    assert part["total"] == rest["total"] == 3
    assert rest["after"] is None
    assert sorted(each["customer"] for each in seen) == ["anon:77", "user:42", "user:7"]
    taken = Entry.objects.filter(action="customer.exported").values_list("details", flat=True)
    assert [each["customers"] for each in taken] == [1, 2]
    assert {each["program"] for each in taken} == {"a program"}


def test_a_customer_is_told_whole_by_key_and_by_any_reference(
    shared: Log, program: Program
) -> None:
    client = program("read:customers")
    ada = ask(client, f"/customers/{key_of(shared, 'user:7')}")
    for name in ("user:7", ADA):
        assert ask(client, f"/customers/{quote(name)}") == ada
    assert (ada["name"], ada["orders"], ada["value"], ada["nps"]) == ("Ada Rossi", 1, 40.0, 2.0)
    assert ada["references"] == [ADA, "user:7"]
    assert {"field": "phone", "value": "333 1234567"}.items() <= next(
        each for each in ada["facts"] if each["field"] == "phone"
    ).items()
    assert [(each["scale"], each["score"]) for each in ada["answers"]] == [("nps", 2.0)]
    may = {each["purpose"]: each["may"] for each in ada["consents"]}
    assert may == {"service": True, "survey": False, "marketing": True, "profiling": False}
    assert "one_purchase" in ada["segments"]
    assert ada["open_promises"] == 1
    happened = ask(client, f"/customers/{ada['key']}/interactions", limit=3)
    assert happened["total"] == 6
    assert [each["id"] for each in happened["interactions"]] == ["a6", "a5", "a4"]
    assert happened["interactions"][0]["fate"] == "open"
    assert ask(client, f"/customers/{ada['key']}/interactions", offset=5)["interactions"][0][
        "reference"
    ] == ADA  # fmt: skip
    [seen] = Entry.objects.filter(action="customer.seen")
    assert (seen.subject, seen.details) == (ada["key"], {"program": "a program"})


def test_a_note_is_kept_and_shown_as_the_programs(log: Log, program: Program) -> None:
    client = program("write:customers", "read:customers")
    address = f"/api/v1/customers/{quote(ADA)}/notes"
    answer = client.post(address, json.dumps({"text": " Call her "}), "application/json")
    assert answer.status_code == 201, answer.content
    note = Note.objects.get()
    assert (note.text, note.reference) == ("Call her", "user:7")
    assert "a program" in note.by_name
    assert ask(client, "/customers/user:7")["notes"][0]["text"] == "Call her"
    assert Entry.objects.filter(action="customer.noted").exists()
    for body in ({"text": ""}, {"text": "  "}, {"text": "x" * 5000}, {}, {"text": "a", "by": "b"}):
        assert client.post(address, json.dumps(body), "application/json").status_code == 422, body
    assert Note.objects.count() == 1


def test_segments_come_with_their_sizes(log: Log, program: Program) -> None:
    catalogue = Catalogue(log.workspace)
    catalogue.save("Cross", "nps <= 6", who="ada@example.org")
    bare = ask(program("read:figures"), "/segments")
    assert (bare["segments"][0]["rule"], bare["segments"][0]["size"]) == ("", None)
    found = ask(program("read:figures", "read:customers"), "/segments")
    assert found["customers"] == 3
    first = found["segments"][0]
    assert (first["name"], first["rule"], first["size"]) == ("Cross", "nps <= 6", 1)
    sizes = {each["name"]: each["size"] for each in found["segments"]}
    assert sizes["no_purchase"] == 1
    assert sizes.keys() == {each.name for each in catalogue.all()}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/customers/user:1", 404),
        ("/customers/user:1/interactions", 404),
        ("/customers/%00", 404),
        ("/customers?rule=ordrs+%3E+1", 422),
        ("/customers?segment=nonsense", 422),
        ("/customers?page=2", 422),
        ("/customers?q=", 422),
        ("/customers?limit=0", 422),
        ("/customers?limit=2&limit=3", 422),
        ("/customers?after=x", 422),
        ("/customers/user:7?x=1", 422),
        ("/customers/user:7/interactions?offset=-1", 422),
        ("/segments?q=x", 422),
    ],
)
def test_what_makes_no_sense_is_refused(
    shared: Log, program: Program, path: str, status: int
) -> None:
    answer = program("read:customers", "read:figures").get(f"/api/v1{path}")
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert not Entry.objects.filter(action__in=("customer.seen", "customer.exported")).exists()


def test_an_empty_company_has_nobody(company: Workspace, program: Program) -> None:
    client = program("read:customers", "read:figures")
    assert ask(client, "/customers")["customers"] == []
    assert ask(client, "/segments")["customers"] == 0
    assert client.get("/api/v1/customers/user:1").status_code == 404
