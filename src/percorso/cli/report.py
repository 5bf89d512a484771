"""``percorso report``: the answers, in a terminal, as a page, as JSON."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from percorso.cli.console import USAGE, err, open_log, out, stop
from percorso.cli.options import (
    HERE,
    Channels,
    Dir,
    Lang,
    Segments,
    Since,
    Texts,
    Touchpoints,
    Until,
    dir_option,
    examples,
)
from percorso.cli.selecting import parse_selection
from percorso.i18n import current_language
from percorso.i18n import gettext as _

if TYPE_CHECKING:
    from percorso.report import Report

DIMENSIONS = (
    "channel",
    "touchpoint",
    "phase",
    "segment",
    "month",
    "kind",
    "language",
    "source",
    "name",
)
Ideal = Literal["promoters", "value", "advocates"]


def add_to(app: typer.Typer) -> None:
    app.command(
        "report",
        help=_(
            "Show how the customers' experience is. Scores with their intervals, promises kept, "
            "problems, journeys, the path of ideal customers."
        ),
        epilog=examples(
            "percorso report --dir shop",
            "percorso report --by channel --since 2025-01-01",
            "percorso report --html report.html --lang it",
            "percorso report --json > report.json",
        ),
    )(report)


def report(
    as_json: Annotated[
        bool, typer.Option("--json", help=_("Print JSON, and nothing else."))
    ] = False,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", dir_okay=False, help=_("Write one HTML page.")),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            metavar="DIMENSION",
            help=_("Add the scores by: {names} or property:NAME.").format(
                names=", ".join(DIMENSIONS)
            ),
        ),
    ] = None,
    ideal: Annotated[Ideal, typer.Option(help=_("Who counts as an ideal customer."))] = "promoters",
    since: Since = None,
    until: Until = None,
    touchpoint: Touchpoints = None,
    channel: Channels = None,
    phase: Annotated[Texts, typer.Option(help=_("Only this phase (may repeat)."))] = None,
    segment: Segments = None,
    kind: Annotated[Texts, typer.Option(help=_("Only this kind (may repeat)."))] = None,
    where: Annotated[
        Texts,
        typer.Option(
            "--property", metavar="NAME=VALUE", help=_("Only this property (may repeat).")
        ),
    ] = None,
    directory: Dir = HERE,
    lang: Lang = None,
) -> None:
    """Build the report and show it in the way asked for."""
    if as_json and html is not None:
        raise typer.BadParameter(_("Choose one of --json and --html."))
    if html is not None and not html.parent.is_dir():
        stop(_("{file} cannot be written: there is no such folder.").format(file=html))
    _check_dimension(by)
    log = open_log(directory)
    selection = parse_selection(
        log,
        since=since,
        until=until,
        touchpoints=touchpoint,
        channels=channel,
        phases=phase,
        segments=segment,
        kinds=kind,
        properties=where,
    )
    from percorso import report as reports
    from percorso.metrics import DimensionError

    try:
        with err().status(_("Asking the log")):
            built = reports.build(log, by=by, selection=selection, ideal=ideal)
    except DimensionError as error:
        stop(f"--by: {error}", USAGE)
    if as_json:
        typer.echo(
            json.dumps(reports.as_json(built), ensure_ascii=False, allow_nan=False, indent=2)
        )
    elif html is not None:
        _write(built, html, lang)
    else:
        reports.print_terminal(built, out(), dir_option(directory))


def _check_dimension(by: str | None) -> None:
    if by is None or by in DIMENSIONS or (by.startswith("property:") and by != "property:"):
        return
    raise typer.BadParameter(
        _("--by takes {names} or property:NAME, not {given}.").format(
            names=", ".join(DIMENSIONS), given=by
        )
    )


def _write(built: "Report", file: Path, lang: str | None) -> None:
    from percorso import report as reports

    page = reports.as_html(built, lang or current_language())
    try:
        file.write_text(page, encoding="utf-8")
    except OSError as error:
        stop(_("{file} cannot be written: {reason}").format(file=file, reason=error.strerror))
    err().print(_("Wrote {file}").format(file=file), markup=False, soft_wrap=True)
