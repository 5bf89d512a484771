"""The official client for Node delivers everything, once. Needs its package; see below."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.clients.conftest import Listening
from tests.server import wait_for

EVENTS = int(os.environ.get("PERCORSO_CLIENT_EVENTS", "3000"))
KILLS = int(os.environ.get("PERCORSO_CLIENT_KILLS", "1"))

pytestmark = pytest.mark.xdist_group("serving")

SEND = """
const { Analytics } = require('@segment/analytics-node');
const [writeKey, host, count, parts] = process.argv.slice(2);
const lines = require('readline').createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const client = new Analytics({ writeKey, host, maxRetries: 100, flushInterval: 50,
  flushAt: 50, maxEventsInBatch: 50, httpRequestTimeout: 10000 });
client.on('error', (e) => console.error(e.code, e.reason && e.reason.message));
(async () => {
  for (let n = 0; n < +count; n++) {
    client.track({ userId: `user-${n % 100}`, event: 'Product Viewed', messageId: `node-${n}`,
      properties: { sku: n } });
    // A part before each kill, and one after the last.
    if (n > 0 && n % Math.ceil(count / parts) === 0) await lines.next();
    if (n % 100 === 99) await new Promise((r) => setTimeout(r, 50));
  }
  await client.closeAndFlush({ timeout: 120000 });
  process.stdin.destroy();
})();
"""


@pytest.fixture(scope="session")
def modules() -> Path:
    """Return where ``npm install @segment/analytics-node`` put it, or skip."""
    beside = Path(__file__).parent / "node_modules"
    place = Path(os.environ.get("PERCORSO_NODE_MODULES", beside))
    if shutil.which("node") is None or not (place / "@segment" / "analytics-node").is_dir():
        pytest.skip(
            "node, or @segment/analytics-node in tests/clients/node_modules (or where "
            "PERCORSO_NODE_MODULES says), is not there"
        )
    return place


# The modules are asked for first: where they are not there, no server is started.
def test_every_event_is_there_once_though_the_server_is_killed(
    modules: Path, listening: Listening
) -> None:
    script = listening.folder / "send.js"
    script.write_text(SEND)
    with subprocess.Popen(
        [
            *("node", "--no-warnings", str(script), listening.key, listening.server.url),
            *(str(EVENTS), str(KILLS + 1)),
        ],
        env={**os.environ, "NODE_PATH": str(modules)},
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as sender:
        assert sender.stdin is not None
        for kill in range(KILLS):
            came = kill * (EVENTS // (KILLS + 1))
            wait_for(lambda: listening.inbox.depth() + len(listening.ids()) > came)  # noqa: B023
            listening.restart()
            sender.stdin.write("go on\n")
            sender.stdin.flush()
        _, errors = sender.communicate(timeout=300)
    assert sender.returncode == 0
    assert errors == ""
    wait_for(lambda: len(listening.ids()) >= EVENTS)
    ids = listening.ids()
    assert len(ids) == len(set(ids)) == EVENTS
