"""Quarantined rows, mended, enter the log; the import history knows what happened."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from percorso import intake, labels
from percorso.i18n import in_language
from percorso.log import Log, LogError
from percorso.log.quarantine import Quarantine

Importing = Callable[..., intake.ImportResult]
Rows = Callable[[], list[dict[str, Any]]]
Writing = Callable[..., Path]

HEAD = "date,customer_id,nps,csat,comment\n"


def _first(log: Log) -> int:
    return Quarantine(log.workspace).list("waiting")[0].id


def test_a_mended_value_enters_and_leaves_the_quarantine(
    file: Writing, bring: Importing, log: Log, rows: Rows
) -> None:
    path = file("a.csv", HEAD + "25/03/2024,1,9,,\n31/02/2024,2,8,,late\n")
    assert bring(path).quarantined == 1
    refused = intake.replay(log, _first(log), {"at": "30/02/2024"})
    assert not refused.accepted
    assert "30/02/2024" in refused.violations[0]
    accepted = intake.replay(log, _first(log), {"at": "29/02/2024 10:00"})
    assert accepted == intake.Replayed(1, 0)
    (row,) = [each for each in rows() if each["customer"] == "user:2"]
    assert row["at"] == datetime.fromisoformat("2024-02-29T09:00:00+00:00")
    assert (row["score"], row["text"], row["source"]) == (8.0, "late", "survey")
    assert Quarantine(log.workspace).count("waiting") == 0
    # The file again, as it was: neither the row nor its trouble comes back.
    again = bring(path)
    assert (again.added, again.quarantined, again.already_quarantined) == (0, 0, 1)


def test_a_mended_date_is_read_as_its_column_was(
    file: Writing, bring: Importing, log: Log, rows: Rows
) -> None:
    bring(file("a.csv", HEAD + "04/25/2024,1,9,,\n13/13/2024,2,8,,\n"))
    assert intake.replay(log, _first(log), {"at": "03/04/2024 12:00"}).accepted
    (row,) = [each for each in rows() if each["customer"] == "user:2"]
    assert row["at"].date().isoformat() == "2024-03-04"


def test_answers_of_one_row_are_mended_apart(
    file: Writing, bring: Importing, log: Log, rows: Rows
) -> None:
    assert bring(file("a.csv", HEAD + "2024-01-02,1,11,9,\n")).quarantined == 2
    waiting = {each.file: each.id for each in Quarantine(log.workspace).list("waiting")}
    assert set(waiting) == {"a.csv · nps", "a.csv · csat"}
    assert intake.replay(log, waiting["a.csv · nps"], {"score": "10"}).accepted
    assert intake.replay(log, waiting["a.csv · csat"], {"score": "5"}).accepted
    assert {(row["scale"], row["score"]) for row in rows()} == {("nps", 10.0), ("csat", 5.0)}


def test_rows_that_could_not_be_taken_apart_are_mended_by_cell_or_line(
    file: Writing, bring: Importing, log: Log, rows: Rows
) -> None:
    text = HEAD + '2024-01-02,1,9\n2024-01-02,2,8,"closed"badly,x\n2024-01-03,3,7,,\n'
    assert bring(file("a.csv", text)).quarantined == 2
    ragged, quoted = (each.id for each in Quarantine(log.workspace).list("waiting"))
    assert intake.replay(log, ragged, {"comment": "added"}).added == 1
    line = '2024-01-02,2,8,,"closed well"'
    assert intake.replay(log, quoted, {"line": line}).added == 1
    texts = {row["customer"]: row["text"] for row in rows()}
    assert texts == {"user:1": "added", "user:2": "closed well", "user:3": None}


def test_what_does_not_wait_cannot_be_replayed(file: Writing, bring: Importing, log: Log) -> None:
    bring(file("a.csv", HEAD + "2024-13-01,1,9,,\n"))
    number = _first(log)
    Quarantine(log.workspace).discard(number)
    with pytest.raises(LogError):
        intake.replay(log, number, {"at": "2024-01-01"})
    with pytest.raises(LogError):
        intake.replay(log, 999, {"at": "2024-01-01"})


def test_the_history_tells_what_was_imported(file: Writing, bring: Importing, log: Log) -> None:
    history = intake.History(log.workspace)
    assert history.list() == ()
    result = bring(file("a.csv", HEAD + "2024-01-02,1,9,5,\nx,2,8,,\n"), who="ada")
    (record,) = history.list()
    assert record == history.get(result.import_id)
    assert (record.status, record.who, record.recipe) == ("done", "ada", "survey")
    assert (record.files, record.rows_read) == (("a.csv",), 2)
    assert (record.added, record.duplicates, record.quarantined) == (2, 0, 1)
    assert record.finished_at is not None
    assert record.finished_at >= record.started_at
    assert history.get("unknown") is None


def test_a_failed_import_is_told_and_leaves_nothing(
    file: Writing, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = file("a.csv", HEAD + "2024-01-02,1,9,5,\n")
    plan = intake.inspect(log.workspace, [path])

    def full(*_given: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(log, "append", full)
    with pytest.raises(OSError, match="No space left"):
        intake.run(log, plan)
    (record,) = intake.History(log.workspace).list()
    assert record.status == "failed"
    assert "No space left" in record.error
    assert list(log.workspace.temporary.glob("import-*")) == []
    assert log.summary().interactions == 0


def test_progress_is_told(file: Writing, log: Log) -> None:
    lines = "".join(f"2024-01-02,{n},9,,\n" for n in range(60_000))
    plan = intake.inspect(log.workspace, [file("a.csv", HEAD + lines)])
    told: list[intake.Progress] = []
    intake.run(log, plan, on_progress=told.append)
    assert {each.stage for each in told} == {"reading", "checking", "storing"}
    assert all(0 <= each.done <= each.total for each in told)


def test_ties_keep_the_order_of_the_file(file: Writing, bring: Importing, log: Log) -> None:
    lines = "".join(f"c,step {n},2024-01-01\n" for n in range(30_000))
    bring(file("a.csv", "case,activity,timestamp\n" + lines))
    table = log.read(["received_at", "touchpoint"]).read_all().sort_by("received_at")
    assert table["touchpoint"].to_pylist() == [f"step {n}" for n in range(30_000)]


def test_what_is_wrong_with_a_row_is_said_to_each_reader_in_their_language(
    file: Writing, bring: Importing, log: Log
) -> None:
    text = HEAD + "25/03/2024,1,9,,\n31/02/2024,2,8,,\n26/03/2024,3,nine,,\n27/03/2024,4,9\n"
    assert bring(file("a.csv", text + '"28/03/2024,5,9,,\n')).quarantined == 4
    waiting = Quarantine(log.workspace).list("waiting")
    assert {str(each.rule) for each in waiting} == {
        "must be a time, written as in the rest of the column: day, month, year (25/04/2024)",
        "must be a number, with a decimal point (1,234.56)",
        "cells in the row: 3, in the header: 5",
        "a quotation mark is out of place or never closed",
    }
    at = next(each.id for each in waiting if each.field == "at")
    with in_language("it"):
        assert {labels.phrase(each.rule) for each in waiting} == {
            "deve essere una data, scritta come nel resto della colonna: "
            "giorno, mese, anno (25/04/2024)",
            "deve essere un numero, con punto decimale (1,234.56)",
            "celle nella riga: 3, nell’intestazione: 5",
            "un paio di virgolette è fuori posto o non è mai chiuso",
        }
        refused = intake.replay(log, at, {"at": "1960-01-01"}).violations
    assert refused == (
        "at: deve essere compreso tra 1970 e 2200 (valore letto: '1959-12-31 23:00:00+00:00')",
    )
