"""The official client for Node delivers everything, once, whatever befalls the server."""

import math
import os
import subprocess
from pathlib import Path

import pytest
from tests.clients.conftest import HOW_MUCH, Listening, package
from tests.server import wait_for

pytestmark = pytest.mark.xdist_group("serving")

SEND = """
const { Analytics } = require('@segment/analytics-node');
const [writeKey, host, count, part] = process.argv.slice(2);
const lines = require('readline').createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const client = new Analytics({ writeKey, host, maxRetries: 100, flushInterval: 50,
  flushAt: 50, maxEventsInBatch: 50, httpRequestTimeout: 10000 });
client.on('error', (e) => console.error(e.code, e.reason && e.reason.message));
(async () => {
  for (let n = 0; n < +count; n++) {
    client.track({ userId: `user-${n % 100}`, event: 'Product Viewed', messageId: `node-${n}`,
      properties: { sku: n } });
    // A part before each kill, and one after the last.
    if ((n + 1) % part === 0 && n + 1 < count) await lines.next();
    if (n % 100 === 99) await new Promise((r) => setTimeout(r, 50));
  }
  await client.closeAndFlush({ timeout: 120000 });
  process.stdin.destroy();
})();
"""


@pytest.fixture(scope="session")
def modules() -> Path:
    """Return the folder that Node finds the client in, or skip."""
    return package("@segment/analytics-node").parent.parent


# The modules are asked for first: where they are not there, no server is started.
@HOW_MUCH
def test_every_event_is_there_once_though_the_server_is_killed(
    modules: Path, listening: Listening, events: int, kills: int
) -> None:
    part = math.ceil(events / (kills + 1))
    script = listening.folder / "send.js"
    script.write_text(SEND)
    with subprocess.Popen(
        [
            *("node", "--no-warnings", str(script), listening.key, listening.server.url),
            *(str(events), str(part)),
        ],
        env={**os.environ, "NODE_PATH": str(modules)},
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as sender:
        stdin = sender.stdin
        assert stdin is not None
        for kill in range(kills):
            listening.wait_for_part(kill, part)
            listening.restart(meanwhile=lambda: print("go on", file=stdin, flush=True))
        _, errors = sender.communicate(timeout=300)
    assert sender.returncode == 0
    assert errors == ""
    wait_for(lambda: len(listening.ids()) >= events)
    ids = listening.ids()
    assert len(ids) == len(set(ids)) == events
