"""Connectors as they are set up: run when due, kept, tried again later, each thing once."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings as DjangoSettings
from tests import web as webs
from tests.web import Answer, Web

from percorso import connectors, net, privacy
from percorso.app import company as served
from percorso.app.audit.models import Entry
from percorso.app.connectors import actions, queries, running
from percorso.app.connectors.errors import ConnectorSetupError
from percorso.app.connectors.models import ConnectorRun, ConnectorSetup
from percorso.app.connectors.queries import Connector, Health
from percorso.app.intake import tasks
from percorso.app.intake.models import Import
from percorso.connectors import ConnectorError
from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db

FEED = '<?xml version="1.0"?><rss version="2.0"><channel><title>Quartiere</title>{}</channel></rss>'
ITEM = "<item><guid>{0}</guid><title>Titolo {0}</title><description>Testo {0}</description></item>"


def feed(*names: str) -> bytes:
    return FEED.format("".join(ITEM.format(each) for each in names)).encode()


@pytest.fixture(autouse=True)
def _company(company: Workspace, settings: DjangoSettings) -> None:
    settings.NETWORK_GUARD = net.Guard.parse("127.0.0.0/8")
    settings.WATCHED_FOLDERS = (company.path / "watched",)


@pytest.fixture
def web() -> Iterator[Web]:
    with webs.running() as started:
        yield started


def shown(setup_id: Any) -> Connector:
    found = queries.connector(setup_id)
    assert found is not None
    return found


def make_due() -> int:
    ConnectorSetup.objects.update(next_at=timezone.now())
    return running.run_due()


def test_what_is_new_enters_the_log_once(web: Web) -> None:
    url = web.answer("/f", feed("a", "b"), feed("b", "c"))
    made = actions.add(None, "Quartiere", "feed", {"url": url}, 30)
    assert shown(made).health == Health.NEW
    assert running.run_due() == 1
    first = shown(made)
    assert (first.health, first.added, first.runs[0].read) == (Health.WELL, 2, 2)
    assert first.next_at is not None
    wait = first.next_at - timezone.now()
    assert timedelta(minutes=23) < wait < timedelta(minutes=37)
    assert running.run_due() == 0
    make_due()
    second = shown(made).runs[0]
    assert (second.added, second.duplicates) == (1, 1)
    assert served.log().summary().interactions == 3


def test_a_feed_brings_nobody_back_who_was_erased(web: Web) -> None:
    dated = "</guid><pubDate>Tue, 03 Nov 2026 10:00:00 GMT</pubDate>"
    old, longer = (feed(*some).replace(b"</guid>", dated.encode()) for some in (("a",), ("a", "b")))
    actions.add(None, "Quartiere", "feed", {"url": web.answer("/f", old, longer)})
    running.run_due()
    [author] = authors()
    assert privacy.erase(served.log(), author).clean
    make_due()
    assert author not in authors()
    assert served.log().summary().interactions == 1


def authors() -> list[str]:
    rows = served.log().read(["customer"]).read_all()
    return [str(each) for each in rows["customer"].unique().to_pylist()]


def test_cut_off_between_the_log_and_its_place_it_doubles_nothing(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = actions.add(None, "Quartiere", "feed", {"url": web.answer("/f", feed("a", "b"))})
    with monkeypatch.context() as patch:
        patch.setattr(running, "_note", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            running.run_due()
    assert shown(made).last_run_at is None
    make_due()
    assert served.log().summary().interactions == 2
    assert shown(made).runs[0].duplicates == 2


def test_what_fails_is_tried_again_later_each_time_and_says_why(web: Web) -> None:
    url = web.answer("/f", Answer(500))
    made = actions.add(None, "Quartiere", "feed", {"url": url}, 5)
    waits = []
    for _ in range(4):
        make_due()
        waits.append((shown(made).next_at or timezone.now()) - timezone.now())
    found = shown(made)
    assert (found.health, str(found.trouble)) == (
        Health.TROUBLE, "127.0.0.1 answers with code 500.",
    )  # fmt: skip
    assert waits[0] < waits[1] < waits[2] < waits[3] < timedelta(minutes=11)
    web.answer("/f", feed("a"))
    make_due()
    assert (shown(made).health, shown(made).trouble) == (Health.WELL, None)


def test_it_comes_no_sooner_than_it_was_asked(web: Web) -> None:
    made = actions.add(
        None, "F", "feed", {"url": web.answer("/f", Answer(429, headers={"Retry-After": "7200"}))}
    )
    make_due()
    assert (shown(made).next_at or timezone.now()) > timezone.now() + timedelta(minutes=119)


def test_what_is_gone_for_good_stops(web: Web) -> None:
    made = actions.add(None, "F", "feed", {"url": web.answer("/f", Answer(410))})
    make_due()
    assert shown(made).health == Health.STOPPED
    assert make_due() == 0
    actions.resume(None, made)
    assert running.run_due() == 1


def test_private_addresses_are_not_asked(web: Web, settings: DjangoSettings) -> None:
    settings.NETWORK_GUARD = net.Guard()
    made = actions.add(None, "F", "feed", {"url": web.answer("/f", feed("a"))})
    make_due()
    assert "private network" in str(shown(made).trouble)
    assert not web.asked


def test_changed_settings_begin_anew_and_a_run_before_them_keeps_no_place(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = web.answer("/f", Answer(body=feed("a"), headers={"ETag": '"1"'}))
    made = actions.add(None, "F", "feed", {"url": url})
    make_due()
    assert ConnectorSetup.objects.get().state["etag"] == '"1"'
    other = web.answer("/g", feed("b"))
    fetch = running.connectors.run

    def change_meanwhile(*given: Any, **named: Any) -> Any:
        fetched = fetch(*given, **named)
        actions.change(None, made, {"url": other}, 15)
        return fetched

    with monkeypatch.context() as patch:
        patch.setattr(running.connectors, "run", change_meanwhile)
        make_due()
    assert ConnectorSetup.objects.get().state == {}
    make_due()
    assert "if-none-match" not in web.asked[-1].headers
    assert web.asked[-1].path == "/g"


def test_secrets_are_sealed_and_stay_where_none_is_given(web: Web) -> None:
    url = web.answer("/o", b"[]")
    given = {"url": url, "secret_value": "Bearer s3cret", "mapping": {"customer": "c"}}
    made = actions.add(None, "Cassa", "pull", given)
    setup = ConnectorSetup.objects.get()
    assert "s3cret" not in json.dumps([setup.settings, setup.secrets])
    assert "secret_value" not in shown(made).settings
    actions.change(None, made, {"url": url, "items": "", "secret_value": ""}, 15)
    make_due()
    assert web.asked[-1].headers["authorization"] == "Bearer s3cret"


def test_rows_of_an_api_go_through_the_file_import_once(web: Web) -> None:
    rows = [
        {"no": "1", "when": "2026-03-05T10:00:00Z", "who": "ada@example.org", "total": "12.50"},
        {"no": "2", "when": "2026-03-05T11:00:00Z", "who": "ugo@example.org", "total": "5.00"},
    ]
    url = web.answer("/o", json.dumps(rows).encode())
    mapping = {
        "id": "no", "at": "when", "customer": "who", "amount": "total", "kind": "'order'",
        "touchpoint": "'Cassa'", "channel": "'store'",
    }  # fmt: skip
    made = actions.add(None, "Cassa 1", "pull", {"url": url, "mapping": mapping})
    for _ in range(2):
        make_due()
        for each in Import.objects.filter(status="queued"):
            tasks.run.call(str(each.id))
    assert {each.status for each in Import.objects.all()} == {"done"}
    assert served.log().summary().interactions == 2
    assert len(shown(made).runs[0].imports) == 1


def test_files_of_a_watched_folder_are_imported(company: Workspace) -> None:
    watched = company.path / "watched"
    watched.mkdir()
    (watched / "nps.csv").write_text("cliente,data,voto\nada@example.org,2026-03-05,9\n")
    given = {"path": str(watched), "settle": 0, "mapping": {"customer": "cliente", "at": "data"}}
    given["mapping"] |= {"score": "voto", "scale": "'nps'", "kind": "'answer'", "touchpoint": "'S'"}
    made = actions.add(None, "Sondaggi", "folder", given)
    make_due()
    (begun,) = Import.objects.all()
    tasks.run.call(str(begun.id))
    begun.refresh_from_db()
    assert begun.status == "done", begun.error
    assert served.log().summary().interactions == 1
    assert (watched / "nps.csv").exists()
    make_due()
    assert Import.objects.count() == 1
    found = shown(made)
    assert found.health == Health.WELL
    assert found.added == 1, "what its import added is its own"
    assert [each.added for each in found.runs] == [0, 1]


@pytest.mark.parametrize("path", ["/etc", "{watched}/../..", "{watched}/link"])
def test_other_folders_may_not_be_watched(company: Workspace, path: str) -> None:
    watched = company.path / "watched"
    watched.mkdir()
    (watched / "link").symlink_to("/etc")
    with pytest.raises(ConnectorSetupError, match="may not be watched") as failed:
        actions.add(None, "F", "folder", {"path": path.format(watched=watched)})
    assert failed.value.field == "path"


@pytest.mark.parametrize(
    ("name", "kind", "given", "minutes", "field"),
    [
        ("", "feed", {"url": "https://example.org/"}, 15, "name"),
        ("x" * 81, "feed", {"url": "https://example.org/"}, 15, "name"),
        ("F", "pigeon", {}, 15, "kind"),
        ("F", "feed", {"url": "x"}, 15, "url"),
        ("F", "feed", {"url": "https://example.org/"}, 1, "every_minutes"),
    ],
)
def test_what_makes_no_sense_is_named(
    name: str, kind: str, given: dict[str, Any], minutes: int, field: str
) -> None:
    with pytest.raises(ConnectorSetupError) as failed:
        actions.add(None, name, kind, given, minutes)
    assert failed.value.field == field


def test_trying_keeps_nothing(web: Web) -> None:
    tried = actions.try_out("feed", {"url": web.answer("/f", feed("a", "b"))})
    assert (tried.read, [each.text for each in tried.interactions]) == (
        2, ["Titolo a\n\nTesto a", "Titolo b\n\nTesto b"],
    )  # fmt: skip
    assert served.log().summary().interactions == 0
    with pytest.raises(ConnectorError):
        actions.try_out("feed", {"url": web.answer("/g", Answer(500))})


def test_pausing_running_and_removing(web: Web) -> None:
    made = actions.add(None, "F", "feed", {"url": web.answer("/f", feed("a"))})
    actions.pause(None, made)
    assert (make_due(), shown(made).health) == (0, Health.PAUSED)
    actions.resume(None, made)
    actions.run_now(None, made)
    assert running.run_due() == 1
    actions.remove(None, made)
    assert queries.connectors() == ()
    assert not ConnectorRun.objects.exists()
    assert served.log().summary().interactions == 1


def test_something_unforeseen_is_said_and_stops_no_other(
    web: Web, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bad = actions.add(None, "A", "feed", {"url": web.answer("/f", feed("a"))})
    good = actions.add(None, "B", "feed", {"url": web.answer("/g", feed("b"))})
    fetch = running.connectors.run

    def sometimes(chosen: Any, *given: Any, **named: Any) -> Any:
        if chosen.url.endswith("/f"):
            raise ZeroDivisionError
        return fetch(chosen, *given, **named)

    monkeypatch.setattr(running.connectors, "run", sometimes)
    make_due()
    assert "inside Percorso" in str(shown(bad).trouble)
    assert shown(good).health == Health.WELL
    assert "connector A failed" in caplog.text


def test_a_worker_that_does_not_come_is_seen(web: Web) -> None:
    made = actions.add(None, "F", "feed", {"url": web.answer("/f", feed("a"))})
    ConnectorSetup.objects.update(next_at=timezone.now() - timedelta(hours=3))
    assert shown(made).health == Health.LATE


@pytest.mark.parametrize("do", ["change", "try"])
def test_a_kept_secret_is_not_sent_to_another_server(web: Web, do: str) -> None:
    given = {"url": web.answer("/o", b"[]"), "secret_value": "s3cret", "mapping": {"customer": "c"}}
    made = actions.add(None, "Cassa", "pull", given)

    def ask(chosen: dict[str, Any]) -> None:
        if do == "change":
            actions.change(None, made, chosen, 15)
        else:
            actions.try_out("pull", chosen, made)

    with webs.running() as other:
        elsewhere = {"url": other.answer("/o", b"[]"), "mapping": {"customer": "c"}}
        with pytest.raises(ConnectorSetupError, match="another server") as failed:
            ask(elsewhere)
        assert failed.value.field == "secret_value"
        assert not other.asked
        ask({**elsewhere, "secret_value": "another"})
        entry = Entry.objects.order_by("-id")[0]
        assert entry.details["server"] == other.url
        assert "another" not in json.dumps([entry.subject, entry.details])
        assert entry.details.get("before") == (web.url if do == "change" else None)


@pytest.mark.parametrize(
    "change", [{"port": 994}, {"encryption": "none"}, {"host": "m.example.org"}]
)
def test_the_password_of_a_mailbox_is_of_its_server(change: dict[str, Any]) -> None:
    given = {"host": "imap.example.org", "user": "u"}
    made = actions.add(None, "Posta", "mailbox", {**given, "password": "s3cret"})
    actions.change(None, made, {**given, "days": 3}, 15)
    with pytest.raises(ConnectorSetupError, match="another server"):
        actions.change(None, made, {**given, **change}, 15)


def test_a_link_put_in_a_files_place_is_not_followed(
    company: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    watched = company.path / "watched"
    watched.mkdir()
    secret = tmp_path / "secret.csv"
    secret.write_text("cliente,data\na,2026-03-05\n")
    (watched / "a.csv").write_text("cliente,data\nb,2026-03-05\n")
    made = actions.add(None, "F", "folder", {"path": str(watched), "settle": 0})
    fetch = running.connectors.run

    def swap(*given: Any, **named: Any) -> Any:
        fetched = fetch(*given, **named)
        (watched / "a.csv").unlink()
        (watched / "a.csv").symlink_to(secret)
        return fetched

    with monkeypatch.context() as patch:
        patch.setattr(running.connectors, "run", swap)
        make_due()
    assert not Import.objects.exists()
    assert "a.csv" in str(shown(made).trouble)


def test_a_folder_that_leads_elsewhere_now_is_not_read(company: Workspace, tmp_path: Path) -> None:
    watched = company.path / "watched"
    (watched / "in").mkdir(parents=True)
    made = actions.add(None, "F", "folder", {"path": str(watched / "in"), "settle": 0})
    (tmp_path / "x.csv").write_text("cliente,data\na,2026-03-05\n")
    (watched / "in").rmdir()
    (watched / "in").symlink_to(tmp_path)
    make_due()
    assert not Import.objects.exists()
    assert "may not be watched" in str(shown(made).trouble)


def test_a_run_that_was_killed_is_known_to_the_next(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions.add(None, "F", "feed", {"url": web.answer("/f", feed("a"))})
    seen = []

    def killed(_chosen: Any, state: Any, **_named: Any) -> Any:
        seen.append(dict(state))
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(running.connectors, "run", killed)
        for _time in range(2):
            with pytest.raises(KeyboardInterrupt):
                make_due()
    assert [each.get(connectors.CUT_OFF, 0) for each in seen] == [0, 1]
    make_due()
    assert connectors.CUT_OFF not in ConnectorSetup.objects.get().state
