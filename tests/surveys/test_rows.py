"""Answers as rows of the log: known ones, and anonymous ones that nothing joins to anybody."""

import json
import re
from collections import Counter
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from tests.surveys.making import changed, question, survey, words
from tests.surveys.test_answers import EVERY, RIGHT

from percorso.surveys import (
    AnonymousResponse,
    Response,
    anonymous_rows,
    blend,
    known_rows,
    release,
    wording,
)
from percorso.vocabulary import FIELDS, Interaction, violations
from percorso.vocabulary.references import PASSING

AT = datetime(2025, 3, 4, 17, 23, 45, 678901, tzinfo=UTC)
ADA = Response("r1", "email:ada@example.org", AT, "it", "Delivery", properties={"shop": "Milan"})
DAY = AnonymousResponse(date(2025, 3, 4), "it", "Delivery")
ANONYMOUS = survey(question("nps", "nps"), question("open", "why"), anonymous=True)
NEXT = changed(ANONYMOUS, version=2)


def rows() -> dict[str, Interaction]:
    made = known_rows(EVERY, RIGHT, ADA)
    return {each.id.removeprefix("survey:r1:"): each for each in made}


def test_every_row_may_enter_the_log() -> None:
    for each in rows().values():
        assert violations(each) == []
        assert set(asdict(each)) == {field.name for field in FIELDS}
        assert (each.customer, each.at, each.about) == (ADA.customer, AT, "survey:tried")
        assert (each.source, each.touchpoint, each.language) == ("surveys", "Delivery", "it")
        properties = dict(each.properties)
        assert properties["response"] == "r1"
        assert (properties["survey"], properties["version"]) == ("tried", 1)
        assert properties["shop"] == "Milan"
        assert re.fullmatch(r"[0-9a-f]{16}", properties["wording"])


def test_each_type_becomes_what_the_log_knows() -> None:
    found = rows()
    scored = {name: (each.scale, each.score) for name, each in found.items() if each.scale}
    assert scored == {
        "nps": ("nps", 0),
        "csat": ("csat", 5),
        "ces": ("ces", 7),
        "pmf": ("pmf", 0),
        "pyramid.needs": ("pyramid_needs", 1),
        "pyramid.ease": ("pyramid_ease", 5),
    }
    assert {name for name, each in found.items() if each.text} == {"why"}
    assert found["why"].text == "Late,\nand <b>rude</b>"
    kept: dict[str, Any] = {
        "colour": ("choice", "red"),
        "several": ("choices", ["red", "blue"]),
        "rating": ("value", 10),
        "matrix.place": ("value", 3),
        "day": ("day", "2025-01-31"),
        "contact": ("contact", {"name": "Ada Lovelace", "email": "ada@example.org"}),
    }
    for name, (key, value) in kept.items():
        assert found[name].properties[key] == value
        assert (found[name].kind, found[name].score) == ("answer", None)
    assert found["matrix.place"].properties["of"] == 5
    news = found["news"]
    assert news.kind == "consent"
    assert {
        "purpose": "marketing",
        "given": True,
        "how": "form",
        "words_version": "tried/1",
        "words": "Question news (it)",
        "basis": "consent",
    }.items() <= news.properties.items()


def test_what_was_left_blank_is_no_row() -> None:
    blank: dict[str, Any] = dict.fromkeys(RIGHT)
    assert known_rows(EVERY, blank, ADA) == ()
    assert [each.id for each in known_rows(EVERY, {**blank, "nps": 0}, ADA)] == ["survey:r1:nps"]


def test_the_same_response_has_the_same_ids() -> None:
    assert [each.id for each in known_rows(EVERY, RIGHT, ADA)] == [
        each.id for each in known_rows(EVERY, RIGHT, ADA)
    ]


def test_the_wording_changes_with_the_words_alone() -> None:
    first = survey(question("nps", "nps")).questions[0]
    same = survey(question("nps", "nps", required=True, jumps=[{"to": "end"}])).questions[0]
    other = survey(question("nps", "nps", low=words("Never"))).questions[0]
    assert wording(first) == wording(same) != wording(other)


def test_anonymous_rows_hold_the_day_and_nothing_of_the_moment() -> None:
    made = anonymous_rows(ANONYMOUS, {"nps": 9, "why": "Kind"}, DAY)
    again = anonymous_rows(ANONYMOUS, {"nps": 9, "why": "Kind"}, DAY)
    noon = datetime(2025, 3, 4, 12, tzinfo=UTC)
    assert {(each.at, each.received_at) for each in made} == {(noon, noon)}
    assert all(violations(each) == [] for each in made)
    [customer] = {each.customer for each in made}
    assert re.fullmatch(re.escape(PASSING) + "[0-9a-f]{32}", customer)
    # Two responses share no id, of row, response or customer; nor does the customer tell the rows.
    ids = {each.properties["response"] for each in (*made, *again)}
    assert len(ids) == 2
    assert len({each.customer for each in (*made, *again)}) == 2
    assert not any(each in customer for each in ids)
    written = [json.dumps(dict(each.properties)) + each.id for each in made]
    assert not any("2025" in each or "17:23" in each for each in written)
    assert set(made[0].properties) == {
        "survey", "version", "question", "type", "wording", "response",
    }  # fmt: skip


