"""Of an anonymous survey nothing that is stored or logged joins an answer to its person, nor their
order: docs/decisions/0004-anonymous-answers.md, held to it."""

import logging
import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from tests.app.surveys.asking import EVERY_TYPE, invite, publish, received, send, shown

from percorso.app import company as the_company
from percorso.app.accounts.models import User
from percorso.app.inbox import inbox
from percorso.app.surveys import actions
from percorso.app.surveys.answering import holding, known, ways
from percorso.app.surveys.models import HeldResponse, Invitation, SpentSheet, Unfinished
from percorso.live import InboxError, ready_rows
from percorso.live.draining import Drainer
from percorso.vocabulary.references import PASSING
from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db

PEOPLE = 24
ON_SQLITE = pytest.mark.skipif(connection.vendor != "sqlite", reason="is about SQLite")


@pytest.fixture
def asks(company: Workspace, db: None) -> Workspace:
    publish(company, anonymous=True, questions=[EVERY_TYPE[0], EVERY_TYPE[5]])
    return company


def person(number: int) -> str:
    return f"email:person{number:03d}@example.org"


def marker(number: int) -> str:
    return f"Answer-{(number * 7919) % 1000:03d}-of-somebody"


def answer(number: int, path: str = "") -> Any:
    """Have a person answer, from a browser of their own; return the page of thanks."""
    client = Client(headers={"accept-language": "en"})
    path = path or invite(person(number)).path
    second = send(client, path, shown(client.get(path)), {"nps": str(number % 11)})
    return send(client, path, shown(second), {"why": marker(number)})


def everything() -> Iterator[tuple[str, str]]:
    """Yield every row of every table of the application, as text, with the table's name."""
    for model in apps.get_models():
        for row in model._default_manager.values_list():
            yield model._meta.label, repr(row)


def tomorrow() -> datetime:
    return datetime.now(UTC) + timedelta(days=1)


