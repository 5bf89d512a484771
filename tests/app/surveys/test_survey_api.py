"""Answers and links through the API."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from tests.app.surveys.asking import EVERY_TYPE, invite, publish, received, send, shown

from percorso.app import company as the_company
from percorso.app.accounts import tokens
from percorso.app.accounts.models import User
from percorso.app.api import auth
from percorso.app.inbox import inbox
from percorso.app.surveys import actions
from percorso.app.surveys.models import HeldResponse, Invitation
from percorso.live.draining import Drainer
from percorso.vocabulary.references import PASSING
from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db
ANSWERS = {"nps": 9, "why": "Kind"}
Ask = Callable[..., Any]


@pytest.fixture(autouse=True)
def _full_buckets() -> Iterator[None]:
    auth.REQUESTS.forget()
    yield
    auth.REQUESTS.forget()


@pytest.fixture
def by(company: Workspace, db: None) -> User:
    return User.objects.create_user("ada@example.org", "x", name="Ada", role="administrator")


@pytest.fixture
def ask(by: User) -> Ask:
    """Return what asks the API: with what is sent by POST, else by GET."""
    key = tokens.make(by, "a program", ["write:answers", "read:figures"], 30)

    def asking(path: str, given: Any = None) -> Any:
        client = Client(headers={"authorization": f"Bearer {key}", "accept-language": "en"})
        if given is None:
            return client.get(f"/api/v1{path}")
        return client.post(f"/api/v1{path}", given, content_type="application/json")

    return asking


def test_an_answer_from_elsewhere_is_in_the_log_once(asks: Workspace, ask: Ask) -> None:
    given = {
        "answers": ANSWERS,
        "id": "till-7/0001",
        "customer": "email:bruno@example.org",
        "touchpoint": "Till",
        "channel": "store",
        "language": "it",
        "at": (datetime.now(UTC) - timedelta(hours=3)).isoformat(),
    }
    first, again = (ask("/surveys/visit/answers", given).json() for _time in range(2))
    assert first == again
    assert first["answered"] == 2
    Drainer(the_company.log(), inbox()).drain()
    rows = the_company.log().read().read_all().to_pylist()
    assert len(rows) == 2
    assert {each["customer"] for each in rows} == {"email:bruno@example.org"}
    assert {each["touchpoint"] for each in rows} == {"Till"}
    assert rows[0]["at"].isoformat() == given["at"]


def test_an_answer_of_nobody_in_particular_comes_through_a_door(
    asks: Workspace, ask: Ask, by: User
) -> None:
    door = actions.open_door(by, "visit", "api", touchpoint="Till", place="Brera")
    assert ask("/surveys/visit/answers", {"answers": ANSWERS, "door": door.code}).status_code == 200
    row = received()[0]
    assert row.customer.startswith(PASSING)
    assert row.properties["place"] == "Brera"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"answers": {"nps": 11}}, "body.answers.nps"),
        ({"answers": {}}, "body.answers.nps"),
        ({"answers": {"nps": "9"}}, "body.answers.nps"),
        ({"answers": {"nps": 9, "wyh": "?"}}, "body.answers.wyh"),
        ({"answers": ANSWERS, "door": "nothing"}, "body.door"),
        ({"answers": ANSWERS, "touchpoint": " "}, "body.touchpoint"),
        ({"answers": ANSWERS, "channel": "pigeon"}, "body.channel"),
        ({"answers": ANSWERS, "at": "2999-01-01T00:00:00Z"}, "body.at"),
        ({"answers": ANSWERS, "at": 5}, "body.at"),
        ({"answers": ANSWERS, "customer": "a\0b"}, "body.customer"),
        ({"answers": ANSWERS, "wrong": 1}, "body.wrong"),
    ],
)
def test_what_does_not_fit_is_told_and_not_kept(
    asks: Workspace, ask: Ask, given: dict[str, Any], field: str
) -> None:
    answer = ask("/surveys/visit/answers", {"touchpoint": "Till", **given})
    assert answer.status_code == 422
    assert any(each["field"].endswith(field) for each in answer.json()["errors"]), answer.json()
    assert received() == []


def test_an_anonymous_survey_takes_no_name_and_no_time(company: Workspace, ask: Ask) -> None:
    publish(company, anonymous=True)
    base = {"answers": ANSWERS, "touchpoint": "Till", "id": "1"}
    for more in ({"customer": "email:ada@example.org"}, {"at": "2026-01-01T00:00:00Z"}):
        assert ask("/surveys/visit/answers", {**base, **more}).status_code == 422
    for _time in range(2):
        assert ask("/surveys/visit/answers", base).json() == {"response": "", "answered": 2}
    assert HeldResponse.objects.count() == 1
    assert received() == []


def test_a_link_for_one_person_works_once(asks: Workspace, ask: Ask) -> None:
    given = {"customer": "email:ada@example.org", "touchpoint": "Delivery", "facts": {"order": "7"}}
    made = ask("/surveys/visit/invitations", given).json()
    assert made["address"].startswith("http://testserver/s/i/")
    client = Client(headers={"accept-language": "en"})
    path = made["address"].removeprefix("http://testserver")
    second = send(client, path, shown(client.get(path)), {"nps": "9"})
    send(client, path, shown(second))
    assert received()[0].customer == "email:ada@example.org"
    assert client.get(path).status_code == 410
    assert ask("/surveys/visit/invitations", {**given, "days": 0}).status_code == 422
    assert ask("/surveys/visit/invitations", {**given, "channel": "pigeon"}).status_code == 422


def test_surveys_are_listed_and_read_as_they_are_asked(asks: Workspace, ask: Ask) -> None:
    publish(asks, "other", questions=[EVERY_TYPE[1]])
    listed = ask("/surveys").json()
    assert [each["id"] for each in listed] == ["other", "visit"]
    assert listed[1]["titles"]["it"] == "La tua visita"
    read = ask("/surveys/visit").json()
    assert [each["id"] for each in read["survey"]["questions"]] == ["nps", "why"]
    for path in ("/surveys/nothing", "/surveys/..%2Fetc", "/surveys/%00"):
        assert ask(path).status_code == 404
    assert ask("/surveys/nothing/answers", {"answers": {}, "touchpoint": "x"}).status_code == 404


def test_how_few_of_the_invited_answered_is_not_told(asks: Workspace, ask: Ask) -> None:
    told = []
    for number in range(6):
        invite(f"email:person-{number}@example.org")
        told.append(ask("/surveys").json()[0]["answered"])
        Invitation.objects.filter(used=False).update(used=True, counted=True)
    assert told == [0, None, None, None, None, 5]


def test_blanks_name_nobody(asks: Workspace, ask: Ask) -> None:
    given = {"answers": ANSWERS, "touchpoint": "Till"}
    for customer in ("  ", " email:bruno@example.org "):
        assert ask("/surveys/visit/answers", {**given, "customer": customer}).status_code == 200
    customers = {row.customer for row in received()}
    assert "email:bruno@example.org" in customers
    assert all(each.startswith(PASSING) for each in customers - {"email:bruno@example.org"})
    blank = {"customer": " ", "touchpoint": "Till"}
    assert ask("/surveys/visit/invitations", blank).status_code == 422


@pytest.mark.parametrize(
    ("path", "customer"),
    [
        ("answers", "gone:0123456789abcdef01234567"),
        ("answers", "anon:once-0123456789abcdef"),
        ("answers", "GONE:0123"),
        ("invitations", "gone:0123456789abcdef01234567"),
        ("invitations", "anon:once-0123456789abcdef"),
        ("invitations", "anon:7f7f7f7f-1111"),
    ],
)
def test_nobody_is_no_customer(asks: Workspace, ask: Ask, path: str, customer: str) -> None:
    given = {"touchpoint": "Till", "customer": customer}
    if path == "answers":
        given |= {"answers": ANSWERS}  # type: ignore[dict-item]
    refused = ask(f"/surveys/visit/{path}", given)
    assert refused.status_code == 422
    [error] = refused.json()["errors"]
    assert (error["field"], error["value"]) == ("body.customer", customer)
    assert "nobody" in error["rule"]
    assert received() == []
    assert not Invitation.objects.exists()


def test_a_browser_may_answer(asks: Workspace, ask: Ask) -> None:
    given = {"answers": ANSWERS, "touchpoint": "Website", "customer": "anon:7f7f7f7f-1111"}
    assert ask("/surveys/visit/answers", given).status_code == 200
