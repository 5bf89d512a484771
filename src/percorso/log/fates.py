"""What became of each promise, read from the log as of a moment."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Final

from percorso.log.prepared import Prepared, prepared
from percorso.vocabulary import PROMISES, Fate, PromiseType

if TYPE_CHECKING:
    import ibis

    from percorso.log.selection import Selection
    from percorso.log.table import Log

#: Columns of a promise, in order.
COLUMNS: Final = (
    "id",
    "customer",
    "about",
    "name",
    "touchpoint",
    "channel",
    "made_at",
    "due_at",
    "fulfilled_at",
    "cancelled_at",
    "fate",
    "known_at",
)

#: What promises are also chosen and split by, of the columns of their interaction.
_CHOSEN_BY: Final = ("kind", "phase", "properties", "language", "source")


def fates(
    log: "Log",
    as_of: datetime | None = None,
    selection: "Selection | None" = None,
    also: Sequence[str] = ("properties",),
) -> "ibis.Table":
    """Return one row a promise made by ``as_of`` (the log's last interaction where not given).

    Of promises of one name to one customer about the same thing, one that was made anew before it
    fell due, and before it was fulfilled or called off, is replaced by the next, and no row: what
    was said last counts. One made anew after it fell due is as broken as it was.

    ``selection`` chooses promises; what fulfils them is looked for in the whole log. Nothing after
    ``as_of`` is looked at. Columns: COLUMNS and those of the promise's interaction named in
    ``also``. Times are UTC.

    - ``fulfilled_at``: the first interaction about the same thing, not before the promise, of a
      kind that fulfils this type of promise (``vocabulary.PROMISES``).
    - ``cancelled_at``: the first cancellation about the same thing, not before the promise.
    - ``fate``: ``withdrawn`` where cancelled before it was due and before it was fulfilled; else
      ``kept`` where fulfilled by the due time, ``late`` where after it; else ``open`` where the due
      time has not passed, ``unmet`` where it has.
    - ``known_at``: when the fate was certain: the earlier of fulfilment and due time, or the
      cancellation; none while open.
    """
    if as_of is None and {*also} <= {*_CHOSEN_BY}:
        known = prepared(log, FATES)
        return _chosen(log, known, selection).select(*COLUMNS, *also)
    moment = _moment(log, as_of)
    table = log.interactions()
    table = table.filter(table["at"] <= moment)
    made = table if selection is None else selection.apply(log, table)
    return _known(made, table, moment, also).select(*COLUMNS, *also)


def _moment(log: "Log", as_of: datetime | None) -> "ibis.Scalar":
    import ibis

    return ibis.literal(as_of or log.summary().last, type="timestamp('UTC', 6)")


def _query(log: "Log") -> str:
    view, last = log.interactions().get_name(), log.summary().last
    moment = f"'{last.isoformat()}'" if last else "NULL"
    return (
        f"WITH interactions AS NOT MATERIALIZED (FROM {view}), "
        f"as_of AS NOT MATERIALIZED (SELECT {moment}::TIMESTAMPTZ AS moment) {_written()}"
    )


@cache
def _written() -> str:
    """Return the query of every promise of ``interactions``, as of the one ``moment`` of ``as_of``.

    Writing it takes a tenth of a second, and every state of the log asks for it.
    """
    import ibis

    from percorso.log.schema import SCHEMA

    columns = {**ibis.Schema.from_pyarrow(SCHEMA), "reference": "string", "phase": "string"}
    table = ibis.table(columns, name="interactions")
    as_of = ibis.table({"moment": "timestamp('UTC', 6)"}, name="as_of")
    known = _known(table, table, as_of.moment.as_scalar(), _CHOSEN_BY)
    return str(ibis.to_sql(known.order_by("made_at"), dialect="duckdb"))


#: The fates as of the log's last interaction: what fulfilled a promise is looked for in the whole
#: log, whichever promises are asked about.
FATES: Final = Prepared("fates", 2, _query)


def _chosen(log: "Log", known: "ibis.Table", selection: "Selection | None") -> "ibis.Table":
    if selection is None:
        return known
    return selection.apply(log, known.rename(at="made_at")).rename(made_at="at")


def _known(
    made: "ibis.Table", table: "ibis.Table", moment: "ibis.Scalar", also: Sequence[str]
) -> "ibis.Table":
    """Return the promises in ``made`` with what became of them in ``table``."""
    promises = _promises(made, also).left_join(_next(table), "id").drop("id_right")
    known = _with_endings(promises, _endings(table), also)
    known = known.filter(~_replaced(known)).drop("next_made_at")
    known = known.mutate(fate=_fate(known, moment))
    return known.mutate(known_at=_known_at(known))


def _promises(table: "ibis.Table", also: Sequence[str]) -> "ibis.Table":
    made = table.filter(table.kind == "promise").rename(made_at="at")
    kept = ("id", "customer", "about", "name", "touchpoint", "channel", "made_at", "due_at")
    return made.select(*kept, *also)


def _next(table: "ibis.Table") -> "ibis.Table":
    """Return when each promise was made anew: the next of its name about the same thing."""
    import ibis

    made = table.filter(table.kind == "promise", table.about.notnull())
    window = ibis.window(
        group_by=[made.customer, made.about, made.name.coalesce("")],
        order_by=[made["at"], made.received_at, made.id],
    )
    return made.select("id", next_made_at=made["at"].lead().over(window))


def _replaced(known: "ibis.Table") -> "ibis.Column":
    import ibis

    ended = ibis.least(
        known.fulfilled_at.coalesce(known.next_made_at),
        known.cancelled_at.coalesce(known.next_made_at),
    )
    anew = known.next_made_at
    return ((anew <= known.due_at) & (ended >= anew)).fill_null(False)


def _endings(table: "ibis.Table") -> "ibis.Table":
    """Return the interactions that may fulfil a promise or call it off."""
    kinds = {kind for each in PROMISES.values() for kind in each.fulfilled_by}
    found = table.filter(
        table.kind.isin(sorted(kinds | {"fulfilment", "cancellation"})), table.about.notnull()
    )
    return found.select(
        "about",
        end_kind=found.kind,
        end_name=found.name,
        end_direction=found.direction,
        end_at=found["at"],
    )


def _with_endings(made: "ibis.Table", endings: "ibis.Table", also: Sequence[str]) -> "ibis.Table":
    """Add to each promise when it was first fulfilled and first called off, if it was."""
    pairs = made.left_join(endings, "about").drop("about_right")
    later = pairs.end_at >= pairs.made_at
    cancels = later & (pairs.end_kind == "cancellation")
    columns = (*COLUMNS, *also, "next_made_at")
    carried = [each for each in columns if each in made.columns and each != "id"]
    # Joined on `about` alone and told apart after: one pass over the endings serves all types.
    return pairs.group_by("id").aggregate(
        **{each: pairs[each].arbitrary() for each in carried},
        fulfilled_at=pairs.end_at.min(where=later & _fulfils(pairs)),
        cancelled_at=pairs.end_at.min(where=cancels),
    )


def _fulfils(pairs: "ibis.Table") -> "ibis.Column":
    """Say whether the ending is of a kind, and a direction, that fulfils this promise."""
    import ibis

    name = pairs.name.coalesce("")
    branches = [(name == each.name, _matches(pairs, each)) for each in PROMISES.values()]
    same_name = (pairs.end_kind == "fulfilment") & (pairs.end_name.coalesce("") == name)
    return ibis.cases(*branches, else_=same_name)


def _matches(pairs: "ibis.Table", promise: PromiseType) -> "ibis.Column":
    matches = pairs.end_kind.isin(promise.fulfilled_by)
    if promise.direction is not None:
        matches &= pairs.end_direction == promise.direction
    return matches


def _fate(known: "ibis.Table", moment: "ibis.Scalar") -> "ibis.Column":
    import ibis

    fulfilled, cancelled, due = known.fulfilled_at, known.cancelled_at, known.due_at
    withdrawn = (cancelled < due) & (fulfilled.isnull() | (cancelled < fulfilled))
    return ibis.cases(
        (withdrawn.fill_null(False), str(Fate.WITHDRAWN)),
        (fulfilled.notnull() & (fulfilled <= due), str(Fate.KEPT)),
        (fulfilled.notnull(), str(Fate.LATE)),
        (due >= moment, str(Fate.OPEN)),
        else_=str(Fate.UNMET),
    )


def _known_at(known: "ibis.Table") -> "ibis.Column":
    import ibis

    return ibis.cases(
        (known.fate == str(Fate.KEPT), known.fulfilled_at),
        (known.fate.isin([str(Fate.LATE), str(Fate.UNMET)]), known.due_at),
        (known.fate == str(Fate.WITHDRAWN), known.cancelled_at),
    )
