"""What was answered: scores, distributions, versions, languages, and who is hidden."""

import pytest
from tests.survey_results.made import answered, published
from tests.surveys.making import question, survey

import percorso as px
from percorso.survey_results import results
from percorso.workspace import Workspace


def test_scores_are_those_of_the_metrics(workspace: Workspace) -> None:
    given = survey(
        question("nps", "nps"), question("csat", "csat"), question("ces", "ces"),
        question("rating", "stars", points=7),
    )  # fmt: skip
    published(workspace, given)
    numbers = [(n % 11, n % 5 + 1, n % 7 + 1) for n in range(60)]
    log = answered(
        workspace,
        [
            (f"user:{n}", {"nps": a, "csat": b, "ces": c, "stars": c})
            for n, (a, b, c) in enumerate(numbers)
        ],
    )
    found = results(log, "tried")
    assert (found.responses, found.people, found.versions) == (60, 60, {1: 60})
    expected = {
        "nps": px.nps(a for a, _, _ in numbers),
        "csat": px.csat(b for _, b, _ in numbers),
        "ces": px.ces(c for _, _, c in numbers),
    }
    for each in found.questions:
        [part] = each.parts
        if each.id in expected:
            assert part.estimate == expected[each.id]
    rating = found.questions[-1].parts[0]
    assert rating.metric == "rating"
    assert rating.estimate is not None
    assert rating.estimate.value == pytest.approx(sum(c for *_, c in numbers) / 60)
    assert found.response_rate is None
    assert found.weighting is None
