"""While events are brought in, the inbox is kept small beside it."""

import threading
import time

import pytest
from tests.live.conftest import batch, track

from percorso.live import draining
from percorso.live.inbox import Inbox
from percorso.log import Log


def test_after_many_events_the_inbox_is_trimmed_and_where_it_cannot_be_events_go_on(
    log: Log, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draining, "_TRIMS_AFTER", 2)
    monkeypatch.setattr(draining, "GATHERS_S", 0.0)
    trimmed: list[str] = []
    until = time.monotonic() + 60

    def trim(_inbox: Inbox) -> None:
        trimmed.append(threading.current_thread().name)
        if len(trimmed) == 1:
            raise RuntimeError("never thought of")

    def stopping() -> bool:
        if inbox.depth() == 0 and len(trimmed) < 2:
            inbox.put([batch(track("one"), track("other"))])
        return len(trimmed) >= 2 or time.monotonic() > until

    monkeypatch.setattr(Inbox, "trim", trim)
    draining.drain_for_ever(log, inbox, stopping)
    assert len(trimmed) >= 2
    assert threading.current_thread().name not in trimmed
    assert len(log.read().read_all()) >= 4
