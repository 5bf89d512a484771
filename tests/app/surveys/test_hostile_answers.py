"""Hostile answers, pages and definitions do no harm."""

from typing import Any

import pytest
from django.core import signing
from django.test import Client
from tests.app.surveys.asking import EVERY_TYPE, fields, invite, publish, received, send, shown, t

from percorso.app import company as the_company
from percorso.app.inbox import inbox
from percorso.app.surveys.answering import sheets
from percorso.app.surveys.answering.sheets import Sheet
from percorso.app.surveys.models import HeldResponse, Invitation, Unfinished
from percorso.live.draining import Drainer
from percorso.surveys.reading import from_plain, to_json
from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db
SCRIPT = "\"><script>alert(1)</script><img src=x onerror=alert(1)>'`{{7919*7919}}{% load x %}"


@pytest.fixture
def customer() -> Client:
    return Client(headers={"accept-language": "en"})


def test_words_of_a_survey_are_words(company: Workspace, customer: Client) -> None:
    """A definition may come from a file somebody was sent."""
    words = t(SCRIPT, SCRIPT)
    ends = {"low": words, "high": words}
    given = [
        {"type": "nps", "id": "nps", "text": words, "help": words, **ends},
        {**EVERY_TYPE[6], "text": words, "options": [{"id": n, "text": words} for n in "ab"]},
        {"type": "open", "id": "why", "text": words, "help": words},
        {**EVERY_TYPE[9], "text": words, "rows": [{"id": "r", "text": words}], **ends},
        {"type": "consent", "id": "news", "text": words, "purpose": "marketing"},
    ]  # fmt: skip
    ending = {"text": words, "offers_contact": True}
    links = [{"kind": "other", "text": words, "address": "https://example.org/a?b=c&d"}]
    definition = {
        "id": "visit",
        "languages": ["it", "en"],
        "title": doubled(words),
        "intro": doubled(words),
        "questions": doubled(given),
        "layout": "all",
        "endings": [doubled(ending)],
        "links": doubled(links),
        # No page publishes such words: whoever writes files can.
        "published": True,
    }
    (company.surveys / "visit").mkdir(parents=True)
    (company.surveys / "visit" / "1.json").write_bytes(to_json(from_plain(definition)))
    link = invite(facts={"first_name": SCRIPT})
    page = customer.get(link.path)
    done = send(customer, link.path, shown(page), {"why": SCRIPT})
    for each in (page, done):
        text = each.content.decode()
        assert "<script" not in text.lower()
        assert "<img" not in text.lower()
        assert "62710561" not in text
        assert "unsafe-inline" not in each["Content-Security-Policy"]
        assert "style=" not in text
    assert received()[0].text == SCRIPT


def doubled(given: Any) -> Any:
    """Return a definition with braces that are meant as such."""
    if isinstance(given, str):
        return given.replace("{", "{{").replace("}", "}}")
    if isinstance(given, dict):
        return {name: doubled(each) for name, each in given.items()}
    return [doubled(each) for each in given] if isinstance(given, list) else given


@pytest.mark.parametrize(
    "given",
    [
        {"nps": "99"},
        {"nps": "-1"},
        {"nps": "9e1"},
        {"nps": "٩"},
        {"nps": ["9", "10"]},
        {"nps": "9" * 5000},
        {"nps": "9", "why": "x" * 501},
        {"nps": "9", "genres": ["novels"] * 50},
        {"nps": "9", "genres": ["nothing"]},
        {"nps": "9", "how": "__proto__"},
        {"nps": "9", "visit": "2026-02-30"},
        {"nps": "9", "visit": "1999-01-01"},
        {"nps": "9", "reach.email": "a@b\r\nBcc: all@example.org"},
        {"nps": "9", "reach.name": "x" * 200},
        {"nps": "9", "news": "maybe"},
        {"nps": "9", "pyramid.needs": "6"},
    ],
)
def test_an_answer_that_was_not_offered_is_not_taken(
    company: Workspace, customer: Client, given: dict[str, Any]
) -> None:
    publish(company, questions=EVERY_TYPE, layout="all")
    link = invite()
    page = shown(customer.get(link.path))
    answer = send(customer, link.path, page, given)
    assert answer.status_code == 422
    assert received() == []
    assert not Invitation.objects.get().used


def test_odd_characters_come_through_the_log_or_not_at_all(
    company: Workspace, customer: Client
) -> None:
    publish(company, questions=[EVERY_TYPE[5]])
    for text in (
        "\0nul",
        "😀‮ right to left",
        "a\ud800b",
        "\x1b[31m",
        "ﷺ" * 400,
        "=cmd|' /C calc'!A0",
    ):
        link = invite()
        body = text.encode("utf-8", "surrogatepass")
        page = fields(shown(customer.get(link.path)))
        answer = customer.post(link.path, b"", content_type="application/x-www-form-urlencoded")
        assert answer.status_code == 422
        sent = customer.generic(
            "POST",
            link.path,
            b"sheet=" + page["sheet"].encode() + b"&why=" + _escaped(body),
            content_type="application/x-www-form-urlencoded",
        )
        assert sent.status_code in (200, 422)
    drained = Drainer(the_company.log(), inbox()).drain()
    assert drained.rejected == 0


