"""``percorso recipes``: how known files become interactions."""

from typing import Annotated

import typer

from percorso.cli.console import open_workspace, out
from percorso.cli.options import HERE, Dir, Lang, examples
from percorso.i18n import gettext as _


def add_to(app: typer.Typer) -> None:
    recipes = typer.Typer(
        no_args_is_help=True,
        help=_("See how known files are read. Recipes are shipped, or your own."),
        epilog=examples(
            "percorso recipes list", "percorso recipes show orders > recipes/my-orders.toml"
        ),
    )
    recipes.command(
        "list", help=_("List the recipes."), epilog=examples("percorso recipes list --dir shop")
    )(list_recipes)
    recipes.command(
        "show",
        help=_("Print a recipe, to read it or to write your own from it."),
        epilog=examples("percorso recipes show olist"),
    )(show_recipe)
    app.add_typer(recipes, name="recipes")


def list_recipes(
    directory: Dir = HERE,
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """List what there is, the company's own first."""
    from rich.table import Table
    from rich.text import Text

    from percorso.intake import recipes

    table = Table(box=None, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(_("Recipe"), no_wrap=True)
    table.add_column(_("What for"), overflow="fold")
    for each in recipes.available(open_workspace(directory)):
        name = Text(each.name, style="bold")
        if not each.shipped:
            name.append(" " + _("(yours)"), style="not bold dim")
        table.add_row(name, Text(f"{each.title}. {each.description}".strip()))
    out().print(table)


def show_recipe(
    name: Annotated[str, typer.Argument(help=_("The recipe's name."))],
    directory: Dir = HERE,
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """Print the text of a recipe."""
    from percorso.intake import recipes

    typer.echo(recipes.text(open_workspace(directory), name), nl=False)
