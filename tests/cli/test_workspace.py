"""``percorso init``, ``demo``, ``doctor`` and ``log``."""

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from percorso.log.quarantine import Quarantine, Quarantined
from percorso.vocabulary import Interaction, violations
from percorso.workspace import SETTINGS_FILE, Workspace, WorkspaceError


def test_init_makes_a_workspace_with_what_was_said(run, tmp_path):
    done = run(
        "init", "--dir", tmp_path / "shop", "--company", "Libreria Aurora",
        "--zone", "Europe/Paris", "--currency", "chf", "--language", "en",
    )  # fmt: skip
    assert done.code == 0
    settings = Workspace.open(tmp_path / "shop").settings
    assert (settings.company, settings.zone) == ("Libreria Aurora", "Europe/Paris")
    assert (settings.currency, settings.language) == ("CHF", "en")


def test_init_takes_a_name_as_it_is_and_refuses_what_cannot_be_seen(run, tmp_path):
    name = 'Caffè "Àncora" \\ figli # 1'
    assert run("init", "--dir", tmp_path / "shop", "--name", name).code == 0
    assert Workspace.open(tmp_path / "shop").settings.company == name
    for unseen in ("a\tb", "a\x01b", "a\u202eb", "a\x7f", " "):
        done = run("init", "--dir", tmp_path / "other", "--name", unseen)
        assert done.code == 1
        assert "one line of text" in done.err
    assert not (tmp_path / "other").exists()


def test_changed_settings_keep_the_comments_of_the_file(workspace):
    file = workspace.path / SETTINGS_FILE
    file.write_text("# ours\n" + file.read_text())
    changed = workspace.change(replace(workspace.settings, zone="Europe/Lisbon"))
    assert Workspace.open(workspace.path) == changed
    assert file.read_text().startswith("# ours\n")
    with pytest.raises(WorkspaceError):
        workspace.change(replace(workspace.settings, company="a\nzone = 1"))
    assert Workspace.open(workspace.path) == changed
    assert [each.name for each in workspace.path.iterdir()] == [SETTINGS_FILE]


def test_init_does_not_touch_a_workspace_that_is_there(run, workspace):
    done = run("init", "--dir", workspace.path, "--company", "Other")
    assert done.code == 1
    assert "already" in done.err
    assert Workspace.open(workspace.path).settings.company == "My company"


def test_init_refuses_a_zone_that_is_none(run, tmp_path):
    done = run("init", "--dir", tmp_path / "shop", "--zone", "Rome")
    assert done.code == 1
    assert "Europe/Rome" in done.err
    assert not (tmp_path / "shop").exists()


def test_demo_is_made_shown_and_used_again(run, tmp_path):
    place = tmp_path / "demo"
    first = run("demo", "--no-serve", "--dir", place, "--customers", 150, "--seed", 3)
    assert first.code == 0
    assert "Libreria Aurora" in first.out
    assert "150 customers" in first.out
    assert (place / "truths.md").exists()
    # Who was asked what stands in the application's database, before anybody serves it.
    with closing(sqlite3.connect(place / "app.sqlite")) as database:
        [(invited, answered)] = database.execute(
            "SELECT count(*), sum(used) FROM surveys_invitation"
        )
    assert invited > answered > 20
    version = run("log", "version", "--dir", place).out
    second = run("demo", "--no-serve", "--dir", place)
    assert second.code == 0
    assert "already" in second.err
    assert "150 customers" in second.out
    assert run("log", "version", "--dir", place).out == version


def test_demo_leaves_other_workspaces_alone(run, workspace):
    done = run("demo", "--no-serve", "--dir", workspace.path)
    assert done.code == 1
    assert "no demo" in done.err
    assert not workspace.log.exists()


@pytest.fixture
def demo_copy(small_demo, tmp_path):
    """Return a copy of the demo that may be changed."""
    shutil.copytree(small_demo.path, tmp_path / "copy")
    return Workspace.open(tmp_path / "copy")


def checks(done) -> dict[str, dict[str, str]]:
    return {each["name"]: each for each in json.loads(done.out)}


def test_doctor_finds_a_healthy_workspace_healthy(run, demo_copy):
    done = run("doctor", "--dir", demo_copy.path, "--deep", "--json")
    assert done.code == 0, done.out
    assert {each["status"] for each in checks(done).values()} == {"fine"}
    assert run("doctor", "--dir", demo_copy.path).code == 0


