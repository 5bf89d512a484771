"""The bookshop's surveys: their answers are as surveys write them, and who was asked fits them."""

import json
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from percorso import demo
from percorso.demo.asking import Asking
from percorso.demo.generator import Made, generate_all
from percorso.surveys import Response, Surveys, known_rows, problems
from percorso.vocabulary.scales import PMF_ANSWERS

CHOICES = {score: name for name, score in PMF_ANSWERS.items()}


@pytest.fixture(scope="module")
def made() -> Made:
    return generate_all(seed=7, customers=1500)


@pytest.fixture(scope="module")
def answers(made: Made) -> pd.DataFrame:
    frame = made.table.to_pandas()
    frame = frame[frame["about"].fillna("").str.startswith("survey:")]
    return frame.assign(properties=frame["properties"].map(json.loads))


def given(row: pd.Series) -> object:
    """Return what was answered, as a page that asks would have understood it."""
    if row["properties"]["type"] == "open":
        return row["text"]
    if row["properties"]["type"] == "pmf":
        return CHOICES[int(row["score"])]
    return int(row["score"])


def test_answers_are_what_surveys_would_have_written(answers: pd.DataFrame, tmp_path: Path) -> None:
    surveys = Surveys(demo.make(tmp_path / "aurora", customers=200))
    seen: Counter[str] = Counter()
    by_response = answers.groupby(answers["properties"].map(lambda each: each["response"]))
    for number, (response, rows) in enumerate(by_response):
        if number % 7:
            continue
        first = rows.iloc[0]
        survey = surveys.published(first["properties"]["survey"])
        assert survey is not None
        said: dict[str, object] = {}
        for _, row in rows.iterrows():
            asked, part = row["properties"]["question"], row["properties"].get("part")
            if part:
                levels = said.setdefault(asked, {})
                assert isinstance(levels, dict)
                levels[part] = given(row)
            else:
                said[asked] = given(row)
        written = known_rows(
            survey,
            said,  # type: ignore[arg-type]
            Response(
                id=str(response),
                customer=first["customer"],
                at=first["at"].to_pydatetime(),
                language=first["language"],
                touchpoint=first["touchpoint"],
                channel=first["channel"],
                properties={"region": first["properties"]["region"]},
            ),
        )
        assert {each.id: each.properties for each in written} == dict(
            zip(rows["id"], rows["properties"], strict=True)
        )
        for each in written:
            row = rows[rows["id"] == each.id].iloc[0]
            for column in (
                "at", "customer", "kind", "name", "source", "touchpoint", "channel", "language",
                "about", "direction",
            ):  # fmt: skip
                assert getattr(each, column) == row[column], column
            for column in ("scale", "score", "text"):
                expected = getattr(each, column)
                assert row[column] == expected if expected is not None else pd.isna(row[column])
        seen[survey.id] += 1
    assert set(seen) == set(surveys.ids())
    assert min(seen.values()) >= 10


def test_who_was_asked_fits_who_answered(made: Made, answers: pd.DataFrame) -> None:
    asking = made.asking
    answered = Counter(
        (each.survey, each.reference) for each in asking.invitations if each.answered
    )
    responses = {
        (each["properties"]["response"], each["properties"]["survey"], each["customer"])
        for _, each in answers.iterrows()
    }
    assert answered == Counter((survey, customer) for _, survey, customer in responses)
    first = answers.groupby(["about", "customer"])["at"].min()
    for each in asking.invitations:
        at = first.get((f"survey:{each.survey}", each.reference))
        if each.answered and answered[each.survey, each.reference] == 1:
            assert each.sent_at < at < each.sent_at + timedelta(days=30)


def test_nobody_is_asked_about_an_order_soon_after_another_survey(made: Made) -> None:
    other = [each for each in made.asking.invitations if each.survey != "ordine-online"]
    asked = pd.DataFrame({"customer": [each.reference for each in other],
                          "at": [each.sent_at for each in other]})  # fmt: skip
    for each in made.asking.invitations:
        if each.survey == "ordine-online":
            theirs = asked.loc[asked["customer"] == each.reference, "at"]
            assert ((theirs - each.sent_at).abs() > timedelta(days=28)).all()


def test_counters_add_up_to_the_answers(made: Made, answers: pd.DataFrame) -> None:
    counted: Counter[tuple[str, str]] = Counter()
    for each in made.asking.counts:
        assert 0 <= each.answered <= each.shown
        counted[each.survey, each.question] += each.answered
    found = Counter(
        {(each["survey"], each["question"], each["response"]) for each in answers["properties"]}
    )
    assert counted == Counter((survey, question) for survey, question, _ in found)


def test_the_same_seed_asks_the_same_people() -> None:
    def asked(seed: int) -> Asking:
        return generate_all(seed, customers=300).asking

    assert asked(3) == asked(3)
    assert asked(3) != asked(4)


def test_the_surveys_are_published_in_both_languages(tmp_path: Path) -> None:
    surveys = Surveys(demo.make(tmp_path / "aurora", customers=200))
    assert surveys.ids() == ("la-libreria", "ordine-online", "senza-di-noi")
    for name in surveys.ids():
        survey = surveys.published(name)
        assert survey is not None
        assert problems(survey) == ()
        assert set(survey.languages) == {"it", "en"}
