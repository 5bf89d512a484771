"""Rules, campaigns and the record of contacts through the API."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from tests.app.mailing import happened
from tests.relay import Relay

from percorso.app.accounts import tokens
from percorso.app.accounts.models import User
from percorso.app.api import auth
from percorso.app.audit.models import Entry
from percorso.app.outbox import posting
from percorso.app.surveys.sending import rounds
from percorso.app.surveys.sending.models import Campaign, Rule
from percorso.contacts import Ledger
from percorso.surveys import Surveys, ready
from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db
Ask = Callable[..., Any]
RULE: dict[str, Any] = {"name": "After delivery", "kind": "delivery", "delay_hours": 0}
PEOPLE = [f"email:c{n}@example.org" for n in range(12)]


@pytest.fixture(autouse=True)
def _full_buckets() -> Iterator[None]:
    auth.REQUESTS.forget()
    yield
    auth.REQUESTS.forget()


@pytest.fixture(autouse=True)
def survey(shop: Workspace) -> None:
    surveys = Surveys(shop)
    surveys.add(ready("nps", "nps"))
    surveys.publish("nps")
    happened(*PEOPLE)


@pytest.fixture
def by(shop: Workspace) -> User:
    return User.objects.create_user("ada@example.org", "x", name="Ada", role="administrator")


@pytest.fixture
def ask(by: User) -> Ask:
    def asking(method: str, path: str, given: Any = None, scopes: str = "") -> Any:
        wanted = scopes.split() or ["read:figures", "write:sending"]
        key = tokens.make(by, "a program", wanted, 30)
        client = Client(headers={"authorization": f"Bearer {key}", "accept-language": "en"})
        send = {"data": given, "content_type": "application/json"} if given is not None else {}
        return (
            client.generic(method, f"/api/v1{path}")
            if not send
            else getattr(client, method.lower())(f"/api/v1{path}", **send)
        )

    return asking


def test_a_rule_is_made_listed_changed_rested_and_stopped(ask: Ask) -> None:
    given = {**RULE, "share": 0.5, "priority": "first", "subject": {"it": "Com’è andata?"}}
    made = ask("POST", "/surveys/nps/rules", given)
    assert made.status_code == 201, made.content
    rule = Rule.objects.get()
    assert (rule.share, rule.priority, rule.subject) == (0.5, 10, {"it": "Com’è andata?"})
    assert made.json()["id"] == f"rule:{rule.pk}"
    [listed] = ask("GET", "/surveys/nps/rules").json()
    assert listed == made.json()
    assert (listed["state"], listed["invited"], listed["answered"]) == ("active", 0, 0)
    path = f"/surveys/nps/rules/{rule.pk}"
    changed = ask("PATCH", path, {"delay_hours": 48, "paused": True}).json()
    assert changed == {**listed, "delay_hours": 48, "state": "paused"}
    assert ask("PATCH", path, {"paused": False}).json()["state"] == "active"
    assert ask("DELETE", path).json() == {"waiting": 0}
    assert ask("GET", "/surveys/nps/rules").json() == []
    assert ask("PATCH", path, {"paused": True}).status_code == 404
    noted = Entry.objects.filter(action__startswith="sending.").order_by("id")
    assert [each.action for each in noted] == [
        *("sending.rule_added", "sending.rule_changed", "sending.paused", "sending.resumed"),
        "sending.ended",
    ]
    assert {each.details["program"] for each in noted} == {"a program"}
    assert {each.actor_name for each in noted} == {"ada@example.org"}


def test_a_campaign_is_made_tried_and_asks_once_it_goes_on(
    shop: Workspace, relay: Relay, agree: Callable[..., None], ask: Ask
) -> None:
    agree(*PEOPLE[:7])
    made = ask("POST", "/surveys/nps/campaigns", {"name": "Everybody", "paused": True}).json()
    assert made["state"] == "paused"
    path = f"/surveys/nps/campaigns/{made['number']}"
    tried = ask("GET", f"{path}/dry-run").json()
    assert (tried["total"], tried["send"], tried["never"]) == (12, 7, 5)
    assert {each["why"]: each["count"] for each in tried["reasons"]} == {
        "may be sent now": 7,
        "did not agree to be asked": 5,
    }
    assert tried["people"] is None
    assert rounds.ask_due() == 0
    assert not Ledger(shop).overview()
    assert ask("PATCH", path, {"paused": False}).json()["state"] == "to come"
    assert rounds.ask_due() == 7
    [listed] = ask("GET", "/surveys/nps/campaigns").json()
    assert (listed["state"], listed["invited"]) == ("done", 7)
    assert ask("DELETE", path).json() == {"waiting": 7}
    assert not Campaign.objects.exists()


def test_a_dry_run_tells_people_and_few_to_who_may_see_customers(
    agree: Callable[..., None], ask: Ask
) -> None:
    agree(*PEOPLE[:9])
    made = ask("POST", "/surveys/nps/rules", RULE).json()
    path = f"/surveys/nps/rules/{made['number']}/dry-run"
    veiled = ask("GET", path).json()
    # The segment's page says that it has 12: the 9 would tell the 3.
    assert (veiled["total"], veiled["send"], veiled["never"]) == (12, None, None)
    assert [each["count"] for each in veiled["reasons"]] == [None, None]
    assert "@" not in str(veiled)
    whole = ask("GET", path, scopes="read:figures read:customers").json()
    assert (whole["total"], whole["send"], whole["never"]) == (12, 9, 3)
    assert {each["address"] for each in whole["people"]} == {each[6:] for each in PEOPLE}
    assert Entry.objects.filter(action="sending.tried").count() == 1


def test_a_dry_run_tells_counts_that_tell_of_nobody(agree: Callable[..., None], ask: Ask) -> None:
    agree(*PEOPLE[:6])
    made = ask("POST", "/surveys/nps/rules", RULE).json()
    veiled = ask("GET", f"/surveys/nps/rules/{made['number']}/dry-run").json()
    assert (veiled["total"], veiled["send"], veiled["wait"], veiled["never"]) == (12, 6, 0, 6)
    assert [each["count"] for each in veiled["reasons"]] == [6, 6]


@pytest.mark.parametrize(
    ("path", "changed", "field"),
    [
        ("rules", {"kind": "profile"}, "body.kind"),
        ("rules", {"kind": None}, "body.kind"),
        ("rules", {"delay_hours": 8761}, "body.delay_hours"),
        ("rules", {"share": 0}, "body.share"),
        ("rules", {"share": 1.01}, "body.share"),
        ("rules", {"name": " "}, "body.name"),
        ("rules", {"segment": "nobody"}, "body.segment"),
        ("rules", {"priority": "10"}, "body.priority"),
        ("rules", {"subject": {"de": "Wie war es?"}}, "body.subject.de"),
        ("rules", {"opening": {"it": "Ciao {nome|}"}}, "body.opening.it"),
        ("rules", {"opening": {"it": "Ciao {first_name}"}}, "body.opening.it"),
        ("rules", {"subject": {"it": "x" * 151}}, "body.subject.it"),
        ("rules", {"starts_at": "2026-01-01T10:00:00Z"}, "body.starts_at"),
        ("campaigns", {"starts_at": "9999-01-01T10:00:00Z"}, "body.starts_at"),
        ("campaigns", {"starts_at": "2026-01-01T10:00:00"}, "body.starts_at"),
    ],
)
def test_what_makes_no_sense_is_refused_by_field_rule_and_value(
    ask: Ask, path: str, changed: dict[str, Any], field: str
) -> None:
    given = {**(RULE if path == "rules" else {"name": "Everybody"}), **changed}
    answer = ask("POST", f"/surveys/nps/{path}", given)
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert error["field"] == field
    assert error["rule"]
    assert not Rule.objects.exists()
    assert not Campaign.objects.exists()


def test_a_change_that_is_refused_changes_nothing(ask: Ask) -> None:
    number = ask("POST", "/surveys/nps/rules", RULE).json()["number"]
    path = f"/surveys/nps/rules/{number}"
    answer = ask("PATCH", path, {"paused": True, "name": "New", "segment": "nobody"})
    assert answer.json()["errors"][0]["value"] == "nobody"
    rule = Rule.objects.get()
    assert (rule.name, rule.paused_at, rule.segment) == ("After delivery", None, "")


def test_what_is_not_there_is_not_found(ask: Ask) -> None:
    number = ask("POST", "/surveys/nps/rules", RULE).json()["number"]
    for method, path, given in (
        ("GET", "/surveys/other/rules", None),
        ("POST", "/surveys/other/rules", RULE),
        ("POST", "/surveys/other/campaigns", {"name": "x"}),
        ("PATCH", f"/surveys/other/rules/{number}", {"paused": True}),
        ("PATCH", f"/surveys/nps/campaigns/{number}", {"paused": True}),
        ("DELETE", f"/surveys/nps/campaigns/{number}", None),
        ("GET", f"/surveys/nps/rules/{number + 1}/dry-run", None),
    ):
        assert ask(method, path, given).status_code == 404, path
    assert ask("GET", f"/surveys/nps/rules/{2**70}/dry-run").status_code == 422


def test_a_budget_that_cannot_be_read_is_said_without_where_it_lies(
    shop: Workspace, ask: Ask
) -> None:
    number = ask("POST", "/surveys/nps/rules", RULE).json()["number"]
    shop.contact_budget.write_text("[person]\ntotal = 7\n")
    answer = ask("GET", f"/surveys/nps/rules/{number}/dry-run")
    assert answer.status_code == 503
    assert "contact budget" in answer.json()["detail"]
    assert "/" not in answer.json()["detail"]


def test_the_record_of_contacts_is_read_page_by_page(
    shop: Workspace, relay: Relay, agree: Callable[..., None], ask: Ask
) -> None:
    agree(*PEOPLE[:8])
    ask("POST", "/surveys/nps/campaigns", {"name": "Everybody"})
    rounds.ask_due()
    posting.post_due()
    read = "read:customers"
    found: list[dict[str, Any]] = []
    before = ""
    while before is not None:
        page = ask("GET", f"/contacts?limit=5{before}", scopes=read).json()
        found += page["contacts"]
        before = page["before"] and f"&before={page['before']}"
    assert sorted(each["reference"] for each in found) == sorted(PEOPLE)
    sent = ask("GET", "/contacts?outcome=sent&survey=nps", scopes=read).json()["contacts"]
    assert {each["reference"] for each in sent} == set(PEOPLE[:8])
    assert {(each["state"], each["why"]) for each in sent} == {("sent", "was sent")}
    assert all(each["sent_at"] for each in sent)
    [one] = ask("GET", f"/contacts?customer={PEOPLE[11]}", scopes=read).json()["contacts"]
    assert (one["outcome"], one["why"]) == ("never", "did not agree to be asked")
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date()
    assert ask("GET", f"/contacts?since={tomorrow}", scopes=read).json()["contacts"] == []
    assert len(ask("GET", f"/contacts?until={tomorrow}", scopes=read).json()["contacts"]) == 12
    assert ask("GET", "/contacts?survey=other", scopes=read).json()["contacts"] == []
    assert Entry.objects.filter(action="outbox.exported").count() >= 4


@pytest.mark.parametrize(
    "query", ["outcome=maybe", "limit=0", "before=0", "since=soon", "who=ada", "survey="]
)
def test_what_cannot_be_asked_of_the_record_is_refused(ask: Ask, query: str) -> None:
    assert ask("GET", f"/contacts?{query}", scopes="read:customers").status_code == 422
