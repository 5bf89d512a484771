"""``kill -9`` while files are imported: all of an import, or nothing, and never twice."""

import time
from collections import Counter
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from tests import apart

from percorso import intake
from percorso.log import open_log
from percorso.log.quarantine import Quarantine
from percorso.workspace import Workspace

ROWS = 2_000
BAD = 7


def bring(folder: str, path: str) -> None:
    log = open_log(Workspace.open(folder))
    intake.run(log, intake.inspect(log.workspace, [path]))


def _start(workspace: Workspace, path: Path) -> BaseProcess:
    return apart.start(bring, str(workspace.path), str(path))


def _file(folder: Path, number: int) -> Path:
    path = folder / f"{number}.csv"
    good = (f"2024-01-02 10:00:{n % 60:02},{number}-{n},9,\n" for n in range(ROWS))
    bad = (f"2024-13-{n:02},{number}-bad,9,\n" for n in range(10, 10 + BAD))
    path.write_text("date,customer_id,nps,comment\n" + "".join([*good, *bad]), "utf-8")
    return path


def _kill_many_times(workspace: Workspace, tmp_path: Path, times: int) -> None:
    open_log(workspace)
    _finish(_start(workspace, _file(tmp_path, 0)))
    begun = time.monotonic()  # the first start, which loads everything, is no measure
    _finish(_start(workspace, _file(tmp_path, 0)))
    lasts = time.monotonic() - begun
    killed = 0
    for number in range(1, times + 1):
        path = _file(tmp_path, number)
        before = open_log(workspace).summary().interactions
        process = _start(workspace, path)
        time.sleep(lasts * number / times)
        killed += process.is_alive()
        process.kill()
        process.join(60)
        # All of it, or none.
        assert open_log(workspace).summary().interactions - before in (0, ROWS)
        _finish(_start(workspace, path))
        assert open_log(workspace).summary().interactions - before == ROWS
        path.unlink()
    assert killed > times // 3
    log = open_log(workspace)
    ids = Counter(log.read(["id"]).read_all()["id"].to_pylist())
    assert len(ids) == (times + 1) * ROWS
    assert max(ids.values()) == 1
    waiting = Quarantine(workspace).list("waiting", limit=10_000)
    values = Counter((each.file, each.row) for each in waiting)
    assert len(values) == (times + 1) * BAD
    statuses = Counter(each.status for each in intake.History(workspace).list(limit=1000))
    assert statuses["running"] == 0
    assert statuses["done"] >= times + 1
    assert list(workspace.temporary.glob("import-*")) == []


def _finish(process: BaseProcess) -> None:
    process.join(120)
    assert process.exitcode == 0


def test_an_import_killed_at_any_moment_is_all_or_nothing(
    workspace: Workspace, tmp_path: Path
) -> None:
    _kill_many_times(workspace, tmp_path, 4)


@pytest.mark.slow  # sixty imports, each killed at another moment and then finished
def test_an_import_killed_many_times(workspace: Workspace, tmp_path: Path) -> None:
    _kill_many_times(workspace, tmp_path, 60)
