"""Of an anonymous survey no figure tells when somebody answered, and nothing waits for ever."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from tests.app.surveys.asking import EVERY_TYPE, invite, publish, received, send, shown, t

from percorso.app import company as the_company
from percorso.app.accounts import tokens
from percorso.app.accounts.models import User
from percorso.app.api import auth
from percorso.app.inbox import inbox
from percorso.app.surveys import queries
from percorso.app.surveys.answering import counting, courses, holding
from percorso.app.surveys.models import HeldResponse, Invitation, InvitedAnswered, Shown
from percorso.live.draining import Drainer
from percorso.survey_results import results
from percorso.surveys import Surveys, state
from percorso.surveys.reading import from_plain, to_plain
from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db
As = Callable[[str], Client]
PAGES = ("/surveys/", "/surveys/visit/", "/surveys/visit/results/", "/surveys/visit/ask/")
NPS, WHY = EVERY_TYPE[0], EVERY_TYPE[5]


@pytest.fixture
def asks(company: Workspace, db: None) -> Workspace:
    publish(company, anonymous=True, questions=[NPS, WHY])
    return company


def person(number: int) -> str:
    return f"email:person{number:03d}@example.org"


def answer(number: int, path: str = "") -> None:
    client = Client(headers={"accept-language": "en"})
    path = path or invite(person(number)).path
    page = shown(client.get(path))
    while fields := re.findall(r'name="(nps|why|how)"', page):
        given = {"nps": "9", "why": f"Because {number}", "how": "web"}
        page = shown(send(client, path, page, {name: given[name] for name in fields}))


def on_day(number: int) -> datetime:
    return datetime.now(UTC) + timedelta(days=number)


def change(company: Workspace, **changes: Any) -> None:
    """Publish a next version."""
    surveys = Surveys(company)
    latest = surveys.get("visit")
    given = to_plain(latest) | changes | {"published": False}
    surveys.save(from_plain(given), instead_of=state(latest))
    surveys.publish("visit")


def test_no_figure_moves_when_somebody_answers(asks: Workspace, client_of: As) -> None:
    looking = client_of("administrator")
    by = User.objects.get()
    key = tokens.make(by, "a program", ["read:figures"], 30)
    program = Client(headers={"authorization": f"Bearer {key}", "accept-language": "en"})

    def told() -> list[str]:
        auth.REQUESTS.forget()
        pages = [shown(looking.get(each)) for each in PAGES]
        answers = [shown(program.get("/api/v1/surveys"))]
        return [re.sub(r'(nonce|value|id)="[^"]*"', "", each) for each in pages + answers]

    links = [invite(person(number)).path for number in range(12)]
    empty = told()
    for number in range(6):
        answer(number, links[number])
        counting.write()
        assert told() == empty
    assert holding.release_due(on_day(1)) == 6
    Drainer(the_company.log(), inbox()).drain()
    before = told()
    assert before != empty
    for number in range(6, 12):
        answer(number, links[number])
        counting.write()
        assert told() == before
        assert queries.invited("visit").answered == 6
    assert holding.release_due(on_day(2)) == 6
    assert queries.invited("visit").answered == 12
    steps = {each.question: (each.shown, each.answered) for each in queries.drop_off("visit")}
    assert steps == {"nps": (12, 12), "why": (12, 12)}


def test_pages_say_when_anonymous_answers_appear(asks: Workspace, client_of: As) -> None:
    looking = client_of("administrator")
    promise = "Anonymous answers appear the day after, five or more together"
    assert promise in shown(looking.get("/surveys/visit/results/"))
    for number in range(5):
        answer(number)
    holding.release_due(on_day(1))
    Drainer(the_company.log(), inbox()).drain()
    assert promise in shown(looking.get("/surveys/visit/results/"))


def test_counters_of_an_anonymous_survey_name_no_day(asks: Workspace) -> None:
    for number in range(5):
        answer(number)
    counting.write()
    holding.release_due(on_day(1))
    assert {(each.day.day, each.held) for each in Shown.objects.all()} == {(1, False)}


@pytest.mark.parametrize(("anonymous", "day"), [(False, 13), (True, 12)])
def test_days_of_counters_are_the_companys_and_of_anonymous_answers_utc(
    company: Workspace, anonymous: bool, day: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half past midnight in Rome, before midnight in UTC, by which answers are released."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime(2026, 11, 12, 23, 30, tzinfo=UTC).astimezone(tz)

    publish(company, anonymous=anonymous)
    monkeypatch.setattr(counting, "datetime", Clock)
    monkeypatch.setattr(holding, "datetime", Clock)
    answer(0)
    counting.write()
    assert {each.day for each in Shown.objects.all()} == {date(2026, 11, day)}
    assert {each.day for each in HeldResponse.objects.all()} <= {date(2026, 11, day)}


def test_what_a_version_of_too_few_saw_is_not_told(asks: Workspace) -> None:
    for number in range(4):
        answer(number)
    counting.write()
    assert holding.release_due(on_day(1)) == 0
    assert queries.drop_off("visit") == ()


def test_versions_that_are_asked_no_more_go_together_without_telling_which(
    asks: Workspace,
) -> None:
    """2 and 3 answered two versions that differ in a question: 5 go, with what both asked."""
    answer(0)
    answer(1)
    how = {"type": "open", "id": "how", "text": t("Come mai?", "How so?")}
    change(asks, questions=[NPS, how])
    for number in (2, 3, 4):
        answer(number)
    assert holding.release_due(on_day(1)) == 0
    change(asks, questions=[NPS])
    assert holding.release_due(on_day(1)) == 5
    rows = received()
    assert [row.name for row in rows] == ["nps"] * 5
    assert not any("version" in row.properties for row in rows)
    assert len({row.properties["wording"] for row in rows}) == 1
    gone = queries.too_few("visit")
    assert gone is not None
    assert (gone.responses, gone.answers) == (0, 5)
    Drainer(the_company.log(), inbox()).drain()
    [nps, *_others] = results(the_company.log(), "visit").questions
    assert nps.answers == 5
    assert [each.answers for each in nps.wordings] == [5]


def test_an_answer_without_version_keeps_the_words_it_was_given(asks: Workspace) -> None:
    """The latest version asks something else under the same name: nothing is mixed up."""
    answer(0)
    answer(1)
    change(asks, title=t("La visita", "The visit"))
    for number in (2, 3, 4):
        answer(number)
    change(asks, questions=[{**EVERY_TYPE[1], "id": "nps"}])
    assert holding.release_due(on_day(1)) == 5
    Drainer(the_company.log(), inbox()).drain()
    found = {each.type: each.answers for each in results(the_company.log(), "visit").questions}
    assert found == {"csat": 0, "nps": 5, "open": 5}


def test_the_version_that_is_asked_waits_for_a_crowd_of_its_own(asks: Workspace) -> None:
    answer(0)
    change(asks, questions=[NPS])
    for number in range(1, 5):
        answer(number)
    assert holding.release_due(on_day(1)) == 0
    answer(5)
    assert holding.release_due(on_day(1)) == 5
    assert {row.properties["version"] for row in received()} == {2}


def test_what_waited_for_long_goes_with_all_others(asks: Workspace) -> None:
    answer(0)
    change(asks, questions=[NPS])
    for number in range(1, 5):
        answer(number)
    assert holding.release_due(on_day(holding.LONGEST_WAIT.days)) == 0
    assert holding.release_due(on_day(holding.LONGEST_WAIT.days + 1)) == 5
    assert {row.name for row in received()} == {"nps"}


def test_what_finds_no_crowd_in_its_time_is_deleted_and_told(
    asks: Workspace, client_of: As
) -> None:
    for number in range(5):
        answer(number)
    assert holding.release_due(on_day(1)) == 5
    Drainer(the_company.log(), inbox()).drain()
    for number in range(5, 9):
        answer(number)
    counting.write()
    late = on_day(holding.LONGEST_WAIT.days + 1)
    assert holding.release_due(late) == 0
    assert not HeldResponse.objects.exists()
    assert not Shown.objects.filter(held=True).exists()
    assert received() == []
    page = shown(client_of("administrator").get("/surveys/visit/results/"))
    assert "Deleted after 90 days: fewer than 5 anonymous responses" in page
    assert Invitation.objects.filter(counted=True).count() == 5


def test_what_is_to_a_version_that_cannot_be_read_waits(
    asks: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(0)
    change(asks, questions=[NPS])
    answer(1)
    late = on_day(holding.LONGEST_WAIT.days + 1)
    with monkeypatch.context() as broken:
        broken.setattr(courses, "course", lambda *_which: None)
        assert holding.release_due(late) == 0
    assert HeldResponse.objects.count() == 2
    assert holding.release_due(late) == 0
    assert not HeldResponse.objects.exists()


def test_only_who_is_released_counts_as_having_answered(asks: Workspace) -> None:
    """A version goes in the middle of a day: who answered on that day does not count."""
    links = [invite(person(number), campaign="early").path for number in range(5)]
    for number in range(5):
        answer(number, links[number])
    yesterday = on_day(-1)
    Invitation.objects.update(made_at=yesterday)
    HeldResponse.objects.update(day=yesterday.date())
    InvitedAnswered.objects.update(day=yesterday.date())
    change(asks, questions=[NPS])
    for number in range(5, 8):
        answer(number)
    assert holding.release_due() == 5
    assert queries.invited("visit").answered == 5
    answer(8)
    assert holding.release_due() == 0
    assert queries.invited("visit").answered == 5
    answer(9)
    assert holding.release_due(on_day(1)) == 5
    assert queries.invited("visit").answered == 10


def test_nothing_but_numbers_says_who_was_released(asks: Workspace) -> None:
    """Three answered version 1, and five version 2, which goes: any of the eight may count."""
    for number in range(3):
        answer(number)
    change(asks, questions=[NPS, WHY], title=t("La visita", "The visit"))
    for number in range(3, 8):
        answer(number)
    assert {(each.version, each.number) for each in InvitedAnswered.objects.all()} == {
        (1, 3),
        (2, 5),
    }
    drawn = set()
    for _each in range(8):
        point = transaction.savepoint()
        assert holding.release_due(on_day(1)) == 5
        counted = Invitation.objects.filter(counted=True)
        assert counted.count() == 5
        drawn |= set(counted.values_list("reference", flat=True))
        received()
        transaction.savepoint_rollback(point)
    assert drawn & {person(number) for number in range(3)}


def test_who_was_to_go_unreleased_counts_with_the_next(asks: Workspace) -> None:
    for number in range(4):
        answer(number)
    late = on_day(holding.LONGEST_WAIT.days + 1)
    assert holding.release_due(late) == 0
    assert queries.invited("visit").answered == 0
    HeldResponse.objects.all().delete()
    for number in range(4, 9):
        answer(number)
    assert holding.release_due(late + timedelta(days=1)) == 5
    assert queries.invited("visit").answered == 9
    assert not InvitedAnswered.objects.exists()


def test_who_is_noted_while_others_are_counted_counts_with_the_next(asks: Workspace) -> None:
    """A number of before midnight that is written after it, where two write at once."""
    for number in range(5):
        answer(number)

    def meanwhile(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith('DELETE FROM "surveys_invitedanswered"') and not noted:
            day = on_day(-1).date()
            noted.append(
                InvitedAnswered.objects.create(survey="visit", version=1, day=day, number=1)
            )
        return execute(sql, params, many, context)

    noted: list[InvitedAnswered] = []
    with connection.execute_wrapper(meanwhile):
        assert holding.release_due(on_day(1)) == 5
    assert queries.invited("visit").answered == 5
    assert [each.number for each in InvitedAnswered.objects.all()] == [1]
