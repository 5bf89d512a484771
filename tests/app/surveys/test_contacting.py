"""Who asks to be contacted is seen by those who serve customers, and erased under their address."""

import html
import json
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from tests.app.surveys.asking import EVERY_TYPE, fields, invite, publish, send, shown, t
from tests.app.surveys.test_answering import a_door

from percorso import privacy
from percorso.app import company as the_company
from percorso.app.audit.models import Entry
from percorso.app.inbox import inbox
from percorso.app.privacy import tasks
from percorso.app.surveys.contacting import promised
from percorso.app.surveys.models import ContactMade
from percorso.live import InboxFullError
from percorso.live.draining import Drainer
from percorso.live.inbox import Inbox
from percorso.vocabulary import Phrase
from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db
As = Callable[[str], Client]
SORRY = {"text": t("Rimediamo", "We put it right"), "offers_contact": True}
UGO = {
    "reach.name": "Ugo Prova",
    "reach.email": "ugo.prova@example.org",
    "reach.phone": "+39 02 6789012",
}


@pytest.fixture
def customer() -> Client:
    return Client(headers={"accept-language": "en-GB,en;q=0.9"})


@pytest.fixture
def asked(company: Workspace, customer: Client) -> Workspace:
    """Return a company where somebody answered at a door and asked to be contacted."""
    publish(company, layout="all", endings=[SORRY])
    path = f"/s/{a_door().code}"
    answers = {"nps": "1", "why": "Nobody at the till"}
    done = shown(send(customer, path, shown(customer.get(path)), answers))
    assert "get in touch with you" in shown(customer.post("/s/call-back", {**fields(done), **UGO}))
    drain()
    return company


def drain() -> None:
    Drainer(the_company.log(), inbox()).drain()


def page(client: Client, **query: str) -> str:
    answer = client.get(reverse("surveys:contact"), query)
    assert answer.status_code == 200
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


def waiting(client: Client) -> list[str]:
    body = client.get(reverse("surveys:contact")).content.decode()
    return re.findall(r'name="response" value="(\w+)"', body)


def note(client: Client, response: str, **given: str) -> str:
    form = {"response": response, "how": "phone", **given}
    answer = client.post(reverse("surveys:contact"), form, follow=True)
    return html.unescape(answer.content.decode())


def test_who_asked_stands_there_with_how_to_reach_them_and_what_they_said(
    asked: Workspace, client_of: As
) -> None:
    body = page(client_of("agent"))
    for words in (*UGO.values(), "NPS 1", "Nobody at the till", "1 person waits"):
        assert words in body
    assert client_of("viewer").get(reverse("surveys:contact")).status_code == 403


def test_an_invited_customer_stands_there_under_their_name(
    company: Workspace, customer: Client, client_of: As
) -> None:
    publish(company, layout="all", endings=[SORRY])
    link = invite()
    done = shown(send(customer, link.path, shown(customer.get(link.path)), {"nps": "2"}))
    customer.post("/s/call-back", fields(done))
    drain()
    body = page(client_of("agent"))
    assert "ada@example.org" in body
    assert "NPS 2" in body


def test_it_is_a_promise_that_done_keeps(asked: Workspace, client_of: As) -> None:
    agent = client_of("agent")
    [response] = waiting(agent)
    rows = {each["name"]: each for each in the_company.log().read().read_all().to_pylist()}
    made = rows[promised.PROMISE]
    assert (made["kind"], made["direction"]) == ("promise", "out")
    assert made["due_at"] > made["at"] + timedelta(days=1)

    assert "they were contacted" in note(agent, response, note="He gets a voucher")
    # At once, before the log has it; the note is not in the log.
    assert waiting(agent) == []
    body = page(agent)
    assert "He gets a voucher" in body
    assert "everybody who asked was contacted" in body
    drain()
    kept = the_company.log().read().read_all().to_pylist()
    [call] = [
        each
        for each in kept
        if each["about"] == promised.about(response) and each["kind"] != "promise"
    ]
    assert (call["kind"], call["direction"], call["customer"]) == ("call", "out", made["customer"])
    assert "voucher" not in str(kept)
    from percorso.log.fates import fates

    [fate] = fates(the_company.log()).to_pyarrow().to_pylist()
    assert fate["fate"] == "kept"
    [entry] = Entry.objects.filter(action="survey.contact_made")
    assert (entry.subject, entry.details) == ("visit", {"how": "phone"})


