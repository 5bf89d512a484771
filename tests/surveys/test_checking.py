"""Definitions: what keeps one from being published, and hostile ones."""

import json
from time import process_time
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.surveys.making import changed, options, question, survey, words

from percorso.i18n import in_language
from percorso.surveys import READY, SurveyError, contrast, from_json, problems, said, to_json
from percorso.surveys.model import Survey
from percorso.surveys.reading import LARGEST, from_plain, to_plain

FINE = survey(
    question("nps", "nps"),
    question("open", "why", show_if="nps <= 6"),
    endings=[{"text": words("Thanks")}],
    links=[{"kind": "review", "text": words("Review"), "address": "https://example.org/r?a=1"}],
)


def found(given_survey: Survey) -> list[str]:
    return [said(each) for each in problems(given_survey)]


def test_a_good_survey_has_no_problem() -> None:
    assert found(FINE) == []


PROBLEMS: list[tuple[dict[str, Any], str]] = [
    ({"id": "../etc"}, "id: takes small letters"),
    ({"title": {"en": "Only"}}, "title.it: the text is missing"),
    ({"title": {**words("x"), "de": "x"}}, "title.de: the survey is not in this language"),
    ({"title": words("x" * 201)}, "title.en: at most 200 characters; these are 201"),
    ({"title": words("a\x07b")}, "title.en: holds characters that cannot be seen"),
    ({"title": words("a\u202eb")}, "title.en: holds characters that cannot be seen"),
    ({"title": words("👩\u200d👧 café")}, ""),
    ({"title": words("<script>alert(1)</script>")}, "title.en: texts are plain"),
    ({"title": words("5 < 6 and 7 > 3")}, ""),
    ({"intro": {"en": "Hello"}}, "intro.it: the text is missing"),
    ({"intro": words("Hello {frist_name|there}")}, "Did you mean “first_name”?"),
    ({"intro": words("Hello {first_name}")}, "say what stands there where it is not known: {first"),
    ({"intro": words("Hello {first_name|")}, "a brace at character 7 stands alone"),
    ({"intro": words("Hello {{you}} at {company}")}, ""),
    ({"anonymous": True, "intro": words("Hi {name|you}")}, "does not call anybody by name"),
    ({"anonymous": True, "questions": [question("contact", "who")]}, "questions.who: an anonymous"),
    ({"anonymous": True, "questions": [question("consent", "who")]}, "questions.who: an anonymous"),
    (
        {"anonymous": True, "endings": [{"text": words("x"), "offers_contact": True}]},
        "endings.1.offers_contact: an anonymous survey cannot offer to call back",
    ),
    ({"languages": []}, "languages: at least one language is needed"),
    ({"languages": ["en", "it", "en"]}, "languages: “en” is there twice"),
    ({"languages": ["en", "it", "xxx"]}, "languages: a language is two letters"),
    ({"questions": []}, "questions: at least one question is needed"),
    ({"questions": [question("nps", "a"), question("nps", "a")]}, "questions.a: 2 have the same"),
    ({"questions": [question("nps", "A-b")]}, "questions.A-b: an id takes small letters"),
    ({"questions": [question("nps", "or")]}, "questions.or: this word has a meaning"),
    ({"questions": [question("choice", "a", options=options("x"))]}, "at least 2 are needed"),
    ({"questions": [question("choice", "a", options=options("x", "x"))]}, "2 have the same id"),
    ({"questions": [question("matrix", "a", rows=[])]}, "at least 1 are needed"),
    ({"questions": [question("rating", "a", points=12)]}, "a.points: must be from 2 to 11"),
    ({"questions": [question("open", "a", longest=10**6)]}, "a.longest: must be from 1 to 10000"),
    ({"questions": [question("multiple", "a", least=3, most=2)]}, "a.most: must be from 3 to 3"),
    ({"questions": [question("date", "a", earliest="today")]}, "a.earliest: must be a day such"),
    (
        {"questions": [question("date", "a", earliest="2025-02-01", latest="2025-01-01")]},
        "a.latest: lies before the earliest day",
    ),
    ({"questions": [question("consent", "a", required=True)]}, "a consent must be free"),
    ({"questions": [question("contact", "a", parts=[])]}, "at least one part is needed"),
    ({"questions": [question("nps", "a", show_if="b > 3")]}, "questions.a.show_if: “b” at char"),
    ({"questions": [question("nps", "a", jumps=[{"to": "a"}])]}, "a.jumps.1.to: “a” is no later"),
    (
        {"questions": [question("nps", "a", jumps=[{"to": "laast"}]), question("nps", "last")]},
        "Did you mean “last”?",
    ),
    (
        {
            "questions": [
                question("nps", "a", jumps=[{"to": "end"}]),
                question("nps", "b"),
            ]
        },
        "questions.b: nobody can get here",
    ),
    (
        {
            "questions": [
                question("choice", "a", jumps=[
                    {"to": "c", "when": "a is red, green"}, {"to": "c", "when": "not a or a blue"},
                ]),
                question("nps", "b"),
                question("nps", "c"),
            ]
        },
        "questions.b: nobody can get here",
    ),
    (
        {"questions": [question("nps", "a"), question("nps", "b", show_if="a > 8 and a < 3")]},
        "questions.b.show_if: nobody can get here",
    ),
    (
        {"questions": [question("date", "a"), question(
            "nps", "b", show_if="a > 2025-01-01 and a <= 2025-01-01")]},
        "questions.b.show_if: nobody can get here",
    ),
    ({"layout": "pages", "pages": [{"questions": ["why", "nps"]}]}, "pages: the pages must hold"),
    ({"layout": "pages", "pages": [{"questions": ["nps"]}]}, "pages: the pages must hold"),
    ({"pages": [{"questions": ["nps", "why"]}]}, "pages: pages are listed, and the layout"),
    ({"endings": [{"text": words("x"), "show_if": "nps > 3"}]}, "endings.1.show_if: the last"),
    ({"theme": {"light": {"text": "#999999"}}}, "theme.light.text: is hard to see on the back"),
    ({"theme": {"light": {"accent": "#dddddd"}}}, "theme.light.accent: is hard to see"),
    ({"theme": {"dark": {"accent": "#777777", "on_accent": "#ffffff"}}}, "contrast 4.47, at"),
    ({"theme": {"light": {"text": "red;}"}}}, "theme.light.text: must be a colour"),
    ({"theme": {"logo": "../../x.png"}}, "theme.logo: must be the name of a picture"),
    ({"theme": {"logo": "x.svg"}}, "theme.logo: must be the name of a picture"),
    ({"theme": {"logo": "x.png"}}, "theme.logo_text.en: the text is missing"),
] + [
    (
        {"links": [{"kind": "review", "text": words("x"), "address": address}]},
        "links.1.address: must be an address that begins with https://",
    )
    for address in (
        "http://example.org", "javascript:alert(1)", "https://a b", "https://user@example.org",
        "https://example.org/\"onclick=", "https://example.org/\u202egro", "//example.org", "https://localhost",
    )
]  # fmt: skip


