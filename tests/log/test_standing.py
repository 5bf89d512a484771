"""A log that stands still for those who show answers: for moments, and under live events only."""

import os
import time

import pytest
from tests.log.rows import row

from percorso.log import Log, open_log
from percorso.log.schema import as_table
from percorso.workspace import Workspace

PATIENT = 30.0


@pytest.fixture
def writer(workspace: Workspace) -> Log:
    return open_log(workspace)


@pytest.fixture
def shown(writer: Log) -> Log:
    """Return the log as a server shows it; ``writer`` is that of another process."""
    writer.append(as_table([row("a")]))
    found = open_log(writer.workspace)
    found.standing.seconds = PATIENT
    return found


def _make_older(log: Log, version: int, seconds: float) -> None:
    entry = log.workspace.log / "_delta_log" / f"{version:020}.json"
    then = time.time() - seconds
    os.utime(entry, (then, then))


def test_live_rows_wait_until_the_first_is_old_enough(writer: Log, shown: Log) -> None:
    first = writer.append(as_table([row("b")]), live=True).version
    writer.append(as_table([row("c")]), live=True)
    assert shown.summary().interactions == 1
    _make_older(writer, first, PATIENT - 5)
    assert shown.summary().interactions == 1
    _make_older(writer, first, PATIENT + 1)
    assert shown.summary().interactions == 3


def test_by_itself_a_log_does_not_wait(writer: Log) -> None:
    other = open_log(writer.workspace)
    writer.append(as_table([row("b")]), live=True)
    assert other.snapshot().rows == 1


@pytest.mark.parametrize("then", ["append", "erase"])
def test_what_else_changes_the_log_is_seen_at_once(writer: Log, shown: Log, then: str) -> None:
    writer.append(as_table([row("b", customer="user:b")]), live=True)
    assert shown.snapshot().rows == 1
    if then == "append":
        writer.append(as_table([row("c")]))
        assert shown.snapshot().rows == 3
    else:
        writer.erase("user:b")
        assert shown.snapshot().rows == 1
        assert shown.version == writer.version


def test_whoever_writes_sees_the_log_as_it_is(writer: Log, shown: Log) -> None:
    writer.append(as_table([row("b")]), live=True)
    assert shown.snapshot().rows == 1
    assert shown.append(as_table([row("b"), row("c")])).added == 1
    assert shown.snapshot().rows == 3


def test_a_compaction_shows_nothing_new(writer: Log, shown: Log) -> None:
    writer.append(as_table([row("b")]), live=True)
    writer.append(as_table([row("c")]), live=True)
    writer.compact()
    assert shown.snapshot().rows == 1
    assert shown.read(["id"]).read_all().num_rows == 1


def test_what_is_held_stands_still_for_a_minute(writer: Log, shown: Log) -> None:
    first = writer.append(as_table([row("b")]), live=True).version
    _make_older(writer, first, PATIENT + 1)
    with shown.standing.held():
        assert shown.snapshot().rows == 1
        _make_older(writer, first, 61)
        assert shown.snapshot().rows == 2


def test_a_clock_that_was_put_back_holds_nothing(writer: Log, shown: Log) -> None:
    first = writer.append(as_table([row("b")]), live=True).version
    _make_older(writer, first, -3600)
    assert shown.snapshot().rows == 2
