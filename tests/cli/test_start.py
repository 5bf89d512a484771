"""How the command line starts: at once, in the right language, with exit codes that tell."""

import os
import subprocess
import sys
import time

import pytest

from percorso import __version__
from percorso.workspace import Settings, Workspace


def seconds(*command: str) -> float:
    """Return the best of five runs, in processor time spent by the command."""

    def once() -> float:
        before = os.times()
        subprocess.run([sys.executable, *command], check=True, capture_output=True)
        after = os.times()
        return (after.children_user + after.children_system) - (
            before.children_user + before.children_system
        )

    return min(once() for _ in range(5))


def test_help_comes_at_once():
    # Beside what the library for commands alone takes: how busy the machine is falls out of it.
    taken = seconds("-m", "percorso.cli", "--help")
    assert taken < 4 * seconds("-c", "import typer")


def test_heavy_parts_are_not_loaded_for_help():
    code = (
        "import sys\n"
        "from percorso.cli import main\n"
        "try: main(['report', '--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'pandas', 'numpy', 'pyarrow', 'duckdb', 'ibis', 'altair', 'django'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_importing_the_package_loads_nothing():
    began = time.perf_counter()
    code = "import percorso, sys; print(len([n for n in sys.modules if n.startswith('percorso')]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1"
    assert time.perf_counter() - began < 5


def test_version(run):
    assert run("--version").out.strip() == f"percorso {__version__}"


def test_an_unknown_command_is_a_usage_error(run):
    done = run("improt")
    assert done.code == 2
    assert "improt" in done.err


def test_a_folder_that_is_no_workspace_fails_and_says_what_to_do(run, tmp_path):
    done = run("report", "--dir", tmp_path)
    assert done.code == 1
    assert done.out == ""
    assert "is not a workspace" in done.err
    assert f"percorso init --dir {tmp_path}" in done.err
    assert "Traceback" not in done.err


def test_percorso_dir_says_where(run, tmp_path, monkeypatch):
    Workspace.create(tmp_path / "shop")
    monkeypatch.setenv("PERCORSO_DIR", str(tmp_path / "shop"))
    assert run("log", "version").code == 0


@pytest.mark.parametrize(
    ("environment", "arguments", "expected"),
    [
        ({"LANG": "it_IT.UTF-8"}, [], "it"),
        ({"LANG": "en_GB.UTF-8"}, [], "en"),
        ({"LANG": "it_IT.UTF-8"}, ["--lang", "en"], "en"),
        ({"LANG": "it_IT.UTF-8", "LC_ALL": "en_US.UTF-8"}, [], "en"),
        ({"LANG": "C.UTF-8"}, [], "it"),
        ({"LANG": "de_DE.UTF-8"}, [], "it"),
        ({}, ["--lang=en"], "en"),
    ],
)
def test_language_is_asked_for_or_the_terminals_or_the_companys(
    environment, arguments, expected, tmp_path, monkeypatch
):
    from percorso.cli.console import choose_language
    from percorso.i18n import current_language, in_language

    Workspace.create(tmp_path / "shop", Settings(language="it"))
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with in_language("en"):
        choose_language(["report", "--dir", str(tmp_path / "shop"), *arguments])
        assert current_language() == expected


def test_a_language_nobody_speaks_here_is_a_usage_error(run, tmp_path):
    done = run("report", "--dir", tmp_path, "--lang", "de")
    assert done.code == 2
    assert "it, en" in done.err
