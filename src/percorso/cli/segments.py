"""``percorso segments``: saved and ready-made segments, their customers, and rules tried out."""

import getpass
import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from percorso import labels
from percorso.cli import served
from percorso.cli.console import open_log, out, stop
from percorso.cli.options import HERE, Dir, Json, Lang, examples
from percorso.i18n import current_language, ngettext
from percorso.i18n import gettext as _

if TYPE_CHECKING:
    from percorso.log import Log
    from percorso.segments import Rule

_Name = Annotated[str, typer.Argument(help=_("The name of a segment."))]
_RuleText = Annotated[
    str,
    typer.Argument(
        metavar="RULE", help=_('Such as "orders >= 2 and last_order within 90 days", or a name.')
    ),
]


def add_to(app: typer.Typer) -> None:
    segments = typer.Typer(
        no_args_is_help=True,
        help=_("See, count and save segments of customers."),
        epilog=examples("percorso segments list", 'percorso segments count "orders >= 2"'),
    )
    commands: tuple[tuple[str, Any, str, str], ...] = (
        (
            "list",
            list_all,
            _("List the segments, ready-made and saved, with how many customers are in each."),
            "percorso segments list --json",
        ),
        (
            "show",
            show,
            _("Show the rule of a segment, and its customers."),
            "percorso segments show champions --limit 20",
        ),
        (
            "count",
            count,
            _("Say how many customers fit a rule."),
            'percorso segments count "orders >= 2 and not consent marketing"',
        ),
        (
            "save",
            save,
            _("Save a rule under a name: every report can be narrowed to it from then on."),
            'percorso segments save "Unhappy regulars" "orders >= 2 and nps <= 6"',
        ),
        (
            "delete",
            delete,
            _("Delete a saved segment; the customers stay."),
            'percorso segments delete "Unhappy regulars"',
        ),
    )
    for name, command, words, example in commands:
        segments.command(name, help=words, epilog=examples(example))(command)
    app.add_typer(segments, name="segments")


def list_all(
    as_json: Json = False,
    directory: Dir = HERE,
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """List."""
    from percorso.log import segments
    from percorso.segments import SegmentError

    log = open_log(directory)
    try:
        found = segments.catalogue(log).all()
    except SegmentError as error:
        stop(str(error))
    sizes = segments.sizes(log, found)
    if as_json:
        rows = [
            {"name": each.name, "rule": each.rule, "ready": each.ready, "customers": size}
            for each, size in zip(found, sizes, strict=True)
        ]
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    for each, size in zip(found, sizes, strict=True):
        words = each.rule if not each.ready else labels.segment(each.name)
        counted = labels.number(size) if size is not None else _("the rule is broken")
        out().print(f"{each.name:<24} {counted:>12}  {words}", markup=False, highlight=False)


def show(
    name: _Name,
    limit: Annotated[int, typer.Option(min=0, help=_("How many customers at most."))] = 50,
    as_json: Json = False,
    directory: Dir = HERE,
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """Show."""
    from percorso.log import segments
    from percorso.segments import SegmentError

    log = open_log(directory)
    try:
        segment = segments.find(log, name)
        rule = segment.parsed()
        customers = sorted(map(str, segments.members(log, rule).to_pylist()))
    except SegmentError as error:
        stop(str(error))
    if as_json:
        found = {
            "name": segment.name,
            "rule": rule.as_text(),
            "made_by": segment.made_by,
            "made_at": segment.made_at.isoformat() if segment.made_at else None,
            "count": len(customers),
            "customers": customers[:limit],
        }
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    out().print(rule.as_text(current_language()), style="bold", markup=False)
    _say_count(len(customers))
    for each in customers[:limit]:
        out().print(f"  {each}", markup=False, highlight=False)


def count(
    rule: _RuleText,
    as_json: Json = False,
    directory: Dir = HERE,
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """Count."""
    from percorso.log import segments
    from percorso.segments import SegmentError

    log = open_log(directory)
    read = _read(log, rule)
    try:
        found = segments.count(log, read)
    except SegmentError as error:
        stop(str(error))
    if as_json:
        typer.echo(json.dumps({"rule": read.as_text(), "customers": found}, ensure_ascii=False))
        return
    _say_count(found)


def save(
    name: _Name,
    rule: _RuleText,
    replace: Annotated[
        bool, typer.Option("--replace", help=_("Change the segment of this name."))
    ] = False,
    directory: Dir = HERE,
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """Save."""
    from percorso.log import segments
    from percorso.segments import SegmentError

    log = open_log(directory)
    read = _read(log, rule)
    try:
        found = segments.count(log, read)
        made = segments.catalogue(log).save(
            name, read.as_text(), who=getpass.getuser(), instead_of=name if replace else ""
        )
    except SegmentError as error:
        stop(str(error))
    if served.start_if_there(log.workspace):
        from percorso.app.customers import actions

        actions.note_segment(None, made, changed=replace)
    out().print(_("“{name}” is saved.").format(name=made.name), markup=False)
    _say_count(found)


def delete(
    name: _Name,
    directory: Dir = HERE,
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """Delete."""
    from percorso.log import segments
    from percorso.segments import SegmentError

    log = open_log(directory)
    try:
        segments.catalogue(log).delete(name)
    except SegmentError as error:
        stop(str(error))
    if served.start_if_there(log.workspace):
        from percorso.app.customers import actions

        actions.note_segment_gone(None, name)
    out().print(_("“{name}” is deleted.").format(name=name), markup=False)


def _read(log: "Log", text: str) -> "Rule":
    """Return a rule as written, or that of the segment of this name; else say what is wrong."""
    from percorso.log import segments
    from percorso.segments import RuleError, SegmentError, parse

    try:
        named = segments.catalogue(log).find(text)
        return named.parsed() if named else parse(text)
    except RuleError as error:
        place = " " * error.at + "^" * max(error.length, 1)
        stop(f"{error}\n  {text}\n  {place}")
    except SegmentError as error:
        stop(str(error))


def _say_count(found: int) -> None:
    words = ngettext("{n} customer", "{n} customers", found)
    out().print(words.format(n=labels.number(found)))
