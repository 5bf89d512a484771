"""Whatever a public key is used to send: nothing stops draining, and little stays little."""

import json
import time
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.live.conftest import batch, rows, track

from percorso.live import Batch, InboxError, Received
from percorso.live.again import read_again
from percorso.live.bringing import FALLS
from percorso.live.draining import Drainer
from percorso.live.inbox import Inbox, writer
from percorso.live.mapping import Mapper, read_rules
from percorso.live.mapping.finding import Finder
from percorso.live.segment import (
    MOST_CONTEXT,
    MOST_EVENT,
    RefusedError,
    UnfitError,
    measure,
    parts,
    read,
)
from percorso.log import Log
from percorso.workspace import Settings

EVENT = b'{"type":"track","event":"e","userId":"u"}'
NOW = 1_767_225_600_000_000
#: What the door lets in, because it does not look at it.
HOSTILE = {
    "sentAt is no text": b'{"batch":[{"type":"x"}],"sentAt":"\xff"}',
    "sentAt is too long": b'{"batch":[{"type":"x"}],"sentAt":' + b"9" * 5000 + b"}",
    "context is infinite": b'{"batch":[{"type":1}],"context":{"x":1e999}}',
    "context is no text": b'{"batch":[{"type":1}],"context":{"x":"\xff"}}',
    "many good events": b'{"batch":[' + b",".join([EVENT] * 1000) + b'],"context":{"x":"\xff"}}',
    "an event is no text": b'{"batch":["\xff"]}',
    "a number has no end": b'{"batch":[{"type":"track","event":"Order Completed","userId":"u",'
    b'"properties":{"total":' + b"9" * 5000 + b"}}]}",
    "a number is too large": b'{"batch":[{"type":"x","price":184467440737095516160}]}',
    "nested": b'{"batch":[{"type":"track","event":"e","userId":"u","properties":{"a":'
    + b"[" * 900
    + b"]" * 900
    + b"}}]}",
    "times of other ages": b'{"batch":[{"type":1}],"sentAt":"9999-12-31T23:59:59.999999-23:59"}',
}


def of(*bodies: bytes, call: str = "batch") -> Batch:
    received = tuple(Received("shop", call, NOW, body, 1) for body in bodies)
    return Batch(received, tuple((1, number) for number in range(len(received))), 1)


@pytest.fixture(scope="module")
def mapper() -> Mapper:
    return Mapper(read_rules(""), Settings())


@pytest.mark.parametrize("name", HOSTILE)
def test_what_the_door_lets_in_is_mapped_or_rejected(mapper: Mapper, name: str) -> None:
    body = HOSTILE[name]
    events, _ = measure("batch", body)
    mapped = mapper.map(of(body))
    assert mapped.seen[0].events == events
    assert len(mapped.table) + len(mapped.rejected) >= events
    for _, each in mapped.rejected:
        assert each.reason.message


def test_all_of_it_is_drained_and_the_next_event_too(
    inbox: Inbox, drainer: Drainer, log: Log
) -> None:
    hostile = [Received("shop", "batch", NOW, body, 1) for body in HOSTILE.values()]
    inbox.put([*hostile, batch(track("Order Completed", "good"))])
    while drainer.drain().events:
        pass
    assert inbox.depth() == 0
    assert "shop:good" in {each["id"] for each in rows(log)}
    assert inbox.replay([each.id for each in inbox.rejected(1000)]) == inbox.rejected_count(
        "replayed"
    )
    drainer.drain()
    assert inbox.depth() == 0


_texts = st.one_of(st.text(max_size=20), st.just("\ud800"), st.just("\0"), st.just("9" * 600))
_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3),
    max_leaves=8,
)
_named = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["track", "identify", "page", "group", "alias", "screen"])
        | _values,
        **dict.fromkeys(
            (
                "event", "userId", "anonymousId", "previousId", "groupId", "messageId", "sentAt",
                "timestamp", "context", "properties", "traits", "name", "category",
            ),
            _values,
        ),
    },
)  # fmt: skip
_whole = st.fixed_dictionaries(
    {"batch": st.lists(_named | _values, max_size=4)},
    optional={"sentAt": _values, "context": _named | _values, "batchId": _values},
)


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """Draw JSON, or what was JSON until some of its bytes were changed."""
    ascii_ = draw(st.booleans())
    body = bytearray(json.dumps(draw(_whole), ensure_ascii=ascii_).encode("utf-8", "surrogatepass"))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(body) - 1))
        body[at : at + draw(st.integers(0, 2))] = draw(st.binary(max_size=2))
    return bytes(body)


