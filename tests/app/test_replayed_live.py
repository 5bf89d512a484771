"""The same history, once imported and once sent as live events, gives the same report.

This is of the transport: rows are sent as they are, by rules that unwrap them. How what a shop
sends is read by the rules that come with Percorso: ``test_olist_as_a_shop_sends_it``.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.app.through_the_door import sent

from percorso import intake, report
from percorso.log import Log, open_log
from percorso.log.fates import fates
from percorso.workspace import Workspace

#: What rules read from an event; the rest of a row is in the event itself.
READ = ("scale", "score", "text", "language", "amount", "currency", "about", "due_at")
RULE = """
[[rule]]
event = "{kind} {channel} {direction}"
kind = "{kind}"
channel = "{channel}"
direction = "{direction}"
touchpoint = "{{row.touchpoint}}"
name = "{{row.name}}"
about = "{{row.about}}"
amount = "row.amount"
currency = "row.currency"
scale = "{{row.scale}}"
score = "row.score"
text = "row.text"
language = "row.language"
due_at = "row.due_at"
"""


def _rules(log: Log) -> str:
    rows = log.read(["kind", "channel", "direction"]).read_all()
    ways = rows.group_by(["kind", "channel", "direction"]).aggregate([]).to_pylist()
    return "shipped = false\n" + "".join(RULE.format(**each) for each in ways)


def _events(log: Log) -> Iterator[dict[str, Any]]:
    for rows in log.read():
        for row in rows.to_pylist():
            at, due = row["at"], row["due_at"]
            said = {name: row[name] for name in ("touchpoint", "name", *READ)}
            said["due_at"] = due.isoformat() if due else None
            yield {
                "type": "track",
                "event": f"{row['kind']} {row['channel']} {row['direction']}",
                "userId": row["customer"],
                "messageId": row["id"],
                "timestamp": at.isoformat(),
                "properties": {**json.loads(row["properties"] or "{}"), "row": said},
            }


def replay(imported: Log, place: Path) -> Log:
    """Send the rows of a log as live events to another company, and return its log."""
    workspace = Workspace.create(place, imported.workspace.settings)
    workspace.mapping_rules.write_text(_rules(imported), encoding="utf-8")
    if imported.workspace.phase_rules.exists():
        workspace.phase_rules.write_bytes(imported.workspace.phase_rules.read_bytes())
    return sent(workspace, _events(imported))


def _same(imported: Log, live: Log) -> None:
    one, other = imported.summary(), live.summary()
    assert (one.interactions, one.customers) == (other.interactions, other.customers)
    assert (one.first, one.last) == (other.first, other.last)
    assert _kept(imported) == _kept(live)
    assert _figures(imported) == _figures(live)


def _kept(log: Log) -> list[tuple[str, str, str]]:
    """Return what became of each promise."""
    rows = fates(log).select("about", "name", "fate").to_pyarrow().to_pylist()
    return sorted((str(each["about"]), str(each["name"]), str(each["fate"])) for each in rows)


def _figures(log: Log) -> Any:
    said = report.as_json(report.build(log))
    del said["made_at"], said["log"]["version"]
    # Texts are read by a task of its own.
    del said["voice"]
    return said


def test_a_shop_sent_live_gives_the_same_report(small_demo: Workspace, tmp_path: Path) -> None:
    imported = open_log(small_demo)
    _same(imported, replay(imported, tmp_path / "live"))


@pytest.mark.slow  # sends 100,000 orders one event at a time, minutes
@pytest.mark.xdist_group("olist")
def test_a_marketplace_sent_live_gives_the_same_report(
    olist: tuple[Log, intake.Plan, intake.ImportResult], tmp_path: Path
) -> None:
    imported = olist[0]
    _same(imported, replay(imported, tmp_path / "live"))
