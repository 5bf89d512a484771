"""Follows single events from their acknowledgement until they are in an answer.

It asks as the server's pages do: of a log that stands still for a moment under live events, first
how many interactions and customers there are, then which events are followed ones. Run by
bench_intake.py, in a process of its own; until its input ends.
"""

import http.client
import json
import select
import sys
import time
from typing import Any

EVERY_S = 0.25
LOOKS_EVERY_S = 0.1
GIVES_UP_AFTER_S = 60.0


def main() -> None:
    import pyarrow as pa
    import pyarrow.dataset as ds

    from percorso.app import results
    from percorso.log import open_log
    from percorso.log.schema import bucket_of
    from percorso.workspace import Workspace

    log = open_log(Workspace.open(sys.argv[1]))
    log.standing.seconds = results.FRESH_S
    key = sys.stdin.readline().strip()
    connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[2]), timeout=30)
    bucket = int(bucket_of(pa.array(["user:followed"]))[0].as_py())
    waiting: dict[str, float] = {}
    lags: list[float] = []
    number, version = 0, -1
    print("ready", flush=True)
    next_at, ends_at = time.monotonic(), 0.0
    while True:
        now = time.monotonic()
        if not ends_at and select.select([sys.stdin], [], [], 0)[0]:
            ends_at = now + GIVES_UP_AFTER_S
        if not ends_at and now >= next_at:
            number += 1
            if _send(connection, key, f"followed-{number}"):
                waiting[f"bench:followed-{number}"] = time.monotonic()
            next_at = now + EVERY_S
        if log.version != version:
            version = log.summary().version
            rows = log.read(["id"], bucket, ds.field("customer") == "user:followed").read_all()
            seen = time.monotonic()
            there = [each for each in rows["id"].to_pylist() if each in waiting]
            lags.extend((seen - waiting.pop(each)) * 1000 for each in there)
        if ends_at and (not waiting or now > ends_at):
            break
        time.sleep(LOOKS_EVERY_S / 2)
    print(json.dumps({"lags": lags, "lost": len(waiting)}))


def _send(connection: http.client.HTTPConnection, key: str, message: str) -> bool:
    event: dict[str, Any] = {"userId": "followed", "event": "Followed", "messageId": message}
    connection.request("POST", "/v1/track", json.dumps({**event, "writeKey": key}))
    answer = connection.getresponse()
    answer.read()
    return answer.status == 200


if __name__ == "__main__":
    main()
