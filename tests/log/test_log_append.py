"""Rows enter the log once each, whole, and in order."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.log.rows import START, add, batches, ids, row, rows, stored

from percorso.log import Log, LogError, open_log, staging
from percorso.log.schema import BUCKETS, SCHEMA, as_table, bucket_of
from percorso.workspace import Workspace


def test_a_new_log_is_empty_and_can_be_asked(log: Log) -> None:
    summary = log.summary()
    assert (summary.interactions, summary.customers, summary.first, summary.last) == (
        0,
        0,
        None,
        None,
    )
    assert log.files() == ()
    assert log.read().read_all().num_rows == 0
    assert log.interactions().count().to_pyarrow().as_py() == 0
    assert log.customers().to_pyarrow().num_rows == 0


def test_every_field_comes_back_as_it_went_in(log: Log) -> None:
    given = row(
        "full",
        kind="promise",
        name="delivery",
        direction="out",
        scale="stars",
        score=4.5,
        text='Perché no? 🙂\n"sì"',
        language="it-IT",
        amount=-12.34,
        currency="EUR",
        about="order:1",
        due_at=datetime(2025, 3, 4, 23, 59, 59, 999999, tzinfo=ZoneInfo("Europe/Rome")),
        properties={"città": "Milano", "n": 3, "nested": {"a": [1, None]}},
    )
    add(log, [given, row("bare")])
    bare, full = stored(log)
    assert full["due_at"] == given.due_at
    assert full["properties"] == '{"città":"Milano","n":3,"nested":{"a":[1,null]}}'
    for name in ("text", "score", "amount", "language", "currency", "about", "scale", "name"):
        assert full[name] == getattr(given, name)
        assert bare[name] is None
    assert bare["properties"] is None


def test_times_are_kept_in_utc_whatever_their_zone(log: Log) -> None:
    rome = ZoneInfo("Europe/Rome")
    before = datetime(2025, 10, 26, 2, 30, tzinfo=rome)  # the hour that comes twice
    add(log, [row("a", at=before), row("b", at=before.replace(fold=1))])
    first, second = stored(log)
    assert first["at"] == datetime(2025, 10, 26, 0, 30, tzinfo=UTC)
    assert second["at"] == datetime(2025, 10, 26, 1, 30, tzinfo=UTC)
    assert str(log.summary().first) == "2025-10-26 00:30:00+00:00"
    in_sql = log.interactions().order_by("id")["at"].to_pyarrow()
    assert in_sql.type == pa.timestamp("us", tz="UTC")
    assert in_sql.to_pylist() == [first["at"], second["at"]]


def test_the_same_rows_twice_are_there_once(log: Log) -> None:
    assert add(log, rows(100)) == (100, 0)
    version = log.version
    assert add(log, rows(100)) == (0, 100)
    assert log.version == version
    assert add(log, rows(120)) == (20, 100)
    assert len(ids(log)) == 120


def test_of_rows_with_one_id_the_first_stays(log: Log) -> None:
    same = [row("x", "user:1", name="first"), row("x", "user:2", name="second")]
    assert add(log, [*same, row("y"), replace(same[0], name="third")]) == (2, 2)
    assert [each["name"] for each in stored(log)] == ["first", None]
    assert add(log, [row("x", "user:3", name="fourth")]) == (0, 1)


def test_an_id_is_known_in_whatever_bucket_it_lies(log: Log) -> None:
    add(log, [row("x", "user:1")])
    others = [f"user:{number}" for number in range(2, 60)]
    assert len(set(bucket_of(pa.array(others)).to_pylist())) == BUCKETS
    for other in others[:5]:
        assert add(log, [row("x", other)]) == (0, 1)


def test_first_wins_over_batches_that_went_to_disk(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "IN_MEMORY", 1)
    twice = as_table([*rows(300, name="first"), *rows(300, name="second"), *rows(350)])
    done = log.append(batches(twice, 40))
    assert (done.added, done.duplicates) == (350, 600)
    assert sum(each["name"] == "first" for each in stored(log)) == 300
    assert not list(log.workspace.temporary.glob("append-*"))


def test_rows_with_equal_hashes_but_different_ids_all_stay(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    def all_equal(values: pa.Array) -> object:
        return np.zeros(len(values), dtype=np.uint64)

    for module in ("staging", "known_ids", "upkeep", "schema"):
        monkeypatch.setattr(f"percorso.log.{module}.hash64", all_equal)
    assert add(log, rows(50)) == (50, 0)
    assert add(log, rows(80)) == (30, 50)
    log.compact()
    assert add(log, rows(81)) == (1, 80)


def test_what_is_known_is_found_again_without_the_hashes(log: Log) -> None:
    add(log, rows(60))
    for file in (log.workspace.derived / "ids").iterdir():
        file.unlink()
    assert add(log, rows(61)) == (1, 60)
    for file in (log.workspace.derived / "ids").iterdir():
        file.write_bytes(b"torn")
    assert add(log, rows(62)) == (1, 61)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    calls=st.lists(
        st.lists(st.tuples(st.integers(0, 12), st.integers(0, 5)), max_size=12), max_size=5
    ),
    size=st.integers(1, 7),
)
def test_the_log_is_the_first_of_each_id(
    tmp_path_factory: pytest.TempPathFactory, calls: list[list[tuple[int, int]]], size: int
) -> None:
    log = open_log(Workspace.create(tmp_path_factory.mktemp("log") / "w"))
    expected: dict[str, str] = {}
    for call in calls:
        data = [row(f"id{number}", f"user:{customer}") for number, customer in call]
        new = {each.id for each in data} - set(expected)
        done = log.append(batches(as_table(data), size))
        assert (done.added, done.duplicates) == (len(new), len(data) - len(new))
        for each in data:
            expected.setdefault(each.id, each.customer)
    found = {each["id"]: each["customer"] for each in stored(log)}
    assert found == expected


def test_each_file_is_in_the_order_of_the_log(log: Log) -> None:
    shuffled = sorted(rows(500, customers=7), key=lambda each: hash(each.id))
    ties = [row(f"tie{n}", "user:3", 7, received_at=START) for n in (3, 1, 2)]
    add(log, [*shuffled, *ties])
    for file in log.files():
        keys = [
            (each["customer"], each["at"], each["received_at"], each["id"])
            for each in pq.read_table(file).to_pylist()
        ]
        assert keys == sorted(keys)


def test_late_data_goes_where_it_belongs(log: Log) -> None:
    add(log, [row("b", minutes=10), row("c", minutes=20)])
    add(log, [row("a", minutes=-60 * 24 * 400)])
    log.compact()
    [file] = log.files()
    assert pq.read_table(file)["id"].to_pylist() == ["a", "b", "c"]
    assert log.summary().first == START - timedelta(days=400)


def test_a_customer_is_in_one_bucket_for_ever() -> None:
    # These are on people's disks: changing the hash would lose customers.
    references = ["email:ada@example.org", "user:42", "", "anon:7f", "à" * 100]
    assert bucket_of(pa.array(references)).to_pylist() == [2, 2, 0, 4, 5]
    many = bucket_of(pa.array([f"user:{number}" for number in range(32_000)])).to_pylist()
    sizes = [many.count(bucket) for bucket in range(BUCKETS)]
    assert 3_800 < min(sizes) <= max(sizes) < 4_200


def test_rows_of_a_bucket_are_read_from_its_files_alone(log: Log) -> None:
    add(log, rows(200, customers=40))
    total = 0
    for bucket in range(BUCKETS):
        customers = log.read(["customer"], bucket=bucket).read_all()["customer"]
        assert set(bucket_of(customers).to_pylist()) <= {bucket}
        total += len(customers)
    assert total == 200


def test_other_tools_can_read_the_table(log: Log) -> None:
    add(log, rows(50))
    table = DeltaTable(str(log.workspace.log)).to_pyarrow_table()
    assert table.num_rows == 50
    assert table.column_names == [*SCHEMA.names, "bucket"]
    assert log.version == DeltaTable(str(log.workspace.log)).version()


def test_one_call_is_one_commit(log: Log) -> None:
    version = log.version
    done = log.append(batches(as_table(rows(400)), 10))
    assert done.version == version + 1 == log.version


def test_an_append_that_fails_adds_nothing(log: Log) -> None:
    def broken() -> object:
        yield from as_table(rows(10)).to_batches()
        raise RuntimeError("the file ended in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        log.append(broken())  # type: ignore[arg-type]
    assert ids(log) == []
    assert not list(log.workspace.temporary.glob("append-*"))


def test_rows_without_a_column_or_a_required_value_are_refused(log: Log) -> None:
    table = as_table(rows(3))
    with pytest.raises(LogError, match="no column 'customer'"):
        log.append(table.drop_columns(["customer"]))
    empty = table.set_column(
        table.column_names.index("customer"), "customer", pa.array(["a", None, "b"])
    )
    with pytest.raises(LogError, match="customer must be given in every row; 1 lack it"):
        log.append(empty)
    assert ids(log) == []


def test_columns_may_come_in_any_order_and_as_dictionaries(log: Log) -> None:
    table = as_table(rows(5))
    table = table.select(list(reversed(table.column_names)))
    for name in ("kind", "customer", "channel"):
        place = table.column_names.index(name)
        table = table.set_column(place, name, table[name].dictionary_encode())
    assert log.append(table).added == 5
    assert {each["kind"] for each in stored(log)} == {"view"}


def test_long_texts_are_spread_over_files(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("percorso.log.appending.MAX_BYTES", 400_000)
    monkeypatch.setattr(staging, "IN_MEMORY", 300_000)
    monkeypatch.setattr(staging, "_BATCH_BYTES", 100_000)
    add(log, [row(f"i{n}", "user:1", n, text="x" * 20_000) for n in range(60)])
    assert len(log.files()) > 2
    assert len(ids(log)) == 60


def test_a_second_handle_sees_what_the_first_wrote(log: Log) -> None:
    other = open_log(log.workspace)
    add(log, rows(5))
    assert other.summary().interactions == 5
    add(other, rows(7))
    assert log.version == other.version
    assert len(ids(log)) == 7


def test_a_folder_that_is_something_else_is_not_touched(workspace: Workspace) -> None:
    DeltaTable.create(str(workspace.log), pa.schema([pa.field("x", pa.int64())]))
    with pytest.raises(LogError, match="is not an interaction log"):
        open_log(workspace)


def test_everything_is_flushed_before_it_is_acknowledged(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files, then the commit that names them, then the folders: in this order."""
    log = open_log(workspace)
    flushed: list[str] = []

    def note(path: Path) -> None:
        flushed.append(str(path.relative_to(workspace.path)))

    monkeypatch.setattr("percorso.log.durable.flush", note)
    add(log, rows(40))
    entry = f"log/_delta_log/{log.version:020}.json"
    assert "log/_delta_log" in flushed
    committed = flushed.index(entry)
    for file in log.files():
        name = str(Path(file).relative_to(workspace.path))
        assert flushed.index(name) < committed
        assert flushed.index(str(Path(name).parent)) < committed


def test_opening_the_log_fetches_nothing_and_needs_no_lock(log: Log) -> None:
    add(log, rows(3))
    with log.writing():
        other = open_log(log.workspace)
        assert other.summary().interactions == 3


def test_importing_the_log_is_quick() -> None:
    code = (
        "import sys, percorso.log\n"
        "heavy = {'pandas', 'ibis', 'duckdb', 'pyarrow', 'deltalake', 'numpy'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
