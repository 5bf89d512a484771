"""The list of commands."""

from importlib import import_module
from typing import Annotated, Any, Final

import typer

from percorso import __version__
from percorso.i18n import gettext as _

#: Module -> what it adds, in the order of the help.
_MODULES: Final = (
    "demo",
    "init",
    "imports",
    "report",
    "text",
    "serve",
    "doctor",
    "quarantine",
    "recipes",
    "log",
    "identity",
    "segments",
    "survey",
    "privacy",
    "source",
    "people",
)


def make_app() -> typer.Typer:
    """Return the application, its help in the current language."""
    app = typer.Typer(
        name="percorso",
        no_args_is_help=True,
        # Plain help: with Rich it takes twice the time, most of it for parts it does not use.
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["--help", "-h"]},
        help=_("Customer experience from the data you already have."),
        epilog=_("Begin with:  percorso demo   or   percorso import FOLDER-WITH-YOUR-FILES"),
    )
    app.callback()(_root)
    for name in _MODULES:
        module: Any = import_module(f"percorso.cli.{name}")
        module.add_to(app)
    return app


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"percorso {__version__}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Take the options that stand before a command."""
