"""What the API answers: the same figures as everywhere, interactions once, errors that help."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from ninja import Schema
from pytest_django import Settings as DjangoSettings

from percorso import explain, metrics, report
from percorso.app import company as the_company
from percorso.app import results
from percorso.log import LogBusyError
from percorso.log.selection import Selection
from percorso.log.steps import open_steps
from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db
Program = Callable[..., Client]
ROW = {
    "id": "till-1",
    "at": "2026-03-31T10:20:00+02:00",
    "customer": "user:42",
    "kind": "answer",
    "touchpoint": "Shop",
    "scale": "nps",
    "score": 9,
    "text": "Tutto bene",
    "properties": {"region": "Lombardia"},
}


@pytest.fixture
def aurora(small_demo: Workspace, company: Workspace, settings: DjangoSettings) -> Workspace:
    """Return the small demo company, to read."""
    settings.WORKSPACE = small_demo
    results.forget()
    return small_demo


def send(client: Client, *rows: Any) -> Any:
    body = json.dumps({"interactions": rows})
    return client.post("/api/v1/interactions", body, content_type="application/json")


def test_the_figures_are_those_of_the_library(aurora: Workspace, program: Program) -> None:
    log, client = the_company.log(), program("read:figures")
    answer = client.get("/api/v1/figures").json()
    expected = metrics.scores(log)
    assert answer["log_version"] == log.version
    assert answer["scores"] == {name: each.as_dict() for name, each in expected.items()}
    asked = {"channel": ["website", "store"], "since": "2025-03-01", "by": "month"}
    narrowed = client.get("/api/v1/figures", asked).json()
    part = Selection.from_query(
        {"channel": ["website", "store"], "since": "2025-03-01"}, log.workspace.settings.zone_info
    )
    by = metrics.by(log, "month", part)
    assert narrowed["scores"] == {n: e.as_dict() for n, e in metrics.scores(log, part).items()}
    assert [(g["metric"], g["group"]) for g in narrowed["groups"]] == [
        (g.metric, g.group) for g in by
    ]
    assert narrowed["groups"][0]["score"] == by[0].estimate.as_dict()


def test_the_problems_and_the_report_are_those_of_the_library(
    aurora: Workspace, program: Program
) -> None:
    log, client = the_company.log(), program("read:figures")
    found = client.get("/api/v1/problems").json()["problems"]
    assert [each["id"] for each in found] == [
        each.id for each in explain.problems(log, open_steps(log))
    ]
    whole = client.get("/api/v1/report").json()
    expected = json.loads(json.dumps(report.as_json(report.build(log))))
    assert whole.keys() == expected.keys()
    assert whole["metrics"] == expected["metrics"]
    italian = client.get("/api/v1/problems", headers={"accept-language": "it"}).json()["problems"]
    assert italian[0]["title"] != found[0]["title"]
    assert italian[0]["customers"] == found[0]["customers"]


def test_interactions_are_stored_once_and_counted_at_once(
    company: Workspace, program: Program
) -> None:
    client = program()
    rows = [ROW | {"id": f"till-{n}", "customer": f"user:{n}"} for n in range(30)]
    assert send(client, *rows).json() == {"added": 30, "duplicates": 0, "log_version": 1}
    again = send(client, *rows, ROW | {"id": "new"}).json()
    assert (again["added"], again["duplicates"]) == (1, 30)
    figures = client.get("/api/v1/figures").json()
    assert figures["interactions"] == 31
    assert figures["scores"]["nps"]["value"] == 100
    kept = the_company.log().read(columns=["source", "properties", "at"]).read_all().to_pylist()
    assert {each["source"] for each in kept} == {"api"}
    assert json.loads(kept[0]["properties"]) == {"region": "Lombardia"}
    assert kept[0]["at"].isoformat() == "2026-03-31T08:20:00+00:00"


def test_how_few_stand_behind_a_hidden_figure_is_not_told(
    company: Workspace, program: Program
) -> None:
    rows = [ROW | {"id": f"till-{n}", "customer": f"user:{n}"} for n in range(3)]
    assert send(program(), *rows).status_code == 200
    client = program("read:figures")
    for path in ("figures", "figures?by=channel"):
        told = client.get(f"/api/v1/{path}")
        assert told.status_code == 200
        found = told.json()["scores"]["nps"]
        assert (found["value"], found["n"]) == (None, None)


def test_what_was_written_is_read_afterwards(company: Workspace, program: Program) -> None:
    from django_tasks_db.models import DBTaskResult

    cache.clear()
    send(program(), ROW)
    assert [each.task_path for each in DBTaskResult.objects.ready()] == [
        "percorso.app.intake.tasks.read_texts"
    ]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"score": 11}, "score"),
        ({"score": "9"}, "score"),
        ({"score": True}, "score"),
        ({"score": 10**400}, "score"),
        ({"at": "2026-03-31T10:20:00"}, "at"),
        ({"at": 1774945200}, "at"),
        ({"at": "0001-01-01T00:00:00+05:00"}, "at"),
        ({"kind": "dance"}, "kind"),
        ({"customer": ""}, "customer"),
        ({"customer": "gone:0123456789abcdef"}, "customer"),
        ({"received_at": "2026-03-31T10:20:00Z"}, "received_at"),
        ({"log_version": 3}, "log_version"),
        ({"text": "\ud800"}, "text"),
        ({"properties": {"a": "\ud800"}}, "properties"),
        ({"properties": []}, "properties"),
        ({"currency": "euro"}, "currency"),
        ({"kind": "promise"}, "due_at"),
    ],
)
def test_all_or_nothing_is_stored(
    company: Workspace, program: Program, change: dict[str, Any], field: str
) -> None:
    answer = send(program(), ROW | {"id": "good"}, ROW | change)
    assert answer.status_code == 422, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    named = [each["field"] for each in answer.json()["errors"]]
    assert f"body.interactions.1.{field}" in named
    assert not [each for each in named if ".0." in each]
    assert the_company.log().summary().interactions == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{", 400),
        ('{"interactions": [{"score": NaN}]}', 400),
        ("[" * 100_000, 400),
        ("", 422),
        ('{"interactions": []}', 422),
        ("[]", 422),
        ("null", 422),
        (" " * 6_000_000, 413),
    ],
)
def test_what_is_no_batch_is_refused(
    company: Workspace, program: Program, body: str, status: int
) -> None:
    answer = program().post("/api/v1/interactions", body, content_type="application/json")
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "query",
    [
        "chanel=web",
        "channel=",
        "channel=wbe",
        "since=x",
        "since=2026-02-01&until=2026-01-01",
        "since=2026-01-01&since=2026-01-02",
        "by=colour",
        "property.=x",
        "ideal=x",
    ],
)
def test_a_question_that_makes_no_sense_is_refused(
    company: Workspace, program: Program, query: str
) -> None:
    answer = program().get(f"/api/v1/figures?{query}")
    assert answer.status_code == 422, answer.content
    assert answer.json()["status"] == 422


def test_the_wrong_place_is_told_as_a_problem_too(company: Workspace, program: Program) -> None:
    for method, path, status in (
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/nothing", 404),
        ("DELETE", "/api/v1/figures", 405),
    ):
        answer = program().generic(method, path)
        assert answer.status_code == status
        assert answer["Content-Type"] == "application/problem+json"
    assert answer["Allow"] == "GET"


def test_an_error_of_ours_shows_nothing_of_the_inside(
    company: Workspace, program: Program, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the secret of the inside")

    monkeypatch.setattr(metrics, "scores", fail)
    answer = program().get("/api/v1/figures")
    assert answer.status_code == 500
    assert "secret" not in answer.content.decode()
    assert "the secret of the inside" in caplog.text, "the server's log has it"


def test_a_busy_log_says_when_to_come_back(
    company: Workspace, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> None:
        raise LogBusyError("busy")

    monkeypatch.setattr(type(the_company.log()), "append", busy)
    answer = send(program(), ROW)
    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"


def test_texts_are_read_and_not_kept(company: Workspace, program: Program) -> None:
    body = json.dumps({"texts": ["Il corriere non è mai arrivato: pessimo servizio.", ""]})
    answer = program().post("/api/v1/texts/read", body, content_type="application/json")
    first, empty = answer.json()["readings"]
    assert (first["language"], first["sentiment"]) == ("it", "negative")
    assert empty["path"] == "empty"
    assert the_company.log().summary().interactions == 0


def test_no_two_schemas_have_one_name() -> None:
    """The description calls them by their names alone: one would stand for both."""
    from percorso.app.config import api

    def below(schema: type[Schema]) -> list[type[Schema]]:
        return [each for one in schema.__subclasses__() for each in (one, *below(one))]

    assert api.api is not None
    ours = {each for each in below(Schema) if each.__module__.startswith("percorso.")}
    names = [each.__name__ for each in ours]
    assert len(names) == len(set(names)), sorted(n for n in set(names) if names.count(n) > 1)
