"""What is known of a customer, in the words of a survey."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from percorso.surveys import fill

FACTS = {"first_name": "Ada", "company": "Libreria Aurora", "product": "<b>Dune</b> {company}"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Hello {first_name|there}!", "Hello Ada!"),
        ("Hello { first_name | there }!", "Hello Ada!"),
        ("Your visit to {shop|our shop}", "Your visit to our shop"),
        ("{company}", "Libreria Aurora"),
        ("{{first_name}} costs {{5}}", "{first_name} costs {5}"),
        ("How was {product|it}?", "How was <b>Dune</b> {company}?"),  # filled once; escaped later
        ("a { b", "a { b"),
        ("a } b {", "a } b {"),
        ("{first_name|}", "Ada"),
        ("{nobody}", ""),
        ("{first_name.__class__|x}", "x"),
    ],
)
def test_gaps_are_filled(text: str, says: str) -> None:
    assert fill(text, FACTS) == says


@pytest.mark.parametrize(
    "name",
    [
        "", "  ", "\x00", "x" * 81, "x" * 100_000, "Win at http://evil.example", "www.evil.example",
        "evil.com", "ada@example.org", "\u202e",
    ],
)  # fmt: skip
def test_a_fact_that_is_not_fit_to_be_said_is_not_known(name: str) -> None:
    assert fill("Hello {first_name|there}", {"first_name": name}) == "Hello there"


def test_a_fact_stays_in_one_line() -> None:
    name = "Ada\r\nBcc: all\t \u202eLovelace"
    assert fill("{first_name|x}", {"first_name": name}) == "Ada Bcc: all Lovelace"
    assert fill("{company|x}", {"company": "Rossi S.r.l."}) == "Rossi S.r.l."


@pytest.mark.parametrize("name", ["Booking.com", "www.aurora.example", "Libri & C." + "x" * 100])
def test_the_company_s_own_name_is_said_whatever_it_is(name: str) -> None:
    assert (
        fill("Would you recommend {company}?", {"company": name}) == f"Would you recommend {name}?"
    )


@given(st.text(max_size=80), st.text(max_size=40))
def test_nothing_in_a_text_or_a_fact_breaks_the_filling(text: str, fact: str) -> None:
    assert isinstance(fill(text, {"first_name": fact}), str)
    assert isinstance(fill("{first_name|x}", {"first_name": fact}), str)
