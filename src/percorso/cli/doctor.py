"""``percorso doctor``: is everything in order, and what to do where it is not."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from percorso.cli.checks import Status, examine
from percorso.cli.console import FAILED, out
from percorso.cli.options import HERE, Dir, Json, Lang, examples
from percorso.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from percorso.cli.checks import Check


def add_to(app: typer.Typer) -> None:
    app.command(
        "doctor",
        help=_(
            "Check the machine and the workspace. Says what to do where something is wrong, and "
            "exits with 1 then."
        ),
        epilog=examples("percorso doctor --dir shop", "percorso doctor --deep --json"),
    )(doctor)


def doctor(
    deep: Annotated[
        bool, typer.Option("--deep", help=_("Read the whole log as well (slow on a large one)."))
    ] = False,
    as_json: Json = False,
    directory: Dir = HERE,
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """Run the checks."""
    checks = examine(directory, deep=deep)
    if as_json:
        typer.echo(json.dumps([each.as_dict() for each in checks], ensure_ascii=False, indent=2))
    else:
        _show(checks)
    if any(each.status is Status.WRONG for each in checks):
        raise typer.Exit(FAILED)


def _show(checks: "Sequence[Check]") -> None:
    from rich.table import Table
    from rich.text import Text

    words = {
        Status.FINE: Text(_("fine"), style="green"),
        Status.LOOK: Text(_("look"), style="yellow"),
        Status.WRONG: Text(_("wrong"), style="bold red"),
    }
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for each in checks:
        said = Text(each.said)
        if each.advice:
            said.append("\n" + each.advice, style="dim")
        table.add_row(words[each.status], Text(each.name, style="bold"), said)
    out().print(table)
