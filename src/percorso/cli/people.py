"""``percorso people``: who may sign in, and a way back in for whoever runs the machine."""

from typing import Annotated

import typer

from percorso.cli import served
from percorso.cli.console import open_workspace, out, stop
from percorso.cli.options import HERE, Dir, Lang, examples
from percorso.i18n import gettext as _


def add_to(app: typer.Typer) -> None:
    people = typer.Typer(
        no_args_is_help=True,
        help=_("See who may sign in, and make links to get in."),
        epilog=examples("percorso people list", "percorso people link ada@example.org"),
    )
    people.command(
        "list",
        help=_("List the people and their roles."),
        epilog=examples("percorso people list --dir shop"),
    )(list_people)
    people.command(
        "link",
        help=_(
            "Print a link, good once and for a day: for the first administrator, or, with an "
            "e-mail address, for that person to choose a new password."
        ),
        epilog=examples("percorso people link", "percorso people link ada@example.org"),
    )(link)
    people.command(
        "reset-second-step",
        help=_(
            "Remove a person's second step for signing in, and sign them out everywhere: for an "
            "administrator who lost the phone and the recovery codes."
        ),
        epilog=examples("percorso people reset-second-step ada@example.org"),
    )(reset_second_step)
    app.add_typer(people, name="people")


def list_people(
    directory: Dir = HERE,
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """List who may sign in."""
    served.start(open_workspace(directory))
    from rich.table import Table
    from rich.text import Text

    from percorso.app.accounts import queries

    found = queries.people()
    if not found:
        out().print(_("Nobody yet. The first administrator's link: percorso people link"))
        return
    table = Table(box=None, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))
    for name in (_("Name"), _("E-mail"), _("Role"), _("May sign in")):
        table.add_column(name)
    for each in found:
        table.add_row(
            Text(each.name), Text(each.email), each.role.value, _("yes") if each.active else _("no")
        )
    out().print(table)


def link(
    email: Annotated[
        str | None, typer.Argument(help=_("The person who needs a new password."))
    ] = None,
    directory: Dir = HERE,
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """Print a link that opens the door once."""
    workspace = open_workspace(directory)
    served.start(workspace)
    from django.conf import settings

    from percorso.app.accounts import actions, links, queries
    from percorso.app.serving import address

    if email is None:
        if queries.anybody():
            stop(
                _("There is an administrator already. Name the person: percorso people link E-MAIL")
            )
        path = links.welcome_path()
    else:
        person = next((p for p in queries.people() if p.email.lower() == email.lower()), None)
        if person is None or not person.active:
            stop(_("Nobody with the address {email} may sign in.").format(email=email))
        path = actions.reset_link(None, person.id)
    typer.echo((settings.ENVIRONMENT.url or address.last(workspace)) + path)


def reset_second_step(
    email: Annotated[str, typer.Argument(help=_("The person who cannot sign in."))],
    directory: Dir = HERE,
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """Let a person in with the password alone, until they set up a second step again."""
    served.start(open_workspace(directory))
    from percorso.app.accounts import actions, queries

    person = next((p for p in queries.people() if p.email.lower() == email.lower()), None)
    if person is None:
        stop(_("Nobody has the address {email}.").format(email=email))
    if not actions.clear_factors(None, person.id):
        stop(_("{email} has no second step.").format(email=email))
    out().print(_("{email} signs in with the password alone now.").format(email=email))
