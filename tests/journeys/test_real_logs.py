"""On real event logs, imported as a user imports them, the answers are pm4py's."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from percorso import intake, journeys
from percorso.log import open_log
from percorso.log.steps import open_steps
from percorso.workspace import Workspace

FILES = ("running-example.xes", "running-example.csv", "helpdesk.xes.gz", "receipt.csv")
#: 262,200 events: a minute for pm4py and the import together.
LARGE = "bpic2012.xes.gz"


@pytest.fixture(scope="module")
def by_pm4py(datasets: Path) -> dict[str, Any]:
    return _ask_pm4py([datasets / "event_logs" / name for name in FILES])


@pytest.mark.parametrize("name", FILES)
def test_equals_pm4py(name: str, by_pm4py: dict[str, Any], datasets: Path, tmp_path: Path) -> None:
    _compare(datasets / "event_logs" / name, by_pm4py[name], tmp_path)


@pytest.mark.slow  # pm4py and the import take a minute together
def test_equals_pm4py_on_a_large_log(datasets: Path, tmp_path: Path) -> None:
    path = datasets / "event_logs" / LARGE
    _compare(path, _ask_pm4py([path])[LARGE], tmp_path)


def _compare(path: Path, wanted: dict[str, Any], folder: Path) -> None:
    workspace = Workspace.create(folder / "workspace")
    log = open_log(workspace)
    plan = intake.inspect(workspace, [path], recipe="event-log")
    intake.run(log, plan, confirmed=True)
    index = open_steps(log)
    graph = journeys.graph(index)
    variants = journeys.variants(index)
    counts = sorted([edge.source, edge.target, edge.count] for edge in graph.edges)
    assert counts == wanted["graph"]
    assert graph.starts == wanted["starts"]
    assert graph.ends == wanted["ends"]
    assert (
        sorted([list(each.steps), each.customers] for each in variants.rows) == wanted["variants"]
    )
    assert variants.customers == sum(wanted["starts"].values())
    medians = sorted([edge.source, edge.target, edge.median_hours] for edge in graph.edges)
    for (source, target, hours), (*pair, seconds) in zip(
        medians, wanted["median_seconds"], strict=True
    ):
        assert [source, target] == pair
        assert hours * 3600 == pytest.approx(seconds, abs=1e-3)


def _ask_pm4py(paths: list[Path]) -> dict[str, Any]:
    script = Path(__file__).with_name("real_logs_by_pm4py.py")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", script, *paths], check=True, capture_output=True, text=True
    )
    line = next(each for each in done.stdout.splitlines() if each.startswith("FOUND"))
    return {Path(path).name: found for path, found in json.loads(line[5:]).items()}
