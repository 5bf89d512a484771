"""Customers' pages are answered before accounts are looked at, and no less safely."""

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import ResolverMatch
from tests.app.surveys.asking import invite, shown

from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db

HEADERS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@pytest.fixture
def customer() -> Client:
    return Client(headers={"accept-language": "en-GB,en;q=0.9"})


def test_a_page_has_every_header_and_looks_no_session_up(asks: Workspace, customer: Client) -> None:
    customer.cookies["percorso_session"] = "a" * 32
    link = invite()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        page = customer.get(link.path)
    assert page.status_code == 200
    assert {name: page[name] for name in HEADERS} == HEADERS
    assert "default-src 'none'" in page["Content-Security-Policy"]
    assert "no-store" in page["Cache-Control"]
    assert "camera=()" in page["Permissions-Policy"]
    assert not page.cookies
    assert not [each for each in asked.captured_queries if "session" in each["sql"]]


@pytest.mark.parametrize(
    ("language", "words"), [("en", "There is no such page"), ("it", "Questa pagina non esiste")]
)
def test_what_does_not_exist_is_said_in_the_visitors_language(
    asks: Workspace, language: str, words: str
) -> None:
    answer = Client(headers={"accept-language": language}).get("/s/logo/none.png")
    assert answer.status_code == 404
    assert words in shown(answer)
    assert answer["X-Frame-Options"] == "DENY"


def test_another_host_is_not_answered(asks: Workspace, customer: Client) -> None:
    assert customer.get(invite().path, headers={"host": "evil.example.org"}).status_code == 400


def test_a_page_that_does_not_say_it_is_for_everybody_is_for_nobody(
    asks: Workspace, customer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def inner(_request: HttpRequest) -> HttpResponse:
        return HttpResponse("of the company")

    found = ResolverMatch(inner, (), {})
    monkeypatch.setattr("percorso.app.surveys.answering.middleware.resolve", lambda *_given: found)
    answer = customer.get("/s/inner")
    assert answer.status_code == 403
    assert "of the company" not in shown(answer)
