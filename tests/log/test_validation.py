"""Checking millions of rows at once finds what checking one by one finds."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.log.rows import START, row, rows

from percorso.log.schema import SCHEMA, TIME, as_table
from percorso.log.validation import validate
from percorso.vocabulary import CHANNELS, KINDS, SCALES, Interaction, violations

texts = st.one_of(
    st.none(),
    st.text(max_size=6),
    st.sampled_from(["", " ", "it", "it-IT", "IT", "it\n", "eng", "EUR", "EUR\n", "eur"]),
    st.just("x" * 501),
)
numbers = st.one_of(
    st.none(),
    st.integers(-2, 12).map(float),
    st.sampled_from([float("nan"), float("inf"), float("-inf"), 1e12, 1.1e12, -1.1e12, 4.5, 0.0]),
)
times = st.one_of(
    st.integers(-800, 2800).map(lambda months: START + timedelta(days=30.4 * months)),
    st.sampled_from(
        [
            datetime(1970, 1, 1, tzinfo=UTC),
            datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
            datetime(2199, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
            datetime(2200, 1, 1, tzinfo=UTC),
            datetime(1, 1, 1, tzinfo=UTC),
            datetime(9999, 12, 31, tzinfo=UTC),
        ]
    ),
)
good = {
    "id": "i",
    "at": START,
    "received_at": START,
    "customer": "c",
    "kind": "view",
    "source": "s",
    "touchpoint": "t",
    "channel": "other",
    "direction": "in",
}
wild = {
    "id": st.one_of(texts, st.just("x" * 201)),
    "at": st.one_of(st.none(), times),
    "received_at": st.one_of(st.none(), times),
    "customer": texts,
    "kind": st.one_of(texts, st.sampled_from([*KINDS, "promise", "Order"])),
    "source": texts,
    "touchpoint": texts,
    "channel": st.one_of(texts, st.sampled_from([*CHANNELS])),
    "direction": st.one_of(texts, st.sampled_from(["in", "out", "IN"])),
    "name": texts,
    "scale": st.one_of(texts, st.sampled_from([*SCALES])),
    "score": numbers,
    "text": st.one_of(texts, st.just("x" * 100_001)),
    "language": texts,
    "amount": numbers,
    "currency": texts,
    "about": texts,
    "due_at": st.one_of(st.none(), times),
    "properties": st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=3)),
}


@st.composite
def interactions(draw: st.DrawFn) -> Interaction:
    """A good row in which a few fields went wild."""
    fields = draw(st.lists(st.sampled_from(sorted(wild)), max_size=5, unique=True))
    return Interaction(**{**good, **{name: draw(wild[name]) for name in fields}})


@settings(max_examples=300, deadline=None)
@given(st.lists(interactions(), max_size=6))
@example([Interaction(**{**good, "language": "it\n"})])
@example([Interaction(**{**good, "scale": "nps", "score": float("nan")})])
@example([Interaction(**{**good, "scale": "", "score": 3.0})])
def test_equals_the_rules_of_one_interaction(given: list[Interaction]) -> None:
    checked = validate(as_table(given))
    expected = [
        (number, violation) for number, each in enumerate(given) for violation in violations(each)
    ]
    assert [(n, str(v)) for n, v in checked.rejected] == [(n, str(v)) for n, v in expected]
    wrong = {number for number, _ in expected}
    kept = [each for number, each in enumerate(given) if number not in wrong]
    assert checked.valid.equals(as_table(kept))


def test_good_rows_pass_untouched() -> None:
    table = as_table(rows(1000))
    checked = validate(table)
    assert checked.rejected == ()
    assert checked.valid.equals(table)


@pytest.mark.parametrize("text", ["[1]", "3", '"a"', "{", "null", "true", "not json", "{}x"])
def test_properties_must_be_names_and_values(text: str) -> None:
    table = as_table([row("a"), row("b")])
    place = table.column_names.index("properties")
    table = table.set_column(place, "properties", pa.array(["{}", text]))
    [(number, violation)] = validate(table).rejected
    assert (number, violation.field, str(violation.rule)) == (
        1,
        "properties",
        "must be names and values",
    )
    assert violation.value == text[:200]


def test_properties_nested_too_deep_are_said_not_to_be_names_and_values() -> None:
    table = as_table([row("a")])
    place = table.column_names.index("properties")
    deep = table.set_column(
        place, "properties", pa.array(['{"a":' * 100_000 + "1" + "}" * 100_000])
    )
    [(_, violation)] = validate(deep).rejected
    assert violation.field == "properties"


def test_properties_have_a_length_they_may_have() -> None:
    for count, accepted in ((33_330, True), (33_340, False)):
        long = row("a", properties={"list": [1] * (count * 3 // 2)})
        checked = validate(as_table([long]))
        assert [str(v.rule) for _, v in checked.rejected] == (
            [] if accepted else ["must be at most 100000 characters"]
        )
        assert (not violations(long)) == accepted


def test_times_beyond_the_calendar_of_python_are_told_not_choked_on() -> None:
    table = as_table([row("a"), row("b")])
    far = pa.array([2**62, -(2**62)], pa.int64()).cast(TIME)
    table = table.set_column(table.column_names.index("at"), "at", far)
    rejected = validate(table).rejected
    assert [(n, v.field, str(v.rule)) for n, v in rejected] == [
        (0, "at", "must be from 1970 to 2200"),
        (1, "at", "must be from 1970 to 2200"),
    ]


def test_tables_in_parts_and_with_other_text_types_are_checked_too() -> None:
    wrong = row("c", kind="no such kind")
    parts = pa.concat_tables([as_table(rows(3)), as_table([wrong]), as_table(rows(2))])
    large: Any = pa.schema(
        [pa.field(f.name, pa.large_string() if f.type == pa.string() else f.type) for f in SCHEMA]
    )
    [(number, violation)] = validate(parts.cast(large)).rejected
    assert (number, violation.field) == (3, "kind")
    assert "must be one of" in str(violation.rule)


def test_a_due_time_may_be_far_but_not_absurd() -> None:
    promise = {"kind": "promise", "about": "order:1", "name": "delivery"}
    fine = row("a", due_at=START + timedelta(days=365 * 20), **promise)
    absurd = row("b", due_at=datetime(2999, 1, 1, tzinfo=UTC), **promise)
    [(number, violation)] = validate(as_table([fine, absurd])).rejected
    assert (number, violation.field) == (1, "due_at")
    assert json.dumps(violation.value) == '"2999-01-01 00:00:00+00:00"'