@settings(max_examples=400, deadline=None)
@given(
    call=st.sampled_from(["batch", "batch", "track", "identify", "alias", "event", "event@1.2.3"]),
    body=bodies() | st.binary(max_size=60),
)
def test_mapping_never_raises(mapper: Mapper, call: str, body: bytes) -> None:
    mapped = mapper.map(of(body, call=call))
    assert mapped.table.schema
    assert len(parts(call, body)) == len(read(call, body, NOW)) or not body
    for _, each in mapped.rejected:
        msgspec.json.encode(each.reason)


@settings(max_examples=200, deadline=None)
@given(body=bodies())
def test_measuring_refuses_or_counts(body: bytes) -> None:
    try:
        events, _ = measure("batch", body)
    except RefusedError:
        return
    assert len(read("batch", body, NOW)) == events


# Little stays little


def test_a_large_context_is_not_copied_into_every_event(mapper: Mapper) -> None:
    for event in (EVENT, b'{"type":"x"}'):
        context = json.dumps({"campaign": {"a": "x" * 440_000}}).encode()
        body = b'{"batch":[%s],"context":%s}' % (b",".join([event] * 300), context)
        mapped = mapper.map(of(body))
        assert len(mapped.rejected) == 300
        assert mapped.table.nbytes < 100_000
        assert sum(len(each.body) for _, each in mapped.rejected) < 2 * 300 * len(event)


def test_rejected_events_do_not_each_keep_what_their_batch_said(mapper: Mapper) -> None:
    context = json.dumps({"zzz": "x" * (MOST_CONTEXT - 20)}).encode()
    body = b'{"batch":[%s],"context":%s}' % (b",".join([b'{"type":"x"}'] * 2_500), context)
    mapped = mapper.map(of(body))
    assert len(mapped.rejected) == 2_500
    assert sum(len(each.body) for _, each in mapped.rejected) < 200_000
    few = mapper.map(of(b'{"batch":[{"type":"x"}],"context":{"a":1}}'))
    assert json.loads(few.rejected[0][1].body)["context"] == {"a": 1}


def test_what_is_written_of_a_page_and_a_campaign_is_bounded(mapper: Mapper) -> None:
    context = {
        "page": {"path": "/" + "p" * 6_000, "referrer": "r" * 6_000},
        "campaign": {**{f"{n}" * 900: "v" * 900 for n in range(1, 8)}, "odd": {"x": ["y"] * 900}},
    }
    body = json.dumps({**track("e"), "context": context}).encode()
    properties = mapper.map(of(body, call="track")).table["properties"][0].as_py()
    assert len(properties) < 2 * 2_048 + 7 * 420 + 200
    assert "odd" not in properties


def test_memory_is_held_by_portions() -> None:
    made = Mapper(read_rules(""), Settings())
    context = json.dumps({"page": {"path": "p" * 2000, "referrer": "r" * 2000}}).encode()
    body = b'{"batch":[%s],"context":%s}' % (b",".join([EVENT] * 2_500), context)
    portions = list(made.portions(of(*[body] * 20)))
    assert len(portions) > 1
    assert sum(len(each.table) for each in portions) == 50_000
    assert max(each.table.nbytes for each in portions) < 120 * 2**20


def test_an_event_is_measured_without_what_its_batch_said(
    inbox: Inbox, drainer: Drainer, log: Log
) -> None:
    """One that fits in its batch fits when it is read again by a rule that was written since."""
    large = track("New", properties={"a": "x" * 31_000})
    inbox.put([batch(large, context={"page": {"url": "y" * 3_000, "path": "/a"}})])
    drainer.drain()
    log.workspace.mapping_rules.write_text('[[rule]]\nevent = "New"\nkind = "view"\n')
    assert read_again(log, inbox) == 1
    drainer.drain()
    (row,) = rows(log)
    assert (row["kind"], row["properties"]["path"]) == ("view", "/a")
    assert inbox.rejected_count() == 0


# Ids