@pytest.mark.parametrize(("change", "says"), PROBLEMS)
def test_problems_are_said_with_their_place(change: dict[str, Any], says: str) -> None:
    told = found(from_plain({**to_plain(FINE), **_only(change), **change}))
    if says:
        assert any(says in each for each in told), told
    else:
        assert told == []


def _only(change: dict[str, Any]) -> dict[str, Any]:
    """Other questions leave the endings as they are."""
    return {"links": []} if "links" not in change else {}


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21),
        ("#ffffff", "#ffffff", 1),
        # Of WCAG's own explanations and techniques (Understanding 1.4.3, G18).
        ("#777777", "#ffffff", 4.47),
        ("#767676", "#FFFFFF", 4.54),
        ("#949494", "#ffffff", 3.03),
        ("#ff0000", "#ffffff", 3.99),
        ("#0000ff", "#ffffff", 8.59),
    ],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert int(contrast(one, other) * 100) / 100 == ratio
    assert contrast(one, other) == contrast(other, one)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "This is no JSON"),
        (b"{", "This is no JSON"),
        (b"\xff\xfe{}", "here.json"),
        (b"[]", "expected object, found array"),
        (b"{}", "the field “id” is missing"),
        (b"[" * 200_000, "expected object"),
        (b'{"theme":' + b'{"light":' * 100_000, "here.json"),
        (b'{"id": {"id": {"id": 1}}}', "here.json, id: expected str, found object"),
        (b'{"titel": {}}', "unknown field “titel”. Did you mean “title”?"),
        (b'{"questions": [{"type": "choise"}]}', "questions[0].type: “choise” is no value here"),
        (b'{"questions": [{"type": "choise"}]}', "Did you mean “choice”?"),
        (b'{"title": {"en": 3}}', "expected str, found int"),
        (b'{"version": "1"}', "version: expected int, found str"),
        (b'{"layout": "al"}', "“al” is no value here. Did you mean “all”?"),
        (b" " * (LARGEST + 1), "at most 1000000 bytes"),
    ],
)
def test_what_is_no_definition_is_refused_in_words(data: bytes, says: str) -> None:
    with pytest.raises(SurveyError) as raised:
        from_json(data, "here.json")
    assert str(raised.value).startswith("here.json")
    assert says in str(raised.value)
    assert len(str(raised.value)) < 500


