"""The query engine keeps to the machine it runs on, and fetches nothing from elsewhere."""

from pathlib import Path

import pytest
from tests.log.rows import add, row, rows

from percorso.log import Log, engine
from percorso.log.engine import connect, memory_limit, spill_limit
from percorso.text.joined import texts


def setting(log: Log, name: str) -> str:
    query = f"SELECT current_setting('{name}')"
    [(value,)] = connect(log).raw_sql(query).fetchall()
    return str(value)


def test_memory_and_disk_are_bounded(log: Log) -> None:
    assert setting(log, "temp_directory") == str(log.workspace.temporary / "spill")
    assert setting(log, "memory_limit") != ""
    assert 384 * 2**20 <= memory_limit() <= 16 * 2**30
    assert 0 < spill_limit(log.workspace.path) < 2**60
    assert setting(log, "max_temp_directory_size").endswith("iB")


def test_a_container_s_limit_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = {"/sys/fs/cgroup/memory.max": str(2 * 2**30)}

    def read(path: Path, encoding: str) -> str:
        if str(path) not in limits:
            raise FileNotFoundError(path)
        return limits[str(path)]

    monkeypatch.setattr(Path, "read_text", read)
    assert memory_limit() == int(2 * 2**30 * 0.4)
    limits["/sys/fs/cgroup/memory.max"] = "max"
    whole = memory_limit()
    limits["/sys/fs/cgroup/memory.max"] = str(100 * 2**20)
    assert memory_limit() == 384 * 2**20 <= whole


def test_times_are_utc_and_nothing_is_fetched(log: Log) -> None:
    assert setting(log, "TimeZone") == "UTC"
    assert setting(log, "autoinstall_known_extensions") == "False"


def test_a_table_stands_at_its_version(log: Log) -> None:
    add(log, rows(3))
    held = log.interactions()
    add(log, [row("later")])
    assert held.count().to_pyarrow().as_py() == 3
    assert log.interactions().count().to_pyarrow().as_py() == 4


def test_what_is_kept_in_memory_is_bounded(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_KEPT", 4)
    monkeypatch.setattr(engine, "_KEPT_PREPARED", 3)
    for number in range(8):
        add(log, [row(f"i{number}", f"user:{number}")])
        assert log.customers().count().to_pyarrow().as_py() == number + 1
    tables = connect(log).raw_sql("SELECT table_name FROM duckdb_tables()").fetchall()
    views = (
        connect(log).raw_sql("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()
    )
    assert len(tables) == 0
    assert len(views) <= 3 * 4 + 3


def test_texts_are_found_however_often_the_log_changed(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A view may have been made long after the few rows that it reads."""
    monkeypatch.setattr(engine, "_KEPT", 4)
    add(log, [row(f"r{n}", f"user:{n}", kind="review", text="Gentile.") for n in range(3)])
    for number in range(12):
        log.merge("user:0", f"user:{1 + number % 2}")
        assert texts(log).count().to_pyarrow().as_py() == 3
        log.unmerge(f"user:{1 + number % 2}")
        assert texts(log).count().to_pyarrow().as_py() == 3


def test_a_workspace_may_have_any_name(tmp_path: Path) -> None:
    from percorso.log import open_log
    from percorso.workspace import Workspace

    log = open_log(Workspace.create(tmp_path / 'l\'azienda [di] "Ada" *?'))
    add(log, rows(3))
    assert log.interactions().count().to_pyarrow().as_py() == 3
    assert log.summary().customers == 3
    assert len(log.read().read_all()) == 3
    log.compact()
    assert log.erase("user:1").rows == 1
