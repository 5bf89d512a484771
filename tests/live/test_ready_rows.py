"""Rows that are made here go through the inbox into the log as they are, each once."""

import time
from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import pytest

from percorso.live import Received, ready_rows
from percorso.live.draining import Drainer
from percorso.live.inbox import Inbox
from percorso.log import Log
from percorso.privacy.person import Person
from percorso.privacy.places import inbox as clear_inbox
from percorso.vocabulary import FIELDS, Interaction

AT = datetime(2026, 3, 4, 9, 30, 0, 123456, tzinfo=UTC)
ROW = Interaction(
    id="survey:abc:nps",
    at=AT,
    received_at=AT,
    customer="email:ada@example.org",
    kind="answer",
    source="surveys",
    touchpoint="Delivery",
    channel="email",
    name="nps",
    scale="nps",
    score=9,
    language="it",
    about="survey:after-delivery",
    properties={"survey": "after-delivery", "version": 1, "choices": ["a", "b"]},
)
WORDS = replace(
    ROW, id="survey:abc:why", name="why", scale=None, score=None, text="Perché sì «bene» 😀"
)


def now() -> int:
    return time.time_ns() // 1000


def rows_of(log: Log) -> dict[str, dict[str, object]]:
    return {each["id"]: each for each in log.read().read_all().to_pylist()}


def test_a_row_has_every_field_of_an_interaction() -> None:
    full = replace(
        ROW, text="x", amount=-1.5, currency="EUR", direction="out", due_at=AT, properties={"a": {}}
    )
    assert all(getattr(full, each.name) for each in FIELDS)
    assert ready_rows.unpack(ready_rows.pack([full, ROW])) == (full, ROW)
    [read] = ready_rows.read(ready_rows.pack([full]))
    assert isinstance(read, list)
    assert [value is not None for value in read] == [True] * len(FIELDS)


def test_rows_enter_the_log_as_they_are(log: Log, inbox: Inbox) -> None:
    inbox.put([ready_rows.request("surveys", [ROW, WORDS], now())])
    drained = Drainer(log, inbox).drain()
    assert (drained.events, drained.added, drained.rejected) == (2, 2, 0)
    found = rows_of(log)
    assert found[ROW.id]["score"] == 9
    assert found[ROW.id]["at"] == AT
    assert found[ROW.id]["received_at"] == AT
    assert found[WORDS.id]["text"] == WORDS.text
    assert msgspec.json.decode(str(found[ROW.id]["properties"])) == ROW.properties
    assert inbox.seen()["surveys"].events == 2


def test_rows_sent_twice_are_stored_once(log: Log, inbox: Inbox) -> None:
    drainer = Drainer(log, inbox)
    for _time in range(2):
        inbox.put([ready_rows.request("surveys", [ROW], now())])
        drainer.drain()
    inbox.put([ready_rows.request("surveys", [replace(ROW, score=0)], now())])
    assert drainer.drain().duplicates == 1
    assert rows_of(log)[ROW.id]["score"] == 9


def test_a_row_that_breaks_a_rule_is_rejected_alone_and_can_be_replayed(
    log: Log, inbox: Inbox
) -> None:
    wrong = replace(WORDS, channel="pigeon")
    inbox.put([ready_rows.request("surveys", [ROW, wrong], now())])
    assert Drainer(log, inbox).drain().added == 1
    (rejected,) = inbox.rejected()
    assert (rejected.call, rejected.field, rejected.value) == ("rows", "channel", "pigeon")
    assert ready_rows.unpack(rejected.body) == (wrong,)
    inbox.replay([rejected.id])
    assert Drainer(log, inbox).drain().rejected == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"rows":[1,{"id":"x"},{"id":"x","evil":1}]}',
        b'{"rows":{"id":"x"}}',
        ready_rows.pack([replace(ROW, properties={"x": "y" * 200_000})]),
    ],
)
def test_no_body_stops_the_others(log: Log, inbox: Inbox, body: bytes) -> None:
    inbox.put([Received("surveys", "rows", now(), body), ready_rows.request("s", [ROW], now())])
    assert Drainer(log, inbox).drain().added == 1
    assert set(rows_of(log)) == {ROW.id}


def test_rows_come_back_as_they_were_packed() -> None:
    assert ready_rows.unpack(ready_rows.pack([ROW, WORDS])) == (ROW, WORDS)
    first, second = ready_rows.parts(ready_rows.pack([ROW, WORDS]))
    assert ready_rows.unpack(first) + ready_rows.unpack(second) == (ROW, WORDS)


def test_an_erased_person_is_taken_out_of_what_waits(log: Log, inbox: Inbox) -> None:
    other = replace(ROW, id="survey:def:nps", customer="email:bruno@example.org", text="ciao")
    told = replace(other, id="survey:def:why", text="Chiedete ad ada@example.org")
    inbox.put([ready_rows.request("surveys", [ROW, other, told], now())])
    person = Person(
        customer=ROW.customer,
        references=(ROW.customer,),
        names=("ada@example.org",),
        phrases=(),
        interactions=1,
        telling=(),
    )
    cleared = clear_inbox(log, person, None)
    assert cleared.removed >= 1
    Drainer(log, inbox).drain()
    found = rows_of(log)
    assert set(found) == {other.id, told.id}
    assert "ada@" not in str(found)
