"""The filter in a page's address: read, said, written back."""

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import cast
from zoneinfo import ZoneInfo

import pytest

from percorso.app.filters import Compared, Filter, Scope, Span, provenance

ROME = ZoneInfo("Europe/Rome")
FIRST = datetime(2023, 1, 10, 9, tzinfo=UTC)
LAST = datetime(2024, 12, 30, 15, tzinfo=UTC)


def test_the_usual_filter_needs_no_address() -> None:
    assert Filter.of({}) == Filter()
    assert Filter().address() == "?"


@pytest.mark.parametrize(
    "query",
    [
        {"period": "30"},
        {"period": "all", "segment": "repeat"},
        {"period": "custom", "since": "2024-01-01", "until": "2024-03-31"},
        {"property.region": "Brescia"},
        {"channel": "website", "touchpoint": "Checkout: phone & tablet", "phase": "purchase"},
    ],
)
def test_an_address_says_the_filter_and_comes_back(query: dict[str, str]) -> None:
    found = Filter.of(query)
    assert found.parameters() == query
    assert not found.problem


def test_days_end_with_the_log_and_begin_at_midnight_here() -> None:
    spans = Filter.of({"period": "30"}).spans(FIRST, LAST, ROME)
    assert spans.now == Span(
        datetime(2024, 11, 30, 23, tzinfo=UTC), datetime(2024, 12, 30, 23, tzinfo=UTC)
    )
    before = Span(datetime(2024, 10, 31, 23, tzinfo=UTC), spans.now.since)
    assert spans.compared == Compared(spans.now, before)
    assert spans.compared.days == 30


def test_both_days_of_a_custom_period_are_in_it() -> None:
    query = {"period": "custom", "since": "2024-03-01", "until": "2024-03-02"}
    spans = Filter.of(query).spans(FIRST, LAST, ROME)
    assert spans.now == Span(
        datetime(2024, 2, 29, 23, tzinfo=UTC), datetime(2024, 3, 2, 23, tzinfo=UTC)
    )
    assert spans.compared is not None
    assert spans.compared.before.until == spans.now.since


def test_nothing_is_compared_where_the_log_does_not_reach_back() -> None:
    late = datetime(2024, 12, 1, tzinfo=UTC)
    assert Filter(period="90").spans(late, LAST, ROME).compared is None
    assert Filter().spans(None, None, ROME).compared is None


def test_without_a_period_the_last_quarter_tells_what_changed() -> None:
    everything = Filter(period="all").spans(FIRST, LAST, ROME)
    assert everything.now == Span(None, None)
    assert everything.compared == Filter(period="90").spans(FIRST, LAST, ROME).compared


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"period": "banana"}, "banana"),
        ({"since": "31/12/2024"}, "31/12/2024"),
        ({"until": "9999-12-31"}, "9999-12-31"),
        ({"segment": "' OR 1=1"}, "' OR 1=1"),
        ({"channel": "pigeon"}, "pigeon"),
        ({"phase": "despair"}, "despair"),
    ],
)
def test_what_makes_no_sense_is_left_out_and_said(query: dict[str, str], said: str) -> None:
    found = Filter.of(query)
    assert said in found.problem
    assert found.parameters() == {}


def test_days_the_wrong_way_round_are_turned() -> None:
    found = Filter.of({"since": "2024-05-01", "until": "2024-04-01"})
    assert (found.since, found.until) == (date(2024, 4, 1), date(2024, 5, 1))
    assert found.period == "custom"


def test_links_change_one_thing_and_keep_the_rest() -> None:
    found = Filter.of({"period": "30", "channel": "store"})
    assert found.address(channel="") == "?period=30"
    assert found.address({"at": "Sito & app"}) == "?period=30&channel=store&at=Sito+%26+app"


@pytest.mark.parametrize(
    ("interactions", "customers", "said"),
    [
        (1, 1, "1 interaction of 1 customer"),
        (3, 1, "3 interactions of 1 customer"),
        (3000, 2, "3,000 interactions of 2 customers"),
    ],
)
def test_what_figures_come_from_is_said_in_the_right_number(
    interactions: int, customers: int, said: str
) -> None:
    asked = SimpleNamespace(
        summary=SimpleNamespace(version=4, interactions=interactions, customers=customers),
        log=SimpleNamespace(identity_version=2),
        words="",
        known=True,
    )
    assert provenance(cast("Scope", asked)).interactions == said
