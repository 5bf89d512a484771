"""What the worker does for live sources. Each task may be run again."""

from django_tasks import task

from percorso.app import company
from percorso.app.audit.actions import record
from percorso.app.inbox import inbox


@task()
def read_again() -> None:
    """Read events that no rule knew by the rules that hold now."""
    from percorso.live.again import read_again as again

    record(None, "event.read_again", "", events=again(company.log(), inbox()))
