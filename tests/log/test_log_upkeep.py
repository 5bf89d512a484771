"""Compaction changes files, never rows; erasure leaves nothing behind."""

import errno
import os
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable
from tests.log.rows import add, batches, ids, one_file_a_row, row, rows, stored

from percorso.log import Log, LogError, open_log, upkeep
from percorso.log.schema import as_table, bucket_of
from percorso.workspace import Workspace

NO_TIME = timedelta(0)


def everything_below(folder: Path) -> bytes:
    """Return the bytes of all files, Parquet's as the values in them too."""
    parts = []
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            parts.append(file.read_bytes())
            if file.suffix == ".parquet":
                parts.append(repr(pq.read_table(file).to_pylist()).encode())
    return b"\n".join(parts)


def folders(files: Iterable[str]) -> Counter[str]:
    return Counter(Path(file).parent.name for file in files)


def parquet_files(log: Log) -> set[str]:
    return {str(file) for file in log.workspace.log.glob("bucket=*/*")}


def test_compaction_keeps_every_row_and_their_order(log: Log) -> None:
    late_first = sorted(rows(40, customers=3), key=lambda each: each.at, reverse=True)
    one_file_a_row(log, late_first[:15])
    add(log, late_first[15:])
    before = stored(log)
    done = log.compact()
    assert done.before == len(late_first[:15]) + 3
    assert done.after == 3 == len(log.files())
    assert stored(log) == before
    for file in log.files():
        keys = [(e["customer"], e["at"]) for e in pq.read_table(file).to_pylist()]
        assert keys == sorted(keys)
    again = log.compact()
    assert (again.before, again.after, again.version) == (0, 0, done.version)


def test_readers_of_an_earlier_version_have_time_to_finish(log: Log) -> None:
    one_file_a_row(log, rows(6, customers=1))
    held, older = log.interactions(), log.files()
    log.compact()
    assert held.count().to_pyarrow().as_py() == 6
    assert set(older) < parquet_files(log)
    assert log.compact(NO_TIME).swept == 6
    assert parquet_files(log) == set(log.files())
    assert log.interactions().count().to_pyarrow().as_py() == 6


def test_time_to_finish_counts_from_when_a_file_left(log: Log) -> None:
    one_file_a_row(log, rows(3, customers=1))
    for file in log.files():
        os.utime(file, (1, 1))
    assert log.compact().swept == 0


def test_appends_compact_by_themselves(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "_TIERS", ((100, 5),))
    one_file_a_row(log, rows(23, customers=1))
    assert len(log.files()) < 5
    assert len(ids(log)) == 23
    assert add(log, rows(24, customers=1)) == (1, 23)


def test_a_stream_of_small_appends_leaves_large_files_alone(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "_TIERS", ((20, 4), (200, 2)))
    add(log, rows(500, customers=1, prefix="large"))
    [large] = log.files()
    add(log, rows(150, customers=1, prefix="some"))
    [some] = {*log.files()} - {large}  # files of one moment come in any order
    one_file_a_row(log, rows(18, customers=1))
    assert {large, some} < set(log.files())
    assert len(log.files()) < 6
    one_file_a_row(log, rows(9, customers=1, prefix="more"))
    assert large in log.files()
    assert some not in log.files()
    assert len(ids(log)) == 677
    # Ids of merged files are known as before.
    assert add(log, rows(150, customers=1, prefix="some")) == (0, 150)
    assert add(log, rows(9, customers=1, prefix="more")) == (0, 9)


