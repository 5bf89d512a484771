"""Survey answers: recognised, guessed, mapped; real ones with broken accents (Must show 4)."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from percorso import intake
from percorso.workspace import Workspace

Importing = Callable[..., intake.ImportResult]
Rows = Callable[[], list[dict[str, Any]]]
Writing = Callable[..., Path]


def test_nps_retail_imports_with_its_months_counted(
    datasets: Path, bring: Importing, rows: Rows
) -> None:
    result = bring(datasets / "nps_retail_fr" / "nps.csv", mapping={"at": "2017-01 + {t} months"})
    assert result.rows_read == 13_954
    assert result.skipped == (intake.Skipped("no answer to NPS", 342),)
    found = rows()
    scored = [row for row in found if row["scale"] == "nps"]
    # 18 rows have no month; those with an answer or a comment wait in quarantine.
    assert len(scored) + 342 + result.quarantined >= 13_954
    assert result.quarantined == 18
    # Who gave no score may have written something: that is kept.
    assert sum(row["scale"] is None and bool(row["text"]) for row in found) == 37
    months = Counter(row["at"].astimezone().strftime("%Y") for row in scored)
    assert set(months) <= {"2016", "2017", "2018"}
    assert any("particulièrement long" in (row["text"] or "") for row in found)
    again = bring(datasets / "nps_retail_fr" / "nps.csv", mapping={"at": "2017-01 + {t} months"})
    assert (again.added, again.quarantined, again.already_quarantined) == (0, 0, 18)


def test_nps_retail_without_a_time_asks_and_says_how_to_answer(
    datasets: Path, workspace: Workspace
) -> None:
    plan = intake.inspect(workspace, [datasets / "nps_retail_fr" / "nps.csv"])
    assert plan.recipe is None
    assert plan.needs_answer
    question = next(each for each in plan.questions if each.field == "at")
    assert question.default is None
    assert "{t} months" in question.text
    assert ("Encoding", "Windows-1252 (Latin 1)") in [
        (each.label, each.value) for each in plan.files[0].findings
    ]
    assert any("satisfaction" in note and "1 to 10" in note for note in plan.notes)
    assert any("customer of its own" in note for note in plan.notes)


def test_whole_numbers_given_as_time_are_told_exactly_how_to_be_said(
    datasets: Path, workspace: Workspace
) -> None:
    plan = intake.inspect(workspace, [datasets / "nps_retail_fr" / "nps.csv"], mapping={"at": "t"})
    assert len(plan.problems) == 1
    assert '--map at="2024-01 + {t} months"' in plan.problems[0]
    assert '--map at="2024-{t}-01"' in plan.problems[0]


WIDE = """Informazioni cronologiche;Email;NPS;CSAT;CES;PMF;Commento;Negozio
25/04/2024 14.30.05;Ada@Example.org;9;5;6;Molto deluso;Bene, grazie;Milano
26/04/2024 9.05.00;bob@example.org;3;;2;;;Roma
27/04/2024 10.00.00;;;;;;Solo parole;Roma
28/04/2024 10.00.00;eve@example.org;11;4;7;Non deluso;;Milano
"""


def test_several_scores_in_a_row_become_several_answers(
    file: Writing, bring: Importing, rows: Rows
) -> None:
    result = bring(file("risposte.csv", WIDE, "cp1252"))
    assert result.recipe == "survey"
    found = rows()
    ada = [row for row in found if row["customer"] == "email:ada@example.org"]
    assert {(row["scale"], row["score"]) for row in ada} == {
        ("nps", 9.0),
        ("csat", 5.0),
        ("ces", 6.0),
        ("pmf", 3.0),
    }
    assert {row["at"].isoformat() for row in ada} == {"2024-04-25T12:30:05+00:00"}
    assert [row["text"] for row in ada if row["text"]] == ["Bene, grazie"]
    assert {json.loads(row["properties"])["Negozio"] for row in ada} == {"Milano"}
    assert {row["text"] for row in found if row["scale"] is None} == {"Solo parole"}
    # 11 is no answer to NPS: that answer waits, the others of its row do not.
    assert result.quarantined == 1
    assert Counter(row["scale"] for row in found if "eve" in row["customer"]) == {
        "csat": 1,
        "ces": 1,
        "pmf": 1,
    }


def test_one_row_a_question(file: Writing, bring: Importing, rows: Rows) -> None:
    text = (
        "date,customer_id,metric,score,comment\n2024-01-02,7,NPS,10,Top\n2024-01-03,7,Stars,4.5,\n"
    )
    assert bring(file("long.csv", text)).recipe == "survey-long"
    assert [(r["scale"], r["score"], r["text"]) for r in rows()] == [
        ("nps", 10.0, "Top"),
        ("stars", 4.5, None),
    ]


def test_columns_are_guessed_shown_and_asked_about(
    file: Writing, workspace: Workspace, log: Any, rows: Rows
) -> None:
    text = (
        "Quando,Utente,Quanto ci consiglieresti a un amico?,Perché\n"
        "2024-01-02 10:00,7,9,Gentili e veloci davvero\n"
        "2024-01-03 11:00,8,2,Consegna in ritardo di una settimana\n"
        "2024-01-03 11:00,9,7,Nella media direi senza infamia\n"
    )
    path = file("form.csv", text)
    plan = intake.inspect(workspace, [path])
    assert plan.recipe is None
    sources = {each.field: each.source for each in plan.fields}
    assert sources["at"] == "Quando"
    assert sources["customer"] == "Utente"
    assert sources["nps"] == "Quanto ci consiglieresti a un amico?"
    assert sources["text"] == "Perché"
    assert {each.field for each in plan.questions} == {"at", "customer", "nps"}
    assert all(each.default for each in plan.questions)
    with pytest.raises(intake.NotConfirmedError):
        intake.run(log, plan)
    answered = intake.inspect(
        workspace, [path], mapping={each.field: str(each.default) for each in plan.questions}
    )
    assert answered.questions == ()
    assert intake.run(log, answered).added == 3
    assert [row["score"] for row in rows()] == [9.0, 2.0, 7.0]


def test_a_dry_run_writes_nothing(file: Writing, bring: Importing, log: Any) -> None:
    before = {path for path in log.workspace.path.rglob("*") if path.is_file()}
    result = bring(file("risposte.csv", WIDE), dry_run=True)
    assert result.dry_run
    assert (result.added, result.interactions, result.quarantined) == (0, 10, 1)
    assert result.sample
    assert log.summary().interactions == 0
    after = {path for path in log.workspace.path.rglob("*") if path.is_file()}
    assert {path.name for path in after - before} <= {"quarantine.sqlite", "imports.sqlite"}


def test_rows_without_a_customer_are_customers_of_their_own(
    file: Writing, bring: Importing, rows: Rows
) -> None:
    text = "date,nps\n2024-01-01,9\n2024-01-01,9\n2024-01-01,3\n"
    assert bring(file("anonymous.csv", text)).added == 3
    customers = [row["customer"] for row in rows()]
    assert len(set(customers)) == 3
    assert all(customer.startswith("anon:") for customer in customers)
    # A longer export, with a column that numbers the rows, holds the same three.
    longer = ",date,nps\n" + "".join(
        f"{n},{line}\n" for n, line in enumerate(["2024-01-02,7", *text.splitlines()[1:]], 1)
    )
    assert bring(file("longer.csv", longer)).added == 1


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ({"at": "dat"}, "Did you mean 'date'?"),
        ({"when": "date"}, "There is no field 'when'"),
        ({"at": "date", "channel": "shop"}, "A constant goes in quotes"),
        ({"at": "2024-01 + {nps} moons"}, "days, weeks, months or years"),
    ],
)
def test_a_wrong_mapping_is_told(
    file: Writing, workspace: Workspace, mapping: dict[str, str], words: str
) -> None:
    plan = intake.inspect(workspace, [file("a.csv", "date,nps\n2024-01-01,9\n")], mapping=mapping)
    assert words in plan.problems[0]


def test_constants_and_zone_can_be_said(file: Writing, bring: Importing, rows: Rows) -> None:
    path = file("a.csv", "date,nps\n2024-01-01 12:00,9\n")
    bring(path, mapping={"touchpoint": "'till'", "channel": "'store'", "zone": "'Asia/Tokyo'"})
    (row,) = rows()
    assert (row["touchpoint"], row["channel"]) == ("till", "store")
    assert row["at"].isoformat() == "2024-01-01T03:00:00+00:00"
