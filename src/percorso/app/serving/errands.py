"""What the worker does beside its tasks: it asks other servers, tells them, writes to customers.

Three threads, because each mostly waits for others: a slow mailbox holds up no webhook, a slow
mail server neither, and a long import none of them. One worker serves a workspace, so nothing is
asked or told twice at once.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.db import close_old_connections

logger = logging.getLogger("percorso")

TICK_S: Final = 1.0
#: After an errand failed it rests for so long, so that its reason does not fill the log.
REST_S: Final = 30.0
_STOP_PATIENCE_S: Final = 5.0


@dataclass(slots=True)
class Errand:
    """Something done every ``every`` seconds."""

    name: str
    do: Callable[[], object]
    every: float
    next: float = 0.0


class Errands:
    """Threads that do errands until told to stop. What one was at is done again, at a new start."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._go, args=(each,), name=name, daemon=True)
            for name, each in (
                ("asking", _asking()),
                ("telling", _telling()),
                ("posting", _posting()),
            )
        ]

    def start(self) -> None:
        for each in self._threads:
            each.start()

    def stop(self) -> None:
        """Let the threads end, for a while; they die with the process."""
        self._stopping.set()
        for each in self._threads:
            each.join(_STOP_PATIENCE_S)

    def _go(self, errands: list[Errand]) -> None:
        while not self._stopping.wait(TICK_S):
            close_old_connections()
            for each in errands:
                if self._stopping.is_set():
                    break
                run_if_due(each, time.monotonic())
            close_old_connections()


def run_if_due(errand: Errand, now: float) -> bool:
    """Do an errand whose time has come; say whether it had. Never raises."""
    if now < errand.next:
        return False
    errand.next = now + errand.every
    try:
        errand.do()
    except Exception:
        logger.exception("%s failed, and is tried again", errand.name)
        errand.next = now + REST_S
    return True


def _asking() -> list[Errand]:
    from percorso.app.connectors import running
    from percorso.app.outbox import returns

    return [
        Errand("running connectors", running.run_due, 2.0),
        Errand("reading what came back", returns.read_returns, 300.0),
    ]


def _posting() -> list[Errand]:
    from percorso.app.outbox import posting
    from percorso.app.surveys.answering import holding, known
    from percorso.app.surveys.building import logos
    from percorso.app.surveys.sending import rounds

    return [
        Errand("planning surveys", rounds.ask_due, 5.0),
        Errand("sending messages", posting.post_due, 2.0),
        Errand("tidying messages", posting.tidy, 3600.0),
        Errand("tidying invitations", rounds.tidy, 600.0),
        Errand("tidying logos", logos.tidy, 3600.0),
        Errand("releasing anonymous answers", holding.release_due, 600.0),
        Errand("sending in answers that rest", known.send_rested, 600.0),
    ]


def _telling() -> list[Errand]:
    from percorso.app.intake import tasks
    from percorso.app.privacy import tasks as privacy
    from percorso.app.webhooks import noticing, sending

    return [
        # The first at the worker's start: an erasure that a kill cut off is taken up again.
        Errand("taking up erasures", privacy.take_up_erasures, 600.0),
        Errand("clearing drafts", privacy.clear_drafts, 3600.0),
        Errand("forgetting what is due", privacy.forget_when_due, 3600.0),
        Errand("looking for who is who", tasks.look_for_who_is_who, 60.0),
        Errand("noticing what happened", noticing.notice, 2.0),
        Errand("sending webhooks", sending.deliver_due, 1.0),
        Errand("tidying webhooks", sending.tidy, 3600.0),
    ]
