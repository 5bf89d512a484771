"""The pages of the outbox: the record, the contact budget, the sender, addresses left alone."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from tests.relay import Relay

from percorso import contacts
from percorso.app.audit.models import Entry
from percorso.app.outbox import posting, suppression
from percorso.app.outbox.models import Message, Sender
from percorso.contacts import Limit
from percorso.surveys import Surveys, ready
from percorso.vocabulary import Phrase
from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db

ClientOf = Callable[[str], Client]
Posted = Callable[..., Any]
ADA = "ada@example.org"


def _budget(client: Client, **changed: Any) -> dict[str, Any]:
    """Return what the form sends as it stands, with changes."""
    form = client.get("/outbox/budget/").context["form"]
    given = {name: form[name].value() for name in form.fields}
    plain = {name: "" if value is None else value for name, value in given.items()}
    return {**plain, **changed}


def test_a_survey_is_called_by_its_title(
    shop: Workspace, posted: Posted, client_of: ClientOf
) -> None:
    Surveys(shop).add(ready("nps", "nps"))
    posted(ADA)
    client = client_of("agent")
    record = client.get("/outbox/", {"campaign": "nps"}).content.decode()
    assert ">Would you recommend us?</a>" in record
    assert '<option value="nps" selected>Would you recommend us?</option>' in record
    page = client.get(f"/outbox/message/{Message.objects.get().id}").content.decode()
    assert "<dd>Would you recommend us? (survey)</dd>" in page
    assert "<dd>English</dd>" in page


def test_what_is_missing_is_said(company: Workspace, client_of: ClientOf) -> None:
    page = client_of("cx_manager").get("/outbox/").content.decode()
    assert "not set up yet" in page
    assert "PERCORSO_EMAIL_URL" in page
    assert "PERCORSO_URL" in page
    assert "Nobody said yet who writes" in page


def test_the_record_names_customers_to_agents_only(
    shop: Workspace, relay: Relay, posted: Posted, client_of: ClientOf
) -> None:
    posted(ADA)
    posting.post_due()
    viewer = client_of("viewer").get("/outbox/", {"q": "bob"}).content.decode()
    assert "ada" not in viewer
    assert ">1<" in viewer
    agent = client_of("agent").get("/outbox/").content.decode()
    assert f">{ADA}</a>" in agent
    assert "was sent" in agent
    message = Message.objects.get()
    page = client_of("agent").get(f"/outbox/message/{message.id}").content.decode()
    assert ADA in page
    assert "How was it?" in page


def test_the_record_is_searched(
    shop: Workspace, relay: Relay, posted: Posted, client_of: ClientOf
) -> None:
    for name in ("ada", "bob"):
        posted(f"{name}@example.org")
    posting.post_due()
    client = client_of("agent")
    found = client.get("/outbox/", {"q": "bob@example.org"}).content.decode()
    assert ">bob@" in found
    assert ">ada@" not in found
    for hostile in ("' OR 1=1 --", "%", '"<script>', "\0", "x" * 500):
        page = client.get("/outbox/", {"q": hostile, "campaign": hostile, "state": hostile})
        assert page.status_code == 200
        assert "<script>" not in page.content.decode().replace("<script src", "")


def test_the_budget_is_changed_and_noted(shop: Workspace, client_of: ClientOf) -> None:
    client = client_of("cx_manager")
    given = _budget(
        client,
        survey_most=3,
        survey_days=60,
        service_most="",
        service_days="",
        quiet_from="21:00",
        quiet_until="08:30",
        weekdays=["monday", "saturday"],
        holidays="it-mi",
        closed="2026-12-07\n2026-08-10/2026-08-23",
    )
    assert client.post("/outbox/budget/", given).status_code == 302
    budget = contacts.load(shop)
    assert budget.survey == Limit(3, 60)
    assert budget.service is None
    assert budget.weekdays == {0, 5}
    assert budget.holidays == "IT-MI"
    assert len(budget.closed) == 2
    entry = Entry.objects.get(action="outbox.budget")
    assert any("survey" in each for each in entry.details["changed"])


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"survey_most": 3, "survey_days": ""}, "survey_days"),
        ({"quiet_from": "20:00", "quiet_until": ""}, "quiet_until"),
        ({"quiet_from": "20:00", "quiet_until": "20:00"}, "quiet_until"),
        ({"weekdays": []}, "weekdays"),
        ({"holidays": "XX"}, "holidays"),
        ({"closed": "7 December"}, "closed"),
        ({"closed": "2026-08-23/2026-08-10"}, "closed"),
        ({"an_hour": "-1"}, "an_hour"),
        ({"between_surveys": "many"}, "between_surveys"),
    ],
)
def test_a_budget_that_makes_no_sense_is_refused_at_its_field(
    shop: Workspace, client_of: ClientOf, changed: dict[str, Any], field: str
) -> None:
    client = client_of("cx_manager")
    before = contacts.load(shop)
    answer = client.post("/outbox/budget/", _budget(client, **changed))
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert contacts.load(shop) == before


def test_the_form_leaves_a_budget_as_it_was(shop: Workspace, client_of: ClientOf) -> None:
    client = client_of("cx_manager")
    before = contacts.load(shop)
    assert client.post("/outbox/budget/", _budget(client)).status_code == 302
    assert contacts.load(shop) == before
    assert not Entry.objects.filter(action="outbox.budget").exists()


def test_a_broken_budget_stops_sending_and_is_said(
    shop: Workspace, relay: Relay, client_of: ClientOf
) -> None:
    shop.contact_budget.write_text("[person]\nsurvey = 7\n")
    client = client_of("cx_manager")
    assert "cannot be read" in client.get("/outbox/").content.decode()
    page = client.get("/outbox/budget/").content.decode()
    assert "person.survey" in page


def test_everything_is_paused_and_goes_on(
    shop: Workspace, relay: Relay, client_of: ClientOf
) -> None:
    client = client_of("cx_manager")
    client.post("/outbox/do", {"do": "pause"})
    assert "paused" in client.get("/outbox/").content.decode()
    client.post("/outbox/do", {"do": "resume"})
    assert "messages go out" in client.get("/outbox/").content.decode()
    noted = Entry.objects.filter(action__startswith="outbox.").order_by("id")
    changed = noted.exclude(action="outbox.record_seen")
    assert [each.action for each in changed] == ["outbox.paused", "outbox.resumed"]


def test_the_sender_is_said_and_the_password_never_shown(
    shop: Workspace, client_of: ClientOf
) -> None:
    client = client_of("cx_manager")
    given = {
        "name": "Libreria Aurora",
        "address": "ciao@città.example",
        "host": "imap.example.org",
        "user": "returns",
        "password": "s3cret words",
        "encryption": "tls",
        "folder": "INBOX",
        "returns_to": "returns@example.org",
        "own_returns": "on",
    }
    assert client.post("/outbox/sender/", given).status_code == 302
    sender = Sender.objects.get()
    assert sender.address == "ciao@xn--citt-3na.example"
    assert "s3cret" not in sender.password
    page = client.get("/outbox/sender/").content.decode()
    assert "s3cret" not in page
    assert "imap.example.org" in page
    assert "s3cret" not in str(list(Entry.objects.values()))
    wrong = client.post("/outbox/sender/", {**given, "address": "not an address"})
    assert wrong.status_code == 422


def test_an_address_is_left_alone_and_written_to_again(
    shop: Workspace, client_of: ClientOf
) -> None:
    client = client_of("cx_manager")
    client.post("/outbox/silent/", {"address": ADA, "do": "add"})
    assert suppression.why_not([ADA], "survey")[ADA] is not None
    page = client.post("/outbox/silent/", {"address": " ADA@Example.org ", "do": "look"})
    assert "put there by hand" in page.content.decode()
    client.post("/outbox/silent/", {"address": ADA, "do": "lift"})
    assert suppression.why_not([ADA], "survey")[ADA] is None
    assert "ada" not in str(list(Entry.objects.values("subject", "details")))


def test_a_message_that_waits_is_stopped(
    shop: Workspace, relay: Relay, posted: Posted, client_of: ClientOf
) -> None:
    number = posted(ADA)
    client_of("cx_manager").post(f"/outbox/message/{number}", {"do": "stop"})
    assert posting.post_due() == 0
    assert not relay.taken
    page = client_of("agent").get("/outbox/").content.decode()
    assert "stopped by hand" in page


def _file(client: Client, **asked: str) -> list[dict[str, str]]:
    answer: Any = client.get("/outbox/record.csv", asked)
    assert answer["Content-Type"].startswith("text/csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_the_record_is_a_file_that_holds_what_the_page_shows(
    shop: Workspace, relay: Relay, posted: Posted, client_of: ClientOf
) -> None:
    posted(ADA)
    client = client_of("analyst")
    [on_its_way] = _file(client)
    assert (on_its_way["outcome"], on_its_way["sent_at"]) == ("reserved", "")
    posting.post_due()
    _decline(shop, "email:bob@example.org", "=2+3")
    every = _file(client)
    assert [(each["customer"], each["outcome"]) for each in every] == [
        ("email:bob@example.org", "never"),
        (f"email:{ADA}", "sent"),
    ]
    assert every[0]["why"] == "'=2+3", "a spreadsheet reckons nothing"
    assert every[1]["sent_at"]
    assert every[1]["why"] == "was sent"
    for asked in ({"state": "sent"}, {"campaign": "nps", "state": "sent"}, {"q": ADA}):
        assert [each["customer"] for each in _file(client, **asked)] == [f"email:{ADA}"], asked
        page = client.get("/outbox/", asked)
        assert [each.reference for each in page.context["lines"]] == [f"email:{ADA}"]
        assert "/outbox/record.csv?" in page.context["csv"]
    assert _file(client, campaign="other") == []
    italian = client_of("analyst")
    italian.defaults["HTTP_ACCEPT_LANGUAGE"] = "it"
    assert _file(italian, state="sent")[0]["why"] == "inviato"


def test_the_file_has_all_pages_and_is_written_down(
    shop: Workspace, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(7):
        _decline(shop, f"email:c{n}@example.org", "why")
    monkeypatch.setattr("percorso.app.outbox.queries._AT_ONCE", 3)
    found = _file(client_of("analyst"), campaign="nps", state="never", q="")
    assert [each["customer"][6:8] for each in found] == ["c6", "c5", "c4", "c3", "c2", "c1", "c0"]
    noted = Entry.objects.get(action="outbox.exported")
    assert noted.details == {"campaign": "nps", "state": "never"}
    _file(client_of("analyst"), campaign=ADA, state=ADA, q=ADA)
    assert ADA not in str(list(Entry.objects.values_list("subject", "details")))


@pytest.mark.parametrize("role", ["agent", "viewer"])
def test_who_may_not_take_customers_out_gets_no_file(
    shop: Workspace, client_of: ClientOf, role: str
) -> None:
    _decline(shop, f"email:{ADA}", "why")
    client = client_of(role)
    assert client.get("/outbox/record.csv").status_code == 403
    assert "record.csv" not in client.get("/outbox/").content.decode()


def _decline(workspace: Workspace, person: str, why: str) -> None:
    now = datetime.now(UTC)
    days = now, now + timedelta(days=7)
    wish = contacts.Wish(f"campaign:1:{person}", person, "survey", "nps", *days)
    contacts.Ledger(workspace).decline([(wish, Phrase("{why}", {"why": why}))], now)
