"""What is written as TOML is read as it was."""

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from percorso import toml_text

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.one_of(TEXTS, st.booleans(), st.integers(-(2**63), 2**63 - 1), st.lists(TEXTS)))
def test_a_value_is_read_as_it_was(value: object) -> None:
    assert tomllib.loads(f"it = {toml_text.value(value)}\n") == {"it": value}


def test_the_one_sign_that_json_leaves_bare() -> None:
    assert toml_text.value("a\x7f") == '"a\\u007f"'
