"""The list of surveys says how many answered, and when last; of few only that they are few."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from tests.app.surveys.test_building import said

from percorso.log import open_log
from percorso.log.schema import as_table
from percorso.surveys import Response, Surveys, known_rows, ready
from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db
As = Callable[[str], Client]
FIRST = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)


def answer(company: Workspace, name: str, people: int, each: int = 1) -> None:
    """Publish a survey, and have so many people answer it, each so often, a day after the other."""
    surveys = Surveys(company)
    surveys.add(ready("nps", name))
    survey = surveys.publish(name)
    rows = [
        row
        for n in range(people * each)
        for row in known_rows(
            survey,
            {"nps": 9, "why": f"Because {n}"},
            Response(
                id=f"{name}{n}",
                customer=f"user:{n % people}",
                at=FIRST + timedelta(days=n),
                language="en",
                touchpoint="Delivery",
                channel="email",
            ),
        )
    ]
    open_log(company).append(as_table(rows))


def test_the_list_says_how_many_answered_and_when_last(client_of: As, company: Workspace) -> None:
    answer(company, "many", people=6, each=2)
    Surveys(company).add(ready("nps", "none"))
    Surveys(company).publish("none")
    words = said(client_of("viewer").get(reverse("surveys:list")))
    # Twelve responses of six people; the last at half past eleven in the evening in Rome.
    assert "12 last on 13 Mar 2026" in words
    assert "nobody yet" in words


def test_so_few_that_they_may_be_known_are_told_to_few(client_of: As, company: Workspace) -> None:
    answer(company, "few", people=4, each=3)
    address = reverse("surveys:list")
    words = said(client_of("viewer").get(address))
    assert "fewer than 5" in words
    assert "last on" not in words
    assert "12 last on 13 Mar 2026" in said(client_of("cx_manager").get(address))
