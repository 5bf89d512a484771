"""What is written as TOML is read as it was."""

import math
import tomllib
from datetime import UTC, date, datetime

from hypothesis import example, given
from hypothesis import strategies as st

from percorso import toml_text

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@given(
    st.one_of(
        TEXTS,
        st.booleans(),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(allow_nan=False),
        st.lists(TEXTS),
    )
)
def test_a_value_is_read_as_it_was(value: object) -> None:
    assert tomllib.loads(f"it = {toml_text.value(value)}\n") == {"it": value}


def test_no_number_is_written_as_one_that_is_none() -> None:
    [read] = tomllib.loads(f"it = {toml_text.value(math.nan)}\n").values()
    assert math.isnan(read)


def test_the_one_sign_that_json_leaves_bare() -> None:
    assert toml_text.value("a\x7f") == '"a\\u007f"'


@given(st.dates() | st.datetimes(timezones=st.just(UTC)))
@example(datetime(800, 12, 25, 9, 30, tzinfo=UTC))
def test_a_day_or_a_moment_is_read_as_it_was(moment: date) -> None:
    assert tomllib.loads(f"value = {toml_text.value(moment)}") == {"value": moment}


def test_tables_within_tables_are_read_as_they_were() -> None:
    row = {
        "id": "a",
        "rules": {"share": 0.5, "names": ["x", "y"], "inner": {"on": True}},
        "day": date(2026, 1, 31),
        "none": [],
        "entries": [{"text": "one\ntwo", "parts": [{"n": 1}, {"n": 2}]}, {"text": "]]"}],
        "at": datetime(2026, 1, 31, 9, 30, tzinfo=UTC),
    }
    written = toml_text.one_of("draft", row) + toml_text.one_of("draft", {"id": "b"})
    assert tomllib.loads(written) == {"draft": [row, {"id": "b"}]}
