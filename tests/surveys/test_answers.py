"""What was sent in: right answers are kept as they are meant, hostile ones do no harm."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.surveys.making import options, question, survey

from percorso.surveys import Course, as_plain, check_form, check_response, from_plain
from percorso.surveys.model import Survey

EVERY = survey(
    question("nps", "nps", required=True),
    question("csat", "csat"),
    question("ces", "ces"),
    question("pmf", "pmf"),
    question("pyramid", "pyramid"),
    question("open", "why", longest=50),
    question("choice", "colour"),
    question("multiple", "several", least=2, most=2),
    question("rating", "rating", points=10),
    question("matrix", "matrix"),
    question("date", "day", earliest="2025-01-01", latest="2025-12-31"),
    question("contact", "contact", parts=["name", "email", "phone"]),
    question("consent", "news"),
    layout="all",
)
FORM = {
    "nps": ["0"],
    "csat": [" 5 "],
    "ces": ["7"],
    "pmf": ["no_longer_use"],
    "pyramid.needs": ["1"],
    "pyramid.ease": ["5"],
    "why": ["  Late,\r\nand <b>rude</b>\x00\u202e  "],
    "colour": ["red"],
    "several": ["blue", "red", "blue"],
    "rating": ["10"],
    "matrix.place": ["3"],
    "day": ["2025-01-31"],
    "contact.email": ["ada@example.org"],
    "contact.name": ["Ada\nLovelace"],
    "news": ["yes"],
    "not_asked": ["x" * 100_000],
    "csrf": ["1"],
}
RIGHT: dict[str, Any] = {
    "nps": 0,
    "csat": 5,
    "ces": 7,
    "pmf": "no_longer_use",
    "pyramid": {"needs": 1, "ease": 5},
    "why": "Late,\nand <b>rude</b>",
    "colour": "red",
    "several": ("red", "blue"),
    "rating": 10,
    "matrix": {"place": 3},
    "day": "2025-01-31",
    "contact": {"name": "Ada Lovelace", "email": "ada@example.org"},
    "news": True,
}


def test_each_type_is_kept_as_it_is_meant() -> None:
    checked = check_form(EVERY.questions, FORM)
    assert checked.mistakes == ()
    assert checked.answers == RIGHT
    assert from_plain(EVERY.questions, as_plain(checked.answers)) == RIGHT


def test_blank_answers_are_kept_as_left_blank() -> None:
    checked = check_form(EVERY.questions, {"nps": ["3"], "why": ["  "], "colour": [""]})
    assert checked.right
    assert checked.answers == {each.id: None for each in EVERY.questions} | {"nps": 3}


@pytest.mark.parametrize(
    ("field", "values", "says"),
    [
        ("nps", [], "An answer is needed here."),
        ("nps", [""], "An answer is needed here."),
        ("nps", ["11"], "Please choose a number from 0 to 10."),
        ("nps", ["-1"], "from 0 to 10"),
        ("nps", ["9.5"], "from 0 to 10"),
        ("nps", ["٣"], "from 0 to 10"),  # a digit, of another script
        ("nps", ["9" * 10_000], "cannot be read"),
        ("nps", ["9", "3"], "Only one answer"),
        ("csat", ["0"], "from 1 to 5"),
        ("pyramid.ease", ["6"], "from 1 to 5"),
        ("matrix.place", ["<script>"], "from 1 to 5"),
        ("colour", ["pink"], "Please choose one of the answers."),
        ("colour", [{"a": 1}], "cannot be read"),
        ("several", ["red"], "at least 2"),
        ("several", ["red", "green", "blue"], "at most 2"),
        ("several", ["red", "pink"], "among the answers"),
        ("several", ["red"] * 10_000, "among the answers"),
        ("why", ["x" * 51], "At most 50 characters; these are 51."),
        ("why", ["x" * 900_000], "At most 50 characters; these are 900000."),
        ("why", ["x" * 20_000_000], "cannot be read"),
        ("day", ["2025-02-30"], "such as 2025-01-31"),
        ("day", ["20250131"], "such as 2025-01-31"),
        ("day", ["2024-12-31"], "2025-01-01 or later"),
        ("day", ["2026-01-01"], "2025-12-31 or earlier"),
        ("contact.email", ["ada"], "an address such as"),
        ("contact.email", ["a@b.c, d@e.f"], "an address such as"),
        ("contact.email", ["ada@example.org\r\nBcc: all@example.org"], "an address such as"),
        ("contact.phone", ["call me"], "a telephone number such as"),
        ("contact.name", ["Ada"], "how to reach you"),
        ("news", ["maybe"], "cannot be read"),
    ],
)
def test_wrong_answers_are_said_at_their_field(field: str, values: list[Any], says: str) -> None:
    checked = check_form(EVERY.questions, {"nps": ["3"], field: values})
    assert [str(each.rule) for each in checked.mistakes if says in str(each.rule)]
    at = "contact.email" if field == "contact.name" else field
    assert [each.field for each in checked.mistakes] == [at]


def test_required_questions_of_several_fields_say_which_is_missing() -> None:
    asked = survey(
        question("pyramid", "pyramid", required=True),
        question("matrix", "matrix", required=True),
        question("contact", "contact", required=True),
        question("multiple", "several", required=True),
        layout="all",
    ).questions
    checked = check_form(asked, {"pyramid.needs": ["3"], "matrix.staff": ["1"]})
    fields = [each.field for each in checked.mistakes]
    missing = ["pyramid.ease", "pyramid.enjoyment", "matrix.place"]
    assert fields == [*missing, "contact.email", "several"]


_ANYTHING = st.dictionaries(
    st.sampled_from([*FORM, "pyramid", "matrix.nobody", "contact.phone", "__class__"]),
    st.lists(
        st.text(max_size=30) | st.sampled_from(["0", "5", "red", "yes", "2025-01-31", "\ud800"]),
        max_size=4,
    ),
)


@settings(max_examples=200)
@given(_ANYTHING)
def test_whatever_is_sent_only_answers_that_fit_are_kept(form: dict[str, list[str]]) -> None:
    checked = check_form(EVERY.questions, form)
    wrong = {each.field.partition(".")[0] for each in checked.mistakes}
    assert set(checked.answers) | wrong == {each.id for each in EVERY.questions}
    # What was kept can be kept between pages, written to a file, and is the same afterwards.
    assert from_plain(EVERY.questions, as_plain(checked.answers)) == checked.answers
    str(as_plain(checked.answers)).encode()


def test_stored_answers_that_fit_no_more_are_left_out() -> None:
    plain = as_plain(RIGHT)
    for name, value in (
        ("nps", "9"), ("csat", 9), ("colour", "pink"), ("several", [["red"]]), ("day", 3),
        ("pyramid", {"needs": "1"}), ("matrix", {"nobody": 1}), ("news", "yes"), ("gone", 1),
        ("csat", True), ("colour", ["red"]), ("contact", {"name": 1}),
    ):  # fmt: skip
        found = from_plain(EVERY.questions, {**plain, name: value})
        assert name not in found
        assert len(found) == len(RIGHT) - (name in RIGHT)


LED = survey(
    question("nps", "nps", required=True, jumps=[{"to": "end", "when": "nps >= 9"}]),
    question("open", "why", required=True),
    question("multiple", "several"),
)


def test_a_whole_response_is_walked_through() -> None:
    course = Course(LED)
    checked = check_response(course, {"nps": 3, "why": "Late", "several": ["blue"]})
    assert (checked.right, checked.answers) == (
        True,
        {"nps": 3, "why": "Late", "several": ("blue",)},
    )
    whole = check_response(Course(EVERY), as_plain(RIGHT))
    assert (whole.answers, whole.mistakes) == (RIGHT, ())


@pytest.mark.parametrize(
    ("given_values", "field", "says"),
    [
        ({}, "nps", "An answer is needed here."),
        ({"nps": 3}, "why", "An answer is needed here."),
        ({"nps": 10, "why": "x"}, "why", "not asked after the other answers"),
        ({"nps": 3, "whi": "x"}, "whi", "Did you mean “why”?"),
        ({"nps": "3"}, "nps", "cannot be read"),
        ({"nps": True}, "nps", "cannot be read"),
        ({"nps": 3.0}, "nps", "cannot be read"),
        ({"nps": 10**5000}, "nps", "cannot be read"),
        ({"nps": -1}, "nps", "from 0 to 10"),
        ({"nps": 3, "why": ["x"]}, "why", "cannot be read"),
        ({"nps": 3, "why": "x", "several": "red"}, "several", "cannot be read"),
        ({"nps": 3, "why": "x", "several": [["red"]]}, "several", "cannot be read"),
        ({"nps": {"nps": {"nps": 3}}}, "nps", "cannot be read"),
    ],
)
def test_a_response_that_cannot_be_is_refused_whole(
    given_values: dict[str, Any], field: str, says: str
) -> None:
    checked = check_response(Course(LED), given_values)
    assert checked.answers == {}
    assert [each.field for each in checked.mistakes] == [field]
    assert says in str(checked.mistakes[0].rule)


def test_thousands_of_unknown_answers_are_told_in_a_hundred() -> None:
    checked = check_response(Course(LED), {f"x{n}" * 100: n for n in range(5000)})
    assert len(checked.mistakes) == 100
    assert all(len(each.field) <= 60 for each in checked.mistakes)


def test_a_long_survey_is_walked_quickly() -> None:
    from time import process_time

    long: Survey = survey(
        *(
            question(
                "choice",
                f"q{n}",
                options=options("a", "b"),
                show_if=f"q{n - 1} is a or q{n - 1} is b" if n else "",
            )
            for n in range(200)
        )
    )
    course = Course(long)
    began = process_time()
    walk = course.walk({f"q{n}": "a" for n in range(200)})
    assert walk.finished
    assert process_time() - began < 0.2


def test_thousands_of_marks_on_one_letter_are_not_put_in_order() -> None:
    from time import process_time

    long = survey(question("open", "why", longest=10_000)).questions
    began = process_time()
    checked = check_form(long, {"why": ["a" + "\u0345" * 20_000 + "\u0316" * 20_000]})
    assert process_time() - began < 1
    assert checked.right
    assert len(str(checked.answers["why"])) < 50
    # What languages write stays: Vietnamese, Hebrew with its points, emoji of several.
    for text in ("Tiếng Việt", "שָׁלוֹם", "👩\u200d👧", "perché", "\U0001fae8"):
        assert check_form(long, {"why": [text]}).answers["why"] == text


@pytest.mark.parametrize(
    "text", ["\u200b", "\u3164\u3164", "\ufeff \u2060", "\u2800", "\u202e\x00"]
)
def test_what_shows_nothing_is_no_answer(text: str) -> None:
    asked = survey(question("open", "why", required=True), question("open", "more")).questions
    checked = check_form(asked, {"why": [text], "more": [text]})
    assert [each.field for each in checked.mistakes] == ["why"]
    assert checked.answers == {"more": None}
