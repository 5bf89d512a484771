"""Invitations count once most answers would have come."""

from datetime import date, timedelta

import pytest
from tests.survey_results.made import DAY, answered, invited, published
from tests.surveys.making import question, survey

from percorso.survey_results import ResponseRate, results
from percorso.workspace import Workspace

PEOPLE = [f"user:{n}" for n in range(40)]


def rate_of(workspace: Workspace, took: int, today: date, *, open_: int = 30) -> ResponseRate:
    """Return the rate of two sendings: 40 of 80 answered the one, the other is of two days ago.

    Four of the 40 took a day, the others ``took`` days less one day each four.
    """
    published(workspace, survey(question("nps", "nps")))
    log = answered(workspace, [(each, {"nps": 9}) for each in PEOPLE])
    asked = [
        invited(each, answered=True, sent_on=DAY - timedelta(days=n % took))
        for n, each in enumerate(PEOPLE)
    ]
    asked += [invited(f"user:{n}", answered=False) for n in range(40, 80)]
    two_days_ago, until = today - timedelta(days=2), today + timedelta(days=open_)
    asked += [
        invited(f"user:{n}", answered=n < 104, sent_on=two_days_ago, open_until=until, campaign="b")
        for n in range(100, 130)
    ]
    rate = results(log, "tried", invited=asked, today=today).response_rate
    assert rate is not None
    return rate


@pytest.mark.parametrize(
    ("took", "days", "waiting"),
    # Within a day, within two, and nine of ten within nine days.
    [(1, 1, 0), (2, 2, 0), (10, 9, 30)],
)
def test_invitations_wait_as_long_as_answers_take(
    workspace: Workspace, took: int, days: int, waiting: int
) -> None:
    found = rate_of(workspace, took, DAY + timedelta(days=200))
    assert (found.days, found.waiting) == (days, waiting)
    assert found.invited == 80 + 30 - waiting
    assert found.answered == (40 if waiting else 44)
    assert ("campaign" in found.by) is False


def test_where_answers_may_still_come_they_say_nothing_of_how_long_they_take(
    workspace: Workspace,
) -> None:
    """Of links that are open the late answers are to come: a week is waited."""
    found = rate_of(workspace, 1, DAY + timedelta(days=8))
    assert (found.days, found.waiting, found.invited) == (7, 30, 80)


def test_what_is_closed_counts_however_young(workspace: Workspace) -> None:
    found = rate_of(workspace, 10, DAY + timedelta(days=200), open_=-1)
    assert (found.waiting, found.invited, found.answered) == (0, 110, 44)


def test_where_all_are_young_there_is_no_rate_yet(workspace: Workspace) -> None:
    published(workspace, survey(question("nps", "nps")))
    log = answered(workspace, [(each, {"nps": 9}) for each in PEOPLE])
    asked = [invited(each, answered=True) for each in PEOPLE]
    found = results(log, "tried", invited=asked, today=DAY)
    assert found.response_rate is not None
    assert (found.response_rate.invited, found.response_rate.waiting) == (0, 40)
    assert not found.response_rate.rate.shown
    assert (found.non_response, found.weighting) == (None, None)
    assert found.questions[0].parts[0].estimate is not None