def test_two_cannot_both_have_done_it(asked: Workspace, client_of: As) -> None:
    agent = client_of("agent")
    [response] = waiting(agent)
    note(agent, response)
    assert "noted it before you" in note(client_of("cx_manager"), response)
    assert "Nobody waits there" in note(agent, "0" * 32)
    assert "Nobody waits there" in note(agent, response, how="pigeon")
    assert ContactMade.objects.count() == 1


def test_where_it_cannot_be_kept_that_is_said_and_they_still_wait(
    asked: Workspace, client_of: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = client_of("agent")
    [response] = waiting(agent)

    def full(*_given: object) -> None:
        raise InboxFullError(Phrase("The disk is almost full."), 10)

    monkeypatch.setattr(Inbox, "put", full)
    assert "The disk is almost full. Try again." in note(agent, response)
    assert waiting(agent) == [response]
    assert not ContactMade.objects.exists()


def test_who_waits_is_told_where_people_look(
    asked: Workspace, client_of: As, customer: Client
) -> None:
    link = f'href="{reverse("surveys:contact")}'
    for address in ("/surveys/", "/surveys/visit/results/?period=all", "/"):
        assert link in client_of("agent").get(address).content.decode(), address
        assert link not in client_of("viewer").get(address).content.decode(), address
    assert "1 person waits" in page(client_of("agent"), survey="visit")
    publish(asked, "other")
    assert "person waits" not in page(client_of("agent"), survey="other")
    unknown = client_of("agent").get(reverse("surveys:contact"), {"survey": "nothing"})
    assert unknown.status_code == 404


def test_two_business_days(asked: Workspace) -> None:
    rome = ZoneInfo("Europe/Rome")
    friday = datetime(2026, 3, 6, 14, tzinfo=UTC)
    for at, due in ((friday, 10), (friday + timedelta(days=1), 10), (friday - timedelta(2), 6)):
        assert promised.due(at, rome).day == due


@pytest.mark.parametrize("called", ["ugo.prova@example.org", "02 6789012"])
def test_they_are_erased_under_the_address_they_left(
    asked: Workspace, client_of: As, called: str
) -> None:
    [response] = waiting(client_of("agent"))
    note(client_of("agent"), response, note="Ugo was kind")
    drain()
    manager = client_of("administrator")
    found = manager.get(reverse("privacy:home"), {"q": called})
    assert found.status_code == 302
    person = manager.get(found["Location"]).content.decode()
    assert "anon:once-" in person
    [who] = privacy.find(the_company.log(), called)
    assert "Ugo Prova" in privacy_copy(who)
    going = manager.post(reverse("privacy:erase"), {"who": who, "again": who})
    tasks.erase_waiting.call()
    done = manager.get(going["Location"]).content.decode()
    assert "Nothing of them was found afterwards" in done
    [certificate] = privacy.Register(asked).certificates(5, 0)
    assert certificate.left == ()
    assert not ContactMade.objects.exists()
    left = str(the_company.log().read().read_all().to_pylist())
    assert "Prova" not in left
    assert "6789012" not in left
    assert "Ugo" not in page(client_of("agent"))


def test_the_command_erases_them_under_it_too(asked: Workspace) -> None:
    command = [sys.executable, "-m", "percorso.cli", "privacy", "erase", "ugo.prova@example.org"]
    done = subprocess.run(
        [*command, "--yes", "--json", "--dir", str(asked.path)],
        capture_output=True,
        text=True,
        check=True,
    )
    [certificate] = json.loads(done.stdout)
    assert certificate["left"] == []
    the_company.log().snapshot()
    left = str(the_company.log().read().read_all().to_pylist())
    assert "Prova" not in left
    assert "6789012" not in left


def privacy_copy(who: str) -> str:
    from percorso.privacy.export import as_json

    return as_json(the_company.log(), who).decode()


def test_a_consent_at_a_door_is_said_to_be_nobodys(company: Workspace, client_of: As) -> None:
    manager = client_of("cx_manager")
    news: dict[str, Any] = EVERY_TYPE[-1]
    assert news["type"] == "consent"
    publish(company, questions=[EVERY_TYPE[0], news])
    said = "can never be used"
    assert said in shown(manager.get("/surveys/visit/"))
    assert said in shown(manager.get("/surveys/visit/ask/"))
    publish(company, "plain", questions=[EVERY_TYPE[0]])
    assert said not in shown(manager.get("/surveys/plain/"))
