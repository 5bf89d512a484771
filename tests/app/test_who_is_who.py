"""The worker looks for references that are one customer when something is new, and only then."""

import pytest
from django_tasks_db.models import DBTaskResult
from tests.identity.known import profile, tell, together

from percorso.app import company as served
from percorso.app.intake import tasks
from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db


def waiting(task: object) -> int:
    path = task.module_path  # type: ignore[attr-defined]  # a task of django-tasks
    return DBTaskResult.objects.ready().filter(task_path=path).count()


def test_what_is_new_is_looked_at_once(company: Workspace) -> None:
    log = served.log()
    tell(log, profile("user:1", email="ada@example.org"), profile("crm:7", email="ada@example.org"))
    tasks.warm.call()
    assert waiting(tasks.find_who_is_who) == 1
    tasks.find_who_is_who.call()
    assert together(log) == {frozenset({"user:1", "crm:7"})}
    # Answers are others now; nothing else is new.
    assert waiting(tasks.warm) == 1
    DBTaskResult.objects.all().delete()
    tasks.look_for_who_is_who()
    tasks.find_who_is_who.call()
    assert DBTaskResult.objects.count() == 0


def test_settings_that_make_no_sense_stop_nobody_else(company: Workspace) -> None:
    (company.path / "identity.toml").write_text("colour = 1\n", encoding="utf-8")
    tell(served.log(), profile("user:1", email="ada@example.org"))
    tasks.find_who_is_who.call()
    tasks.warm.call()