def test_an_event_without_an_id_keeps_the_one_it_had_when_it_is_read_again(
    inbox: Inbox, drainer: Drainer, log: Log
) -> None:
    """So that a stop between the putting and the forgetting doubles nothing."""
    inbox.put(
        [
            batch(track("New")),
            Received("shop", "track", time.time_ns() // 1000, json.dumps(track("New")).encode()),
        ]
    )
    drainer.drain()
    before = {each["id"] for each in rows(log)}
    log.workspace.mapping_rules.write_text('[[rule]]\nevent = "New"\nkind = "view"\n')
    real = log.forget
    log.forget = _stopped  # type: ignore[method-assign] # as a kill in between does
    with pytest.raises(KeyboardInterrupt):
        read_again(log, inbox)
    log.forget = real  # type: ignore[method-assign] # as it was
    drainer.drain()
    assert {each["id"] for each in rows(log)} == before
    assert read_again(log, inbox) == 2
    drainer.drain()
    assert {each["id"]: each["kind"] for each in rows(log)} == dict.fromkeys(before, "view")


def _stopped(*_: Any, **__: Any) -> None:
    raise KeyboardInterrupt


def test_ids_of_senders_are_none_of_ours(inbox: Inbox, drainer: Drainer, log: Log) -> None:
    inbox.put([batch(track("e", anonymousId="7f"))])
    drainer.drain()
    ours = {each["id"].partition(":")[2] for each in rows(log)}
    assert any(each.startswith("link:") for each in ours)
    inbox.put([batch(*(track("e", each) for each in [*ours, "m#1", "=m#1", "=m", "@a", "@a#1"]))])
    drainer.drain()
    assert len(rows(log)) == len(ours) * 2 + 5


# Who is whose device


def linked(log: Log) -> list[str]:
    return [str(each["id"]) for each in rows(log) if each["name"] == "link"]


def test_a_link_is_said_until_it_is_in_the_log(inbox: Inbox, drainer: Drainer, log: Log) -> None:
    inbox.put([batch(track("e", "m", anonymousId="7f"))])
    real = log.append

    def full(*_: Any, **__: Any) -> Any:
        raise OSError("no space left")

    log.append = full  # type: ignore[method-assign] # the disk is full
    with pytest.raises(OSError, match="no space"):
        drainer.drain()
    log.append = real  # type: ignore[method-assign] # there is room again
    drainer.drain()
    assert len(linked(log)) == 1
    inbox.put([batch(track("e", "m2", anonymousId="7f"))])
    assert drainer.drain().added == 1


def test_a_link_does_not_go_with_an_event_that_is_rejected(
    inbox: Inbox, drainer: Drainer, log: Log
) -> None:
    wrong = track("e", "m1", anonymousId="7f", timestamp="1066-10-14T09:00:00Z")
    inbox.put([batch(wrong, track("e", "m2", anonymousId="7f"))])
    drainer.drain()
    assert len(linked(log)) == 1
    assert inbox.rejected_count() == 1


@pytest.mark.parametrize("name", ["userId", "anonymousId", "event"])
def test_names_without_end_are_refused(mapper: Mapper, name: str) -> None:
    mapped = mapper.map(of(json.dumps({**track("e"), name: "x" * 501}).encode(), call="track"))
    ((_, rejected),) = mapped.rejected
    assert (rejected.field, rejected.reason.values) == (name, {"most": 500})


# Whatever it is


class Poisoned:
    """A log that falls over by what some events hold."""

    def __init__(self, log: Log) -> None:
        self._append = log.append
        self.always = False

    def append(self, table: Any, **more: Any) -> Any:
        if self.always or "poison" in table["name"].to_pylist():
            raise RuntimeError("nobody thought of this")
        return self._append(table, **more)


@pytest.fixture
def poisoned(log: Log) -> Iterator[Poisoned]:
    made = Poisoned(log)
    log.append = made.append  # type: ignore[method-assign] # for the test
    yield made
    log.append = made._append  # type: ignore[method-assign] # as it was


def test_what_makes_the_log_fall_is_found_and_rejected(
    inbox: Inbox, drainer: Drainer, log: Log, poisoned: Poisoned
) -> None:
    assert not poisoned.always
    inbox.put([batch(track("poison" if n == 5 else "e", f"m{n}")) for n in range(12)])
    drained = drainer.drain()
    assert (drained.added, drained.rejected) == (11, 1)
    assert inbox.depth() == 0
    (rejected,) = inbox.rejected()
    assert b"poison" in rejected.body
    assert rejected.call == "batch"
    seen = inbox.seen()["shop"]
    assert (seen.events, seen.rejected) == (12, 1)


def test_where_nothing_at_all_can_be_brought_in_it_waits(
    inbox: Inbox, drainer: Drainer, log: Log, poisoned: Poisoned
) -> None:
    """A log in trouble must not make everything rejected."""
    poisoned.always = True
    inbox.put([batch(track("e", f"m{n}")) for n in range(3)])
    for _ in range(FALLS - 1):
        with pytest.raises(RuntimeError):
            drainer.drain()
    assert inbox.depth() == 3
    poisoned.always = False
    assert drainer.drain().added == 3
    assert len(rows(log)) == 3


def test_patterns_take_no_longer_than_reading() -> None:
    rules = read_rules('[[rule]]\nevent = "*ordine*pagato*x*y*z"\nkind = "order"\n')
    finder = Finder(rules)
    start = time.perf_counter()
    finder.candidates("shop", "track", " ordine pagato x y" * 2_000)
    assert time.perf_counter() - start < 0.2


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("Order *", "Order Paid", True), ("Order *", "Order", True),
        ("Order *", "Pay Order", False), ("*order*paid", "my order was paid", True),
        ("*order*paid", "paid order", False), ("a*a", "a", False), ("a*a", "aa", True),
        ("*", "anything", True), ("a*b*c", "abbc", True), ("a*bb*b", "abb", False),
        ("a*bb*b", "abbb", True),
    ],
)  # fmt: skip
def test_a_star_stands_for_anything(pattern: str, name: str, fits: bool) -> None:
    rule = f'[[rule]]\nevent = "{pattern}"\nkind = "ticket"\n'
    made = Mapper(read_rules(rule), Settings())
    mapped = made.map(of(json.dumps(track(name)).encode(), call="track"))
    assert (mapped.table["kind"].to_pylist() == ["ticket"]) == fits


