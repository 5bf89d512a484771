"""Which customers are in a segment: rules and saved segments, asked of the log."""

import difflib
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from percorso.i18n import gettext as _
from percorso.log.facts import facts
from percorso.log.state import digest, state
from percorso.segments import READY, Catalogue, Rule, Segment, SegmentError
from percorso.segments.ready import BY_PURCHASES
from percorso.segments.saved import check
from percorso.segments.sql import Terms, condition

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

    from percorso.log.table import Log

#: Fields whose values name people, or small groups of them.
TELLING = frozenset({"trait", "source"})


def catalogue(log: "Log") -> Catalogue:
    """Return the segments of the log's workspace."""
    return Catalogue(log.workspace)


def moment(log: "Log") -> datetime:
    """Return the moment that ``within 90 days`` counts from: the log's last.

    A file that ends in March is about March.
    """
    return log.summary().last or datetime.now(UTC)


def sql(log: "Log", rule: Rule) -> str:
    """Return the condition on ``facts`` that is true of who fits the rule. Raises SegmentError."""
    saved = {each.name: each for each in catalogue(log).saved()}
    check(Segment("", rule.as_text()), saved)

    def by_name(name: str) -> str:
        if name in BY_PURCHASES:
            return f"coalesce(segment = '{name}', false)"
        if name in READY:
            return f"coalesce(rfm = '{name}', false)"
        return condition(saved[name].parsed(), terms)

    terms = Terms(moment(log), log.workspace.settings.zone_info, by_name)
    return condition(rule, terms)


def tells_who(log: "Log", rule: Rule) -> bool:
    """Say whether a rule, or a saved segment behind it, asks what names somebody.

    A trait can be an e-mail; a source can be the list of a single shop's patients. Whoever may not
    see the customers may not ask by them, for the answer says who is one.
    """
    saved = {each.name: each for each in catalogue(log).saved()}
    waiting, seen = [rule], set[str]()
    while waiting:
        one = waiting.pop()
        if any(each.field in TELLING for each in one.conditions()):
            return True
        named = [each for each in one.segments() if each in saved and each not in seen]
        seen.update(named)
        waiting.extend(saved[each].parsed() for each in named)
    return False


def members(log: "Log", rule: Rule) -> "pa.ChunkedArray[Any]":
    """Return the customers who fit a rule, in no order."""
    table = _table(log, sql(log, rule), None)
    found: pa.ChunkedArray[Any] = table.customer.to_pyarrow()
    return found


def count(log: "Log", rule: Rule) -> int:
    """Return how many customers fit a rule."""
    return int(_table(log, sql(log, rule), None).count().to_pyarrow().as_py())


def sizes(log: "Log", segments: Sequence[Segment]) -> list[int | None]:
    """Return how many customers are in each segment, in one pass; None where its rule is broken."""
    conditions = [_condition_of(log, each) for each in segments]
    asked = [each for each in conditions if each is not None]
    if not asked:
        return [None] * len(conditions)
    columns = ", ".join(f"count(*) FILTER ({each}) AS n{i}" for i, each in enumerate(asked))
    table = facts(log)
    query = f'SELECT {columns} FROM "{table.get_name()}"'
    # All rows are fetched: a result that is not finished keeps the connection.
    [found] = table.get_backend().raw_sql(query).fetchall()
    counted = iter(found)
    return [None if each is None else int(next(counted)) for each in conditions]


def of(log: "Log", customer: str) -> tuple[str, ...]:
    """Return the names of the segments a customer is in, the ready-made ones first."""
    segments = catalogue(log).all()
    conditions = [_condition_of(log, each) or "false" for each in segments]
    table = facts(log)
    query = f'SELECT {", ".join(conditions)} FROM "{table.get_name()}" WHERE customer = $customer'
    found = table.get_backend().raw_sql(query, parameters={"customer": customer}).fetchall()
    if not found:
        return ()
    return tuple(each.name for each, inside in zip(segments, found[0], strict=True) if inside)


def chosen(log: "Log", names: Sequence[str], connection: Any = None) -> "ibis.Table":
    """Return the customers (column ``customer``) who are in any of the segments named.

    Raises SegmentError where there is none of a name.
    """
    segments = [find(log, name) for name in names]
    if all(each.name in BY_PURCHASES for each in segments):
        # The small table does, so that nobody waits for the large one.
        customers = log.customers(connection)
        return customers.filter(customers.segment.isin(names)).select("customer")
    fits = " OR ".join(sql(log, each.parsed()) for each in segments)
    return _table(log, fits, connection)


def find(log: "Log", name: str) -> Segment:
    """Return the segment of this name. Raises SegmentError that says which may have been meant."""
    segments = {each.name: each for each in catalogue(log).all()}
    if name in segments:
        return segments[name]
    near = difflib.get_close_matches(name, segments, n=1)
    hint = (
        _("Did you mean “{word}”?").format(word=near[0])
        if near
        else _("Known are: {words}.").format(words=", ".join(segments))
    )
    raise SegmentError(_("There is no segment “{name}”.").format(name=name) + " " + hint)


def standing_on(log: "Log", named_in: Callable[[str], bool]) -> str:
    """Name the rules of the saved segments that are named, and of those they refer to.

    What was worked out for a segment is no longer right when its rule changes. Nothing where none
    is named.
    """
    try:
        saved = {each.name: each for each in catalogue(log).saved()}
    except SegmentError:
        return ""
    named = [name for name in saved if named_in(name)]
    return digest(*_rules(saved, named)) if named else ""


def _rules(saved: dict[str, Segment], names: Iterable[str]) -> list[str]:
    reached: dict[str, str] = {}
    left = list(names)
    while left:
        name = left.pop()
        if name in saved and name not in reached:
            reached[name] = saved[name].rule
            try:
                left.extend(saved[name].parsed().segments())
            except SegmentError:
                continue
    return [each for pair in sorted(reached.items()) for each in pair]


def _condition_of(log: "Log", segment: Segment) -> str | None:
    try:
        return sql(log, segment.parsed())
    except SegmentError:
        return None


def _table(log: "Log", fits: str, connection: Any) -> "ibis.Table":
    table = facts(log, connection)
    relation = f"segment {state(log)} {digest(fits)}"
    query = f'SELECT customer FROM "{table.get_name()}" WHERE {fits}'
    return log.engine().named(relation, lambda: query, connection)
