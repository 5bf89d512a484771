"""Conditions: what they say, and what is said of mistakes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.surveys.making import question, survey

from percorso.surveys import LogicError
from percorso.surveys.answers import places_of
from percorso.surveys.parsing import LONGEST, parse

ASKED = survey(
    question("nps", "nps"),
    question("choice", "reason"),
    question("multiple", "seen"),
    question("pyramid", "level"),
    question("matrix", "rows"),
    question("date", "day"),
    question("open", "why"),
    question("contact", "contact"),
    question("consent", "news"),
    question("pmf", "pmf"),
    question("choice", "later"),
    question("rating", "again"),
).questions
PLACES = places_of(ASKED)
ANSWERS: dict[str, Any] = {
    "nps": 0,
    "reason": "green",
    "seen": ("red", "blue"),
    "level": {"needs": 2, "ease": 5},
    "rows": {"staff": 3},
    "day": "2025-01-31",
    "why": None,
    "news": True,
    "pmf": "not",
}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("", True),
        ("nps", True),  # 0 is an answer
        ("nps <= 6 and not contact", True),
        ("nps <= 6 e non contact", True),
        ("nps > 0", False),
        ("not nps > 0", True),
        ("nps = 0 and nps != 1 and nps < 1 and nps >= 0 and nps ≤ 0", True),
        ("reason is red, green", True),
        ("reason is not red, blue", True),
        ("reason != green", False),
        ("reason != red, blue", True),
        ("later != red", False),  # was left blank: fits no comparison
        ("later = red", False),
        ("later is not red", True),
        ("again != 3", False),
        ("again is not 3", True),
        ("reason = (green)", True),
        ("reason è green", True),
        ("seen red", True),
        ("seen is green", False),
        ("seen is not green", True),
        ("level.needs < 3 and level.ease = 5", True),
        ("level.enjoyment < 3", False),  # was left blank
        ("not level.enjoyment < 3", True),
        ("level.enjoyment", False),
        ("level and rows", True),
        ("rows.place or rows.staff is 3", True),
        ("day < 2025-02-01 and day >= 2025-01-31", True),
        ("day > 2025-01-31", False),
        ("why or contact", False),
        ("news", True),
        ("pmf is very, somewhat", False),
        ("pmf is not", True),
        ("pmf is not not", False),
        ("pmf is not, very and nps = 0", True),
        ("pmf is not very", True),
        ("pmf != not", False),
        ("nps = 1 or nps = 2 and nps = 0 or reason = green", True),
        ("(nps = 0 or nps = 2) and reason = red", False),
        ("not not news", True),
    ],
)
def test_what_holds(text: str, *, holds: bool) -> None:
    assert parse(text, PLACES).holds(ANSWERS) is holds


@pytest.mark.parametrize(
    ("text", "says", "at"),
    [
        ("nsp <= 6", "“nsp” at character 1: here should be the id of an earlier question", 0),
        ("nsp <= 6", "Did you mean “nps”?", 0),
        ("level.eas < 2", "Did you mean “level.ease”?", 0),
        ("nps <= 60", "“nps” is answered from 0 to 10", 7),
        ("nps <= six", "here should be a number", 7),
        ("nps <=", "The end at character 7: here should be a number", 6),
        ("nps <= 6 nps", "here the condition should end, or go on with and, or", 9),
        ("reason is gren", "Did you mean “green”?", 10),
        ("reason > red", "here should be is, =, or !=", 7),
        ("why = 3", "“why” can only be answered or not", 4),
        ("day > 2025-02-30", "here should be a day such as 2025-01-31", 6),
        ("(nps", "The bracket that opens at character 1 is not closed", 0),
        ("nps & 3", "'&' at character 5 cannot be read", 4),
        ("nps <= 6.5", "cannot be read", 7),
        ("and", "here should be the id", 0),
        ("(" * 50 + "nps" + ")" * 50, "too many brackets", 21),
        ("not " * 200 + "nps", "too many brackets", 88),
        ("x" * 2000, "at most 1000 characters", LONGEST),
    ],
)
def test_mistakes_are_said_with_their_place(text: str, says: str, at: int) -> None:
    with pytest.raises(LogicError) as raised:
        parse(text, PLACES)
    assert says in str(raised.value)
    assert raised.value.at == at


@given(
    st.text(max_size=60)
    | st.lists(
        st.sampled_from(
            [
                "nps",
                "reason",
                "seen",
                "level.ease",
                "day",
                "and",
                "or",
                "not",
                "is",
                "(",
                ")",
                "<=",
                "=",
                "3",
                "red",
                ",",
                "2025-01-31",
                "e",
            ]
        ),
        max_size=12,
    ).map(" ".join)
)
def test_whatever_is_written_is_read_or_refused(text: str) -> None:
    try:
        parse(text, PLACES).holds(ANSWERS)
    except LogicError as error:
        refused = error
    else:
        return
    assert 0 <= refused.at <= len(text)
    assert str(refused)


def _expressions() -> st.SearchStrategy[tuple[str, Any]]:
    """Return conditions as text with what Python says of them, written apart from the code."""
    numbers = st.tuples(st.sampled_from(["<", "<=", ">", ">=", "=", "!="]), st.integers(0, 10)).map(
        lambda pair: (
            f"nps {pair[0]} {pair[1]}",
            lambda a: (
                a["nps"] is not None
                and {
                    "<": a["nps"] < pair[1],
                    "<=": a["nps"] <= pair[1],
                    ">": a["nps"] > pair[1],
                    ">=": a["nps"] >= pair[1],
                    "=": a["nps"] == pair[1],
                    "!=": a["nps"] != pair[1],
                }[pair[0]]
            ),
        )
    )
    chosen = st.sets(st.sampled_from(["red", "green", "blue"]), min_size=1).map(
        lambda wanted: (
            f"seen is {', '.join(sorted(wanted))}",
            lambda a: bool(a["seen"] and set(a["seen"]) & wanted),
        )
    )
    return st.recursive(
        numbers | chosen,
        lambda inner: st.one_of(
            inner.map(lambda one: (f"not ({one[0]})", lambda a: not one[1](a))),
            st.tuples(inner, inner).map(
                lambda two: (
                    f"({two[0][0]}) and ({two[1][0]})",
                    lambda a: two[0][1](a) and two[1][1](a),
                )
            ),
            st.tuples(inner, inner).map(
                lambda two: (
                    f"({two[0][0]}) or ({two[1][0]})",
                    lambda a: two[0][1](a) or two[1][1](a),
                )
            ),
        ),
        max_leaves=6,
    )


@given(
    _expressions(),
    st.none() | st.integers(0, 10),
    st.none() | st.sets(st.sampled_from(["red", "green", "blue"]), min_size=1).map(tuple),
)
def test_conditions_hold_as_python_says(
    expression: tuple[str, Any], nps: int | None, seen: tuple[str, ...] | None
) -> None:
    text, python = expression
    answers: dict[str, Any] = {"nps": nps, "seen": seen}
    assert parse(text, PLACES).holds(answers) == python(answers)