@pytest.mark.parametrize(("said", "fits"), [("ROSSO scuro", True), ("rosso", True), ("Ros", False)])
def test_a_condition_is_compared_without_case(said: str, fits: bool) -> None:
    rule = '[[rule]]\nevent = "e"\nwhere = { colour = "Rosso*" }\nkind = "ticket"\n'
    made = Mapper(read_rules(rule), Settings())
    event = track("e", properties={"colour": said})
    mapped = made.map(of(json.dumps(event).encode(), call="track"))
    assert (mapped.table["kind"].to_pylist() == ["ticket"]) == fits


def test_the_thread_that_writes_outlives_whatever_is_raised(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never_thought_of(*_: Any) -> Any:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(writer, "_as_row", never_thought_of)
        with pytest.raises(InboxError):
            inbox.put([batch(track("e", "m"))])
    with monkeypatch.context() as patch:
        patch.setattr(writer, "_LOOKS_EVERY_S", 0)
        patch.setattr(writer.Writer, "_why_full", never_thought_of)
        inbox.put([batch(track("e", "m"))])
        inbox.put([batch(track("e", "m"))])
    inbox.submit(batch(track("e", "m")), None, never_thought_of)
    inbox.put([batch(track("e", "m"))])
    assert inbox.depth() == 4


def _naming_ids(size: int, inner: int, named: str) -> str:
    """Return an event of about a size, in which ids are named in even distances."""
    text = "x" * (size // (inner + 1))
    texts = ",".join([f'{{"messageId":"{text}"}}'] * inner)
    return (
        f'{{"type":"track","userId":"u","event":"e",{named},'
        f'"properties":{{"list":[{texts}],"text":"{text}"}}}}'
    )


ESCAPED = '"message\\u0049d":"m"'


@settings(deadline=None, max_examples=60)
@example([*[(10, 0, ESCAPED)] * 3, (MOST_EVENT, 3, '"messageId":"m"')])
@given(
    st.lists(
        st.tuples(
            st.sampled_from((10, 300, 16_000, MOST_EVENT + 1)),
            st.integers(0, 40),
            st.sampled_from(('"messageId":"m"', ESCAPED, '"event":"messageId"')),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_an_event_is_too_large_however_often_it_names_an_id(
    given: list[tuple[int, int, str]],
) -> None:
    events = [_naming_ids(*each) for each in given]
    body = f'{{"batch":[{",".join(events)}]}}'.encode()
    found = [isinstance(each, UnfitError) for each in read("batch", body, 0)]
    assert found == [len(each) > MOST_EVENT for each in events]
