"""An answer is laid to the phase of what it is about."""

from pathlib import Path

from tests.metrics.given import Story

from percorso.journey_map.laid import said, texts
from percorso.text.frame import COLUMNS
from percorso.text.voice import texts as voice_texts


def told(story: Story, path: Path) -> dict[str, str]:
    log = story.log(path)
    rows = said(log).select("id", "phase").to_pyarrow().to_pylist()
    return {row["id"]: row["phase"] for row in rows}


def test_an_answer_is_about_the_last_thing_at_its_touchpoint(tmp_path: Path) -> None:
    story = Story()
    story.add("checkout", touchpoint="cart", at=1)
    story.add("order", touchpoint="shop", at=2)
    about_cart = story.add("answer", touchpoint="cart", at=5, scale="ces", score=3)
    about_shop = story.add("answer", touchpoint="shop", at=5, scale="csat", score=5)
    found = told(story, tmp_path)
    assert found[about_cart.id] == "activation"
    assert found[about_shop.id] == "purchase"


def test_where_nothing_happened_there_it_is_about_the_last_thing_of_all(tmp_path: Path) -> None:
    story = Story()
    story.add("signup", touchpoint="site", at=1)
    asked = story.add("answer", touchpoint="survey", at=24, scale="nps", score=9)
    assert told(story, tmp_path)[asked.id] == "activation"


def test_after_thirty_days_it_stands_in_its_own_phase(tmp_path: Path) -> None:
    story = Story()
    story.add("signup", touchpoint="site", at=0)
    in_time = story.add("answer", customer="user:1", at=24 * 30, scale="nps", score=9)
    late = story.add("answer", customer="user:1", at=24 * 30 + 0.01, scale="nps", score=9)
    found = told(story, tmp_path)
    assert found[in_time.id] == "activation"
    assert found[late.id] == "loyalty"


def test_an_invitation_to_a_survey_is_nothing_it_could_be_about(tmp_path: Path) -> None:
    story = Story()
    story.add("signup", touchpoint="site", at=1)
    story.add("message", touchpoint="survey", at=2, direction="out", about="survey:x")
    asked = story.add("answer", touchpoint="survey", at=3, scale="nps", score=9)
    assert told(story, tmp_path)[asked.id] == "activation"


def test_another_customers_things_do_not_count(tmp_path: Path) -> None:
    story = Story()
    story.add("signup", customer="user:2", touchpoint="survey", at=1)
    asked = story.add("answer", touchpoint="survey", at=2, scale="nps", score=9)
    assert told(story, tmp_path)[asked.id] == "loyalty"


def test_reviews_stand_where_they_are_and_words_go_with_their_answer(tmp_path: Path) -> None:
    story = Story()
    story.add("checkout", touchpoint="cart", at=1)
    answer = story.add("answer", touchpoint="cart", at=2, text="Too many steps", scale="ces",
                       score=2)  # fmt: skip
    review = story.add("review", touchpoint="cart", at=3, scale="stars", score=4, text="Nice")
    log = story.log(tmp_path)
    rows = said(log).select("id", "phase").to_pyarrow().to_pylist()
    assert {row["id"]: row["phase"] for row in rows}[review.id] == "advocacy"
    heard = texts(log).select("id", "phase").to_pyarrow().to_pylist()
    assert {row["id"]: row["phase"] for row in heard} == {
        answer.id: "activation", review.id: "advocacy",
    }  # fmt: skip


def test_texts_are_those_that_the_voice_hears(tmp_path: Path) -> None:
    story = Story()
    story.add("answer", touchpoint="cart", at=1, text="Slow", scale="ces", score=2)
    story.add("answer", touchpoint="cart", at=2, scale="ces", score=5)
    story.add("answer", touchpoint="cart", at=3, text="  ", scale="ces", score=5)
    story.add("message", touchpoint="mail", at=4, direction="out", text="We tell you")
    story.add("message", touchpoint="mail", at=5, text="Where is it?")
    story.add("search", touchpoint="site", at=6, text="a book")
    log = story.log(tmp_path)
    columns = [each for each in COLUMNS if each != "phase"]
    mine, voice = (
        sorted(each(log).select(*columns).to_pyarrow().to_pylist(), key=lambda row: row["id"])
        for each in (texts, voice_texts)
    )
    assert mine == voice
    assert len(mine) == 2
