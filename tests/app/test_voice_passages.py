"""Words of customers as they can be put on a page, whatever is in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from percorso.app.voice.passages import LONG, SHORT, Mark, Piece, passage, plain

BIDI = "\u202e\u202d\u2066\u2069\u200f\u061c"
UNSEEN = "\u200b\u2060\ufeff\xad\x00\x1b"


def test_a_clause_is_marked_where_it_stands() -> None:
    text = "Libro ottimo, ma la consegna è arrivata tardi."
    start = text.index("ma la")
    found = passage(text, [Mark(start, len(text), "bad")])
    assert found.pieces == (Piece("Libro ottimo, "), Piece(text[start:], "bad"))
    assert not found.cut


def test_marks_that_touch_and_overlap_do_not_lose_or_repeat_words() -> None:
    text = "abc def ghi"
    found = passage(text, [Mark(0, 7, "good"), Mark(4, 11, "bad")])
    assert str(found) == text
    assert [each.tone for each in found.pieces] == ["good", "good", "bad"]


@pytest.mark.parametrize("sign", [*BIDI, *UNSEEN])
def test_what_turns_the_text_round_or_is_not_seen_is_left_out(sign: str) -> None:
    assert str(passage(f"buono{sign} libro")) == "buono libro"
    assert plain(f"Reso{sign}") == "Reso"


def test_emoji_and_their_parts_stay() -> None:
    text = "bravi 👩‍👩‍👧 ❤️ 🇮🇹"
    assert str(passage(text)) == text


def test_marks_stacked_on_a_letter_are_thinned() -> None:
    stacked = "e" + "\u0301" * 300
    assert str(passage(stacked)) == "e\u0301\u0301"


def test_a_long_text_is_cut_between_words_around_what_is_marked() -> None:
    text = "inizio " + "parola " * 150_000 + "la consegna è in ritardo " + "fine " * 1000
    at = text.index("la consegna")
    found = passage(text, [Mark(at, at + 24, "bad")])
    assert found.cut
    assert "la consegna è in ritardo" in str(found)
    assert len(str(found)) < SHORT + 20
    assert str(found).startswith("… parola")
    whole = passage(text, [Mark(at, at + 24, "bad")], most=LONG, from_start=True)
    assert str(whole).startswith("inizio parola")
    assert len(str(whole)) < LONG + 20


def test_a_text_without_any_blank_is_cut_too() -> None:
    assert len(str(passage("x" * 1_000_000))) < SHORT + 20


@given(
    st.text(max_size=900),
    st.lists(st.tuples(st.integers(0, 900), st.integers(0, 900)), max_size=4),
    st.integers(20, 500),
)
def test_whatever_comes_only_its_own_words_are_shown(
    text: str, places: list[tuple[int, int]], most: int
) -> None:
    marks = [Mark(*sorted(each), "bad") for each in places if max(each) <= len(text)]
    shown = str(passage(text, marks, most=most))
    assert len(shown) <= most + 4
    left = iter(" ".join(text.split()) + " ")
    for word in shown.strip("… ").split():
        assert all(sign in left for sign in word.replace("…", "")), "in the order they came"
    assert not set(shown) & set(BIDI + UNSEEN)
