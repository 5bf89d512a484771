"""``percorso identity``: finding who is who, answering what it asks, taking joins back."""

import getpass
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from percorso.cli.console import err, open_log, out
from percorso.cli.options import HERE, Dir, Json, Lang, examples
from percorso.i18n import gettext as _
from percorso.i18n import ngettext
from percorso.identity.words import field_name, level_name

if TYPE_CHECKING:
    from percorso.identity import Weight
    from percorso.log.joins import Join

_Reference = Annotated[
    str, typer.Argument(help=_("As in the log, such as user:42 or email:ada@example.org."))
]


def add_to(app: typer.Typer) -> None:
    identity = typer.Typer(
        no_args_is_help=True,
        help=_("Find references that are one customer; answer, look and undo."),
        epilog=examples("percorso identity resolve", "percorso identity ask"),
    )
    commands = (
        (
            "resolve",
            resolve,
            _("Search the log for references that are one customer, and join them."),
            "percorso identity resolve --dir shop",
        ),
        (
            "ask",
            ask,
            _("List the pairs that a person has to look at, with what speaks for and against."),
            "percorso identity ask --limit 5",
        ),
        (
            "answer",
            answer,
            _("Say that two references are the same customer, or two."),
            "percorso identity answer user:42 crm:977 --same",
        ),
        (
            "undo",
            undo,
            _("Take a join back, by its number; no later search makes it again."),
            "percorso identity undo 17",
        ),
        (
            "show",
            show,
            _("Show the references of a customer, why they are one, and what is known of them."),
            "percorso identity show user:42",
        ),
    )
    for name, command, words, example in commands:
        identity.command(name, help=words, epilog=examples(example))(command)
    app.add_typer(identity, name="identity")


def resolve(
    everything: Annotated[
        bool,
        typer.Option("--all", help=_("Compare all customers again, not only what is new.")),
    ] = False,
    as_json: Json = False,
    directory: Dir = HERE,
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """Search."""
    from percorso import identity

    log = open_log(directory)
    with err().status(_("Looking for references that are one customer")):
        found = identity.resolve(log, incremental=not everything)
    if as_json:
        typer.echo(json.dumps(asdict(found)))
        return
    joined = ngettext("{n} join was made.", "{n} joins were made.", found.joined)
    out().print(joined.format(n=found.joined))
    if found.undone:
        undone = ngettext(
            "{n} join was taken back: the facts no longer support it.",
            "{n} joins were taken back: the facts no longer support them.",
            found.undone,
        )
        out().print(undone.format(n=found.undone))
    if found.to_ask:
        waiting = ngettext(
            "{n} pair waits for a person: percorso identity ask",
            "{n} pairs wait for a person: percorso identity ask",
            found.to_ask,
        )
        out().print(waiting.format(n=found.to_ask))


def ask(
    limit: Annotated[int, typer.Option(min=1, help=_("How many pairs at most."))] = 20,
    as_json: Json = False,
    directory: Dir = HERE,
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """List what waits."""
    from percorso import identity

    log = open_log(directory)
    questions = identity.pairs_to_ask(log, limit=limit)
    if as_json:
        for each in questions:
            weights = identity.waterfall(log, (each.one, each.other))
            line = {
                "one": each.one,
                "other": each.other,
                "probability": round(each.strength, 4),
                "weights": [asdict(weight) for weight in weights],
            }
            typer.echo(json.dumps(line, ensure_ascii=False))
        return
    if not questions:
        out().print(_("No pair waits for a person."))
    for each in questions:
        out().print(
            _("{one} and {other}: the same customer with {percent} %").format(
                one=each.one, other=each.other, percent=f"{100 * each.strength:.1f}"
            ),
            markup=False,
        )
        for weight in identity.waterfall(log, (each.one, each.other)):
            out().print(_line(weight), markup=False)


def _line(weight: "Weight") -> str:
    if not weight.level:
        return f"  {weight.weight:+6.1f}  {field_name(weight.field)}"
    compared = f"{level_name(weight.level)} ({weight.one} | {weight.other})"
    return f"  {weight.weight:+6.1f}  {field_name(weight.field)}: {compared}"


def answer(
    one: _Reference,
    other: _Reference,
    same: Annotated[bool, typer.Option("--same/--different", help=_("One customer, or two."))],
    directory: Dir = HERE,
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """Answer."""
    from percorso import identity

    identity.answer(open_log(directory), (one, other), same=same, who=_who())
    words = _("{one} and {other} are one customer.") if same else _("{one} and {other} are two.")
    out().print(words.format(one=one, other=other), markup=False)


def undo(
    number: Annotated[int, typer.Argument(help=_("The number that `show` prints."))],
    directory: Dir = HERE,
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """Undo."""
    from percorso import identity

    join = identity.undo(open_log(directory), number, who=_who())
    out().print(
        _("{one} and {other} are two customers again.").format(
            one=join.reference, other=join.customer
        ),
        markup=False,
    )


def show(
    customer: _Reference,
    as_json: Json = False,
    directory: Dir = HERE,
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """Show."""
    from percorso import identity

    log = open_log(directory)
    joins = identity.history(log, customer)
    facts = identity.facts(log, customer)
    if as_json:
        found = {
            "customer": log.identity.customer_of(customer),
            "references": log.identity.references_of(customer),
            "joins": [asdict(each) for each in joins],
            "facts": [asdict(each) for each in facts],
        }
        typer.echo(json.dumps(found, ensure_ascii=False, default=str))
        return
    out().print(log.identity.customer_of(customer), style="bold", markup=False)
    for reference in log.identity.references_of(customer):
        out().print(f"  {reference}", markup=False)
    for join in joins:
        out().print(_of_join(join), markup=False)
    for fact in facts:
        where = fact.source or fact.reference
        out().print(f"  {field_name(fact.field)}: {fact.shown} ({where})", markup=False)


def _of_join(join: "Join") -> str:
    kinds = {"exact": _("equal"), "probable": _("alike"), "person": _("said by a person")}
    why = kinds.get(join.kind, join.kind)
    evidence: Any = join.evidence
    if "field" in evidence:
        why += f", {field_name(evidence['field'])} {evidence['value']}".rstrip()
    line = f"  {join.number}. {join.reference} = {join.customer}: {why} ({join.strength:.1%})"
    return line if join.undone_at is None else line + " " + _("taken back")


def _who() -> str:
    return getpass.getuser()