def test_doctor_names_a_missing_file_of_the_log(run, demo_copy):
    victim = next(demo_copy.log.rglob("*.parquet"))
    victim.unlink()
    done = run("doctor", "--dir", demo_copy.path, "--json")
    assert done.code == 1
    found = checks(done)["Log"]
    assert found["status"] == "wrong"
    assert victim.name in found["said"]
    assert found["advice"]


def test_doctor_names_what_was_written_by_hand_and_cannot_be_read(run, demo_copy):
    demo_copy.touchpoints.write_text("[[touchpoint]]\nnane = 3")
    (demo_copy.path / "maps.toml").write_text("[[draft")
    done = run("doctor", "--dir", demo_copy.path, "--json")
    assert done.code == 1
    found = checks(done)["Written by hand"]
    assert found["status"] == "wrong"
    assert "touchpoints.toml, touchpoint 1: " in found["said"]
    assert "maps.toml cannot be read" in found["said"]


def test_doctor_names_the_mapping_rule_that_makes_no_sense(run, demo_copy):
    demo_copy.mapping_rules.write_text('[[rule]]\nevent = "x"\nkind = "ordr"\n')
    done = run("doctor", "--dir", demo_copy.path, "--json")
    assert done.code == 1
    found = checks(done)["Mapping rules"]
    assert found["status"] == "wrong"
    assert "rule 1: 'ordr' is not known. Did you mean 'order'?" in found["said"]
    assert "wait" in found["advice"]


def test_doctor_finds_a_broken_database(run, demo_copy):
    demo_copy.identity.write_bytes(b"not a database, for sure" * 100)
    done = run("doctor", "--dir", demo_copy.path, "--json")
    assert done.code == 1
    assert checks(done)["Identities"]["status"] == "wrong"


def test_doctor_without_a_workspace_says_how_to_make_one(run, tmp_path):
    done = run("doctor", "--dir", tmp_path / "nowhere", "--json")
    assert done.code == 1
    assert "percorso init" in checks(done)["Workspace"]["said"]


def test_doctor_says_how_to_begin_in_an_empty_one(run, workspace):
    done = run("doctor", "--dir", workspace.path, "--json")
    assert done.code == 0
    assert checks(done)["Log"]["status"] == "look"


def test_log_merge_and_unmerge(run, demo_copy):
    from percorso.log import open_log

    names = open_log(demo_copy).customers().limit(2).to_pyarrow()["customer"].to_pylist()
    before = open_log(demo_copy).summary().customers
    assert run("log", "merge", *names, "--dir", demo_copy.path).code == 0
    assert open_log(demo_copy).summary().customers == before - 1
    assert run("log", "unmerge", names[0], "--dir", demo_copy.path).code == 0
    assert open_log(demo_copy).summary().customers == before
    same = run("log", "merge", names[0], names[0], "--dir", demo_copy.path)
    assert same.code == 1
    assert "itself" in same.err


def test_log_compact(run, demo_copy):
    done = run("log", "compact", "--dir", demo_copy.path)
    assert done.code == 0
    assert "files" in done.out


def test_what_is_wrong_with_a_row_or_a_folder_is_said_in_italian(run, tmp_path):
    place = tmp_path / "bottega"
    nowhere = run("quarantine", "list", "--dir", place, "--lang", "it")
    assert "non è una cartella di lavoro" in nowhere.err
    [broken] = violations(
        Interaction(
            id="1",
            at=datetime(2026, 1, 1, tzinfo=UTC),
            customer="user:1",
            kind="answer",
            source="s",
            touchpoint="survey",
            scale="nps",
            score=11.0,
        )
    )
    Quarantine(Workspace.create(place)).add(
        [
            Quarantined(
                import_id="1",
                file="a.csv",
                row=2,
                field=broken.field,
                rule=broken.rule,
                value=broken.value,
                raw={},
            )
        ]
    )
    for command in ("list", "show"):
        which = () if command == "list" else ("1",)
        italian = run("quarantine", command, *which, "--dir", place, "--lang", "it")
        assert "su nps deve essere un numero intero da 0 a 10" in italian.out
        english = run("quarantine", command, *which, "--dir", place)
        assert "on nps must be a whole number from 0 to 10" in english.out
