"""``percorso quarantine``: rows that could not be read, mended and tried again."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from percorso import labels
from percorso.cli.console import FAILED, confirm, err, open_log, open_workspace, out
from percorso.cli.options import HERE, Dir, Json, Lang, Yes, examples
from percorso.i18n import gettext as _
from percorso.i18n import ngettext
from percorso.vocabulary import FIELDS

if TYPE_CHECKING:
    from percorso.log.quarantine import Quarantine, Quarantined

#: Rows are read in pages, so that a million of them take no more memory than a hundred.
_PAGE = 500


StatusName = Literal["waiting", "replayed", "discarded"]
Which = Annotated[int, typer.Argument(metavar="ID", help=_("The row's number, as listed."))]
Some = Annotated[list[int] | None, typer.Argument(metavar="ID...", help=_("The rows' numbers."))]


def add_to(app: typer.Typer) -> None:
    quarantine = typer.Typer(
        no_args_is_help=True,
        help=_(
            "Mend the rows that could not be read. Each is kept with its file, row, field, rule "
            "and value."
        ),
        epilog=examples("percorso quarantine list", "percorso quarantine mend 12 at=2024-02-28"),
    )
    commands = (
        ("list", list_rows, _("List the rows."), "percorso quarantine list --limit 100"),
        ("show", show, _("Show a row as it came."), "percorso quarantine show 12"),
        (
            "mend",
            mend,
            _("Give a row other values and try it again."),
            "percorso quarantine mend 12 at=2024-02-28 score=9",
        ),
        (
            "replay",
            replay,
            _("Try rows again as they are, after a setting or a recipe was mended."),
            "percorso quarantine replay --all",
        ),
        (
            "discard",
            discard,
            _("Put rows aside for good. They stay listed as discarded."),
            "percorso quarantine discard 12 13",
        ),
        (
            "export",
            export,
            _("Write the rows to a CSV file that is safe to open in a spreadsheet."),
            "percorso quarantine export quarantine.csv",
        ),
    )
    for name, command, words, example in commands:
        quarantine.command(name, help=words, epilog=examples(example))(command)
    app.add_typer(quarantine, name="quarantine")


def list_rows(
    status: Annotated[StatusName, typer.Option(help=_("Which rows."))] = "waiting",
    limit: Annotated[int, typer.Option(min=1, help=_("How many."))] = 50,
    offset: Annotated[int, typer.Option(min=0, help=_("How many to pass over."))] = 0,
    as_json: Json = False,
    directory: Dir = HERE,
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """List rows in quarantine."""
    rows = _open(directory).list(status=status, limit=limit, offset=offset)
    if as_json:
        typer.echo(json.dumps([_as_dict(row) for row in rows], ensure_ascii=False, indent=2))
        return
    if not rows:
        out().print(_("There are none."))
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))
    for name in (_("Id"), _("File and row"), _("What is wrong")):
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(
            Text(str(row.id)),
            Text(f"{row.file}:{row.row}"),
            Text(f"{row.field and row.field + ': '}{labels.phrase(row.rule)} ({row.value})"),
        )
    out().print(table)


def show(
    row_id: Which,
    directory: Dir = HERE,
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """Show one row."""
    typer.echo(json.dumps(_as_dict(_open(directory).get(row_id)), ensure_ascii=False, indent=2))


def mend(
    row_id: Which,
    values: Annotated[list[str], typer.Argument(metavar="FIELD=VALUE...", help=_("New values."))],
    directory: Dir = HERE,
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """Mend a row and try it again."""
    given = dict(_pair(each) for each in values)
    _check_fields(_open(directory).get(row_id), given)
    if not _tried(directory, row_id, given):
        raise typer.Exit(FAILED)


def replay(
    row_ids: Some = None,
    everything: Annotated[bool, typer.Option("--all", help=_("All rows that wait."))] = False,
    directory: Dir = HERE,
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """Try rows again."""
    quarantine = _open(directory)
    chosen = _chosen(quarantine, row_ids, everything=everything)
    accepted = sum(_tried(directory, each, {}) for each in chosen)
    out().print(
        ngettext(
            "{accepted} of {n} row was accepted.",
            "{accepted} of {n} rows were accepted.",
            len(chosen),
        ).format(accepted=accepted, n=len(chosen))
    )
    if accepted < len(chosen):
        raise typer.Exit(FAILED)


def discard(
    row_ids: Some = None,
    everything: Annotated[bool, typer.Option("--all", help=_("All rows that wait."))] = False,
    yes: Yes = False,
    directory: Dir = HERE,
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """Put rows aside."""
    quarantine = _open(directory)
    chosen = _chosen(quarantine, row_ids, everything=everything)
    confirm(
        ngettext("Discard {n} row?", "Discard {n} rows?", len(chosen)).format(n=len(chosen)),
        yes=yes,
    )
    for each in chosen:
        quarantine.discard(each)
    out().print(
        ngettext("{n} row was discarded.", "{n} rows were discarded.", len(chosen)).format(
            n=len(chosen)
        )
    )


def export(
    file: Annotated[Path, typer.Argument(dir_okay=False, help=_("The CSV file to write."))],
    status: Annotated[StatusName, typer.Option(help=_("Which rows."))] = "waiting",
    directory: Dir = HERE,
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """Write rows to a CSV file."""
    from percorso.intake import write_csv

    header = ("id", "import", "file", "row", "field", "rule", "value", "raw")
    rows = (
        (
            str(row.id),
            str(row.import_id),
            row.file,
            str(row.row),
            row.field,
            labels.phrase(row.rule),
            row.value,
            json.dumps(row.raw, ensure_ascii=False),
        )
        for row in _all(_open(directory), status)
    )
    with file.open("w", encoding="utf-8-sig", newline="") as target:
        write_csv(target, header, rows)
    err().print(_("Wrote {file}").format(file=file), markup=False, soft_wrap=True)


def _open(directory: Path) -> "Quarantine":
    from percorso.log.quarantine import Quarantine

    return Quarantine(open_workspace(directory))


def _all(quarantine: "Quarantine", status: StatusName) -> "list[Quarantined]":
    rows: list[Quarantined] = []
    while page := quarantine.list(status=status, limit=_PAGE, offset=len(rows)):
        rows.extend(page)
    return rows


def _chosen(quarantine: "Quarantine", given: list[int] | None, *, everything: bool) -> list[int]:
    """Return a number for each row of a file, though it may be listed for several rules."""
    if bool(given) == everything:
        raise typer.BadParameter(_("Name rows by their number, or say --all."))
    rows = _all(quarantine, "waiting") if everything else [quarantine.get(n) for n in given or ()]
    return list({(row.import_id, row.file, row.row): row.id for row in rows}.values())


def _tried(directory: Path, row_id: int, values: dict[str, str]) -> bool:
    """Try a row; say what became of it; return whether it was accepted."""
    from percorso import intake

    done = intake.replay(open_log(directory), row_id, values)
    if done.accepted:
        out().print(
            _("{id}: accepted; {n} interactions added.").format(id=row_id, n=done.added),
            markup=False,
        )
        return True
    for each in done.violations:
        err().print(f"{row_id}: {each}", markup=False, soft_wrap=True)
    return False


def _pair(given: str) -> tuple[str, str]:
    field, separator, value = given.partition("=")
    if not separator or not field:
        raise typer.BadParameter(
            _("Values are given as FIELD=VALUE, not {given!r}.").format(given=given)
        )
    return field, value


def _check_fields(row: "Quarantined", given: Mapping[str, str]) -> None:
    """Refuse a field that the row does not have: its value would be lost."""
    known = sorted({*row.raw, row.field, *(each.name for each in FIELDS)})
    for name in given:
        if name not in known:
            raise typer.BadParameter(
                _("The row has no field {name!r}. It has: {known}.").format(
                    name=name, known=", ".join(known)
                )
            )


def _as_dict(row: "Quarantined") -> dict[str, Any]:
    return {
        "id": row.id,
        "import": row.import_id,
        "file": row.file,
        "row": row.row,
        "field": row.field,
        "rule": labels.phrase(row.rule),
        "value": row.value,
        "raw": dict(row.raw),
        "recipe": row.recipe,
        "status": row.status,
    }
