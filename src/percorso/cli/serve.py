"""``percorso serve``: the web application."""

from typing import Annotated

import typer

from percorso.cli.console import open_workspace
from percorso.cli.options import HERE, Dir, Lang, examples
from percorso.i18n import gettext as _


def add_to(app: typer.Typer) -> None:
    app.command(
        "serve",
        help=_(
            "Serve the pages and do the background work. The first time a link is printed, good "
            "once, with which you become the administrator."
        ),
        epilog=examples(
            "percorso serve --dir shop", "percorso serve --dir shop --host 0.0.0.0 --port 8000"
        ),
    )(serve)


def serve(
    directory: Dir = HERE,
    host: Annotated[str, typer.Option(help=_("The address to listen on."))] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help=_("The port to listen on."))] = 8000,
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """Serve the pages until interrupted."""
    from percorso import app

    app.serve(open_workspace(directory), host=host, port=port)
