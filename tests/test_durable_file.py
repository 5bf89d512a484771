"""A small file is whole whatever happens while it is written, and as private as it was."""

import errno
import os
import stat
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


def test_drafts_of_a_file_are_found_and_no_others(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    left = tmp_path / ".a.json.0123.draft"
    for each in (file, left, tmp_path / ".b.json.0123.draft", tmp_path / "a.json.draft"):
        each.write_text("")
    assert list(durable_file.drafts(file)) == [left]
