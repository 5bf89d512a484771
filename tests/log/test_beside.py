"""Tables kept beside the log: whole, unique, and erased with the customer."""

import errno
import os
import shutil
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError
from tests import apart
from tests.log.rows import add, row, rows

from percorso.log import Log, beside, open_log
from percorso.log.beside import Beside
from percorso.log.errors import LogError
from percorso.workspace import Workspace

NOTES = pa.schema([pa.field("note", pa.string()), pa.field("bytes", pa.binary())])


def notes(log: Log) -> Beside:
    return log.beside("notes", NOTES)


def noted(ids: dict[str, str], note: str) -> pa.Table:
    """Return rows for interactions: id -> customer."""
    return pa.table(
        {
            "id": list(ids),
            "customer": list(ids.values()),
            "note": [f"{note} {each}" for each in ids],
            "bytes": [each.encode() for each in ids],
        }
    )


def contents(log: Log) -> dict[str, str]:
    table = notes(log).read(["id", "note"])
    found = dict(zip(table["id"].to_pylist(), table["note"].to_pylist(), strict=True))
    assert len(found) == table.num_rows == notes(log).count(), "an id is there twice"
    return found


def customers_of(count: int) -> dict[str, str]:
    return {f"i{number}": f"user:{number % 10}" for number in range(count)}


def test_rows_are_found_again_by_another_process_and_by_any_tool(log: Log) -> None:
    add(log, rows(40))
    assert contents(log) == {}
    assert notes(log).sql() is None
    assert notes(log).append(noted(customers_of(40), "a"), log.version) == 40
    again = open_log(log.workspace)
    assert contents(again) == {each: f"a {each}" for each in customers_of(40)}
    table = DeltaTable(str(log.workspace.derived / "beside" / "notes"))
    assert table.to_pyarrow_table(columns=["id"]).num_rows == 40
    assert notes(log).of(["i3", "nobody"], ["id", "bytes"]).to_pylist() == [
        {"id": "i3", "bytes": b"i3"}
    ]


def test_a_row_takes_the_place_of_the_one_before(log: Log) -> None:
    add(log, rows(40))
    notes(log).append(noted(customers_of(40), "old"), log.version)
    before = notes(log).state
    some = dict(list(customers_of(40).items())[:7])
    notes(log).append(noted(some, "new"), log.version)
    assert contents(log) == {
        each: ("new " if each in some else "old ") + each for each in customers_of(40)
    }
    assert notes(log).state != before


def test_many_small_appends_leave_few_files(log: Log) -> None:
    add(log, [row(f"i{number}", "user:1") for number in range(60)])
    for number in range(60):
        notes(log).append(noted({f"i{number}": "user:1"}, "n"), log.version)
    assert len(contents(log)) == 60
    live = DeltaTable(str(log.workspace.derived / "beside" / "notes")).file_uris()
    assert len(live) < 30


def test_an_erasure_takes_the_rows_and_their_bytes(log: Log) -> None:
    add(log, [row("mine", "user:secret"), row("other", "anon:7"), row("stays", "user:2")])
    log.merge("anon:7", "user:secret")
    all_of_them = {"mine": "user:secret", "other": "anon:7", "stays": "user:2"}
    notes(log).append(noted(all_of_them, "hush"), log.version)
    notes(log).append(noted(all_of_them, "hush-again"), log.version)
    log.erase("user:secret")
    assert contents(log) == {"stays": "hush-again stays"}
    for file in (log.workspace.derived / "beside").rglob("*"):
        if file.suffix == ".parquet":
            found = pq.read_table(file)["id"].to_pylist()
            assert not {"mine", "other"} & set(found), file
        elif file.is_file():
            assert b"hush" not in file.read_bytes()
            assert b"secret" not in file.read_bytes()
    # Asking again does no harm, nor does a customer nobody knows.
    log.erase("user:secret")
    log.erase("user:nobody")
    assert contents(log) == {"stays": "hush-again stays"}


def test_what_was_worked_out_before_an_erasure_is_not_kept_after_it(log: Log) -> None:
    add(log, rows(20))
    before = log.version
    log.erase("user:3")
    kept = notes(log).append(noted(customers_of(20), "late"), before)
    assert kept == 18
    assert "i3" not in contents(log)
    assert "i13" not in contents(log)


def test_a_merge_changes_nothing(log: Log) -> None:
    add(log, rows(20))
    notes(log).append(noted(customers_of(20), "a"), log.version)
    log.merge("user:1", "user:2")
    notes(log).append(noted({"i1": "user:1"}, "b"), log.version)
    assert contents(log)["i1"] == "b i1"
    log.unmerge("user:1")
    assert len(contents(log)) == 20