def test_known_and_anonymous_are_never_mixed_up() -> None:
    with pytest.raises(ValueError, match="no known answers"):
        known_rows(ANONYMOUS, {"nps": 9}, ADA)
    with pytest.raises(ValueError, match="not anonymous"):
        anonymous_rows(changed(ANONYMOUS, anonymous=False), {"nps": 9}, DAY)


def test_rows_are_released_in_an_order_that_tells_nothing() -> None:
    waiting = [anonymous_rows(ANONYMOUS, {"nps": n, "why": str(n)}, DAY) for n in range(6)]
    assert release(waiting[:4]) == ()
    first: Counter[float] = Counter()
    for _ in range(600):
        released = release(waiting)
        assert Counter(each.id for each in released) == Counter(
            each.id for one in waiting for each in one
        )
        nps = [each.score for each in released if each.score is not None]
        first[nps[0]] += 1
    # Whoever came first is first in a sixth of all orders: 100 of 600, within 5 sigma.
    assert all(abs(first[n] - 100) < 5 * (600 * 1 / 6 * 5 / 6) ** 0.5 for n in range(6))
    ids = [each.properties["response"] for each in release(waiting)]
    assert len(ids) == 12


def test_a_day_with_a_single_answer_is_not_told() -> None:
    days = [AnonymousResponse(date(2025, 3, n), "it", "Delivery") for n in range(1, 6)]
    released = release([anonymous_rows(ANONYMOUS, {"nps": 9}, day) for day in days])
    noon = datetime(2025, 3, 5, 12, tzinfo=UTC)
    assert {(each.at, each.received_at) for each in released} == {(noon, noon)}


def test_another_survey_is_no_crowd() -> None:
    other = changed(ANONYMOUS, id="other")
    mixed = [anonymous_rows(each, {"nps": 9}, DAY) for each in (ANONYMOUS, other)] * 3
    with pytest.raises(ValueError, match="several surveys"):
        release(mixed)
    # Who answered before a change would be known by the version.
    mixed = [anonymous_rows(each, {"nps": 9}, DAY) for each in (ANONYMOUS, NEXT)] * 5
    with pytest.raises(ValueError, match="or versions of one"):
        release(mixed)
    # Who answered nothing is none of the crowd.
    assert release([anonymous_rows(other, {"nps": 9}, DAY)] * 4 + [()]) == ()


def waiting_in(languages: str, places: str | None = None) -> list[tuple[Interaction, ...]]:
    """Return a response in each language, and at each place, of a letter each."""
    return [
        anonymous_rows(ANONYMOUS, {"nps": n % 11, "why": "x"}, replace(DAY, language=f"{language}x",
            touchpoint=place, channel="store" if place == "S" else "survey"))
        for n, (language, place) in enumerate(
            zip(languages, places or "D" * len(languages), strict=True)
        )
    ]  # fmt: skip


@pytest.mark.parametrize("languages", ["iiiiiie", "iiiiiiiiiiiiiiiiiiiie", "iiief", "iiiiieeeeeff"])
def test_who_alone_has_a_language_is_one_of_five_without(languages: str) -> None:
    waiting = waiting_in(languages)
    drawn = set()
    for _ in range(200):
        blended = blend(waiting)
        assert [each[0].id for each in blended] == [each[0].id for each in waiting]
        said = [{row.language for row in each} for each in blended]
        assert all(len(each) == 1 for each in said)
        silent = tuple(number for number, each in enumerate(said) if each == {None})
        drawn.add(silent)
        assert len(silent) >= 5
        for number, language in enumerate(languages):
            if languages.count(language) < 5:
                assert number in silent
            elif number not in silent:
                assert said[number] == {f"{language}x"}
    # Who is silent with them is anybody.
    if len(languages) > 5:
        assert set().union(*drawn) == set(range(len(languages)))


def test_who_alone_was_asked_somewhere_is_not_told_by_it() -> None:
    blended = blend(waiting_in("i" * 8, "DDDDDDDS"))
    places = Counter((row.touchpoint, row.channel) for each in blended for row in each[:1])
    assert places == {("survey", "survey"): 5, ("D", "survey"): 3}
    assert all(violations(row) == [] for each in blended for row in each)
    # Neither the language alone tells it nor the place, and both together do.
    (*_others, last) = blend(waiting_in("iiiiiieeeeee", "DDDDDDSSSSSD"))
    assert {(row.language, row.touchpoint) for row in last} == {(None, "survey")}
    of_a_crowd = blend(waiting_in("i" * 10, "DDDDDSSSSS"))
    assert Counter(each[0].touchpoint for each in of_a_crowd) == {"D": 5, "S": 5}
    assert {row.language for each in of_a_crowd for row in each} == {"ix"}
