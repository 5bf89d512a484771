"""``percorso source``: a source is added with where its customers are, and listed with figures."""

import json
import os
import subprocess
import sys
import time

import msgspec

from percorso.live import Received
from percorso.live.channels import channels
from percorso.live.draining import Drainer
from percorso.live.inbox import open_inbox
from percorso.log import open_log
from percorso.workspace import Workspace


def command(workspace: Workspace, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run ``percorso`` in a process of its own: it brings the application up."""
    return subprocess.run(
        [sys.executable, "-m", "percorso.cli", *arguments],
        env={**os.environ, "PERCORSO_DIR": str(workspace.path), "LANG": "en_GB.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_source_is_added_and_listed_with_what_no_rule_knows(workspace: Workspace) -> None:
    added = command(workspace, "source", "add", "till", "--channel", "store", "--json")
    assert json.loads(added.stdout)["source"] == "till"
    assert channels(workspace) == {"till": "store"}
    names = ("Product Viewed", "Scontrino", "Reso")
    events = [{"type": "track", "userId": "1", "event": each} for each in names]
    inbox = open_inbox(workspace, "")
    body = msgspec.json.encode({"batch": events})
    inbox.put([Received("till", "batch", time.time_ns() // 1000, body, len(events))])
    Drainer(open_log(workspace), inbox).drain()
    inbox.close()
    (listed,) = json.loads(command(workspace, "source", "list", "--json").stdout)["sources"]
    assert (listed["events"], listed["not_yet_mapped"], listed["channel"]) == (3, 2, "store")