def test_a_torn_table_is_made_anew_and_hinders_no_erasure(log: Log) -> None:
    add(log, rows(20))
    notes(log).append(noted(customers_of(20), "a"), log.version)
    folder = log.workspace.derived / "beside" / "notes"
    for entry in (folder / "_delta_log").glob("*.json"):
        entry.write_bytes(b"{to")
    again = open_log(log.workspace)
    assert contents(again) == {}
    again.erase("user:1")
    assert not folder.exists()
    notes(again).append(noted({"i2": "user:2"}, "b"), again.version)
    assert contents(again) == {"i2": "b i2"}


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.EMFILE, "Too many open files"),
        PermissionError(errno.EACCES, "Permission denied"),
    ],
)
def test_a_table_that_cannot_be_read_now_is_not_thrown_away(
    log: Log, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    add(log, rows(20))
    notes(log).append(noted(customers_of(20), "a"), log.version)

    def refused(_folder: str) -> None:
        raise error

    again = open_log(log.workspace)
    with monkeypatch.context() as patched:
        patched.setattr("deltalake.DeltaTable", refused)
        for attempt in (
            lambda: notes(again).append(noted({"i2": "user:2"}, "b"), again.version),
            lambda: notes(again).count(),
            lambda: beside.erase(again, ["user:1"]),
        ):
            with pytest.raises(LogError, match=error.strerror):
                attempt()
    assert len(contents(again)) == 20
    assert beside.erase(again, ["user:1"]) == 2


def test_a_table_that_could_not_be_opened_once_is_opened_again(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(log, rows(20))
    notes(log).append(noted(customers_of(20), "a"), log.version)
    refusals = [DeltaError("Kernel error: Too many open files (os error 24)")]

    def at_first_refused(folder: str) -> DeltaTable:
        if refusals:
            raise refusals.pop()
        return DeltaTable(folder)

    again = open_log(log.workspace)
    monkeypatch.setattr("deltalake.DeltaTable", at_first_refused)
    assert beside.erase(again, ["user:1"]) == 2
    assert len(contents(again)) == 18


class LetGo(Beside):
    """A table that another thread lets go of as soon as this one has looked at it."""

    held: Any = None

    @property
    def _opened(self) -> Any:
        held, self.held = self.held, None
        return held

    @_opened.setter
    def _opened(self, value: Any) -> None:
        self.held = value


def test_a_table_that_another_thread_lets_go_of_is_read_all_the_same(log: Log) -> None:
    add(log, rows(20))
    table = LetGo(log, "notes", NOTES)
    for _time in range(3):
        table.append(noted(customers_of(20), "a"), log.version)
        assert table.count() == 20
        assert table.count() == 20


def test_a_table_with_other_columns_is_made_anew(log: Log) -> None:
    add(log, rows(20))
    notes(log).append(noted(customers_of(20), "a"), log.version)
    other = Beside(log, "notes", pa.schema([pa.field("length", pa.int64())]))
    assert other.count() == 0
    given = pa.table({"id": ["i1"], "customer": ["user:1"], "length": [3]})
    other.append(given, log.version)
    assert other.read().to_pylist() == [{"id": "i1", "customer": "user:1", "length": 3}]


def test_throwing_the_folder_away_is_noticed(log: Log) -> None:
    add(log, rows(20))
    notes(log).append(noted(customers_of(20), "a"), log.version)
    assert len(contents(log)) == 20
    shutil.rmtree(log.workspace.derived)
    assert contents(log) == {}
    notes(log).append(noted({"i2": "user:2"}, "b"), log.version)
    assert contents(log) == {"i2": "b i2"}


def work(folder: str, said: str) -> None:
    """Note the interactions, some at a time, over and over; write a byte after each."""
    log = open_log(Workspace.open(folder))
    acknowledged = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    ids = list(customers_of(200).items())
    for start in range(0, 200, 10):
        notes(log).append(noted(dict(ids[start : start + 10]), "x"), log.version)
        os.write(acknowledged, b".")


def test_killed_at_any_moment_what_was_acknowledged_is_there_once(
    workspace: Workspace, tmp_path: Path
) -> None:
    log = open_log(workspace)
    add(log, rows(200))
    for kill in range(4):
        said = tmp_path / f"said-{kill}"
        process = apart.start(work, str(workspace.path), str(said))
        end = time.monotonic() + 60
        while (said.stat().st_size if said.exists() else 0) < 2 + kill:
            assert time.monotonic() < end, "the writer does not get on"
            time.sleep(0.002)
        process.kill()
        process.join(60)
        expected = set(list(customers_of(200))[: 10 * said.stat().st_size])
        assert expected <= set(contents(open_log(workspace)))
    assert log.erase("user:0").rows == 20
    assert not any(each.endswith("0") for each in contents(open_log(workspace)))
