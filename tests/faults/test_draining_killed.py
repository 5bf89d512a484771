"""The drainer, killed at any moment, loses nothing and doubles nothing."""

import os
import random
import time
from collections import Counter

from tests import apart
from tests.live.conftest import batch, track

from percorso.live.draining import Drainer, drain_for_ever
from percorso.live.inbox import open_inbox
from percorso.log import open_log
from percorso.workspace import Workspace

#: How often it is killed; more of it was done by hand.
KILLS = int(os.environ.get("PERCORSO_KILLS", "4"))


def drain(folder: str) -> None:
    workspace = Workspace.open(folder)
    drainer = Drainer(open_log(workspace), open_inbox(workspace, ""))
    while True:
        drainer.drain(40)


def test_each_event_is_in_the_log_once(workspace: Workspace) -> None:
    inbox, random_ = open_inbox(workspace, ""), random.Random()
    sent: list[str] = []
    for kill in range(KILLS):
        for number in range(8):
            names = [f"{kill}-{number}-{n}" for n in range(20)]
            # Some have no id of their own, and one breaks a rule.
            events = [track("Product Viewed", each, anonymousId="7f") for each in names]
            inbox.put([batch(*events, track("e"), {"type": "track", "event": "nobody"})])
            sent.extend(names)
        process = apart.start(drain, str(workspace.path))
        time.sleep(random_.uniform(0, 1.0))
        process.kill()
        process.join(60)
    log = open_log(workspace)
    drainer = Drainer(log, inbox)
    while drainer.drain().events:
        pass
    found = Counter(log.read(["id"]).read_all()["id"].to_pylist())
    assert set(found.values()) == {1}
    assert {f"shop:{each}" for each in sent} <= set(found)
    # One that says who is who, and those without an id.
    assert len(found) == len(sent) + 1 + KILLS * 8
    assert inbox.rejected_count() == KILLS * 8
    assert inbox.seen()["shop"].events == KILLS * 8 * 22
    inbox.close()


def test_events_wait_while_nobody_drains_and_while_the_log_is_written_to(
    workspace: Workspace,
) -> None:
    log, inbox = open_log(workspace), open_inbox(workspace, "")
    inbox.put([batch(track("Product Viewed", "1"))])
    assert (inbox.depth(), log.summary().interactions) == (1, 0)
    begun = time.monotonic()
    drain_for_ever(log, inbox, lambda: inbox.depth() == 0 or time.monotonic() - begun > 30)
    assert (inbox.depth(), log.summary().interactions) == (0, 1)
    inbox.close()
