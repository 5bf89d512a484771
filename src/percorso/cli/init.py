"""``percorso init``: make a workspace."""

from typing import Annotated

import typer

from percorso.cli.console import out
from percorso.cli.options import HERE, Dir, Lang, examples
from percorso.i18n import current_language
from percorso.i18n import gettext as _
from percorso.workspace import Settings, Workspace


def add_to(app: typer.Typer) -> None:
    app.command(
        "init",
        help=_("Make a workspace: the folder of one company."),
        epilog=examples(
            'percorso init --dir shop --name "Libreria Aurora"',
            "percorso init --dir shop --zone Europe/Rome --currency EUR --language it",
        ),
    )(init)


def init(
    directory: Dir = HERE,
    company: Annotated[
        str | None,
        typer.Option("--name", "--company", help=_("The company's name, as reports show it.")),
    ] = None,
    zone: Annotated[
        str, typer.Option(help=_("The zone that times without one are read in."))
    ] = "Europe/Rome",
    currency: Annotated[str, typer.Option(help=_("ISO 4217 code of the money."))] = "EUR",
    language: Annotated[
        str | None, typer.Option(help=_("Language of pages and reports: it or en."))
    ] = None,
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """Make a workspace."""
    settings = Settings(
        company=company or Settings().company,
        zone=zone,
        currency=currency.upper(),
        language=language or current_language(),
    )
    made = Workspace.create(directory, settings)
    console = out()
    console.print(_("Made the workspace {path}").format(path=made.path), soft_wrap=True)
    console.print(
        _("Next: percorso import YOUR-FILES --dir {path}").format(path=directory), soft_wrap=True
    )
