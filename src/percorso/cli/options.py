"""Options that several commands take. Imported after the language is chosen: help is text."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from percorso.i18n import gettext as _
from percorso.workspace import LANGUAGES


def examples(*lines: str) -> str:
    """Return examples as the end of a help text, each on its own line."""
    # The mark keeps the lines as they are.
    return "\n".join(["\b", _("Examples:"), *(f"  {line}" for line in lines)])


def _check_language(value: str | None) -> str | None:
    if value is not None and value not in LANGUAGES:
        raise typer.BadParameter(
            _("{value} is not one of: {known}.").format(value=value, known=", ".join(LANGUAGES))
        )
    return value


Dir = Annotated[
    Path,
    typer.Option(
        "--dir",
        envvar="PERCORSO_DIR",
        help=_("The folder of the workspace."),
        show_default=_("the current folder"),
        file_okay=False,
    ),
]
Lang = Annotated[
    str | None,
    typer.Option(
        "--lang", callback=_check_language, metavar="it|en", help=_("Language: it or en.")
    ),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help=_("Do not ask: take it as said."))]
Json = Annotated[bool, typer.Option("--json", help=_("Print JSON."))]
Texts = list[str] | None
Since = Annotated[str | None, typer.Option(metavar="DAY", help=_("From this day (2025-01-31)."))]
Until = Annotated[str | None, typer.Option(metavar="DAY", help=_("Up to this day, included."))]
Touchpoints = Annotated[Texts, typer.Option(help=_("Only this touchpoint (may repeat)."))]
Channels = Annotated[Texts, typer.Option(help=_("Only this channel (may repeat)."))]
Segments = Annotated[Texts, typer.Option(help=_("Only customers of this segment (may repeat)."))]
HERE = Path()


def dir_option(directory: Path) -> str:
    """Return what a command said to the user needs to be of this workspace: `` --dir shop``."""
    return "" if directory == HERE else f" --dir {shlex.quote(str(directory))}"
