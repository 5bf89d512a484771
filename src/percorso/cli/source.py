"""``percorso source``: where live events come from, and the keys they are sent with."""

import json
from datetime import timedelta
from typing import Annotated

import typer

from percorso.cli import served
from percorso.cli.console import confirm, open_workspace, out
from percorso.cli.options import HERE, Dir, Lang, Yes, examples
from percorso.i18n import gettext as _

Name = Annotated[str, typer.Argument(help=_("The name of the source."))]
Json = Annotated[bool, typer.Option("--json", help=_("Print JSON, for programs."))]


def add_to(app: typer.Typer) -> None:
    source = typer.Typer(
        no_args_is_help=True,
        help=_("Manage where live events come from, and the keys they are sent with."),
        epilog=examples(
            "percorso source add website --origin https://www.example.org", "percorso source list"
        ),
    )
    source.command(
        "add",
        help=_("Add a source and print its write key, which is shown this once."),
        epilog=examples(
            "percorso source add till --channel store",
            "percorso source add website --origin https://www.example.org --json",
        ),
    )(add)
    source.command(
        "list",
        help=_("List the sources, their keys and what they have sent."),
        epilog=examples("percorso source list --dir shop"),
    )(list_sources)
    source.command(
        "rotate",
        help=_("Make a new key for a source; the one before goes on working for a while."),
        epilog=examples("percorso source rotate website", "percorso source rotate till --days 0"),
    )(rotate)
    source.command(
        "revoke",
        help=_("Revoke a source's keys, at once: all of them, or one by its last characters."),
        epilog=examples(
            "percorso source revoke website", "percorso source revoke website --ending 3f_A"
        ),
    )(revoke)
    app.add_typer(source, name="source")


def add(
    name: Annotated[
        str, typer.Argument(help=_("A name for it: small letters, digits and hyphens."))
    ],
    origin: Annotated[
        list[str] | None,
        typer.Option(
            "--origin",
            help=_("A website that may send with its key; may be given again. None: any may."),
        ),
    ] = None,
    most_per_second: Annotated[
        int | None,
        typer.Option("--most-per-second", min=1, help=_("How many requests a second it may send.")),
    ] = None,
    channel: Annotated[
        str,
        typer.Option(
            help=_("Where its customers are, for events that do not say it: store, phone, chat ...")
        ),
    ] = "",
    as_json: Json = False,
    directory: Dir = HERE,
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """Add a source."""
    served.start(open_workspace(directory))
    from percorso.app.sources import actions

    key = actions.add(None, name, origin or (), most_per_second, channel)
    _show_key(name.strip().lower(), key, as_json=as_json)


def list_sources(
    as_json: Json = False,
    directory: Dir = HERE,
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """List the sources."""
    served.start(open_workspace(directory))
    from percorso.app import company
    from percorso.app.sources import queries
    from percorso.live.inbox import open_inbox

    found = queries.sources()
    inbox = open_inbox(company.workspace())
    seen, waiting = inbox.seen(), inbox.depth()
    unknown = {each.name: inbox.unmapped_count(each.name) for each in found}
    inbox.close()
    if as_json:
        rows = [
            {
                "source": each.name,
                "origins": list(each.origins),
                "channel": each.channel,
                "closed": each.closed_at is not None,
                "keys": [key.ending for key in each.keys if key.works],
                "events": seen[each.name].events if each.name in seen else 0,
                "rejected": seen[each.name].rejected if each.name in seen else 0,
                "not_yet_mapped": unknown[each.name],
            }
            for each in found
        ]
        typer.echo(json.dumps({"sources": rows, "waiting": waiting}, ensure_ascii=False))
        return
    if not found:
        out().print(_("No source yet. Add one: percorso source add NAME"))
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))
    titles = (
        _("Name"), _("Websites"), _("Keys"), _("Events"), _("Rejected"), _("Not yet mapped"),
    )  # fmt: skip
    for title in titles:
        table.add_column(title)
    for each in found:
        sent = seen.get(each.name)
        keys = ", ".join(f"…{key.ending}" for key in each.keys if key.works)
        table.add_row(
            Text(each.name),
            Text("\n".join(each.origins) or _("any")),
            Text(keys or _("none")),
            str(sent.events if sent else 0),
            str(sent.rejected if sent else 0),
            str(unknown[each.name]),
        )
    out().print(table)
    if waiting:
        out().print(_("{count} events wait to enter the log.").format(count=waiting))


def rotate(
    name: Name,
    days: Annotated[
        int,
        typer.Option(min=0, max=90, help=_("For how many days the key before goes on working.")),
    ] = 7,
    as_json: Json = False,
    directory: Dir = HERE,
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """Make a new key."""
    served.start(open_workspace(directory))
    from percorso.app.sources import actions

    _show_key(name, actions.rotate(None, name, timedelta(days=days)), as_json=as_json)


def revoke(
    name: Name,
    ending: Annotated[
        str | None, typer.Option(help=_("The last four characters of the key to revoke."))
    ] = None,
    yes: Yes = False,
    directory: Dir = HERE,
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """Revoke keys."""
    served.start(open_workspace(directory))
    from percorso.app.sources import actions

    confirm(_("What still sends with them will be refused. Revoke them?"), yes=yes)
    count = actions.revoke(None, name, ending)
    out().print(_("Keys revoked: {count}").format(count=count))


def _show_key(name: str, key: str, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"source": name, "write_key": key}))
        return
    # The key alone goes to the output, so that it can be handed on to another program.
    from percorso.cli.console import err

    err().print(_("The write key of {name}; it is not shown again:").format(name=name))
    typer.echo(key)
