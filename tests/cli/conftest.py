"""Commands are run in this process: a new one would spend its time on imports."""

import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from percorso.cli import main
from percorso.i18n import in_language


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


@pytest.fixture
def run(capfd, monkeypatch) -> Callable[..., Ran]:
    """Return a function that runs ``percorso`` with arguments, without a terminal."""
    monkeypatch.delenv("PERCORSO_DIR", raising=False)
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)

    def run_it(*arguments: object) -> Ran:
        capfd.readouterr()
        with in_language("en"), pytest.raises(SystemExit) as ended:
            main([str(each) for each in arguments])
        captured = capfd.readouterr()
        return Ran(int(ended.value.code or 0), captured.out, captured.err)

    return run_it
