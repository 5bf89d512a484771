"""``percorso survey results``: what it prints, and what it refuses."""

import json

from tests.survey_results.made import answered, published
from tests.surveys.making import question, survey


def with_answers(workspace):
    published(workspace, survey(question("nps", "nps"), question("pyramid", "pyr")))
    rating = {"needs": 5, "ease": 2, "enjoyment": 4}
    answered(workspace, [(f"user:{n}", {"nps": n % 11, "pyr": rating}) for n in range(44)])
    return workspace


def test_results_in_a_terminal(run, workspace):
    done = run("survey", "results", "tried", "--dir", with_answers(workspace).path)
    assert done.code == 0
    assert "44 responses" in done.out
    # 2 promoters and 7 detractors of 11.
    assert "NPS −45" in done.out.replace("-", "−")
    assert "pyr.needs" in done.out
    assert "breaks at “Easy”" in done.out


def test_results_as_json_by_a_dimension(run, workspace):
    done = run(
        "survey", "results", "tried", "--dir", with_answers(workspace).path, "--json", "--by",
        "language", "--lang", "it",
    )  # fmt: skip
    assert done.code == 0
    found = json.loads(done.out)
    assert found["responses"] == 44
    assert found["questions"][0]["parts"][0]["estimate"]["n"] == 44
    assert [(row["question"], row["group"]) for row in found["by"]] == [
        ("nps", "en"), ("pyr.needs", "en"), ("pyr.ease", "en"), ("pyr.enjoyment", "en"),
    ]  # fmt: skip


def test_what_is_not_there_is_refused_with_what_is(run, workspace):
    place = with_answers(workspace).path
    done = run("survey", "results", "tired", "--dir", place)
    assert (done.code, "tried" in done.err) == (1, True)
    done = run("survey", "results", "tried", "--dir", place, "--by", "weather")
    assert (done.code, "segment" in done.err) == (2, True)


def test_how_few_answered_is_in_no_json(run, workspace):
    published(workspace, survey(question("nps", "nps")))
    answered(workspace, [(f"user:{n}", {"nps": 9}) for n in range(3)])
    done = run(
        "survey", "results", "tried", "--dir", workspace.path, "--json", "--by", "language"
    )  # fmt: skip
    found = json.loads(done.out)
    estimates = [found["questions"][0]["parts"][0]["estimate"]]
    estimates += [row["estimate"] for row in found["by"]]
    assert {(each["value"], each["n"]) for each in estimates} == {(None, None)}
    assert all(row["customers"] is None for row in found["by"])
    assert (found["responses"], found["people"], found["first"]) == (None, None, None)
    [asked] = found["questions"]
    counts = (asked, *asked["parts"], *asked["wordings"])
    assert {each.get("answers") for each in counts} == {None}
    assert {each.get("people") for each in counts} == {None}
    plain = run("survey", "results", "tried", "--dir", workspace.path).out
    assert "fewer than 5 people" in plain
    assert "3" not in plain
    report = json.loads(run("report", "--dir", workspace.path, "--json").out)
    assert (report["metrics"]["nps"]["value"], report["metrics"]["nps"]["n"]) == (None, None)
