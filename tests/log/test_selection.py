"""Choosing a part of the log, and writing the choice into a link."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.log.rows import START, add, row

from percorso.log import Log
from percorso.log.selection import Selection, SelectionError
from percorso.segments.ready import BY_PURCHASES
from percorso.vocabulary import CHANNELS, KINDS, Phase


def chosen(log: Log, **given: Any) -> list[str]:
    table = Selection(**given).apply(log, log.interactions())
    return sorted(table.id.to_pyarrow().to_pylist())


@pytest.fixture
def filled(log: Log) -> Log:
    order = {"kind": "order", "currency": "EUR"}
    add(
        log,
        [
            row("a", "user:1", 0, touchpoint="home", channel="website"),
            row("b", "user:1", 10, **order, amount=5.0, channel="website"),
            row("c", "user:2", 20, touchpoint="desk", channel="phone", kind="call"),
            row("d", "user:3", 30, **order, amount=7.0, properties={"colour": "red", "n": 5}),
            row("e", "user:3", 40, **order, amount=9.0, properties={"colour": "blue", "ok": True}),
            row("f", "user:3", 50, kind="answer", properties={"a/b": "1", "a~b": "2", "$.x": "3"}),
        ],
    )
    return log


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "abcdef"),
        ({"since": START + timedelta(minutes=10)}, "bcdef"),
        ({"until": START + timedelta(minutes=10)}, "a"),
        (
            {"since": START + timedelta(minutes=20), "until": START + timedelta(minutes=40)},
            "cd",
        ),
        ({"touchpoints": ["home", "desk"]}, "ac"),
        ({"channels": ["phone"]}, "c"),
        ({"kinds": ["order"], "channels": ["website", "store"]}, "bde"),
        ({"phases": ["loyalty"]}, "ef"),
        ({"phases": ["purchase"]}, "bd"),
        ({"segments": ["no_purchase"]}, "c"),
        ({"segments": ["one_purchase", "repeat"]}, "abdef"),
        ({"segments": ["top_fifth"]}, ""),
        ({"properties": {"colour": "red"}}, "d"),
        ({"properties": {"n": "5"}}, "d"),
        ({"properties": {"ok": "true"}}, "e"),
        ({"properties": {"a/b": "1", "a~b": "2", "$.x": "3"}}, "f"),
        ({"properties": {"colour": "green"}}, ""),
        ({"properties": {"colo'ur\"; --": "x"}}, ""),
        ({"touchpoints": ["o'clock"]}, ""),
    ],
)
def test_only_what_fits_is_chosen(filled: Log, given: dict[str, Any], expected: str) -> None:
    assert "".join(chosen(filled, **given)) == expected


def test_the_customers_of_a_segment_can_be_asked_for(filled: Log) -> None:
    assert Selection().customers(filled) is None
    assert Selection(kinds=["order"]).customers(filled) is None
    chosen = Selection(segments=["repeat"]).customers(filled)
    assert chosen is not None
    assert chosen.to_pylist() == ["user:3"]


def test_selections_are_values() -> None:
    one = Selection(channels=["email", "phone"], since=START)
    other = Selection(
        channels=("phone", "email", "email"), since=START.astimezone(ZoneInfo("Europe/Rome"))
    )
    assert one == other
    assert hash(one) == hash(other)
    assert {one: 1}[other] == 1
    assert one
    assert not Selection()


def test_a_segment_that_is_not_there_is_said_when_it_is_asked_for(filled: Log) -> None:
    selection = Selection(segments=["repeet"])
    with pytest.raises(SelectionError, match=r"no segment “repeet”\. Did you mean “repeat”"):
        selection.check(filled)
    with pytest.raises(SelectionError, match="no segment"):
        selection.apply(filled, filled.interactions())


known = {
    "channels": st.sampled_from(list(CHANNELS)),
    "phases": st.sampled_from(list(Phase)),
    "segments": st.sampled_from(BY_PURCHASES),
    "kinds": st.sampled_from(list(KINDS)),
    "touchpoints": st.text(st.characters(codec="utf-8"), min_size=1, max_size=8),
}


@given(
    words=st.fixed_dictionaries({name: st.lists(each, max_size=3) for name, each in known.items()}),
    properties=st.lists(
        st.tuples(st.text(max_size=5), st.text(min_size=1, max_size=5)), max_size=3
    ),
    since=st.none() | st.integers(0, 10**15).map(lambda n: START + timedelta(microseconds=n)),
)
def test_a_link_gives_the_selection_again(
    words: dict[str, list[str]], properties: list[tuple[str, str]], since: datetime | None
) -> None:
    selection = Selection(**words, properties=properties, since=since)
    link = urlencode(selection.as_query(), doseq=True, errors="surrogatepass")
    assert Selection.from_query(selection.as_query()) == selection
    assert Selection.from_query(parse_qs(link, errors="surrogatepass")) == selection


def test_days_in_a_link_begin_at_midnight_there() -> None:
    rome = ZoneInfo("Europe/Rome")
    query = {"since": "2026-03-29", "until": ["2026-03-30"], "page": "2", "channel": "email"}
    selection = Selection.from_query(query, rome)
    assert selection.since == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert selection.until == datetime(2026, 3, 29, 22, tzinfo=UTC)  # a day of 23 hours
    assert selection.channels == ("email",)
    assert Selection.from_query({"since": "", "until": ""}) == Selection()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"channels": ["emial"]}, "channel: 'emial' is not known. Did you mean 'email'?"),
        ({"phases": ["buying"]}, "phase: 'buying' is not known. Known are: awareness"),
        ({"kinds": ["orders"]}, "Did you mean 'order'?"),
        ({"touchpoints": [""]}, "touchpoint: '' is not known"),
        ({"since": datetime(2026, 1, 1)}, "since must be a time with a zone"),  # noqa: DTZ001
        ({"since": START, "until": START}, "before it begins"),
    ],
)
def test_what_makes_no_sense_is_said(given: dict[str, Any], message: str) -> None:
    with pytest.raises(SelectionError) as caught:
        Selection(**given)
    assert message in str(caught.value)


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "99999-01-01", "'--", "0001-01-01"])
def test_times_in_a_link_that_make_no_sense_are_said(text: str) -> None:
    with pytest.raises(SelectionError, match="since must be a day such as"):
        Selection.from_query({"since": text}, ZoneInfo("Europe/Rome"))


def test_every_customer_is_in_one_segment_by_orders_and_value(log: Log) -> None:
    history = [
        row("visit", "user:0"),
        *(
            row(f"o{number}", f"user:{number}", kind="order", amount=float(number), currency="EUR")
            for number in range(1, 31)
        ),
        row("again", "user:3", 5, kind="order", amount=1.0, currency="EUR"),
        row("back", "user:30", 9, kind="refund", amount=-29.0, currency="EUR"),
        row("foreign", "user:4", 9, kind="order", amount=9000.0, currency="USD"),
        row("paid", "user:31", kind="payment", amount=200.0),
        row("paid twice", "user:29", kind="payment", amount=29.0, currency="EUR"),
    ]
    add(log, history)
    customers = {each["customer"]: each for each in log.customers().to_pyarrow().to_pylist()}
    assert Counter(each["segment"] for each in customers.values()) == {
        "no_purchase": 1,
        "one_purchase": 23,
        "repeat": 2,
        "top_fifth": 6,
    }
    assert customers["user:0"]["value"] == 0
    assert customers["user:3"]["segment"] == "repeat"
    assert customers["user:30"]["value"] == 1
    assert (customers["user:4"]["value"], customers["user:4"]["orders"]) == (4, 2)
    assert (customers["user:31"]["value"], customers["user:31"]["orders"]) == (200, 1)
    assert customers["user:29"]["value"] == 29
    top = {name for name, each in customers.items() if each["segment"] == "top_fifth"}
    assert top == {"user:31", *(f"user:{n}" for n in range(25, 30))}


def test_nobody_is_on_top_where_all_are_alike(log: Log) -> None:
    add(log, [row(f"o{n}", f"user:{n}", kind="order", amount=5.0) for n in range(20)])
    segments = log.customers().segment.to_pyarrow().to_pylist()
    assert set(segments) == {"one_purchase"}


def test_amounts_are_in_the_currency_most_of_them_are_in(log: Log) -> None:
    brazil = [row(f"o{n}", "user:1", kind="order", amount=5.0, currency="BRL") for n in range(3)]
    add(log, [*brazil, row("e", "user:1", kind="order", amount=7.0)])
    [customer] = log.customers().to_pyarrow().to_pylist()
    assert (customer["orders"], customer["value"]) == (4, 15.0)