def test_half_characters_are_refused_before_they_are_written() -> None:
    made = changed(FINE, title=words("\ud800"))
    assert any("cannot be seen" in each for each in found(made))
    with pytest.raises(SurveyError, match="cannot be written"):
        to_json(made)


def test_a_definition_of_thousands_is_refused_quickly() -> None:
    many = survey(*(question("nps", f"q{n}", show_if="nps > 3") for n in range(5000)))
    began = process_time()
    assert found(many) == ["questions: at most 200 are possible; these are 5000"]
    wide = survey(question("choice", "a", options=options(*(f"o{n}" for n in range(5000)))))
    assert found(wide) == ["questions.a: at most 60 are possible; these are 5000"]
    assert process_time() - began < 1


def test_conditions_that_ask_too_much_to_try_are_taken_as_possible() -> None:
    asked = [question("rating", f"q{n}", points=11) for n in range(20)]
    everything = " and ".join(f"q{n} > 3" for n in range(20))
    wide = [question("multiple", "m", options=options(*(f"o{n}" for n in range(60))))]
    named = "m is " + ", ".join(f"o{n}" for n in range(60))
    began = process_time()
    assert found(survey(*asked, question("nps", "last", show_if=everything))) == []
    assert found(survey(*wide, question("nps", "last", show_if=named))) == []
    rows = question("matrix", "m", rows=options(*(f"r{n}" for n in range(30))))
    named = " and ".join(f"m.r{n} > 3" for n in range(30))
    assert found(survey(rows, question("nps", "last", show_if=named))) == []
    assert process_time() - began < 1


def test_conditions_that_can_never_hold_do_not_cost_minutes() -> None:
    asked = [question("csat", f"a{n}") for n in range(5)]
    never = "(" + " and ".join(f"a{n} >= 1" for n in range(5)) + " and a0 > 3 and a0 < 2)"
    hard = " or ".join([never] * 11)
    many = [question("open", f"z{n}", show_if=hard) for n in range(150)]
    began = process_time()
    told = found(survey(*asked, *many))
    assert process_time() - began < 10
    # The first is sure; after a while they are taken to be possible.
    assert told[0].startswith("questions.z0.show_if: nobody can get here")


@pytest.mark.parametrize("points", [10**6, 10**15])
def test_a_scale_of_millions_is_refused_before_it_is_drawn_or_tried(points: int) -> None:
    for kind in ("rating", "matrix"):
        with pytest.raises(SurveyError, match="expected a number that is at most 100"):
            survey(question(kind, "a", points=points))
    (asked, open_) = survey(
        question("rating", "a"), question("open", "b", show_if="a > 3")
    ).questions
    made = changed(FINE, questions=(msgspec.structs.replace(asked, points=points), open_))
    began = process_time()
    assert "questions.a.points: must be from 2 to 11" in found(made)
    assert process_time() - began < 1


def test_the_places_of_problems_stay_short() -> None:
    many = options(*("o" * 9000 for _ in range(60)))
    told = problems(survey(question("choice", "q" * 90_000, options=many)))
    assert max(len(each.where) for each in told) < 200


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from([*to_plain(FINE), "type", "en", "x"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@settings(max_examples=100)
@given(st.sampled_from(sorted(to_plain(FINE))), _JSON)
def test_whatever_stands_in_a_field_is_checked_or_refused(field: str, value: Any) -> None:
    text = json.dumps({**to_plain(FINE), field: value})
    try:
        made = from_json(text)
    except SurveyError as error:
        refused = error
    else:
        assert all(said(each) for each in problems(made))
        return
    assert str(refused)


@pytest.mark.parametrize("name", sorted(READY))
def test_ready_surveys_can_be_published(name: str) -> None:
    assert found(READY[name]) == []
    assert from_json(to_json(READY[name])) == READY[name]
    assert READY[name].languages == ("it", "en")


def test_problems_are_said_in_the_readers_language() -> None:
    made = changed(FINE, title={"en": "x"})
    with in_language("it"):
        assert found(made) == ["title.it: manca il testo"]
