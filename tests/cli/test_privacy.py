"""``percorso privacy`` and ``segments``: what they do is in the trail; a copy is private."""

import json
import sqlite3
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Ran
from tests.cli.test_source import command
from tests.log.rows import add, row

from percorso.log import open_log
from percorso.workspace import Workspace

ADA = "email:ada@example.org"


@pytest.fixture
def shop(workspace: Workspace) -> Workspace:
    """Return a company with Ada and others in its log."""
    add(open_log(workspace), [row(str(n), ADA if n < 2 else f"user:{n}", n) for n in range(8)])
    return workspace


def trail(workspace: Workspace) -> list[tuple[Any, ...]]:
    with sqlite3.connect(workspace.app_database) as database:
        found = database.execute("SELECT action, actor_name, subject FROM audit_entry ORDER BY id")
        return found.fetchall()


def test_what_is_done_by_hand_is_in_the_trail(shop: Workspace, tmp_path: Path) -> None:
    assert command(shop, "source", "add", "till").returncode == 0  # the application is there now
    for given in (
        ("privacy", "export", ADA, "--to", str(tmp_path / "ada.zip")),
        ("segments", "save", "Two", "orders >= 2"),
        ("segments", "save", "Two", "orders >= 3", "--replace"),
        ("segments", "delete", "Two"),
        ("privacy", "erase", ADA, "--yes", "--json"),
    ):
        done = command(shop, *given)
        assert done.returncode == 0, done.stderr
    [certificate] = json.loads(done.stdout)
    noted = trail(shop)
    assert [action for action, _actor, _subject in noted] == [
        "source.added",
        "privacy.exported",
        "segment.saved",
        "segment.changed",
        "segment.deleted",
        "privacy.erased",
    ]
    assert noted[-1][2] == certificate["id"]
    # By nobody who signed in; and of customers nothing that says who they are.
    assert {actor for _action, actor, _subject in noted} == {""}
    assert "ada" not in str(noted)


def test_where_the_application_was_never_served_there_is_no_trail(
    run: Callable[..., Ran], shop: Workspace
) -> None:
    assert run("segments", "save", "Two", "orders >= 2", "--dir", shop.path).code == 0
    assert not shop.app_database.exists()


def test_a_copy_is_its_owners_alone_from_the_first_byte(
    run: Callable[..., Ran], shop: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whoever makes it private only afterwards leaves a moment in which others may read it.
    monkeypatch.setattr(Path, "chmod", lambda *_given: None)
    copy = tmp_path / "ada.zip"
    assert run("privacy", "export", ADA, "--to", copy, "--dir", shop.path).code == 0
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with zipfile.ZipFile(copy) as packed:
        assert "data.json" in packed.namelist()
