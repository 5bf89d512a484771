"""The list of surveys says how many answered, and when last; of few only that they are few."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from tests.app.surveys.asking import invite, publish
from tests.app.surveys.test_building import said

from percorso.app.accounts.models import User
from percorso.app.surveys import actions
from percorso.app.surveys.models import Invitation
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


def test_a_survey_is_asked_where_somebody_can_come_to_it(client_of: As, company: Workspace) -> None:
    """By an open door or an invitation; once all is closed or over, the pages say that."""
    client = client_of("administrator")
    by = User.objects.get()
    publish(company, "shut", anonymous=True)

    def told() -> set[str]:
        pages = [reverse("surveys:list")]
        pages += [reverse(f"surveys:{each}", args=["shut"]) for each in ("one", "versions")]
        words = " ".join(said(client.get(each)) for each in pages)
        chips = ("version 1 is asked", "Version 1 is being asked", " being asked ", "asked nowhere")
        return {each for each in chips if each in words}

    yes = {"version 1 is asked", "Version 1 is being asked", " being asked "}
    no = {"asked nowhere"}
    assert told() == no
    door = actions.open_door(by, "shut", "link", touchpoint="Shop")
    assert told() == yes
    actions.close_door(by, door.code)
    assert told() == no
    invite(survey="shut")
    assert told() == yes
    # Of an anonymous survey nothing tells that somebody answered.
    Invitation.objects.update(used=True)
    assert told() == yes
    Invitation.objects.update(expires_at=FIRST)
    assert told() == no
