"""Walking: against a walk written apart, and what can be counted on."""

import itertools
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.surveys.making import question, survey

from percorso.surveys import Course, LogicError, problems
from percorso.surveys.model import Survey

#: A test of an earlier answer: which question, which option, turned round.
Leaf = tuple[int, str, bool]
OPTIONS = ("red", "green", "blue")


def _written(leaf: Leaf | None) -> str:
    if leaf is None:
        return ""
    return f"{'not ' if leaf[2] else ''}q{leaf[0]} is {leaf[1]}"


def _holds(leaf: Leaf | None, answers: dict[str, Any]) -> bool:
    return leaf is None or (answers.get(f"q{leaf[0]}") == leaf[1]) != leaf[2]


def _plan(chance: Random, most: int = 7) -> dict[str, Any]:
    """Draw how a survey goes: for each question a condition and jumps; a layout."""
    n = chance.randint(1, most)

    def leaf(before: int) -> Leaf | None:
        if before == 0 or chance.random() < 0.4:
            return None
        return chance.randrange(before), chance.choice(OPTIONS), chance.random() < 0.5

    return {
        "n": n,
        "shown": [leaf(index) for index in range(n)],
        "jumps": [
            [
                (leaf(index + 1), chance.randint(index + 1, n))
                for _ in range(chance.choice((0, 0, 0, 1, 2)))
            ]
            for index in range(n)
        ],
        "layout": chance.choice(("one", "all", "pages")),
        "cuts": [chance.random() < 0.4 for _ in range(n)],
    }


def _survey(plan: dict[str, Any]) -> Survey:
    ids = [f"q{index}" for index in range(plan["n"])]
    questions = [
        question(
            "choice",
            name,
            show_if=_written(plan["shown"][index]),
            jumps=[
                {"to": ids[to] if to < plan["n"] else "end", "when": _written(when)}
                for when, to in plan["jumps"][index]
            ],
        )
        for index, name in enumerate(ids)
    ]
    pages: list[dict[str, Any]] = []
    if plan["layout"] == "pages":
        for name, cut in zip(ids, plan["cuts"], strict=True):
            if cut or not pages:
                pages.append({"questions": []})
            pages[-1]["questions"].append(name)
    return survey(*questions, layout=plan["layout"], pages=pages)


def _by_hand(plan: dict[str, Any], would: dict[str, Any]) -> list[str]:
    """Return what is asked, one question after another, of somebody who would answer so."""
    asked: list[str] = []
    given: dict[str, Any] = {}
    index = 0
    while index < plan["n"]:
        following = index + 1
        if _holds(plan["shown"][index], given):
            asked.append(f"q{index}")
            given[f"q{index}"] = would[f"q{index}"]
            leaps = [to for when, to in plan["jumps"][index] if _holds(when, given)]
            following = leaps[0] if leaps else following
        index = following
    return asked


def _would(chance: Random, n: int) -> dict[str, Any]:
    return {f"q{index}": chance.choice((None, *OPTIONS)) for index in range(n)}


#: Drawn from one number each: many surveys in little time.
CHANCES = st.integers(0, 2**32).map(Random)


@settings(max_examples=300)
@given(CHANCES)
def test_every_walk_asks_what_a_walk_by_hand_asks(chance: Random) -> None:
    plan = _plan(chance)
    would = _would(chance, plan["n"])
    course = Course(_survey(plan))
    walk = course.walk({})
    passed: list[list[str]] = []
    shares = [walk.progress]
    while walk.screen is not None:
        passed.append([each.id for each in walk.screen.questions])
        assert passed[-1], "no empty page"
        walk = course.walk({name: would[name] for name in itertools.chain(*passed)})
        shares.append(walk.progress)
        assert len(passed) <= plan["n"], "it ends"
    asked = _by_hand(plan, would)
    assert list(itertools.chain(*passed)) == asked
    assert list(walk.answers) == asked
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    # All answers at once lead to the same end, and answers beside the way are left out.
    assert course.walk(would) == walk


