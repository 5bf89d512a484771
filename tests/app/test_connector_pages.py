"""The pages of connectors: each kind is set up, tried, changed, paused and removed."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings as DjangoSettings
from tests import web as webs
from tests.app.test_connectors import feed, make_due
from tests.web import Answer, Web

from percorso import net
from percorso.app.audit.models import Entry
from percorso.app.connectors import queries
from percorso.app.connectors.models import ConnectorSetup
from percorso.app.connectors.queries import Connector
from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db
As = Callable[[str], Client]
LIST = "/sources/connectors/"


@pytest.fixture(autouse=True)
def _company(company: Workspace, settings: DjangoSettings) -> None:
    settings.NETWORK_GUARD = net.Guard.parse("127.0.0.0/8")
    settings.WATCHED_FOLDERS = (company.path / "watched",)


@pytest.fixture
def web() -> Iterator[Web]:
    with webs.running() as started:
        yield started


def only() -> Connector:
    (found,) = queries.connectors(5)
    return found


FEED = {"name": "Reviews", "every_minutes": "30", "kind_": "review", "channel": "reviews"}
MAILBOX = {
    "name": "Mail",
    "every_minutes": "5",
    "host": "imap.example.org",
    "encryption": "tls",
    "user": "ada",
    "password": "segreta",
    "folders": "INBOX, Sent",
    "own": "@example.org,\nada@example.com",
    "days": "7",
    "touchpoint": "E-mail",
}


def test_a_feed_is_tried_set_up_run_and_changed(client_of: As, web: Web) -> None:
    manager = client_of("cx_manager")
    given = {**FEED, "url": web.answer("/f", feed("a", "b"))}
    tried = manager.post(f"{LIST}add/feed", {**given, "do": "try"})
    assert b"It answers: 2 things were read" in tried.content
    assert b"Testo a" in tried.content
    assert not ConnectorSetup.objects.exists()
    made = manager.post(f"{LIST}add/feed", {**given, "do": "add"})
    assert made["Location"] == reverse("connectors:one", args=[only().id])
    assert only().settings == {"url": given["url"], "kind": "review", "channel": "reviews"}
    make_due()
    page = manager.get(made["Location"]).content.decode()
    assert "runs well" in page
    assert "2 interactions added" in page
    changed = {**given, "touchpoint": "Vetrina", "every_minutes": "60", "do": "save"}
    assert manager.post(made["Location"], changed).status_code == 302
    assert (only().settings["touchpoint"], only().every_minutes) == ("Vetrina", 60)
    seen = client_of("viewer").get(LIST).content.decode()
    assert "Reviews" in seen
    assert "Add a connector" not in seen


def test_the_data_page_says_how_each_is(client_of: As, web: Web) -> None:
    viewer, manager = client_of("viewer"), client_of("cx_manager")
    page, part = reverse("intake:home"), reverse("connectors:beside")
    assert f'hx-get="{part}"' in viewer.get(page).content.decode()
    assert viewer.get(part)["Location"] == reverse("sources:list")
    asked = {"HX-Request": "true", "HX-Request-Type": "partial"}
    empty = manager.get(part, headers=asked).content.decode()
    assert "Nothing yet" in empty
    assert reverse("sources:add") in empty
    manager.post(f"{LIST}add/feed", {**FEED, "url": web.answer("/f", Answer(404)), "do": "add"})
    manager.post(reverse("sources:add"), {"name": "website"})
    make_due()
    shown = viewer.get(part, headers=asked).content.decode()
    for words in ("Reviews", "fails, and is tried again", "website", "nothing has come yet"):
        assert words in shown
    assert "nothing at this address" in shown
    assert reverse("sources:add") not in shown


def test_a_secret_is_never_shown_and_stays_where_it_is_not_given(client_of: As) -> None:
    manager = client_of("cx_manager")
    page = manager.post(f"{LIST}add/mailbox", MAILBOX)["Location"]
    assert only().settings["folders"] == ["INBOX", "Sent"]
    assert only().settings["own"] == ["@example.org", "ada@example.com"]
    sealed = ConnectorSetup.objects.get().secrets
    assert "segreta" not in sealed
    assert "segreta" not in manager.get(page).content.decode()
    assert manager.post(page, {**MAILBOX, "password": "", "days": "9"}).status_code == 302
    assert only().settings["days"] == 9
    from percorso.app.connectors.running import read_settings

    kept: Any = read_settings(ConnectorSetup.objects.get())
    assert kept.password == "segreta"
    wrong = manager.post(page, {**MAILBOX, "password": "altra", "port": "99999"})
    assert wrong.status_code == 422
    assert b"altra" not in wrong.content


def test_an_api_is_set_up_with_pairs(client_of: As, web: Web) -> None:
    url = web.answer(
        "/api", msgspec.json.encode({"data": [{"client": "c1", "when": "2026-01-01"}]})
    )
    given = {
        "name": "Orders",
        "every_minutes": "15",
        "url": url,
        "items": "data",
        "paging": "none",
        "mapping": "customer = client\nat = when",
        "headers": "Accept = application/json",
        "secret_header": "Authorization",
    }
    manager = client_of("cx_manager")
    tried = manager.post(f"{LIST}add/pull", {**given, "do": "try"})
    assert b"c1" in tried.content
    assert manager.post(f"{LIST}add/pull", given).status_code == 302
    assert only().settings["mapping"] == {"customer": "client", "at": "when"}
    page = manager.get(reverse("connectors:one", args=[only().id])).content.decode()
    assert "customer = client\nat = when" in page
    odd = manager.post(f"{LIST}add/pull", {**given, "name": "b", "mapping": "customer client"})
    assert odd.status_code == 422
    assert b"Write it like name = value: customer client" in odd.content


@pytest.mark.parametrize(
    ("kind", "given", "words"),
    [
        ("feed", {**FEED, "url": "javascript:alert(1)"}, "http"),
        ("feed", {**FEED, "url": "http://10.0.0.1/f", "do": "try"}, "10.0.0.1"),
        ("feed", {**FEED, "url": "https://example.org/f", "every_minutes": "0"}, "greater than"),
        (
            "folder",
            {
                "name": "F",
                "every_minutes": "5",
                "path": "/etc",
                "pattern": "*",
                "settle": "30",
            },
            "This folder may not be watched",
        ),
        (
            "mastodon",
            {"name": "M", "every_minutes": "5", "instance": "m.example.org", "touchpoint": "M"},
            "at least one hashtag",
        ),
    ],
)
def test_what_makes_no_connector_is_said(
    client_of: As, kind: str, given: dict[str, str], words: str
) -> None:
    answer = client_of("cx_manager").post(f"{LIST}add/{kind}", given)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not ConnectorSetup.objects.exists()


def test_it_is_paused_resumed_run_and_removed(client_of: As, web: Web) -> None:
    manager = client_of("cx_manager")
    given = {**FEED, "url": web.answer("/f", feed("a"))}
    page = manager.post(f"{LIST}add/feed", given)["Location"]
    manager.post(f"{page}/do", {"do": "pause"})
    assert only().health == "paused"
    assert "Let it run again" in manager.get(page).content.decode()
    manager.post(f"{page}/do", {"do": "resume"})
    manager.post(f"{page}/do", {"do": "run"})
    assert only().health == "new"
    assert manager.post(f"{page}/do", {"do": "remove"})["Location"] == LIST
    assert manager.get(page).status_code == 404
    assert manager.post(f"{page}/do", {"do": "run"}).status_code == 404
    done = list(
        Entry.objects.filter(action__startswith="connector.")
        .order_by("id")
        .values_list("action", flat=True)
    )
    assert done == [
        f"connector.{each}" for each in ("added", "paused", "resumed", "run", "removed")
    ]


def test_there_is_no_kind_but_ours(client_of: As) -> None:
    assert client_of("cx_manager").get(f"{LIST}add/telepathy").status_code == 404
