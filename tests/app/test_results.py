"""Answers are worked out once for each state of the log, shared on disk, and never wrong."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isnan, nan
from types import SimpleNamespace

import pytest
from tests.log.rows import add, row

from percorso.app import results
from percorso.log import Log, open_log
from percorso.log.schema import as_table
from percorso.vocabulary import Estimate
from percorso.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Answer:
    value: float
    scores: dict[str, Estimate]
    at: datetime | None = None


@pytest.fixture
def log(workspace: Workspace) -> Iterator[Log]:
    results.forget()
    yield open_log(workspace)
    results.forget()


def _count(log: Log, calls: list[int], parameters: object = ()) -> Answer:
    def compute() -> Answer:
        calls.append(1)
        return Answer(
            nan, {"nps": Estimate(41.0, 36.0, 46.0, 412, "x")}, datetime(2025, 1, 1, tzinfo=UTC)
        )

    return results.result(log, "test", parameters, Answer, compute)


def test_an_answer_is_worked_out_once_and_comes_back_the_same(log: Log) -> None:
    calls: list[int] = []
    first = _count(log, calls)
    assert _count(log, calls) is first
    results.forget()
    again = _count(log, calls)
    assert len(calls) == 1
    assert isnan(again.value)
    assert (again.scores, again.at) == (first.scores, first.at)


def test_other_parameters_are_another_answer(log: Log) -> None:
    calls: list[int] = []
    _count(log, calls, ("a",))
    _count(log, calls, ("b",))
    assert len(calls) == 2


def test_changed_phase_rules_make_answers_anew(log: Log) -> None:
    calls: list[int] = []
    _count(log, calls)
    log.workspace.phase_rules.write_text('otherwise = "loyalty"\n', encoding="utf-8")
    _count(log, calls)
    assert len(calls) == 2


def test_a_broken_copy_is_made_again(log: Log) -> None:
    calls: list[int] = []
    _count(log, calls)
    results.forget()
    copies = list((log.workspace.derived / "results").rglob("*.msgpack"))
    assert len(copies) == 1
    copies[0].write_bytes(copies[0].read_bytes()[:10])
    _count(log, calls)
    assert len(calls) == 2


def test_what_cannot_be_written_is_answered_all_the_same(log: Log) -> None:
    log.workspace.derived.mkdir(exist_ok=True)
    (log.workspace.derived / "results").write_text("in the way", encoding="utf-8")
    assert _count(log, []).scores["nps"].n == 412


def test_two_at_once_work_it_out_once(log: Log) -> None:
    calls: list[int] = []

    def compute() -> Answer:
        calls.append(1)
        time.sleep(0.05)
        return Answer(1.0, {})

    threads = [
        threading.Thread(target=results.result, args=(log, "slow", (), Answer, compute))
        for _ in range(6)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(calls) == 1


def test_what_fails_is_tried_again(log: Log) -> None:
    def fail() -> Answer:
        raise RuntimeError("not now")

    with pytest.raises(RuntimeError, match="not now"):
        results.result(log, "fails", (), Answer, fail)
    assert results.result(log, "fails", (), Answer, lambda: Answer(2.0, {})).value == 2.0


def test_copies_do_not_pile_up(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "ON_DISK", 3)
    monkeypatch.setattr(results, "IN_MEMORY", 3)
    for number in range(8):
        _count(log, [], (number,))
    assert len(list((log.workspace.derived / "results").rglob("*.msgpack"))) == 3
    for phase in ("loyalty", "purchase", "awareness", "consideration"):
        rules = f'otherwise = "{phase}"\n'
        log.workspace.phase_rules.write_text(rules, encoding="utf-8")
        _count(log, [])
    assert len(list((log.workspace.derived / "results").iterdir())) == results.STATES_KEPT


def test_who_is_erased_is_in_no_answer_on_disk(log: Log) -> None:
    add(log, [row("one", "email:ada@example.org"), row("two", "user:2")])
    quote = Answer(1.0, {"ada@example.org": Estimate(41.0, 36.0, 46.0, 412, "x")})

    def meanwhile() -> Answer:
        log.erase("email:ada@example.org")
        return quote

    results.result(log, "before", (), Answer, lambda: quote)
    folder = log.workspace.derived / "results"
    assert any(b"ada@example.org" in each.read_bytes() for each in folder.rglob("*.msgpack"))
    results.result(log, "under way", (), Answer, meanwhile)
    assert not list(folder.rglob("*.msgpack"))


def test_under_live_events_an_answer_holds_for_a_moment(log: Log) -> None:
    calls: list[int] = []
    log.standing.seconds = results.FRESH_S
    other = open_log(log.workspace)
    _count(log, calls)
    other.append(as_table([row("a")]), live=True)
    _count(log, calls)
    assert len(calls) == 1
    until = time.monotonic() + 20
    while len(calls) == 1 and time.monotonic() < until:
        time.sleep(0.1)
        _count(log, calls)
    assert len(calls) == 2


def test_an_import_is_in_the_next_answer_though_live_events_come(log: Log) -> None:
    calls: list[int] = []
    log.standing.seconds = results.FRESH_S
    other = open_log(log.workspace)
    _count(log, calls)
    other.append(as_table([row("a")]), live=True)
    other.append(as_table([row("b")]))
    _count(log, calls)
    assert len(calls) == 2


def test_what_takes_long_to_work_out_holds_longer(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.standing.seconds = results.FRESH_S
    now = iter([0.0, 4.0, 10.0, 10.1])
    monkeypatch.setattr(results, "time", SimpleNamespace(monotonic=lambda: next(now)))
    _count(log, [], "slow")
    assert log.standing.seconds == 4 * results.REST
    add(log, [row("a")])
    _count(log, [], "quick")
    assert log.standing.seconds == results.FRESH_S
