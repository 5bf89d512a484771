"""``percorso log``: looking after the log itself."""

from typing import Annotated

import typer

from percorso.cli.console import err, open_log, out
from percorso.cli.options import HERE, Dir, Lang, examples
from percorso.i18n import gettext as _

Customer = Annotated[
    str, typer.Argument(metavar="CUSTOMER", help=_("As in the log, such as email:ada@example.org."))
]


def add_to(app: typer.Typer) -> None:
    log = typer.Typer(
        no_args_is_help=True,
        help=_("Look after the log. Its version, its files, who is who."),
        epilog=examples("percorso log version", "percorso log compact"),
    )
    commands = (
        ("version", version, _("Print the log's version."), "percorso log version --dir shop"),
        (
            "compact",
            compact,
            _("Join the many small files that many small imports leave."),
            "percorso log compact --dir shop",
        ),
        (
            "merge",
            merge,
            _("Say that a reference belongs to a customer, for the past as well."),
            "percorso log merge anon:7f email:ada@example.org",
        ),
        (
            "unmerge",
            unmerge,
            _("Take a merge back, for the past as well."),
            "percorso log unmerge anon:7f",
        ),
    )
    for name, command, words, example in commands:
        log.command(name, help=words, epilog=examples(example))(command)
    app.add_typer(log, name="log")


def version(
    directory: Dir = HERE,
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """Print the version."""
    typer.echo(open_log(directory).version)


def compact(
    directory: Dir = HERE,
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """Join small files."""
    log = open_log(directory)
    before = len(log.files())
    with err().status(_("Joining files")):
        log.compact()
    out().print(_("{before} files became {after}.").format(before=before, after=len(log.files())))


def merge(
    reference: Annotated[str, typer.Argument(help=_("The reference that is the same person."))],
    customer: Customer,
    directory: Dir = HERE,
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """Merge a reference into a customer."""
    open_log(directory).merge(reference, customer)
    out().print(
        _("{reference} now counts as {customer}.").format(reference=reference, customer=customer),
        markup=False,
    )


def unmerge(
    reference: Annotated[str, typer.Argument(help=_("The reference to take out again."))],
    directory: Dir = HERE,
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """Take a merge back."""
    open_log(directory).unmerge(reference)
    out().print(_("{reference} counts by itself again.").format(reference=reference), markup=False)
