"""The log survives what befalls processes, disks and two who write at once."""

import os
import random
import resource
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from deltalake import DeltaTable
from tests.faults.log_writer import call_of, start
from tests.log.rows import add, ids, row, rows

from percorso.log import Log, LogBusyError, open_log, table
from percorso.log.schema import as_table
from percorso.workspace import Workspace

#: How often a process is killed; more of it was done by hand, see the decision on the log.
KILLS = int(os.environ.get("PERCORSO_KILLS", "4"))


def check_whole(log: Log) -> Counter[str]:
    """Read every row by three ways, see that they agree, and return how often each id is there."""
    by_log = Counter(log.read(["id"]).read_all()["id"].to_pylist())
    by_others = DeltaTable(str(log.workspace.log)).to_pyarrow_table(columns=["id"])
    assert Counter(by_others["id"].to_pylist()) == by_log
    assert log.summary().interactions == sum(by_log.values())
    return by_log


def test_killed_while_appending_no_acknowledged_row_is_lost_and_none_is_there_twice(
    workspace: Workspace,
) -> None:
    log = open_log(workspace)
    random_ = random.Random()
    expected: set[str] = set()
    for kill in range(KILLS):
        writer = start(workspace, f"w{kill}", "append")
        writer.wait_for(random_.randrange(3))
        time.sleep(random_.uniform(0, 0.15))
        writer.kill()
        done = writer.calls
        expected |= {id_ for number in range(done) for id_ in call_of(f"w{kill}", number)}
        found = check_whole(open_log(workspace))
        assert expected <= set(found)
        assert set(found.values()) <= {1}
        # A call is there as a whole or not at all, and only the last may be unacknowledged.
        extra = set(found) - expected
        whole = set(call_of(f"w{kill}", done)) - expected
        assert extra in (set(), whole)
        expected |= extra
    # What they left is no hindrance, and goes.
    assert add(log, [row("after")]) == (1, 0)
    log.compact()
    assert not list(workspace.temporary.glob("append-*"))
    assert set(check_whole(log)) == {*expected, "after"}


def test_killed_while_compacting_every_row_is_there_once(workspace: Workspace) -> None:
    log = open_log(workspace)
    random_ = random.Random()
    expected: set[str] = set()
    for kill in range(KILLS):
        for portion in range(2):
            new = rows(60, customers=60, prefix=f"k{kill}-{portion}-")
            add(log, new)
            expected |= {each.id for each in new}
        files = set(workspace.log.glob("bucket=*/*"))
        writer = start(workspace, f"c{kill}", "compact", 1)
        writer.wait_for(0)
        while set(workspace.log.glob("bucket=*/*")) <= files and writer.calls < 1:
            time.sleep(0.001)
        time.sleep(random_.uniform(0, 0.1))
        writer.kill()
        assert check_whole(open_log(workspace)) == Counter(expected)
    assert add(log, [row(id_) for id_ in sorted(expected)]) == (0, len(expected))


def test_two_processes_write_while_others_read_and_compact(workspace: Workspace) -> None:
    log = open_log(workspace)
    calls = 8
    writers = [start(workspace, name, "append", calls) for name in ("one", "two")]
    compactor = start(workspace, "c", "compact", calls)
    counts: list[int] = []
    while any(each.process.is_alive() for each in writers):
        # A reader sees whole commits only, and never fewer rows than before.
        table = log.interactions()
        seen = table.aggregate(rows=table.count(), ids=table.id.nunique()).to_pyarrow()
        [result] = seen.to_pylist()
        assert result["rows"] == result["ids"]
        counts.append(result["rows"])
        time.sleep(0.02)
    compactor.process.join(60)
    assert [each.calls for each in (*writers, compactor)] == [calls] * 3
    assert counts == sorted(counts)
    expected = {id_ for name in ("one", "two") for n in range(calls) for id_ in call_of(name, n)}
    assert check_whole(log) == Counter(expected)


