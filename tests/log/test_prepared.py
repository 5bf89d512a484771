"""Prepared tables say what the log says, in every state of it, and can be thrown away."""

import shutil
from pathlib import Path

import pytest
from tests.log.rows import add, row, rows

from percorso.log import Log, open_log
from percorso.log.engine import Engine
from percorso.log.moments import moments
from percorso.log.selection import Selection
from percorso.log.state import state
from percorso.log.steps import open_steps


def said(log: Log) -> list[tuple[str, str]]:
    """Return the customer and phase of each moment, as prepared."""
    found = moments(log).select("customer", "phase").to_pyarrow().to_pylist()
    return sorted((each["customer"], each["phase"]) for each in found)


def worked_out(log: Log) -> list[tuple[str, str]]:
    """Return the same from the log itself."""
    found = log.interactions().select("customer", "phase").to_pyarrow().to_pylist()
    return sorted((each["customer"], each["phase"]) for each in found)


def files(log: Log) -> list[Path]:
    return sorted((log.workspace.derived / "prepared").rglob("*.parquet"))


def test_whatever_happens_to_the_log_they_follow(log: Log) -> None:
    add(log, rows(30))
    assert said(log) == worked_out(log)
    add(log, [row("order", "user:1", 40, kind="order"), row("later", "user:1", 50)])
    assert said(log) == worked_out(log)
    assert len(said(log)) == 32
    log.merge("user:1", "user:2")
    assert said(log) == worked_out(log)
    log.workspace.phase_rules.write_text('otherwise = "loyalty"\n', encoding="utf-8")
    assert {phase for _, phase in said(log)} == {"loyalty"}
    log.compact()
    assert said(log) == worked_out(log)
    log.erase("user:2")
    assert said(log) == worked_out(log)


def test_they_are_worked_out_once_for_all_processes(log: Log) -> None:
    add(log, rows(10))
    said(log)
    [file] = files(log)
    before = file.stat().st_mtime_ns
    again = open_log(log.workspace)
    assert said(again) == said(log)
    assert [each.stat().st_mtime_ns for each in files(log)] == [before]


def test_the_folder_may_be_thrown_away_at_any_time(log: Log) -> None:
    add(log, rows(10))
    before = said(log)
    shutil.rmtree(log.workspace.derived)
    assert said(log) == before
    assert len(files(log)) == 1


def test_a_torn_file_is_made_again(log: Log) -> None:
    add(log, rows(10))
    before = said(log)
    [file] = files(log)
    file.write_bytes(file.read_bytes()[:100])
    assert said(open_log(log.workspace)) == before


def test_where_nothing_can_be_written_it_is_held_in_memory(log: Log) -> None:
    add(log, rows(10))
    log.workspace.derived.mkdir(exist_ok=True)
    (log.workspace.derived / "prepared").write_text("in the way", encoding="utf-8")
    assert said(log) == worked_out(log)
    add(log, [row("one more")])
    assert said(log) == worked_out(log)


def test_old_states_do_not_pile_up(log: Log) -> None:
    for number in range(5):
        add(log, [row(f"i{number}")])
        said(log)
    assert len(list((log.workspace.derived / "prepared").iterdir())) == 3


def test_who_is_erased_is_in_no_prepared_table(log: Log) -> None:
    add(log, [*rows(20), row("gone", "email:ada@example.org")])
    said(log)
    assert log.customers().count().to_pyarrow().as_py() > 1
    log.erase("email:ada@example.org")
    assert files(log) == []
    said(log)
    assert not any(b"ada@example.org" in each.read_bytes() for each in files(log))


@pytest.mark.parametrize("when", ["before", "after"])
def test_who_is_erased_while_a_table_is_worked_out_is_not_left_in_it(
    log: Log, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    add(log, [*rows(20), row("gone", "email:ada@example.org")])
    copy = Engine.copy
    erased: list[int] = []

    def meanwhile(engine: Engine, query: str, file: Path) -> None:
        if when == "after":
            copy(engine, query, file)
        if not erased:
            erased.append(open_log(log.workspace).erase("email:ada@example.org").rows)
        if when == "before":
            copy(engine, query, file)

    monkeypatch.setattr(Engine, "copy", meanwhile)
    assert "email:ada@example.org" not in dict(said(log))
    assert erased == [1]
    assert said(log) == worked_out(log)
    derived = [each for each in log.workspace.derived.rglob("*") if each.is_file()]
    assert not any(b"ada@example.org" in each.read_bytes() for each in derived)


def test_who_is_erased_is_in_no_file_of_the_steps_index(log: Log) -> None:
    add(log, [*rows(20), row("gone", "email:ada@example.org")])
    open_steps(log)
    folder = log.workspace.derived / "steps"
    assert any(b"ada@example.org" in each.read_bytes() for each in folder.iterdir())
    log.erase("email:ada@example.org")
    assert not any(b"ada@example.org" in each.read_bytes() for each in folder.iterdir())
    assert open_steps(log).steps == 20


def test_a_log_made_anew_in_the_same_place_is_another_state(log: Log) -> None:
    add(log, rows(10))
    before, version = state(log), log.version
    shutil.rmtree(log.workspace.log)
    again = open_log(log.workspace)
    add(again, rows(4))
    assert again.version == version
    assert state(again) != before
    assert len(said(again)) == 4


@pytest.mark.parametrize(
    "selection",
    [
        Selection(kinds=["order"]),
        Selection(segments=["no_purchase"]),
        Selection(properties={"region": "Sud"}),
        Selection(phases=["purchase"], channels=["website"]),
    ],
)
def test_selections_choose_the_same_rows(log: Log, selection: Selection) -> None:
    add(
        log,
        [
            row(
                f"i{number}",
                f"user:{number % 7}",
                number,
                kind="order" if number % 5 == 0 else "view",
                properties={"region": "Sud" if number % 2 else "Nord"},
            )
            for number in range(40)
        ],
    )
    prepared = selection.apply(log, moments(log)).count().to_pyarrow().as_py()
    assert prepared == selection.apply(log, log.interactions()).count().to_pyarrow().as_py()
