"""``percorso privacy``: what a customer may ask for, and how long data are kept."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from percorso import durable_file
from percorso.cli import served
from percorso.cli.console import confirm, err, open_log, open_workspace, out, stop
from percorso.cli.options import HERE, Dir, Json, Lang, Yes, examples
from percorso.i18n import gettext as _
from percorso.i18n import ngettext

if TYPE_CHECKING:
    from percorso.log import Log
    from percorso.privacy import Certificate, Place
    from percorso.privacy.retention import Going

Who = Annotated[
    str,
    typer.Argument(
        metavar="WHOM",
        help=_("A reference, e-mail address, telephone or order number: ada@example.org."),
    ),
]


def add_to(app: typer.Typer) -> None:
    privacy = typer.Typer(
        no_args_is_help=True,
        help=_("Export or erase a person, erase again after a restore, keep data no longer."),
        epilog=examples("percorso privacy find ada@example.org", "percorso privacy erase user:42"),
    )
    commands = (
        (
            "find",
            find,
            _("Say who somebody is here, or whether they were erased."),
            "find ada@example.org",
        ),
        (
            "export",
            export,
            _("Write all that is held about a person to a zip."),
            "export ada@example.org --to ada.zip",
        ),
        (
            "erase",
            erase,
            _("Erase a person from everything, and print the certificate."),
            "erase ada@example.org",
        ),
        (
            "certificates",
            certificates,
            _("List the certificates, and check that none was changed."),
            "certificates --json",
        ),
        ("consents", consents, _("Show what a person agreed to."), "consents ada@example.org"),
    )
    for name, command, words, example in commands:
        privacy.command(name, help=words, epilog=examples(f"percorso privacy {example}"))(command)
    again = typer.Typer(
        no_args_is_help=True,
        help=_("After a backup was restored, erase again whom it brought back."),
        epilog=examples("percorso privacy restore-list export erased.txt"),
    )
    again.command(
        "export",
        help=_("Write the list, to keep beside the backups."),
        epilog=examples("percorso privacy restore-list export erased.txt"),
    )(list_export)
    again.command(
        "apply",
        help=_("Erase everybody in the list who is here again."),
        epilog=examples("percorso privacy restore-list apply --list erased.txt"),
    )(list_apply)
    privacy.add_typer(again, name="restore-list")
    kept = typer.Typer(
        no_args_is_help=True,
        help=_("How long each kind of data is kept."),
        epilog=examples("percorso privacy retention try"),
    )
    kept.command(
        "try",
        help=_("Say what would go now. Nothing is changed."),
        epilog=examples("percorso privacy retention try"),
    )(retention_try)
    kept.command(
        "apply",
        help=_("Take what was kept for long enough."),
        epilog=examples("percorso privacy retention apply --yes"),
    )(retention_apply)
    privacy.add_typer(kept, name="retention")
    app.add_typer(privacy, name="privacy")


def find(
    whom: Who,
    as_json: Json = False,
    directory: Dir = HERE,
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """Find a person."""
    from percorso.privacy import Register
    from percorso.privacy import find as find_them

    log = open_log(directory)
    found = find_them(log, whom)
    at = next(
        filter(None, (Register(log.workspace).erased_at(each) for each in (whom, f"email:{whom}"))),
        None,
    )
    if as_json:
        typer.echo(json.dumps({"customers": found, "erased_at": at.isoformat() if at else None}))
        return
    for customer in found:
        references = ", ".join(log.identity.references_of(customer))
        out().print(f"{customer}  ({references})", markup=False)
    if at:
        out().print(_("Erased on {day}.").format(day=f"{at:%Y-%m-%d %H:%M} UTC"), markup=False)
    if not found and not at:
        stop(_("Nothing is held under {whom}.").format(whom=whom))


def export(
    whom: Who,
    to: Annotated[Path, typer.Option(help=_("The zip to write."))] = Path("person.zip"),
    directory: Dir = HERE,
    lang: Lang = None,
) -> None:
    """Write a person's data."""
    log = open_log(directory)
    customer = _one(log, whom)
    if served.start_if_there(log.workspace):
        from percorso.app.privacy import actions

        packed = actions.give_copy(None, customer, lang)
    else:
        from percorso.privacy.export import export as export_them

        packed = export_them(log, customer, language=lang)
    durable_file.write(to, packed, private=True)
    out().print(
        _("All that is held is in {file}: give it to the person only.").format(file=to),
        markup=False,
    )


