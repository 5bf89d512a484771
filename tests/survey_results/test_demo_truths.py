"""The results of the demo company's surveys show what was planted in them."""

from pathlib import Path

import numpy as np
import pytest

from percorso.demo import SURVEY_TRUTHS, company, questionnaires
from percorso.demo.asking import Invitation
from percorso.demo.generator import Made, generate_all
from percorso.log import Log, open_log
from percorso.log.selection import Selection
from percorso.survey_results import FactResult, Invited, PyramidResult, Results, Shown, results
from percorso.workspace import Settings, Workspace

PHONE = company.TOUCHPOINTS["cart_phone"].name
NPS, ORDERS, PMF = questionnaires.NPS, questionnaires.PYRAMID, questionnaires.PMF


@pytest.fixture(scope="module")
def made() -> Made:
    return generate_all(seed=7)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory, made: Made) -> Log:
    return filled(tmp_path_factory.mktemp("aurora") / "c", made)


def filled(path: Path, made: Made) -> Log:
    workspace = Workspace.create(path, Settings(company.NAME, company.ZONE))
    questionnaires.publish(workspace)
    log = open_log(workspace)
    log.append(made.table)
    return log


def found(log: Log, made: Made, survey: str, selection: Selection | None = None) -> Results:
    def invited(each: Invitation) -> Invited:
        return Invited(
            reference=each.reference,
            sent_on=each.sent_at.astimezone(log.workspace.settings.zone_info).date(),
            answered=each.answered,
            touchpoint=each.touchpoint,
            channel=each.channel,
            language=each.language,
        )

    return results(
        log,
        survey,
        invited=[invited(each) for each in made.asking.invitations if each.survey == survey],
        shown=[
            Shown(each.version, each.question, each.shown, each.answered)
            for each in made.asking.counts
            if each.survey == survey
        ],
        selection=selection,
    )


def pyramid_of(results: Results) -> PyramidResult:
    question = results.question("pyramid")
    assert question is not None
    assert question.pyramid is not None
    return question.pyramid


def facts_of(results: Results) -> dict[str, FactResult]:
    assert results.non_response is not None
    return {each.fact: each for each in results.non_response.facts}


def rate_of(fact: FactResult, band: str) -> float:
    [rate] = [each.rate.value for each in fact.bands if each.value == band]
    assert rate is not None
    return rate


def test_each_truth_of_a_survey_is_tried_here() -> None:
    tried = {"pyramid_ease", "newcomers_silent", "lapsed_silent", "pmf_share"}
    assert {each.key for each in SURVEY_TRUTHS} == tried


def test_the_pyramid_breaks_at_ease_on_phones(log: Log, made: Made) -> None:
    phone = pyramid_of(found(log, made, ORDERS, Selection(touchpoints=(PHONE,))))
    assert phone.breaks_at == "ease"
    computer = company.TOUCHPOINTS["cart_computer"].name
    other = pyramid_of(found(log, made, ORDERS, Selection(touchpoints=(computer,))))
    assert other.breaks_at != "ease"


def test_weights_come_nearer_to_all_who_were_asked(log: Log, made: Made) -> None:
    seen = found(log, made, ORDERS)
    joy = pyramid_of(seen).levels[2]
    told = made.ordered.ratings[:, 2]
    truth = 100 * float(np.mean(told >= 4) - np.mean(told <= 2))
    assert joy.net.value is not None
    assert joy.weighted is not None
    assert joy.weighted.value is not None
    assert joy.weighted.low is not None
    assert joy.weighted.high is not None
    # Those who answered are happier, beyond what chance may do.
    assert joy.net.low is not None
    assert joy.net.low > truth
    assert abs(joy.weighted.value - truth) < abs(joy.net.value - truth) / 2
    assert joy.weighted.low <= truth <= joy.weighted.high
    segment = facts_of(seen)["segment"]
    assert segment.differs
    assert rate_of(segment, "one_purchase") < 25 < 40 < rate_of(segment, "repeat")


def test_those_who_have_not_bought_for_long_answer_less(log: Log, made: Made) -> None:
    recency = facts_of(found(log, made, NPS))["recency"]
    assert recency.differs
    assert rate_of(recency, "91-365") < rate_of(recency, "-30") - 5


def test_the_line_of_pmf_is_passed_and_who_answered_is_like_the_others(
    log: Log, made: Made
) -> None:
    seen = found(log, made, PMF)
    question = seen.question("pmf")
    assert question is not None
    assert question.pmf is not None
    assert question.pmf.verdict == "above"
    assert not any(each.differs for each in facts_of(seen).values())


def test_answers_fall_off_from_question_to_question(log: Log, made: Made) -> None:
    for survey in (NPS, ORDERS, PMF):
        first, then = found(log, made, survey).steps
        assert first.answered_share.value is not None
        assert then.answered_share.value is not None
        assert 100 > first.answered_share.value > then.answered_share.value
        assert then.lost is not None
        assert then.lost.value is not None
        assert then.lost.value > 10


def test_without_effects_nobody_is_silent_for_a_reason(tmp_path: Path) -> None:
    made = generate_all(seed=7, effects=False)
    log = filled(tmp_path / "c", made)
    seen = found(log, made, ORDERS)
    assert not any(each.differs for each in facts_of(seen).values())
    assert not any(each.differs for each in facts_of(found(log, made, NPS)).values())
    phone = pyramid_of(found(log, made, ORDERS, Selection(touchpoints=(PHONE,))))
    assert phone.breaks_at is None
