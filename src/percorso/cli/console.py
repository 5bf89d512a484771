"""What every command shares: the language, the workspace, and how a command speaks."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

from percorso.i18n import activate
from percorso.i18n import gettext as _
from percorso.workspace import LANGUAGES, Workspace

if TYPE_CHECKING:
    from rich.console import Console

    from percorso.log import Log

FAILED = 1
USAGE = 2
WAITING = 3


def choose_language(arguments: list[str]) -> None:
    """Choose the language of messages: ``--lang``, else the terminal's, else the company's."""
    activate(_asked(arguments) or _of_terminal() or _of_company(arguments) or "en")


def open_workspace(path: Path) -> Workspace:
    return Workspace.open(path)


def open_log(path: Path) -> "Log":
    from percorso.log import open_log as open_it

    return open_it(open_workspace(path))


def out() -> "Console":
    """Return the console for results."""
    return _console(stderr=False)


def err() -> "Console":
    """Return the console for everything else: progress, notes, questions, errors."""
    return _console(stderr=True)


def say_error(message: str) -> None:
    from rich.text import Text

    err().print(Text.assemble((_("Error: "), "bold red"), message), soft_wrap=True)


def stop(message: str, code: int = FAILED) -> NoReturn:
    """End the command with a message and an exit code."""
    say_error(message)
    raise typer.Exit(code)


def in_terminal() -> bool:
    """Say whether there is somebody to ask."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def confirm(question: str, *, yes: bool) -> None:
    """Ask before something that cannot be undone; without a terminal ``--yes`` must say it."""
    if yes:
        return
    if not in_terminal():
        stop(question + " " + _("Say --yes to do it without being asked."), USAGE)
    if not typer.confirm(question, err=True):
        stop(_("Nothing was done."))


def _console(*, stderr: bool) -> "Console":
    from percorso.cli.plain_console import PlainConsole

    return PlainConsole(stderr=stderr, highlight=False)


def _asked(arguments: list[str]) -> str | None:
    return _known(_value(arguments, "--lang"))


def _of_terminal() -> str | None:
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    said = next((os.environ[name] for name in names if os.environ.get(name)), "")
    return _known(said[:2])


def _of_company(arguments: list[str]) -> str | None:
    from percorso.workspace import SETTINGS_FILE, WorkspaceError, default_path

    place = Path(_value(arguments, "--dir") or default_path())
    if not (place / SETTINGS_FILE).is_file():
        return None
    try:
        return Workspace.open(place).settings.language
    except WorkspaceError:
        return None  # the command itself will say what is wrong


def _value(arguments: Iterable[str], name: str) -> str | None:
    given = list(arguments)
    for position, each in enumerate(given):
        if each == name and position + 1 < len(given):
            return given[position + 1]
        if each.startswith(name + "="):
            return each.split("=", 1)[1]
    return None


def _known(language: str | None) -> str | None:
    return language if language in LANGUAGES else None