def erase(
    whom: Who,
    yes: Yes = False,
    keep_figures: Annotated[
        bool, typer.Option("--keep-figures", help=_("Leave what happened, without the person."))
    ] = False,
    as_json: Json = False,
    directory: Dir = HERE,
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """Erase a person."""
    from percorso.privacy import Register, resume
    from percorso.privacy import erase as erase_them

    log = open_log(directory)
    customer = _one(log, whom, unknown_too=True)
    confirm(
        _("Erase everything about {customer}? This cannot be undone.").format(customer=customer),
        yes=yes,
    )
    places = _places(log)
    with err().status(_("Erasing")) as status:
        cut_off = resume(log, also=places)
        done = erase_them(
            log,
            customer,
            who=os.environ.get("USER", ""),
            also=places,
            keep_figures=keep_figures,
            on_step=lambda step: status.update(f"{_('Erasing')}: {step}"),
        )
    if served.has_app(log.workspace):
        from percorso.app.privacy import noted

        noted.erased([*cut_off, done])
    _show([*cut_off, done], as_json=as_json)
    if not as_json:
        broken = Register(log.workspace).broken()
        if broken:
            err().print(_("Certificate {id} was changed.").format(id=broken), markup=False)
        out().print(
            _(
                "The files you imported from are yours and were not touched: take the customer out "
                "of them too, or importing them again brings the customer back."
            ),
            style="dim",
        )
    if not done.clean:
        raise typer.Exit(1)


def certificates(
    as_json: Json = False,
    directory: Dir = HERE,
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """List certificates."""
    from percorso.privacy import Register

    register = Register(open_workspace(directory))
    found = register.certificates(limit=10_000)
    _show(list(found), as_json=as_json, in_short=True)
    broken = register.broken()
    if broken:
        stop(_("Certificate {id} was changed.").format(id=broken))


def consents(
    whom: Who,
    as_json: Json = False,
    directory: Dir = HERE,
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """Show consents."""
    import msgspec

    from percorso.privacy.consents import consents as consents_of
    from percorso.vocabulary import BASIS_WORDS, PURPOSE_NAMES

    log = open_log(directory)
    found = consents_of(log, _one(log, whom))
    if as_json:
        typer.echo(msgspec.json.encode(found).decode())
        return
    for each in found:
        answer = _("yes") if each.may else _("no")
        line = f"{_(PURPOSE_NAMES[each.purpose])}: {answer} ({_(BASIS_WORDS[each.basis])})"
        if each.last:
            line += f" – {each.last.at:%Y-%m-%d} {each.last.how} “{each.last.words}”"
        out().print(line, markup=False)


def list_export(
    file: Annotated[Path, typer.Argument(help=_("The file to write."))],
    directory: Dir = HERE,
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """Write the list."""
    from percorso.privacy import Register
    from percorso.privacy.certificates import KEY

    workspace = open_workspace(directory)
    found = Register(workspace).restore_list()
    file.write_text(found.as_text(), encoding="utf-8")
    out().print(
        _("Entries: {n}. Keep it beside the backups, and {key} apart from both.").format(
            n=len(found.entries), key=workspace.path / KEY
        ),
        markup=False,
    )


def list_apply(
    given: Annotated[
        Path | None, typer.Option("--list", help=_("A list that was kept apart from the backup."))
    ] = None,
    key: Annotated[
        Path | None, typer.Option(help=_("The privacy.key that was kept with it."))
    ] = None,
    yes: Yes = False,
    as_json: Json = False,
    directory: Dir = HERE,
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """Erase again."""
    from percorso.privacy import Register, RestoreList, restoring

    log = open_log(directory)
    confirm(_("Erase again everybody in the list who is here?"), yes=yes)
    if key is not None:
        Register(log.workspace).take_key(key.read_text(encoding="utf-8"))
    read = RestoreList.of_text(given.read_text(encoding="utf-8")) if given is not None else None
    with err().status(_("Erasing")):
        done = restoring.apply(log, read, who=os.environ.get("USER", ""), also=_places(log))
    if served.has_app(log.workspace):
        from percorso.app.privacy import noted

        noted.restored(len(done))
    _show(list(done), as_json=as_json)
    if not as_json:
        pattern = ngettext(
            "{n} person was erased again.", "{n} people were erased again.", len(done)
        )
        out().print(pattern.format(n=len(done)))


def retention_try(
    as_json: Json = False,
    directory: Dir = HERE,
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """Say what would go."""
    from percorso.privacy import retention

    _show_going(retention.dry_run(open_log(directory)), as_json=as_json)


def retention_apply(
    yes: Yes = False,
    as_json: Json = False,
    directory: Dir = HERE,
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """Take what is due."""
    from percorso.privacy import retention

    log = open_log(directory)
    if not as_json:
        _show_going(retention.dry_run(log), as_json=False)
    confirm(_("Take that out for good?"), yes=yes)
    gone = retention.apply(log)
    if served.start_if_there(log.workspace):
        from percorso.app.privacy import noted

        noted.forgotten(gone)
    if as_json:
        _show_going(gone, as_json=True)


def _show_going(found: "tuple[Going, ...]", *, as_json: bool) -> None:
    import msgspec

    if as_json:
        typer.echo(msgspec.json.encode(found).decode())
        return
    if not found:
        out().print(_("There are no rules in retention.toml: nothing goes."), markup=False)
    now = datetime.now(UTC)
    for each in found:
        what = each.rule.store or ", ".join(each.rule.kinds)
        out().print(
            _("{what}: {rows} rows of {customers} customers from before {day} ({then})").format(
                what=what,
                rows=each.rows,
                customers=each.customers,
                day=f"{each.rule.before(now):%Y-%m-%d}",
                then=each.rule.then,
            ),
            markup=False,
        )


def _show(found: "list[Certificate]", *, as_json: bool, in_short: bool = False) -> None:
    if as_json:
        typer.echo(json.dumps([each.as_dict() for each in found], ensure_ascii=False))
        return
    for each in found:
        out().print(
            _("Certificate {id}: {n} removed, {state}, {seconds} s").format(
                id=each.id,
                n=each.removed,
                state=_("nothing found afterwards")
                if each.clean
                else _("something was found afterwards"),
                seconds=each.seconds,
            ),
            markup=False,
        )
        if in_short:
            continue
        for place in each.places:
            out().print(f"  {place.name}: {place.removed} / {place.searched}", markup=False)
        out().print(
            _("  searched afterwards: {files} files, {mb} MB, for {strings} strings").format(
                files=each.files, mb=round((each.bytes + each.unpacked) / 1e6), strings=each.strings
            ),
            markup=False,
        )
        for left in each.left:
            words = (
                _("  {where}: {n} strings that other customers wrote too")
                if left.why == "others"
                else _("  {where}: {n} strings are still there")
            )
            out().print(words.format(where=left.where, n=left.strings), markup=False)
        out().print(f"  SHA-256 {each.digest}", markup=False, style="dim")


def _one(log: "Log", whom: str, *, unknown_too: bool = False) -> str:
    from percorso.privacy import find as find_them

    found = find_them(log, whom)
    if len(found) > 1:
        stop(_("That may be several: {names}. Say which.").format(names=", ".join(found)))
    if not found and not unknown_too:
        stop(_("Nothing is held under {whom}.").format(whom=whom))
    if not found:
        return whom if ":" in whom or "@" not in whom else f"email:{whom.strip().lower()}"
    return found[0]


def _places(log: "Log") -> "tuple[Place, ...]":
    if not served.start_if_there(log.workspace):
        return ()
    from percorso.app import holdings

    return holdings.places()
