"""Events mapped by the column become the rows that they become one by one."""

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from percorso.live import Received
from percorso.live.mapping import MappedEvents, Mapper, read_rules
from percorso.live.received import Batch
from percorso.workspace import Settings

#: Every rule reads an amount, so that one event without a number has its name mapped one by one.
RULES = """
shipped = false
[[rule]]
event = "Bought *"
where = { "status" = ["paid", "pa*"] }
kind = "order"
touchpoint = "shop {store|context.page.path}"
about = "order:{order_id|id}-{line}"
amount = ["total", "price"]
currency = "currency"
[[rule]]
event = "Rated"
kind = "answer"
scale = "{scale}"
score = ["score", "rating"]
text = "comment"
language = "lang"
amount = "price"
[[rule]]
event = "Sent"
kind = "view"
name = "n {name}"
touchpoint = "{store}"
direction = "out"
amount = "price"
currency = "EUR"
[[rule]]
event = "Promised"
kind = "promise"
about = "order:{order_id}"
due_at = ["promised", "+3 days"]
channel = "phone"
amount = "price"
[[rule]]
type = ["track", "page", "screen"]
kind = "other"
about = "{id}"
text = "context.page.title"
amount = "price"
"""
NAMES = ("Bought one", "Bought two", "Rated", "Sent", "Promised", "Whatever")
KEYS = (
    "id", "order_id", "line", "price", "total", "currency", "status", "store", "scale", "score",
    "rating", "comment", "lang", "name", "promised", "path", "channel", "campaign_name",
)  # fmt: skip
VALUES: st.SearchStrategy[Any] = st.sampled_from(
    (
        None, "", "7", "12,5", 3, 2.5, -1, True, " padded ", "2026-02-01", "2026-02-01T10:00:00Z",
        "EUR", "eur ", "paid", "nps", "stars", "it", "shop", "Perché così è bello", [1], {"a": 1},
    )
)  # fmt: skip
CONTEXTS = st.fixed_dictionaries(
    {},
    optional={
        "page": st.fixed_dictionaries(
            {}, optional={n: st.sampled_from(("/a", "")) for n in ("path", "title", "referrer")}
        ),
        "campaign": st.fixed_dictionaries({"name": VALUES}),
        "device": st.fixed_dictionaries({"type": st.sampled_from(("iOS", "desktop"))}),
        "library": st.fixed_dictionaries({"name": st.sampled_from(("analytics.js", "x-ios"))}),
        "locale": st.sampled_from(("it-IT", "en", "E", "fil_PH", "")),
    },
)
EVENTS = st.fixed_dictionaries(
    {
        "type": st.sampled_from(("track", "track", "page", "screen")),
        "event": st.sampled_from(NAMES),
        "anonymousId": st.sampled_from(("a1", "a2")),
    },
    optional={
        "userId": st.sampled_from(("u1", "u2", "email:ada@example.org", "anon:a1", " ")),
        "messageId": st.sampled_from(("m1", "m2", "@1", "=2", "link:3", "a#b", "", "x\n@y")),
        "timestamp": st.sampled_from(("2026-11-22T09:30:00.25Z", "2026-11-22T09:30:00+02:00")),
        "properties": st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=8),
        "context": CONTEXTS,
    },
)


def mapped(*requests: list[dict[str, Any]]) -> MappedEvents:
    received = tuple(
        Received(("site", "till")[n % 2], "batch", 1_790_000_000_000_000 + n, _body(each))
        for n, each in enumerate(requests)
    )
    places = tuple((1, n) for n in range(len(received)))
    mapper = Mapper(read_rules(RULES), Settings(), (), {"till": "shop"})
    return mapper.map(Batch(received, places, 1))


def _body(events: list[dict[str, Any]]) -> bytes:
    return msgspec.json.encode({"batch": events})


def _wrong(call: str, name: str) -> dict[str, Any]:
    properties = {"price": "much", "total": "much", "status": "paid"}
    return {"type": call, "event": name, "anonymousId": "wrong", "properties": properties}


#: Of each plan one that is rejected: all of its plan are mapped one by one then.
WRONG = [_wrong(call, name) for call in ("track", "page", "screen") for name in NAMES]


@settings(deadline=None, max_examples=80)
@given(st.lists(EVENTS, max_size=12), st.lists(EVENTS, max_size=12))
def test_by_the_column_or_one_by_one_the_rows_are_the_same(
    first: list[dict[str, Any]], second: list[dict[str, Any]]
) -> None:
    columns = mapped(first, second)
    alone = mapped(first, second, WRONG, WRONG)
    assert columns.table.to_pylist() == alone.table.to_pylist()
    kept = [each for each in alone.rejected if each[0][:4] not in ("1.2.", "1.3.")]
    assert sorted(columns.rejected) == sorted(kept)
    assert len(alone.rejected) - len(kept) == 2 * len(WRONG)
    assert columns.links == alone.links


def test_a_currency_that_is_no_text_is_rejected_with_its_event_alone() -> None:
    bought = {"event": "Bought one", "type": "track", "anonymousId": "a"}
    properties = {"status": "paid", "total": 5}
    found = mapped(
        [
            {**bought, "messageId": "1", "properties": {**properties, "currency": 978}},
            {**bought, "messageId": "2", "properties": {**properties, "currency": "eur"}},
        ]
    )
    assert found.table["id"].to_pylist() == ["site:2"]
    ((_, rejected),) = found.rejected
    assert (rejected.field, rejected.value) == ("currency", "978")
