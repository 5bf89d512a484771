"""The worker: takes the tasks one by one, for as long as the parent lives.

One worker serves a workspace (it holds the lock), so a task that is marked as running when a
worker starts belongs to one that died. It is put back: tasks give the same outcome however often
they run. A task that took three workers down with it is given up, with that as its reason.
"""

import logging
import os
import resource
import sys
import time
from typing import Any, Final

import django

from percorso.app.lean import leave_pandas_out
from percorso.app.serving.errors import ServingError
from percorso.app.serving.locks import ProcessLock
from percorso.workspace import Workspace, default_path

TRIES: Final = 3
#: A worker that has done this many tasks makes room for a fresh one, which gives memory back.
TASKS_BEFORE_RENEWAL: Final = 50
#: Bytes of memory from which a worker does so as soon as no task waits: most of the time none does.
GROWN: Final = 120 * 2**20
INTERVAL_S: Final = 0.5
LOCK_PATIENCE_S: Final = 20


class Abandoned(Exception):  # noqa: N818 - shown as the reason
    """The task stopped its worker too often."""


def main() -> int:
    """Work until told to stop, or until it is time for a fresh worker."""
    leave_pandas_out()
    django.setup()
    from django_tasks.signals import task_finished
    from django_tasks_db.management.commands.db_worker import Worker

    from percorso.app.intake import reading, tasks
    from percorso.app.intake.actions import discard_forgotten
    from percorso.app.serving.errands import Errands

    lock = _take_lock(Workspace.open(default_path()))
    given_up = put_back()
    discard_forgotten()
    if tasks.read_texts.module_path in given_up:
        # Trying at once would end the same way: whoever looks at the voice is told, and decides.
        reading.note_stopped()
    worker = Worker(
        queue_names=["default"],
        interval=INTERVAL_S,
        batch=False,
        backend_name="default",
        startup_delay=False,
        max_tasks=TASKS_BEFORE_RENEWAL,
        worker_id=f"worker-{os.getpid()}",
        excluded_queue_names=[],
    )
    worker.configure_signals()

    def make_room(**_: Any) -> None:
        # It goes on until nothing waits any more; then a fresh one takes its place.
        worker.batch = worker.batch or has_grown()

    task_finished.connect(make_room)
    errands = Errands()
    errands.start()
    try:
        worker.run()
    finally:
        errands.stop()
        lock.release()
    return 0


def has_grown() -> bool:
    """Say whether this process took much more memory than one that only waits for tasks."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit > GROWN


def put_back() -> frozenset[str]:
    """Put the tasks of dead workers back, or give them up; return the paths of the latter.

    Call it with the lock held.
    """
    from django_tasks.base import TaskResultStatus
    from django_tasks_db.models import DBTaskResult

    given_up = set()
    for task in DBTaskResult.objects.running():
        if len(task.worker_ids) < TRIES:
            task.status = TaskResultStatus.READY
            task.save(update_fields=["status"])
            continue
        task.set_failed(Abandoned(f"the task stopped its worker {TRIES} times"))
        logging.getLogger("percorso").error("gave up %s: it stopped its worker", task.task_path)
        given_up.add(task.task_path)
    return frozenset(given_up)


def _take_lock(workspace: Workspace) -> ProcessLock:
    # The worker before may still be ending.
    until = time.monotonic() + LOCK_PATIENCE_S
    while True:
        try:
            return ProcessLock(workspace, "worker").take()
        except ServingError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main())
