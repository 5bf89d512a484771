"""Logs with answers to surveys, for tests."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from percorso.log import Log, open_log
from percorso.log.schema import as_table
from percorso.survey_results import Invited
from percorso.surveys import (
    AnonymousResponse,
    Answers,
    Response,
    Survey,
    Surveys,
    anonymous_rows,
    known_rows,
    release,
)
from percorso.surveys.storage import state
from percorso.vocabulary import Estimate, Interaction
from percorso.workspace import Workspace

DAY = date(2025, 3, 10)
NOON = datetime(2025, 3, 10, 12, tzinfo=UTC)


def published(workspace: Workspace, *versions: Survey) -> None:
    """Publish these versions of a survey, one after the other."""
    surveys = Surveys(workspace)
    surveys.add(versions[0])
    surveys.publish(versions[0].id)
    for survey in versions[1:]:
        surveys.save(survey, instead_of=state(surveys.get(survey.id)))
        surveys.publish(survey.id)


def answered(
    workspace: Workspace,
    given: Iterable[tuple[str, Answers]],
    survey_id: str = "tried",
    *,
    version: int | None = None,
    **more: Any,
) -> Log:
    """Append the answers of customers, each a response of its own; return the log."""
    log = open_log(workspace)
    survey = Surveys(workspace).get(survey_id, version)
    rows: list[Interaction] = []
    for number, (customer, answers) in enumerate(given):
        facts: Mapping[str, Any] = {
            "at": NOON + timedelta(seconds=number),
            "language": "en",
            "touchpoint": "Delivery",
            **more,
        }
        response = f"{log.version}x{number}"
        rows += known_rows(survey, answers, Response(id=response, customer=customer, **facts))
    log.append(as_table(rows))
    return log


def answered_by_nobody(
    workspace: Workspace, given: Iterable[Answers], survey_id: str = "tried", language: str = "en"
) -> Log:
    """Append anonymous answers, released together."""
    log = open_log(workspace)
    survey = Surveys(workspace).get(survey_id)
    response = AnonymousResponse(DAY, language, "Delivery")
    log.append(as_table(release([anonymous_rows(survey, each, response) for each in given])))
    return log


def invited(customer: str, *, answered: bool, **more: Any) -> Invited:
    return Invited(reference=customer, sent_on=more.pop("sent_on", DAY), answered=answered, **more)


def alike(one: Estimate, other: Estimate) -> bool:
    """Say whether two estimates are the same but for the last digits."""
    return (one.n, one.method) == (other.n, other.method) and (
        one.value,
        one.low,
        one.high,
    ) == pytest.approx((other.value, other.low, other.high))


def order(customer: str, at: datetime, amount: float = 10.0, **more: Any) -> Interaction:
    facts = {"kind": "order", "channel": "web", **more}
    return Interaction(
        id=facts.pop("id", f"{customer}-{at.isoformat()}-{facts['kind']}"),
        at=at,
        customer=customer,
        source="test",
        touchpoint="Shop",
        amount=amount if facts["kind"] == "order" else None,
        **facts,
    )