@settings(max_examples=200)
@given(CHANCES)
def test_no_page_holds_a_question_that_depends_on_it(chance: Random) -> None:
    plan = _plan(chance)
    would = _would(chance, plan["n"])
    made = _survey(plan)
    pages = dict(zip((each.id for each in made.questions), made.page_numbers(), strict=True))
    for screen in Course(made).walk(would).screens:
        ids = [each.id for each in screen.questions]
        assert {pages[each] for each in ids} == {screen.page}
        for name in ids:
            leaf = plan["shown"][int(name[1:])]
            assert leaf is None or f"q{leaf[0]}" not in ids
            assert not plan["jumps"][int(name[1:])] or name == ids[-1]


@settings(max_examples=200)
@given(CHANCES)
def test_who_goes_back_and_answers_otherwise_is_led_on_from_there(chance: Random) -> None:
    plan = _plan(chance)
    first, then = _would(chance, plan["n"]), _would(chance, plan["n"])
    course = Course(_survey(plan))
    kept = course.walk(first).answers
    walk = course.walk({**kept, "q0": then["q0"]})
    fresh = {name: first[name] for name in walk.answers} | {"q0": then["q0"]}
    by_hand = _by_hand(plan, {**first, **fresh})
    assert set(walk.answers) <= set(by_hand)
    if walk.finished:
        assert list(walk.answers) == by_hand


@settings(max_examples=50)
@given(CHANCES)
def test_what_is_called_unreachable_is_never_reached(chance: Random) -> None:
    plan = _plan(chance, most=4)
    made = _survey(plan)
    flagged = {each.where.split(".")[1] for each in problems(made)}
    ways = itertools.product((None, *OPTIONS), repeat=plan["n"])
    ids = [f"q{index}" for index in range(plan["n"])]
    seen = {name for way in ways for name in _by_hand(plan, dict(zip(ids, way, strict=True)))}
    assert not flagged & seen
    # What one question asks of one other is seen through wholly.
    if sum(each is not None for each in plan["shown"]) <= 1 and not any(plan["jumps"]):
        assert flagged == set(ids) - seen


def test_a_page_breaks_where_an_answer_decides() -> None:
    made = survey(
        question("nps", "nps"),
        question("open", "sorry", show_if="nps <= 6"),
        question("open", "glad", show_if="nps >= 9"),
        question("csat", "csat"),
        layout="all",
    )
    course = Course(made)
    assert [each.id for each in course.walk({}).screen.questions] == ["nps"]  # type: ignore[union-attr]
    walk = course.walk({"nps": 10})
    assert [each.id for each in walk.screen.questions] == ["glad", "csat"]  # type: ignore[union-attr]
    assert walk.progress == pytest.approx(1 / 3)
    # One of the page was answered already, in an e-mail say: the page still shows it.
    walk = course.walk({"nps": 10, "csat": 5})
    assert [each.id for each in walk.screen.questions] == ["glad", "csat"]  # type: ignore[union-attr]
    assert walk.answers == {"nps": 10, "csat": 5}
    assert course.walk({"nps": 7, "csat": 5}).finished


def test_the_first_ending_that_fits_is_said() -> None:
    made = survey(
        question("nps", "nps"),
        endings=[
            {"text": {"en": "Sorry", "it": "Scusa"}, "show_if": "nps <= 6"},
            {"text": {"en": "Thanks", "it": "Grazie"}},
        ],
    )
    said = {nps: Course(made).walk({"nps": nps}).ending for nps in (6, 7, None)}
    assert [each.text["en"] for each in said.values() if each] == ["Sorry", "Thanks", "Thanks"]


def test_only_earlier_questions_can_be_asked_about() -> None:
    for late in ("csat = 5", "nps = 5"):
        made = survey(question("nps", "nps", show_if=late), question("csat", "csat"))
        with pytest.raises(LogicError):
            Course(made)
        assert [each.where for each in problems(made)] == ["questions.nps.show_if"]
