"""Customers' rights by the API: consents recorded, a copy taken, a person erased with a proof."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from tests.log.rows import add, row

from percorso.app.audit.models import Entry
from percorso.app.privacy import tasks
from percorso.log import Log, open_log
from percorso.log.facts import key_of
from percorso.privacy.consents import consents
from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db
Program = Callable[..., Client]
ADA = "email:ada@example.org"
OF_ADA = f"/api/v1/customers/{ADA}"


@pytest.fixture
def log(company: Workspace) -> Log:
    log = open_log(company)
    add(
        log,
        [
            row("a1", ADA, 0, kind="answer", scale="nps", score=2.0, text="Che attesa"),
            row("a2", ADA, 1),
            row("b1", "user:42", 2),
        ],
    )
    return log


def send(client: Client, path: str, body: Any) -> Any:
    return client.post(path, json.dumps(body), "application/json")


def test_a_consent_is_recorded_once_with_its_proof(log: Log, program: Program) -> None:
    client = program("privacy")
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(days=2)
    said = {"choices": {"marketing": True}, "words": "May we write?", "at": at.isoformat()}
    first = send(client, f"{OF_ADA}/consents", said)
    assert first.status_code == 200, first.content
    assert first.json()["added"] == 1
    assert send(client, f"{OF_ADA}/consents", said).json()["added"] == 0
    shown = client.get(f"{OF_ADA}/consents").json()
    marketing = next(each for each in shown["purposes"] if each["purpose"] == "marketing")
    [word] = marketing["history"]
    assert marketing["may"]
    assert (word["words"], word["how"], word["by"]) == ("May we write?", "api", "a program")
    assert datetime.fromisoformat(word["at"]) == at
    assert send(client, f"{OF_ADA}/consents", {"choices": {"marketing": False}}).json()["added"]
    assert not any(each.may for each in consents(log, ADA) if each.purpose == "marketing")
    trail = Entry.objects.filter(subject=key_of(log, ADA))
    assert set(trail.values_list("action", flat=True)) == {"privacy.consent", "privacy.looked"}
    assert all(each.details["program"] == "a program" for each in trail)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("consents", {"choices": {}}),
        ("consents", {"choices": {"service": False}}),  # a contract cannot be refused
        ("consents", {"choices": {"telepathy": True}}),
        ("consents", {"choices": {"marketing": "yes"}}),
        ("consents", {"choices": {"marketing": True}, "how": "dream"}),
        ("consents", {"choices": {"marketing": True}, "words": "\ud800"}),
        ("consents", {"choices": {"marketing": True}, "at": "2999-01-01T00:00:00Z"}),
        ("consents", {"choices": {"marketing": True}, "at": "0001-01-01T00:00:00Z"}),
        ("consents", {"choices": {"marketing": True}, "by": "me"}),
        ("consents?x=1", {"choices": {"marketing": True}}),
        ("/api/v1/erasures", {"customer": "  "}),
        ("/api/v1/erasures", {"customer": "a\x00b"}),
        ("/api/v1/erasures", {"customer": "\udfff"}),
        ("/api/v1/erasures", {"customer": "x" * 201}),
        ("/api/v1/erasures", {"customer": ADA, "keep_figures": 1}),
    ],
)
def test_what_makes_no_sense_is_refused(log: Log, program: Program, path: str, body: Any) -> None:
    address = path if path.startswith("/") else f"{OF_ADA}/{path}"
    answer = send(program("privacy"), address, body)
    assert answer.status_code == 422, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert log.summary().interactions == 3
    assert not (log.workspace.path / "erasing").exists()


def test_a_copy_is_given_and_noted(log: Log, program: Program) -> None:
    client = program("privacy")
    answer = client.get(f"{OF_ADA}/data")
    assert answer["Cache-Control"] == "no-store"
    held = answer.json()
    assert [each["id"] for each in held["interactions"]] == ["a1", "a2"]
    assert held["person"]["references"] == [ADA]
    assert Entry.objects.get(action="privacy.exported").subject == key_of(log, ADA)
    assert client.get("/api/v1/customers/user:1/data").status_code == 404


def test_a_link_opens_the_customers_choices(log: Log, program: Program) -> None:
    made = program("privacy").post(f"{OF_ADA}/choices-link")
    assert made.status_code == 201, made.content
    path = urlsplit(made.json()["url"]).path
    assert Client().get(path).status_code == 200
    left = Client().post(f"{path}/leave", {"List-Unsubscribe": "One-Click"})
    assert left.status_code in (200, 302)
    assert not any(each.may for each in consents(log, ADA) if each.purpose != "service")


def test_a_person_is_erased_with_a_certificate(log: Log, program: Program) -> None:
    client = program("privacy")
    asked = send(client, "/api/v1/erasures", {"customer": ADA})
    assert asked.status_code == 202, asked.content
    address = f"/api/v1/erasures/{asked.json()['id']}"
    assert client.get(address).json() == {**asked.json(), "state": "waiting", "certificate": None}
    tasks.erase_waiting.call()
    done = client.get(address)
    proof = done.json()["certificate"]
    assert done.json()["state"] == "done"
    assert proof["clean"]
    assert {each["name"]: each["removed"] for each in proof["places"]}["log"] == 2
    assert b"ada@" not in done.content
    assert log.summary().interactions == 1
    assert client.get(f"{OF_ADA}/data").status_code == 404
    assert client.get("/api/v1/erasures/20200101-00000000").status_code == 404
    trail = json.dumps([[e.subject, e.details] for e in Entry.objects.all()])
    assert "ada@" not in trail
    assert Entry.objects.filter(action="privacy.erasing", details__program="a program").exists()