def test_threads_of_one_process_write_and_ask_side_by_side(log: Log) -> None:
    failures: list[BaseException] = []

    def write(name: str) -> None:
        try:
            for number in range(6):
                add(log, [row(f"{name}{number}-{each}", f"user:{each}") for each in range(20)])
        except BaseException as error:  # noqa: BLE001  told to the main thread
            failures.append(error)

    def ask() -> None:
        try:
            for _ in range(10):
                table = log.interactions()
                table.group_by("phase").agg(n=table.count()).to_pyarrow()
                log.customers().count().to_pyarrow()
        except BaseException as error:  # noqa: BLE001  told to the main thread
            failures.append(error)

    threads = [
        *(threading.Thread(target=write, args=(name,)) for name in "ab"),
        *(threading.Thread(target=ask) for _ in range(2)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert check_whole(log).total() == 240


def test_who_waits_too_long_for_another_writer_is_told_whom_for(log: Log) -> None:
    with log.writing():
        other = open_log(log.workspace)
        with pytest.raises(LogBusyError, match=f"Process {os.getpid()} is writing"):
            other.compact(timeout=0.1)
        assert log.summary().interactions == 0
    assert add(log, rows(2)) == (2, 0)


def test_an_append_waits_for_its_turn(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "WAIT", 20.0)
    held = threading.Event()

    def hold() -> None:
        with open_log(log.workspace).writing():
            held.set()
            time.sleep(0.3)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    assert add(log, rows(3)) == (3, 0)
    thread.join()


def test_a_commit_of_another_program_in_between_is_no_conflict(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other tools do not know our lock; Delta's own protocol then decides."""
    add(log, rows(5))
    real = DeltaTable.create_write_transaction
    others: list[int] = []
    before = log.version

    def with_another_first(self: DeltaTable, *args: object, **more: object) -> None:
        if not others:
            other = DeltaTable(str(log.workspace.log))
            real(other, [], "append", other.schema(), partition_by=["bucket"])
            others.append(other.version())
        real(self, *args, **more)

    monkeypatch.setattr(DeltaTable, "create_write_transaction", with_another_first)
    done = log.append(as_table(rows(8)))
    assert others
    assert (done.added, done.version) == (3, before + 2)
    assert check_whole(log).total() == 8


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond ``size``, as a full disk would not."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


def test_where_files_cannot_grow_nothing_is_added_and_nothing_breaks(log: Log) -> None:
    add(log, rows(50))
    random_ = random.Random(3)
    noise = [row(f"n{n}", "user:1", n, text=random_.randbytes(9000).hex()) for n in range(40)]
    with largest_file(60_000), pytest.raises(OSError, match=r"(?i)file too large"):
        add(log, noise)
    assert len(ids(log)) == 50
    assert not list(log.workspace.temporary.glob("append-*"))
    assert add(log, noise) == (40, 0)
    assert check_whole(open_log(log.workspace)).total() == 90


@pytest.mark.parametrize("megabytes", [1, 2, 3])
def test_a_full_disk_loses_nothing_that_was_acknowledged(tmp_path: Path, megabytes: int) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small disk can only be mounted by root")
    try:
        log = open_log(Workspace.create(disk / "workspace"))
        random_ = random.Random(1)
        expected: set[str] = set()

        def fill() -> None:
            for call in range(1000):
                text = random_.randbytes(1000).hex()
                new = [row(f"{call}-{n}", f"user:{n}", text=text) for n in range(30)]
                add(log, new)
                expected.update(each.id for each in new)

        with pytest.raises(OSError, match=r"(?i)no space left"):
            fill()
        assert expected
        assert check_whole(open_log(log.workspace)) == Counter(expected)
        subprocess.run(["mount", "-o", "remount,size=64m", str(disk)], check=True)
        assert add(log, [row("again")]) == (1, 0)
        assert check_whole(open_log(log.workspace)) == Counter({*expected, "again"})
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)
