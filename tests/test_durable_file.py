"""A small file is whole whatever happens while it is written, and as private as it was."""

import errno
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from percorso import durable_file


def permissions(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def fails(*_given: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_what_is_written_takes_the_place_of_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    durable_file.write(file, "città = 1\n")
    durable_file.write(file, b"two")
    assert file.read_bytes() == b"two"
    assert names(tmp_path) == ["rules.toml"]


@pytest.mark.parametrize("step", ["percorso.durable_file.os.fsync", "pathlib.Path.replace"])
def test_where_it_cannot_be_written_the_old_file_stays_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    file = tmp_path / "rules.toml"
    durable_file.write(file, "old")
    with monkeypatch.context() as broken:
        broken.setattr(step, fails)
        with pytest.raises(OSError, match="No space left"):
            durable_file.write(file, "new")
    assert file.read_text() == "old"
    assert names(tmp_path) == ["rules.toml"]


def test_the_words_are_on_the_disk_before_the_name_is_and_then_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "rules.toml"
    durable_file.write(file, "old")
    seen: list[tuple[str, str]] = []
    really = os.fsync

    def note(descriptor: int) -> None:
        kind = "folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "words"
        seen.append((kind, file.read_text()))
        really(descriptor)

    monkeypatch.setattr("percorso.durable_file.os.fsync", note)
    durable_file.write(file, "new")
    assert seen == [("words", "old"), ("folder", "new")]


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644])
def test_a_file_keeps_its_permissions(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "segments.toml"
    file.write_text("old")
    file.chmod(mode)
    durable_file.write(file, "new")
    assert permissions(file) == mode


@pytest.mark.parametrize("function", [durable_file.write, durable_file.make])
def test_a_private_file_is_its_owners_from_the_first_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: Callable[..., None]
) -> None:
    really = os.fsync

    def note(descriptor: int) -> None:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            assert os.fstat(descriptor).st_mode & 0o077 == 0
        really(descriptor)

    monkeypatch.setattr("percorso.durable_file.os.fsync", note)
    function(tmp_path / "secret.key", "hush", private=True)
    assert permissions(tmp_path / "secret.key") == 0o600


def test_writing_a_private_file_closes_one_that_others_could_read(tmp_path: Path) -> None:
    file = tmp_path / "secret.key"
    file.write_text("old")
    file.chmod(0o644)
    durable_file.write(file, "new", private=True)
    assert permissions(file) == 0o600


def test_of_several_who_make_a_file_at_once_all_read_the_same(tmp_path: Path) -> None:
    file = tmp_path / "secret.key"

    def key(number: int) -> str:
        durable_file.make(file, f"key {number}", private=True)
        return file.read_text()

    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(key, range(40)))
    assert len(keys) == 1
    assert names(tmp_path) == ["secret.key"]


def killed_at(step: str, file: Path, function: Callable[..., None] = durable_file.write) -> None:
    """Write a file in another process, which is killed when it comes to ``step``."""
    code = (
        "import os, sys; from pathlib import Path; from percorso import durable_file; "
        f"{step} = lambda *_, **__: os._exit(9); "
        f"durable_file.{function.__name__}(Path(sys.argv[1]), 'new')"
    )
    ended = subprocess.run([sys.executable, "-c", code, str(file)], check=False)
    assert ended.returncode == 9


def test_what_a_kill_left_is_cleared_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    file, key = tmp_path / "in" / "rules.toml", tmp_path / "in" / "secret.key"
    durable_file.write(file, "old")
    killed_at("Path.replace", file)
    killed_at("os.fsync", file)
    killed_at("Path.unlink", key, durable_file.make)
    others = (".rules.toml.draft", "rules.toml.0123.draft", ".rules.toml.mine.draft")
    for each in others:
        (tmp_path / each).write_text("not ours")
    assert len(names(file.parent)) == 5
    assert durable_file.clear_drafts(tmp_path) == 3
    assert names(file.parent) == ["rules.toml", "secret.key"]
    assert file.read_text() == "old"
    # Its draft was this very file under another name.
    assert key.read_text() == "new"
    assert names(tmp_path) == sorted(("in", *others))
    assert durable_file.clear_drafts(tmp_path) == 0


def test_the_words_of_a_cleared_draft_are_overwritten(tmp_path: Path) -> None:
    draft = tmp_path / ".note.json.00ff.draft"
    draft.write_text("Ada Rossi")
    with draft.open() as opened:
        assert durable_file.clear_drafts(tmp_path) == 1
        assert opened.read().strip() == ""


@pytest.mark.parametrize("function", [durable_file.write, durable_file.make])
def test_what_is_being_written_is_not_cleared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: Callable[..., None]
) -> None:
    really = os.fsync
    seen: list[int] = []

    def meanwhile(descriptor: int) -> None:
        seen.append(durable_file.clear_drafts(tmp_path))
        really(descriptor)

    monkeypatch.setattr("percorso.durable_file.os.fsync", meanwhile)
    function(tmp_path / "rules.toml", "new")
    assert seen == [0, 0]
    assert names(tmp_path) == ["rules.toml"]
    assert (tmp_path / "rules.toml").read_text() == "new"


def test_writing_and_clearing_at_once_lose_nothing(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"

    def write(number: int) -> None:
        durable_file.write(file, f"{number:06}")
        assert len(file.read_text().strip()) == 6

    with ThreadPoolExecutor(8) as pool:
        clearing = [pool.submit(durable_file.clear_drafts, tmp_path) for _ in range(400)]
        list(pool.map(write, range(400)))
        assert sum(each.result() for each in clearing) <= 400
    assert names(tmp_path) == ["rules.toml"]