def test_live_appends_leave_merging_to_others_a_bucket_at_a_time(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that no event waits for all of them; and sooner or later each has its turn."""
    monkeypatch.setattr(upkeep, "_TIERS", ((1_000, 4),))
    merged = []
    for number in range(40):
        log.append(as_table(rows(60, customers=12, prefix=f"append-{number}-")), live=True)
        before = set(log.files())
        log.merge_scattered()
        merged.append(len(folders(before - set(log.files()))))
    assert merged[:3] == [0, 0, 0]
    assert set(merged[4:]) == {1}
    of_bucket = folders(log.files())
    assert max(of_bucket.values()) <= len(of_bucket) + 4
    assert len(ids(log)) == 40 * 60
    assert len(list((log.workspace.derived / "ids").glob("m*.u64"))) == 1


def test_ids_are_known_whatever_becomes_of_the_file_that_says_so(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of merged files many share one; after a power cut, or in a copy, it may be an older one."""
    monkeypatch.setattr(upkeep, "_TIERS", ((1_000, 4),))
    for number in range(4):
        add(log, rows(20, customers=2, prefix=f"a{number}-"))
    log.erase("user:0")
    for number in range(3):
        add(log, rows(10, customers=2, prefix=f"b{number}-"))
    [file] = (log.workspace.derived / "ids").glob("m*.u64")
    older = file.read_bytes()
    for number in range(3, 8):
        add(log, rows(10, customers=2, prefix=f"b{number}-"))
    there = ids(log)
    for held in (older, older[: len(older) // 2], older[:4], b"", bytes(8)):
        file.write_bytes(held)
        again = open_log(log.workspace)
        for number in range(8):
            assert add(again, rows(10, customers=2, prefix=f"b{number}-")) == (0, 10)
        assert ids(again) == there


def test_what_was_replaced_goes_though_events_never_pause(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "_TIERS", ((1_000, 3),))
    for number in range(9):
        log.append(as_table(rows(10, customers=1, prefix=f"{number}-")), live=True)
        log.merge_scattered()
    left = parquet_files(log) - set(log.files())
    assert left
    assert log.sweep() == 0
    for file in left:
        os.utime(file, (1, 1))
    assert log.sweep() == len(left)
    assert parquet_files(log) == set(log.files())
    assert len(ids(log)) == 90


def test_rows_are_in_though_files_could_not_be_merged(
    log: Log, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(upkeep, "_TIERS", ((1_000, 3),))
    with monkeypatch.context() as patched:
        patched.setattr(upkeep, "merge_files", full)
        one_file_a_row(log, rows(4, customers=1))
    assert "could not be merged: [Errno 28]" in caplog.text
    assert len(log.files()) == 4
    add(log, [row("last", "user:0")])
    assert len(log.files()) == 1
    assert len(ids(log)) == 5


def test_a_file_of_few_but_long_rows_is_left_as_it_is(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "_TIERS", ((1_000, 2),))
    add(log, [row("long", "user:0", text="".join(map(str, range(20_000))))])
    [long] = log.snapshot().files
    monkeypatch.setattr(upkeep, "_TIERS", ())
    add(log, [row("short", "user:0")])
    monkeypatch.setattr(upkeep, "_TIERS", ((1_000, 2),))
    assert len(upkeep.scattered(log.snapshot(), most_bytes=3 * long.size)) == 2
    assert upkeep.scattered(log.snapshot(), most_bytes=2 * long.size) == []


def test_an_erasure_leaves_nothing_though_the_clock_was_put_back(log: Log) -> None:
    one_file_a_row(log, rows(3, customers=1))
    log.compact()
    for file in parquet_files(log):
        os.utime(file, (2**33, 2**33))
    log.erase("user:0")
    assert parquet_files(log) == set(log.files())


def test_compaction_is_not_a_change_of_data_for_those_who_follow_the_table(log: Log) -> None:
    one_file_a_row(log, rows(3, customers=1))
    log.compact()
    entry = log.workspace.log / "_delta_log" / f"{log.version:020}.json"
    assert '"dataChange":false' in entry.read_text()
    assert '"dataChange":true' not in entry.read_text()


def test_what_a_dead_writer_left_is_cleared(log: Log) -> None:
    add(log, rows(5))
    orphan = Path(log.files()[0]).with_name("00000000000000000000000000000000.0.parquet")
    shutil.copy(log.files()[0], orphan)
    abandoned = log.workspace.temporary / "append-dead"
    abandoned.mkdir(parents=True)
    (abandoned / "00-00000.arrow").write_bytes(b"rows")
    add(log, [row("new")])
    assert not abandoned.exists()
    assert log.compact(NO_TIME).swept > 0
    assert not orphan.exists()
    assert len(ids(log)) == 6


def test_what_a_living_writer_stages_is_left_alone(log: Log) -> None:
    def slow() -> object:
        yield from batches(pa.Table.from_batches(staged), 10)
        add(log, [row("other")])
        log.compact()
        yield from batches(pa.Table.from_batches(staged), 10)

    staged = as_table(rows(30)).to_batches()
    assert log.append(slow()).added == 30  # type: ignore[arg-type]
    assert len(ids(log)) == 31


def test_an_erased_customer_is_in_no_byte_of_the_log(log: Log) -> None:
    secret = {"text": "Codice fiscale LVLDAA85T50G702B", "about": "order:very-secret"}
    gone = [row(f"secret-{n}", "email:ada@example.org", n, **secret) for n in range(30)]
    add(log, [*rows(300, customers=64), *gone[:10]])
    one_file_a_row(log, gone[10:14])
    log.compact()  # leaves files behind that hold them, for readers
    add(log, [*gone[14:], row("anon", "anon:7f-secret")])
    log.merge("anon:7f-secret", "email:ada@example.org")
    before = {str(file): file.stat().st_mtime_ns for file in map(Path, log.files())}
    for needle in (b"ada@example.org", b"anon:7f-secret", b"LVLDAA85", b"very-secret"):
        assert needle in everything_below(log.workspace.path)

    erased = log.erase("email:ada@example.org")

    assert erased.rows == 31
    assert erased.references == ("anon:7f-secret", "email:ada@example.org")
    assert erased.version == log.version
    for needle in (b"ada@example.org", b"7f-secret", b"LVLDAA85", b"very-secret", b"secret-1"):
        assert needle not in everything_below(log.workspace.log)
        assert needle not in log.workspace.identity.read_bytes()
    assert ids(log) == sorted(each.id for each in rows(300))
    assert (
        not Path(f"{log.workspace.identity}-wal").exists()
        or not Path(f"{log.workspace.identity}-wal").read_bytes()
    )
    touched = {int(b) for b in bucket_of(pa.array(list(erased.references))).to_pylist()}
    for file in log.files():
        if int(Path(file).parent.name.removeprefix("bucket=")) not in touched:
            assert Path(file).stat().st_mtime_ns == before[file]


def test_erasing_any_reference_of_a_customer_erases_all_of_them(log: Log) -> None:
    add(log, [row("a", "anon:1"), row("b", "user:1"), row("c", "user:2")])
    log.merge("anon:1", "user:1")
    assert log.erase("anon:1").rows == 2
    assert ids(log) == ["c"]
    assert log.identity.customers() == {}
    assert log.summary().customers == 1


def test_erasing_somebody_unknown_changes_nothing(log: Log) -> None:
    add(log, rows(5))
    version = log.version
    erased = log.erase("user:unknown")
    assert (erased.rows, erased.version) == (0, version)
    assert len(ids(log)) == 5


def test_what_is_erased_is_also_gone_from_answers_held_in_memory(log: Log) -> None:
    add(log, [row("a", "user:1", kind="order", amount=5.0), row("b", "user:2")])
    assert log.customers().count().to_pyarrow().as_py() == 2
    log.erase("user:1")
    assert log.customers().customer.to_pyarrow().to_pylist() == ["user:2"]
    assert log.summary().customers == 1


def test_no_customer_is_named_in_the_commits(log: Log) -> None:
    add(log, [row("the-id", "email:ada@example.org", text="a secret", name="ada")])
    for _ in range(3):
        log.compact()
    DeltaTable(str(log.workspace.log)).create_checkpoint()
    written = everything_below(log.workspace.log / "_delta_log")
    for needle in (b"ada@example", b"a secret", b"the-id"):
        assert needle not in written


def test_a_commit_torn_by_a_power_cut_is_set_aside(log: Log) -> None:
    add(log, rows(5))
    entries = log.workspace.log / "_delta_log"
    (entries / f"{log.version + 1:020}.json").write_bytes(b"")
    again = open_log(log.workspace)
    assert len(ids(again)) == 5
    assert add(again, rows(6)) == (1, 5)


def test_a_torn_checkpoint_is_set_aside(log: Log) -> None:
    add(log, rows(5))
    DeltaTable(str(log.workspace.log)).create_checkpoint()
    [checkpoint] = (log.workspace.log / "_delta_log").glob("*.checkpoint.parquet")
    checkpoint.write_bytes(checkpoint.read_bytes()[:100])
    assert len(ids(open_log(log.workspace))) == 5


def test_a_log_that_is_broken_otherwise_is_not_mended_in_secret(log: Log) -> None:
    add(log, rows(5))
    first = log.workspace.log / "_delta_log" / f"{0:020}.json"
    first.write_text("{}")
    with pytest.raises(LogError, match="cannot be opened"):
        open_log(log.workspace)


def test_many_commits_stay_quick_to_open(workspace: Workspace) -> None:
    log = open_log(workspace)
    one_file_a_row(log, rows(60, customers=2))
    assert list((workspace.log / "_delta_log").glob("*.checkpoint.parquet"))
    assert len(ids(open_log(workspace))) == 60


def test_erased_references_are_wiped_from_the_database_of_merges(log: Log) -> None:
    log.merge("anon:wipe-me", "user:keep-me-not")
    log.merge("anon:other", "user:other")
    log.erase("user:keep-me-not")
    content = b"".join(file.read_bytes() for file in log.workspace.path.glob("identity.sqlite*"))
    assert b"wipe-me" not in content
    assert b"keep-me-not" not in content
    with sqlite3.connect(log.workspace.identity) as database:
        assert database.execute("SELECT reference FROM joins").fetchall() == [("anon:other",)]
    database.close()
