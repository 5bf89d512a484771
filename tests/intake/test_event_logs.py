"""Event logs: XES, and tables of cases, activities and times (Must show 3)."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from percorso import intake
from percorso.log import Log, open_log
from percorso.workspace import Workspace


def _variants(tmp: Path, file: Path) -> Counter[tuple[str, ...]]:
    log = open_log(Workspace.create(tmp))
    plan = intake.inspect(log.workspace, [file])
    assert plan.recipe == "event-log"
    assert not plan.questions
    result = intake.run(log, plan)
    assert result.quarantined == 0
    assert result.added == result.rows_read
    table = log.read(["customer", "at", "received_at", "touchpoint", "kind"]).read_all()
    assert set(table["kind"].to_pylist()) == {"step"}
    cases: dict[str, list[str]] = {}
    ordered = table.sort_by([("at", "ascending"), ("received_at", "ascending")])
    for customer, touchpoint in zip(
        ordered["customer"].to_pylist(), ordered["touchpoint"].to_pylist(), strict=True
    ):
        cases.setdefault(customer, []).append(touchpoint)
    assert all(customer.startswith("case:") for customer in cases)
    return Counter(tuple(steps) for steps in cases.values())


@pytest.mark.parametrize(
    ("packed", "plain"),
    [
        ("helpdesk.xes.gz", "best4ppm_helpdesk.csv"),
        ("running-example.xes", "running-example.csv"),
    ],
)
def test_a_log_as_xes_and_as_csv_gives_the_same_journeys(
    datasets: Path, tmp_path: Path, packed: str, plain: str
) -> None:
    folder = datasets / "event_logs"
    xes = _variants(tmp_path / "xes", folder / packed)
    assert xes == _variants(tmp_path / "csv", folder / plain)


def test_helpdesk_and_receipt_have_their_known_sizes(datasets: Path, tmp_path: Path) -> None:
    folder = datasets / "event_logs"
    helpdesk = _variants(tmp_path / "helpdesk", folder / "helpdesk.xes.gz")
    assert (helpdesk.total(), len(helpdesk)) == (4_580, 226)
    assert sum(len(steps) * count for steps, count in helpdesk.items()) == 21_348
    receipt = _variants(tmp_path / "receipt", folder / "receipt.csv")
    assert (receipt.total(), len(receipt)) == (1_434, 116)


@pytest.mark.slow  # 262,200 events
def test_bpic2012_has_its_known_sizes(datasets: Path, tmp_path: Path) -> None:
    bpic = _variants(tmp_path / "bpic", datasets / "event_logs" / "bpic2012.xes.gz")
    assert (bpic.total(), len(bpic)) == (13_087, 4_366)


XES = """<?xml version="1.0" encoding="UTF-8"?>
<log xmlns="http://www.xes-standard.org/"><global scope="event"><string key="concept:name"
value="x"/></global><trace><string key="concept:name" value="7"/><string key="channel"
value="Desk"/><event><string key="concept:name" value="Open"/><date key="time:timestamp"
value="2024-03-04T09:05:01.123+02:00"/><string key="org:resource" value="Ada"><string
key="nested" value="no"/></string><int key="cost" value="3"/></event></trace></log>"""


def test_xes_attributes_are_kept(
    file: Callable[..., Path],
    bring: Callable[..., intake.ImportResult],
    rows: Callable[[], list[dict[str, Any]]],
) -> None:
    assert bring(file("log.xes", XES)).added == 1
    (row,) = rows()
    assert row["at"].isoformat() == "2024-03-04T07:05:01.123000+00:00"
    assert row["customer"] == "case:7"
    assert row["properties"] == '{"resource":"Ada","cost":"3","case:channel":"Desk"}'


BOMB = """<?xml version="1.0"?><!DOCTYPE log [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>
<log><trace><event><string key="concept:name" value="&b;"/></event></trace></log>"""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (BOMB, "document type"),
        ('<!DOCTYPE log SYSTEM "file:///etc/passwd"><log>&x;</log>', "document type"),
        (XES[:300], "not well-formed"),
    ],
)
def test_a_hostile_or_broken_xes_is_refused(
    file: Callable[..., Path], workspace: Workspace, text: str, words: str
) -> None:
    with pytest.raises(intake.IntakeError, match=words):
        intake.inspect(workspace, [file("log.xes", text)])


def test_equal_events_are_all_kept_and_once(
    file: Callable[..., Path], log: Log, bring: Callable[..., intake.ImportResult]
) -> None:
    text = "case,activity,timestamp\n" + "1,Call,2024-01-01 10:00:00\n" * 3
    assert bring(file("calls.csv", text)).added == 3
    assert bring(file("calls.csv", text)).added == 0
    longer = bring(file("calls.csv", text + "1,Call,2024-01-01 10:00:00\n"))
    assert (longer.added, longer.duplicates) == (1, 3)