def test_nothing_stored_or_logged_joins_an_answer_to_its_person(
    asks: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    tokens = {}
    for number in range(PEOPLE):
        link = invite(person(number))
        tokens[number] = (link.token, link.id, link.id.replace("-", ""))
        assert "Thank you" in shown(answer(number, link.path))
    assert HeldResponse.objects.count() == PEOPLE
    assert Invitation.objects.filter(used=True).count() == PEOPLE
    assert not Unfinished.objects.exists()
    assert received() == []
    for table, row in everything():
        answers = re.findall(r"Answer-\d{3}", row)
        people = [
            number
            for number, keys in tokens.items()
            if person(number) in row or any(each in row for each in keys)
        ]
        assert not (answers and people), table
        assert len(set(answers)) <= 1, table
    said = " ".join(record.getMessage() for record in caplog.records)
    assert "Answer-" not in said
    assert not any(token in said for token, *_ids in tokens.values())
    for file in asks.path.rglob("*"):
        if file.is_file():
            assert b"Answer-" not in file.read_bytes(), file


def test_what_is_held_is_no_function_of_the_person(asks: Workspace) -> None:
    """The same person answering the same twice leaves nothing that is the same but the answer."""
    for _time in range(2):
        answer(1)
    first, second = (ready_rows.unpack(each.rows.encode()) for each in HeldResponse.objects.all())
    made = {ways.response_of(each.id) for each in Invitation.objects.all()}
    for one, other in zip(first, second, strict=True):
        assert one.id != other.id
        assert one.customer != other.customer
        assert one.customer.startswith(PASSING)
        assert not {one.id.split(":")[1], other.id.split(":")[1]} & made
        assert one.at == one.received_at == other.at
        assert (one.at.hour, one.at.minute, one.at.second, one.at.microsecond) == (12, 0, 0, 0)
        assert "campaign" not in one.properties


@ON_SQLITE
def test_the_tables_keep_no_order_of_arrival(asks: Workspace) -> None:
    for number in range(PEOPLE):
        answer(number)
    with connection.cursor() as cursor:
        for table in ("surveys_heldresponse", "surveys_spentsheet"):
            with pytest.raises(Exception, match="no such column: rowid"):
                cursor.execute(f"SELECT rowid FROM {table}")
        cursor.execute("SELECT rows FROM surveys_heldresponse")
        stored = [re.findall(r"Answer-(\d{3})", rows)[0] for (rows,) in cursor.fetchall()]
    came = [marker(number)[7:10] for number in range(PEOPLE)]
    assert sorted(stored) == sorted(came)
    assert not _is_ordered(stored, came)
    fields = {each.name: type(each).__name__ for each in HeldResponse._meta.get_fields()}
    assert "DateTimeField" not in fields.values()
    assert "AutoField" not in " ".join(fields.values())
    for model in (HeldResponse, SpentSheet):
        assert not any(each.is_relation for each in model._meta.get_fields())


def test_the_order_of_the_log_tells_nothing(asks: Workspace) -> None:
    for number in range(PEOPLE):
        answer(number)
    assert holding.release_due(tomorrow()) == PEOPLE
    came = [marker(number)[7:10] for number in range(PEOPLE)]
    waiting = [row.text[7:10] for row in received() if row.text]
    assert sorted(waiting) == sorted(came)
    assert not _is_ordered(waiting, came)
    Drainer(the_company.log(), inbox()).drain()
    rows = the_company.log().read().read_all().to_pylist()
    assert len(rows) == 2 * PEOPLE
    assert len({each["at"] for each in rows}) == 1
    assert len({each["received_at"] for each in rows}) == 1
    assert len({each["customer"] for each in rows}) == PEOPLE
    logged = [each["text"][7:10] for each in rows if each["text"]]
    assert not _is_ordered(logged, came)
    assert not HeldResponse.objects.exists()


def _is_ordered(found: list[str], came: list[str]) -> bool:
    """Say whether one order tells the other: Spearman's correlation beyond 0.65, |z| > 3."""
    ranks = [came.index(each) for each in found]
    n = len(ranks)
    apart = sum((rank - place) ** 2 for place, rank in enumerate(ranks))
    return abs(1 - 6 * apart / (n * (n * n - 1))) > 0.65


def test_fewer_than_five_are_not_released_and_none_of_today(asks: Workspace) -> None:
    for number in range(4):
        answer(number)
    assert holding.release_due(tomorrow()) == 0
    # The fifth releases nothing by coming: its moment would be known.
    answer(4)
    assert holding.release_due() == 0
    assert received() == []
    assert holding.release_due(tomorrow()) == 5
    assert holding.release_due(tomorrow()) == 0


def test_no_day_has_fewer_than_five(asks: Workspace) -> None:
    for number in range(6):
        answer(number)
    early = HeldResponse.objects.order_by("key")[:2]
    for each in early:
        old = each.rows.replace(f"{each.day}T12", f"{date(2026, 1, 5)}T12")
        HeldResponse.objects.filter(key=each.key).update(rows=old, day=date(2026, 1, 5))
    assert holding.release_due(tomorrow()) == 6
    assert len({row.at for row in received()}) == 1


def test_who_answered_before_a_change_is_not_told_by_the_version(asks: Workspace) -> None:
    for number in range(11):
        answer(number)
    for each in HeldResponse.objects.order_by("key")[:6]:
        old = re.sub(r'("version"\s*:\s*)1\b', r"\g<1>2", each.rows)
        HeldResponse.objects.filter(key=each.key).update(rows=old)
    (other, *_rest) = HeldResponse.objects.exclude(rows__contains='"version":1')
    assert holding.release_due(tomorrow()) == 11
    HeldResponse.objects.create(key="0" * 32, survey=other.survey, day=other.day, rows=other.rows)
    answer(12)
    for number in range(13, 16):
        answer(number)
    # Four of one version and one of the other are no crowd.
    assert holding.release_due(tomorrow()) == 0


def test_who_alone_answered_in_a_language_is_not_told_by_it(asks: Workspace) -> None:
    for number in range(9):
        answer(number)
    (alone, *_rest) = HeldResponse.objects.order_by("key")
    HeldResponse.objects.filter(key=alone.key).update(
        rows=alone.rows.replace('"language":"en"', '"language":"it"')
    )
    assert holding.release_due(tomorrow()) == 9
    languages = {row.properties["response"]: row.language for row in received()}
    assert sorted(map(str, languages.values())) == ["None"] * 5 + ["en"] * 4


def test_a_release_that_was_cut_off_is_finished_as_it_was(
    asks: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        answer(number)

    class Full:
        def put(self, _requests: object) -> None:
            raise InboxError("full")

    with monkeypatch.context() as patched:
        patched.setattr(holding, "inbox", Full)
        with pytest.raises(InboxError):
            holding.release_due(tomorrow())
    assert HeldResponse.objects.exclude(batch="").count() == 6
    answer(7)
    assert holding.release_due(tomorrow()) == 6
    assert len(received()) == 12
    assert HeldResponse.objects.count() == 1


def test_an_anonymous_invitation_is_answered_once(asks: Workspace) -> None:
    link = invite()
    client = Client(headers={"accept-language": "en"})
    second = shown(send(client, link.path, shown(client.get(link.path)), {"nps": "9"}))
    assert send(client, link.path, second).status_code == 200
    assert send(client, link.path, second).status_code == 410
    assert client.get(link.path).status_code == 410
    assert HeldResponse.objects.count() == 1


def test_a_door_counts_an_anonymous_page_once(asks: Workspace) -> None:
    by = User.objects.create_user("maker@example.org", "x", name="Maker", role="cx_manager")
    path = f"/s/{actions.open_door(by, 'visit', 'kiosk', touchpoint='Shop').code}"
    client = Client(headers={"accept-language": "en"})
    second = shown(send(client, path, shown(client.get(path)), {"nps": "9"}))
    for _time in range(3):
        assert send(client, path, second, {"why": "x"}).status_code == 200
    assert HeldResponse.objects.count() == 1
    holding.release_due(datetime.now(UTC) + timedelta(days=4))
    assert not SpentSheet.objects.exists()
    assert known.send_rested(datetime.now(UTC) + timedelta(days=4)) == 0


def test_an_anonymous_survey_says_so_and_calls_nobody_by_name(company: Workspace) -> None:
    nps = {**EVERY_TYPE[0], "text": {"it": "{company}?", "en": "{shop|us}, {company}?"}}
    publish(company, anonymous=True, questions=[nps])
    link = invite(facts={"first_name": "Ada", "shop": "Brera"})
    page = shown(Client(headers={"accept-language": "en"}).get(link.path))
    assert "Brera, Bottega Prova?" in page
    assert "Your answers are anonymous" in page
    assert "Ada" not in page


def test_an_anonymous_invitation_keeps_no_name(asks: Workspace) -> None:
    invite(person(1), facts={"first_name": "Ada", "order": "A-7"})
    assert Invitation.objects.get().facts == {"order": "A-7"}


@ON_SQLITE
def test_a_new_database_has_the_tables_without_a_running_number(tmp_path: Path) -> None:
    """What the migration makes, as SQLite has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE name = 'surveys_heldresponse'")
        ((sql,),) = cursor.fetchall()
    assert sql.endswith("WITHOUT ROWID")
    with sqlite3.connect(tmp_path / "own.sqlite") as own:
        own.execute(sql)


@ON_SQLITE
def test_what_the_database_lets_go_of_is_overwritten() -> None:
    # Some builds of SQLite do so by themselves: ours does wherever it runs.
    assert "PRAGMA secure_delete=ON" in connection.settings_dict["OPTIONS"]["init_command"]