def _escaped(data: bytes) -> bytes:
    return b"".join(b"%%%02X" % each for each in data)


def test_fields_that_belong_to_nothing_are_left_aside(asks: Workspace, customer: Client) -> None:
    link = invite()
    page = shown(customer.get(link.path))
    extra = {
        "used": "no",
        "customer": "email:bruno@example.org",
        "why": "not asked yet",
        "x" * 500: "y",
    }
    second = send(customer, link.path, page, {"nps": "9", **extra})
    assert "Why?" in shown(second)
    assert "not asked yet" not in shown(second)
    assert Unfinished.objects.get().answers == {"nps": 9}
    many = {f"f{number}": "x" for number in range(2000)}
    assert send(customer, link.path, page, many).status_code == 400
    assert customer.post(link.path, {"why": "x" * 6_000_000}).status_code in (400, 413)


def test_a_page_that_nobody_was_given_is_not_taken(asks: Workspace, customer: Client) -> None:
    link = invite()
    page = fields(shown(customer.get(link.path)))["sheet"]
    way = sheets.unseal(page).way
    forged = Sheet(way=way, survey="visit", version=1, language="en", response="0" * 32,
                   asked=("nps",), answers={"nps": 0})  # fmt: skip
    plain = signing.dumps({"way": way}, salt="percorso.surveys.sheet")
    other_salt = signing.dumps({"way": way, "survey": "visit"}, salt="percorso.surveys.after")
    for given in ("", "x", "x" * 100_000, page[:-3], f"{page[:10]}X{page[11:]}", plain, other_salt):
        answer = customer.post(link.path, {"sheet": given, "nps": "1"})
        assert answer.status_code == 422
        assert "Please answer again from here" in shown(answer)
    # Even one that we signed, of another response, is none of this invitation's.
    assert customer.post(link.path, {"sheet": sheets.seal(forged), "nps": "1"}).status_code == 410
    assert received() == []
    assert not Unfinished.objects.exists()


def test_a_page_is_good_for_a_day(
    asks: Workspace, customer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = invite()
    page = shown(customer.get(link.path))
    monkeypatch.setattr(sheets, "LASTS", -1)
    answer = send(customer, link.path, page, {"nps": "1"})
    assert answer.status_code == 422
    assert received() == []


def test_a_page_of_a_preview_is_worth_nothing_outside(
    asks: Workspace, client_of: Any, customer: Client
) -> None:
    page = shown(client_of("viewer").get("/surveys/visit/preview/"))
    link = invite()
    assert send(customer, link.path, page, {"nps": "1"}).status_code == 410
    own = shown(customer.get(link.path))
    viewer = client_of("viewer")
    assert send(viewer, "/surveys/visit/preview/?version=1", own, {"nps": "1"}).status_code != 200
    assert received() == []


def test_thanks_of_one_survey_ask_for_no_contact_at_another(
    company: Workspace, customer: Client
) -> None:
    publish(company, anonymous=True, questions=[EVERY_TYPE[0]])
    link = invite()
    done = shown(send(customer, link.path, shown(customer.get(link.path)), {"nps": "1"}))
    assert "after" not in fields(done)
    for given in ("", "x", signing.dumps({"way": "d:x"}, salt="percorso.surveys.after")):
        assert customer.post("/s/call-back", {"after": given}).status_code == 410
    after = sheets.After(way="i:zz", survey="visit", version=1, language="en", response="x")
    assert customer.post("/s/call-back", {"after": sheets.seal_after(after)}).status_code == 410
    assert HeldResponse.objects.count() == 1
    assert received() == []


def test_addresses_of_nothing_say_so(asks: Workspace, customer: Client) -> None:
    for path in (
        "/s/look/visit/9-abc.css", "/s/look/nothing/1-abc.css", "/s/logo/x.png",
        "/s/logo/..%2Fvisit%2F1.json", "/s/logo/" + "0" * 32 + ".png",
    ):  # fmt: skip
        assert customer.get(path).status_code == 404, path
    css = customer.get("/s/look/visit/1-abc.css")
    assert css["Content-Type"].startswith("text/css")
    assert "--accent:#0b5c66" in css.content.decode()
    for path in ("/s/" + "x" * 3000, "/s/i/" + "x" * 3000, "/s/%00", "/s/i/%00"):
        assert customer.get(path).status_code == 410, path
