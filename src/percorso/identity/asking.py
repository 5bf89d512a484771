"""What people are asked and say about who is who, and what stands behind each join."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from percorso.i18n import gettext as _
from percorso.identity.model import FIELDS, Fact, IdentityError, Weight
from percorso.log.joins import PERSON, Changes, Join, Pair, Question, in_order

if TYPE_CHECKING:
    from percorso.identity.deciding import Apart
    from percorso.log import Log


def pairs_to_ask(log: "Log", limit: int | None = 50) -> tuple[Question, ...]:
    """Return pairs of references that may be one customer, the most probable first."""
    found: list[Question] = []
    customers = _customers_of(log)
    seen: set[Pair] = set()
    for each in log.identity.questions():
        pair = in_order(*(customers.get(name, name) for name in (each.one, each.other)))
        # Joined meanwhile by other ways, or asked once already.
        if pair[0] != pair[1] and pair not in seen:
            seen.add(pair)
            found.append(each)
        if limit is not None and len(found) >= limit:
            break
    return tuple(found)


def _customers_of(log: "Log") -> Mapping[str, str]:
    import pyarrow as pa
    import pyarrow.compute as pc

    asked = {name for each in log.identity.questions() for name in (each.one, each.other)}
    table = log.identity.table()
    mine = table.filter(pc.is_in(table["reference"], pa.array(sorted(asked), pa.large_string())))
    references: list[Any] = mine["reference"].to_pylist()
    return dict(zip(references, mine["customer"].to_pylist(), strict=True))


def answer(log: "Log", pair: Pair, *, same: bool, who: str) -> None:
    """Keep what a person says of two references: that they are one customer, or two.

    It takes effect at once, in the past too, and no later search overrules it. The last answer
    about a pair counts. Raises IdentityError where the references are one and the same, or where it
    contradicts what people said of others.
    """
    one, other = in_order(*(name.strip() for name in pair))
    if not one or one == other:
        raise IdentityError(_("Name two references: a customer is always one with themselves."))
    if same:
        _say_same(log, (one, other), who)
    else:
        _say_apart(log, (one, other), who)


def _say_same(log: "Log", pair: Pair, who: str) -> None:
    from percorso.log.belonging import rank

    references = [set(log.identity.references_of(name)) for name in pair]
    for said in log.identity.answers(references[0] | references[1]):
        between = {said.one, said.other}
        if said.same or in_order(said.one, said.other) == pair:
            continue
        if between & references[0] and between & references[1]:
            raise IdentityError(
                _(
                    "{who} said on {day} that {one} and {other} are two customers. "
                    "Say first that those are the same."
                ).format(
                    who=said.who or _("Somebody"),
                    day=f"{said.at:%Y-%m-%d}",
                    one=said.one,
                    other=said.other,
                )
            )
    add = []
    if references[0] != references[1]:
        better, worse = sorted(pair, key=rank)
        add = [Join(reference=worse, customer=better, evidence=_asked(log, pair))]
    log.identity.change(Changes(add=add, answers=[(pair, True)]), who=who)


def _asked(log: "Log", pair: Pair) -> Mapping[str, Any]:
    """Return the evidence that the person was shown."""
    question = log.identity.question(pair)
    return question.evidence if question else {}


def _say_apart(log: "Log", pair: Pair, who: str) -> None:
    from percorso.identity.deciding import Contradiction, cut

    joins = log.identity.joins(together_with=pair)
    own = [each.number for each in joins if each.kind == PERSON and in_order(*each.pair) == pair]
    rest = [each for each in joins if each.number not in own]
    try:
        undo = own + sorted(cut(rest, _apart(log, pair)))
    except Contradiction:
        chain = ", ".join(
            f"{each.reference} = {each.customer}" for each in rest if each.kind == PERSON
        )
        raise IdentityError(
            _(
                "People said that these are the same, which makes one customer of {one} and "
                "{other}: {chain}. Take one of them back first."
            ).format(one=pair[0], other=pair[1], chain=chain)
        ) from None
    log.identity.change(Changes(undo=undo, answers=[(pair, False)]), who=who)


def _apart(log: "Log", pair: Pair) -> "Apart":
    import pyarrow as pa

    from percorso.identity.deciding import Apart

    said = [(each.one, each.other) for each in log.identity.answers() if not each.same]
    none = pa.table({"reference": pa.array([], pa.string()), "value": pa.array([], pa.string())})
    return Apart([*said, pair], none)


def undo(log: "Log", number: int, *, who: str) -> Join:
    """Take a join back, in the past too, and return it.

    Every answer is again as it was before the join: what a person's merge had moved moves back.
    Where a search made it, that is a person's word, which no later search overrules: its two
    references are two customers. Raises IdentityError where no such join stands.
    """
    found = log.identity.joins(numbers=[number])
    if not found:
        raise IdentityError(_("There is no join number {n} that stands.").format(n=number))
    [join] = found
    if join.kind == PERSON:
        moved = set(join.evidence.get("moved_from", ()))
        earlier = [each for each in log.identity.history([join.reference]) if each.number in moved]
        again = [replace(each, undone_at=None, undone_by="") for each in earlier]
        log.identity.change(Changes(undo=[number], add=again, withdraw=[join.pair]), who=who)
    else:
        _say_apart(log, join.pair, who)
    return join


def explain(log: "Log", customer: str) -> tuple[Join, ...]:
    """Return the joins that make one customer of all references of ``customer``."""
    return log.identity.joins(together_with=[customer])


def history(log: "Log", customer: str) -> tuple[Join, ...]:
    """Return every join that names a reference of the customer, those taken back too."""
    return log.identity.history(log.identity.references_of(customer))


def waterfall(log: "Log", pair: Pair) -> tuple[Weight, ...]:
    """Return what speaks for and against two references being one customer; () where not compared.

    The weights add up to log2 of the odds. ``one`` is of the pair's first reference.
    """
    one, other = in_order(*pair)
    evidence = _asked(log, (one, other)) or next(
        (
            each.evidence
            for each in reversed(log.identity.history([one]))
            if each.pair == (one, other) and "weights" in each.evidence
        ),
        {},
    )
    weights = evidence.get("weights", ())
    return tuple(
        Weight(field, level, *((a, b) if pair[0] == one else (b, a)), weight)
        for field, level, a, b, weight in weights
    )


def facts(log: "Log", customer: str) -> tuple[Fact, ...]:
    """Return what is known of a customer and where each fact came from, the latest first.

    As of the last search (see ``resolve_new``): read from what it gathered.
    """
    import pyarrow as pa

    from percorso.identity import gathering
    from percorso.log.schema import bucket_of

    references = log.identity.references_of(customer)
    names = pa.array(references, pa.string())
    buckets = {int(each) for each in bucket_of(names).to_numpy()}
    rows = gathering.of(log, references, buckets)
    found = [
        Fact(
            field=row["field"],
            value=row["value"],
            shown=row["shown"],
            reference=row["reference"],
            source=row["source"],
            at=datetime.fromtimestamp(row["moment"] / 1e6, UTC) if row["id"] else None,
            id=row["id"],
        )
        for row in rows
        if row["field"] in FIELDS
    ]
    found.sort(key=lambda each: (each.at is not None, each.at, each.field), reverse=True)
    return tuple(found)
