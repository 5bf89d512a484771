"""``percorso demo``: an invented bookshop to look round in."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from percorso.cli.console import err, out, stop
from percorso.cli.options import Dir, Lang, dir_option, examples
from percorso.cli.serve import serve
from percorso.i18n import gettext as _
from percorso.workspace import SETTINGS_FILE, Workspace

if TYPE_CHECKING:
    from percorso.demo import Asking

#: Written beside the demo's data: what was planted in it. It tells a demo from real data.
_TRUTHS = "truths.md"


def add_to(app: typer.Typer) -> None:
    app.command(
        "demo",
        help=_(
            "Make an invented bookshop and look round in it. Libreria Aurora has two years of "
            "customers; its report is shown and its pages are served. What was planted in the "
            "data is written in truths.md."
        ),
        epilog=examples(
            "percorso demo",
            "percorso demo --no-serve --dir demo",
            "percorso demo --customers 1000 --seed 42 --dir other-demo",
        ),
    )(demo)


def demo(
    directory: Dir = Path("percorso-demo"),
    serving: Annotated[
        bool, typer.Option("--serve/--no-serve", help=_("Serve the pages afterwards."))
    ] = True,
    seed: Annotated[int, typer.Option(min=0, help=_("The same seed, the same company."))] = 7,
    customers: Annotated[
        int, typer.Option(min=100, max=1_000_000, help=_("How many customers."))
    ] = 5000,
    host: Annotated[str, typer.Option(help=_("The address to listen on."))] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help=_("The port to listen on."))] = 8000,
    lang: Lang = None,
) -> None:
    """Make the demo, show its report, serve it."""
    workspace = _reused(directory)
    writing = None
    if workspace is None:
        workspace, asking = _made(directory, seed, customers)
        writing = _write_asked(workspace, asking)

    from percorso import report
    from percorso.log import open_log

    report.print_terminal(report.build(open_log(workspace)), out(), dir_option(directory))
    if writing is not None:
        _wait_for(writing)
    if serving:
        serve(directory, host, port, lang)
    else:
        out().print(
            _("Look round: percorso serve --dir {path}").format(path=directory), soft_wrap=True
        )


def _reused(directory: Path) -> Workspace | None:
    if not (directory / SETTINGS_FILE).exists():
        return None
    if not (directory / _TRUTHS).exists():
        stop(
            _(
                "{path} is a workspace but no demo (or one that was cut short). Remove it, or "
                "name another folder: percorso demo --dir percorso-demo"
            ).format(path=directory)
        )
    err().print(
        _("Using the demo that is already in {path}. To make it anew, remove that folder.").format(
            path=directory
        ),
        soft_wrap=True,
    )
    return Workspace.open(directory)


def _made(directory: Path, seed: int, customers: int) -> "tuple[Workspace, Asking]":
    from percorso import demo as maker

    console = err()
    with console.status(_("Making Libreria Aurora")):
        workspace, asking = maker.make_asked(directory, seed=seed, customers=customers)
    console.print(
        _("Made Libreria Aurora in {path}; what was planted is in {truths}.").format(
            path=directory, truths=directory / _TRUTHS
        ),
        soft_wrap=True,
    )
    return workspace, asking


def _write_asked(workspace: Workspace, asking: "Asking") -> subprocess.Popen[bytes]:
    """Begin to write into the application's database who was asked, in a process of its own.

    Meanwhile the report is worked out: nobody waits for Django.
    """
    import msgspec

    with tempfile.TemporaryFile() as file:
        file.write(msgspec.json.encode(asking))
        file.seek(0)
        return subprocess.Popen(
            [sys.executable, "-m", "percorso.app.surveys.demo"],
            env={**os.environ, "PERCORSO_DIR": str(workspace.path.absolute())},
            stdin=file,
            stderr=subprocess.PIPE,
        )


def _wait_for(writing: subprocess.Popen[bytes]) -> None:
    _nothing, said = writing.communicate()
    if writing.returncode:
        err().print(
            _("Who was invited to the surveys could not be written: {reason}").format(
                reason=said.decode(errors="replace").strip()
            ),
            soft_wrap=True,
        )
