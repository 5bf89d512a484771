"""``percorso identity``: search, ask, answer, undo, show."""

import json

import pytest
from tests.identity.known import profile, tell

from percorso.log import open_log
from percorso.workspace import Workspace


@pytest.fixture
def shop(workspace: Workspace) -> Workspace:
    tell(
        open_log(workspace),
        profile("user:1", email="ada@example.org", nome="Ada", phone="333 1234568"),
        profile("crm:7", email="ada@example.org"),
    )
    return workspace


def test_what_is_found_can_be_seen_and_taken_back(run, shop):
    here = ("--dir", shop.path)
    found = json.loads(run("identity", "resolve", "--json", *here).out)
    assert (found["joined"], found["undone"], found["to_ask"]) == (1, 0, 0)
    shown = run("identity", "show", "crm:7", *here).out
    assert shown.splitlines()[0] == "user:1"
    assert "1. crm:7 = user:1: equal, e-mail ada@example.org (98.0%)" in shown
    assert "telephone: 333 1234568 (test)" in shown
    assert run("identity", "undo", "1", *here).code == 0
    assert run("identity", "resolve", "--all", *here).out.strip() == "0 joins were made."
    listed = json.loads(run("identity", "show", "crm:7", "--json", *here).out)
    assert listed["references"] == ["crm:7"]
    assert listed["joins"][0]["undone_by"]
    wrong = run("identity", "undo", "1", *here)
    assert wrong.code == 1
    assert "no join number 1" in wrong.err


def test_an_answer_stands(run, shop):
    here = ("--dir", shop.path)
    assert run("identity", "answer", "user:1", "crm:7", "--different", *here).code == 0
    assert json.loads(run("identity", "resolve", "--json", *here).out)["joined"] == 0
    assert run("identity", "answer", "user:1", "crm:7", "--same", *here).code == 0
    assert open_log(shop).identity.customer_of("crm:7") == "user:1"


def test_what_waits_is_listed_with_its_weights(run, workspace):
    (workspace.path / "identity.toml").write_text("join_above = 1.0\nask_above = 0.3\n")
    home = {"street": "Viale Monza 12", "cap": "20126", "dob": "1980-03-31"}
    tell(
        open_log(workspace),
        profile("user:1", name="Giuseppe Rossetti", **home),
        profile("user:2", name="Beppe Rossetti", **home),
    )
    here = ("--dir", workspace.path)
    assert "1 pair waits" in run("identity", "resolve", *here).out
    listed = run("identity", "ask", *here).out
    assert "user:1 and user:2" in listed
    assert "name: a short form of the same name (giuseppe rossetti | beppe rossetti)" in listed
    [question] = [
        json.loads(line) for line in run("identity", "ask", "--json", *here).out.split("\n") if line
    ]
    assert question["probability"] > 0.9
    assert [each["field"] for each in question["weights"]] == [
        "prior", "name", "birth_date", "address"
    ]  # fmt: skip
