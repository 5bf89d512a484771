"""``percorso import`` and ``percorso quarantine``, from the file to the log."""

import json
import shlex
import sys

import pytest

from percorso.log import open_log
from percorso.workspace import SETTINGS_FILE, Workspace

MAPPED = ["--map", "customer=who", "--map", "at=when", "--map", "nps=nps"]


def survey(place, rows, name="survey.csv"):
    file = place / name
    lines = [f"{who},{when},{score}" for who, when, score in rows]
    file.write_text("who,when,nps\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return file


@pytest.fixture
def file(tmp_path):
    return survey(
        tmp_path, [(f"user{n}", f"2025-03-{1 + n % 28:02} 10:00", n % 11) for n in range(44)]
    )


def test_one_command_from_a_file_to_a_report(run, file, tmp_path):
    place = tmp_path / "shop"
    done = run("import", file, *MAPPED, "--dir", place)
    assert done.code == 0, done.err
    assert "Made a workspace" in done.err
    assert "Interactions added: 44," in done.out
    assert open_log(Workspace.open(place)).summary().interactions == 44
    report = run("report", "--dir", place, "--json")
    assert json.loads(report.out)["metrics"]["nps"]["n"] == 44


def test_importing_again_adds_nothing(run, file, tmp_path):
    place = tmp_path / "shop"
    run("import", file, *MAPPED, "--dir", place)
    done = run("import", file, *MAPPED, "--dir", place, "--json")
    found = json.loads(done.out)
    assert (found["added"], found["duplicates"]) == (0, 44)


def test_dry_run_writes_nothing_at_all(run, file, tmp_path):
    place = tmp_path / "shop"
    done = run("import", file, *MAPPED, "--dir", place, "--dry-run")
    assert done.code == 0
    assert "Nothing was written" in done.out
    assert not place.exists()


def test_a_guess_without_a_terminal_is_refused_with_the_command_to_type(run, file, tmp_path):
    place = tmp_path / "my shop"
    done = run("import", file, "--dir", place)
    assert done.code == 2
    assert not place.exists()
    command = next(
        line.strip() for line in done.err.splitlines() if line.strip().startswith("percorso import")
    )
    again = run(*shlex.split(command)[1:])
    assert again.code == 0, again.err
    assert open_log(Workspace.open(place)).summary().interactions == 44


def test_where_a_column_must_be_named_the_columns_are_listed(run, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("Age,Churn\n" + "".join(f"{20 + n},0\n" for n in range(20)), encoding="utf-8")
    done = run("import", file, "--dir", tmp_path / "shop")
    assert done.code == 2
    assert "Columns: Age, Churn" in done.err
    assert f"""percorso import {file} --map "kind='other'" --map at=COLUMN""" in done.err


def test_yes_takes_the_guesses(run, file, tmp_path):
    done = run("import", file, "--dir", tmp_path / "shop", "--yes")
    assert done.code == 0, done.err
    assert "Interactions added: 44," in done.out


def test_in_a_terminal_guesses_are_asked_about(run, file, tmp_path, monkeypatch):
    asked = []

    def answer(question, default=None, **_options):
        asked.append(question)
        return default

    monkeypatch.setattr("percorso.cli.imports.in_terminal", lambda: True)
    monkeypatch.setattr("typer.prompt", answer)
    monkeypatch.setattr("typer.confirm", lambda *_arguments, **_options: True)
    done = run("import", file, "--dir", tmp_path / "shop")
    assert done.code == 0, done.err
    assert asked
    assert "Interactions added: 44," in done.out


def test_no_to_the_last_question_imports_nothing(run, file, tmp_path, monkeypatch):
    monkeypatch.setattr("percorso.cli.imports.in_terminal", lambda: True)
    monkeypatch.setattr("typer.prompt", lambda _question, default=None, **_options: default)
    monkeypatch.setattr("typer.confirm", lambda *_arguments, **_options: False)
    done = run("import", file, "--dir", tmp_path / "shop")
    assert done.code == 1
    assert "Nothing was imported" in done.err
    assert not (tmp_path / "shop" / SETTINGS_FILE).exists()


@pytest.mark.parametrize("given", ["at", "=when", "at="])
def test_a_mapping_that_is_none_is_a_usage_error(run, file, tmp_path, given):
    done = run("import", file, "--map", given, "--dir", tmp_path / "shop")
    assert done.code == 2
    assert "FIELD=COLUMN" in done.err


OWN = """
name = "own"
title = "Our till"
[tables.rows]
columns = ["when", "who"]
[[interactions]]
kind = "visit"
touchpoint = "shop"
[interactions.fields]
at = "when"
customer = "customer_of(who)"
"""


def test_a_recipe_is_taken_from_its_file(run, tmp_path):
    recipe, file = tmp_path / "till.toml", tmp_path / "till.csv"
    recipe.write_text(OWN, encoding="utf-8")
    file.write_text("when,who\n2024-01-01,7\n2024-01-02,8\n", encoding="utf-8")
    done = run("import", file, "--recipe", recipe, "--dir", tmp_path / "shop")
    assert done.code == 0, done.err
    assert "Interactions added: 2," in done.out


def test_a_folder_that_cannot_be_made_is_named_without_a_traceback(run, file, tmp_path):
    place = tmp_path / "file" / "shop"
    place.parent.write_text("no folder", encoding="utf-8")
    done = run("import", file, *MAPPED, "--dir", place)
    assert done.code == 1
    assert str(place) in done.err
    assert "Traceback" not in done.err


def test_a_file_that_is_not_there_is_named(run, tmp_path):
    done = run("import", tmp_path / "nowhere.csv", "--dir", tmp_path / "shop")
    assert done.code == 1
    assert "nowhere.csv" in done.err
    assert not (tmp_path / "shop").exists()


@pytest.fixture
def with_bad_rows(tmp_path):
    rows = [(f"user{n}", "2025-03-01 10:00", n % 11) for n in range(30)]
    rows[7] = ("user7", "the day before", 9)
    rows[9] = ("user9", "2025-03-01 10:00", 42)
    return survey(tmp_path, rows)


def test_bad_rows_wait_and_the_rest_is_imported(run, with_bad_rows, tmp_path):
    place = tmp_path / "shop"
    done = run("import", with_bad_rows, *MAPPED, "--dir", place)
    assert done.code == 0
    assert "Interactions added: 28," in done.out
    assert "2 rows wait in quarantine" in done.out
    listed = json.loads(run("quarantine", "list", "--dir", place, "--json").out)
    assert {(row["row"], row["value"]) for row in listed} == {(9, "the day before"), (11, "42")}
    assert json.loads(run("report", "--dir", place, "--json").out)["log"]["quarantined"] == 2


def test_strict_says_it_in_the_exit_code(run, with_bad_rows, tmp_path):
    done = run("import", with_bad_rows, *MAPPED, "--dir", tmp_path / "shop", "--strict")
    assert done.code == 3
    assert "Interactions added: 28," in done.out


def test_a_row_is_mended_and_enters_once(run, with_bad_rows, tmp_path):
    place = tmp_path / "shop"
    run("import", with_bad_rows, *MAPPED, "--dir", place)
    listed = json.loads(run("quarantine", "list", "--dir", place, "--json").out)
    number = next(row["id"] for row in listed if row["value"] == "42")
    still_wrong = run("quarantine", "mend", number, "score=11", "--dir", place)
    assert still_wrong.code == 1
    assert "11" in still_wrong.err
    unknown = run("quarantine", "mend", number, "points=10", "--dir", place)
    assert unknown.code == 2
    assert "'points'" in unknown.err
    mended = run("quarantine", "mend", number, "score=10", "--dir", place)
    assert mended.code == 0, mended.err
    assert "accepted" in mended.out
    assert open_log(Workspace.open(place)).summary().interactions == 29
    again = run("quarantine", "mend", number, "score=10", "--dir", place)
    assert again.code == 1


def test_rows_are_discarded_but_stay_to_be_seen(run, with_bad_rows, tmp_path):
    place = tmp_path / "shop"
    run("import", with_bad_rows, *MAPPED, "--dir", place)
    assert run("quarantine", "discard", "--all", "--dir", place).code == 2
    assert run("quarantine", "discard", "--all", "--yes", "--dir", place).code == 0
    assert json.loads(run("quarantine", "list", "--dir", place, "--json").out) == []
    discarded = run("quarantine", "list", "--status", "discarded", "--dir", place, "--json")
    assert len(json.loads(discarded.out)) == 2


def test_replay_all_says_which_are_still_wrong(run, with_bad_rows, tmp_path):
    place = tmp_path / "shop"
    run("import", with_bad_rows, *MAPPED, "--dir", place)
    done = run("quarantine", "replay", "--all", "--dir", place)
    assert done.code == 1
    assert "0 of 2 rows were accepted" in done.out
    neither = run("quarantine", "replay", "--dir", place)
    assert neither.code == 2


def test_exports_are_safe_in_a_spreadsheet(run, tmp_path):
    rows = [(f"user{n}", "2025-03-01 10:00", 9) for n in range(20)]
    rows[3] = ("user3", "=cmd|' /C calc'!A0", 9)
    place = tmp_path / "shop"
    run("import", survey(tmp_path, rows), *MAPPED, "--dir", place)
    file = tmp_path / "quarantine.csv"
    done = run("quarantine", "export", file, "--dir", place)
    assert done.code == 0, done.err
    text = file.read_text(encoding="utf-8-sig")
    assert "cmd|" in text
    assert ",=cmd" not in text
    assert '"=cmd' not in text.replace('""=cmd', "")


def test_a_row_nobody_knows_is_an_error(run, workspace):
    done = run("quarantine", "show", "7", "--dir", workspace.path)
    assert done.code == 1
    assert "7" in done.err


def test_recipes_are_listed_and_shown(run, workspace):
    listed = run("recipes", "list", "--dir", workspace.path)
    assert listed.code == 0
    assert "olist" in listed.out
    shown = run("recipes", "show", "olist", "--dir", workspace.path)
    assert shown.code == 0
    assert "[" in shown.out
    unknown = run("recipes", "show", "nonsense", "--dir", workspace.path)
    assert unknown.code == 1
    assert "nonsense" in unknown.err


def test_there_is_no_terminal_in_tests():
    assert not sys.stdin.isatty()
