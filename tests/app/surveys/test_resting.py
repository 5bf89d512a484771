"""Answers that nobody went on with: each is sent in, however many rest before it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from tests.app.surveys.asking import EVERY_TYPE, invite, publish, received, send, shown

from percorso.app.surveys.answering import known
from percorso.app.surveys.models import Unfinished
from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer() -> Client:
    return Client(headers={"accept-language": "en"})


def begin(customer: Client, reference: str, score: str = "7") -> str:
    """Answer the first page of an invitation; return its link."""
    path = invite(reference).path
    send(customer, path, shown(customer.get(path)), {"nps": score})
    return path


def test_those_who_may_still_go_on_keep_nobody_waiting(
    asks: Workspace, customer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known, "_AT_ONCE", 2)
    for number in range(5):
        begin(customer, f"email:person-{number}@example.org")
    later = timezone.now() + timedelta(hours=25)
    sent = [known.send_rested(later) for _time in range(4)]
    assert sent == [2, 2, 1, 0]
    assert len(received()) == 5


def test_a_page_without_an_answer_keeps_nobody_waiting(
    company: Workspace, customer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(company, questions=[{**EVERY_TYPE[0], "required": False}, EVERY_TYPE[5]])
    monkeypatch.setattr(known, "_AT_ONCE", 1)
    begin(customer, "email:silent@example.org", "")
    begin(customer, "email:ada@example.org")
    later = timezone.now() + timedelta(hours=25)
    for _time in range(2):
        known.send_rested(later)
    assert [row.customer for row in received()] == ["email:ada@example.org"]


def test_what_was_added_after_it_was_sent_in_is_sent_in_too(
    company: Workspace, customer: Client
) -> None:
    publish(company, questions=[EVERY_TYPE[0], EVERY_TYPE[5], EVERY_TYPE[8]])
    path = begin(customer, "email:ada@example.org")
    assert known.send_rested(timezone.now() + timedelta(hours=25)) == 1
    received()
    send(customer, path, shown(customer.get(path)), {"why": "Later"})
    assert known.send_rested(timezone.now() + timedelta(hours=25)) == 1
    assert {row.name for row in received()} == {"nps", "why"}
    assert known.send_rested(timezone.now() + timedelta(days=30)) == 0
    assert not Unfinished.objects.exists()


def test_what_cannot_be_read_is_kept_and_keeps_nobody_waiting(
    asks: Workspace, customer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known, "_AT_ONCE", 1)
    begin(customer, "email:lost@example.org")
    Unfinished.objects.update(version=99)
    begin(customer, "email:ada@example.org")
    later = timezone.now() + timedelta(hours=25)
    for _time in range(2):
        known.send_rested(later)
    assert [row.customer for row in received()] == ["email:ada@example.org"]
    assert Unfinished.objects.filter(version=99).exists()
