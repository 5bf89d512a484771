"""The parts of ``percorso serve`` that can be asked without a process."""

import os
import subprocess
import sys

import pytest
from django.test import Client
from tests.server import free_port

from percorso.app import fallen
from percorso.app.serving import ServingError
from percorso.app.serving.locks import ProcessLock
from percorso.app.serving.prepare import read_what_came_meanwhile
from percorso.app.serving.supervisor import (
    LONGEST_WAIT_ASIDE_S,
    LONGEST_WAIT_S,
    Child,
    Supervisor,
)
from percorso.app.serving.worker import TRIES, put_back
from percorso.log import open_log
from percorso.workspace import Workspace


def ended(code: int) -> Child:
    child = Child("the part", [])
    child.process = subprocess.Popen([sys.executable, "-c", f"raise SystemExit({code})"])
    child.process.wait()
    return child


def test_each_fall_is_waited_for_longer() -> None:
    child, waits = ended(1), []
    process = child.process
    for _ in range(10):
        child.process = process
        child.started = 100.0
        waits.append(child.fell(101.0))
    assert waits[:4] == [0.5, 1.0, 2.0, 4.0]
    assert max(waits) == waits[-1] == LONGEST_WAIT_S


def test_a_child_that_was_well_for_long_starts_anew() -> None:
    child = ended(1)
    child.falls, child.started = 6, 100.0
    assert child.fell(100.0 + 3600) == 0.5


def test_a_child_that_ended_by_itself_is_replaced_at_once() -> None:
    child = ended(0)
    child.started = 100.0
    assert child.fell(100.5) == 0.0
    assert child.falls == 0


def test_a_drainer_that_falls_for_ever_never_ends_the_web_server(workspace: Workspace) -> None:
    supervisor = Supervisor(workspace, "127.0.0.1", 8000)
    web, _worker, drainer = supervisor._children
    for child in (web, drainer):
        child.falls = 30
        child.process = ended(1).process
        child.started = 100.0
    supervisor._note_fall(drainer, 101.0)
    assert drainer.start_at - 101.0 <= LONGEST_WAIT_ASIDE_S
    assert fallen.fallen(workspace) == ("drainer",)
    drainer.started = 0.0
    supervisor._note_health(drainer, 3600.0)
    assert fallen.fallen(workspace) == ()
    with pytest.raises(ServingError, match="in a row"):
        supervisor._note_fall(web, 101.0)


@pytest.mark.django_db
def test_health_names_what_does_not_stay_up(client: Client, company: Workspace) -> None:
    fallen.note(company, "drainer", 1)
    assert client.get("/-/health").content == b"ok\n"
    fallen.note(company, "drainer", 3)
    answer = client.get("/-/health")
    assert (answer.status_code, answer.content.splitlines()[0]) == (200, b"ok")
    assert b"drainer" in answer.content
    fallen.clear(company)


def test_a_lock_names_its_holder_and_is_let_go(workspace: Workspace) -> None:
    code = (
        "import sys, time; from percorso.workspace import Workspace;"
        "from percorso.app.serving.locks import ProcessLock;"
        "lock = ProcessLock(Workspace.open(sys.argv[1]), 'worker').take();"
        "print('mine', flush=True);"
        "time.sleep(30)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(workspace.path)], stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        try:
            assert holder.stdout.readline() == b"mine\n"
            with pytest.raises(ServingError, match=str(holder.pid)):
                ProcessLock(workspace, "worker").take()
        finally:
            holder.kill()
    lock = ProcessLock(workspace, "worker").take()
    lock.release()
    ProcessLock(workspace, "worker").take().release()


def test_a_database_that_does_not_answer_is_said_without_its_password(
    workspace: Workspace,
) -> None:
    url = f"postgresql://percorso:hunter2@127.0.0.1:{free_port()}/percorso"
    done = subprocess.run(
        [sys.executable, "-m", "percorso.app.serving.prepare"],
        env={**os.environ, "PERCORSO_DIR": str(workspace.path), "PERCORSO_DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "The application's database cannot be prepared" in done.stderr
    assert "hunter2" not in done.stderr + done.stdout


@pytest.mark.django_db
def test_the_tasks_of_a_dead_worker_are_put_back_and_at_last_given_up() -> None:
    from django_tasks.base import TaskResultStatus
    from django_tasks_db.models import DBTaskResult

    from percorso.app.intake.tasks import warm

    warm.enqueue()
    task = DBTaskResult.objects.get()
    for attempt in range(1, TRIES + 1):
        task.claim(f"worker-{attempt}")
        put_back()
        task.refresh_from_db()
        expected = TaskResultStatus.FAILED if attempt == TRIES else TaskResultStatus.READY
        assert task.status == expected
    assert "Abandoned" in task.exception_class_path


@pytest.mark.django_db
def test_a_start_looks_for_texts_to_read_where_anything_ever_came(company: Workspace) -> None:
    from django_tasks_db.models import DBTaskResult

    read_what_came_meanwhile()
    assert not DBTaskResult.objects.exists()
    open_log(company)
    read_what_came_meanwhile()
    read_what_came_meanwhile()
    assert [each.task_path for each in DBTaskResult.objects.all()] == [
        "percorso.app.intake.tasks.read_texts"
    ]
