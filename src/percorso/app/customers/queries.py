"""What the pages ask of the log about many customers: the list, its count, a customer by key."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from percorso.app.customers.asked import ORDERS, Asked
from percorso.segments import Segment, SegmentError, parse
from percorso.segments.sql import literal

if TYPE_CHECKING:
    from percorso.log import Log

#: A list of fewer is shown to nobody who may not know the customers: it comes near to a name.
FEWEST: Final = 5
#: Customers in one file.
MOST_EXPORTED: Final = 200_000
_TIMES: Final = ("first", "last", "last_order")


@dataclass(frozen=True, slots=True)
class Row:
    """A customer in the list; see ``percorso.log.facts`` for the columns."""

    customer: str
    key: str
    first: datetime | None
    last: datetime | None
    interactions: int
    orders: int
    value: float
    currency: str
    segment: str
    rfm: str | None
    phase: str | None
    nps: float | None
    csat: float | None
    stars: float | None
    promises: int
    broken_promises: int
    open_promises: int
    last_order: datetime | None
    average_order: float | None
    recency_score: int | None
    frequency_score: int | None
    value_score: int | None
    consents: tuple[str, ...]


_COLUMNS: Final = tuple(each.name for each in fields(Row))


@dataclass(frozen=True, slots=True)
class Listed:
    """Some customers of a list, and how many there are in all."""

    rows: tuple[Row, ...]
    total: int


def listed(log: "Log", asked: Asked, limit: int, offset: int) -> Listed:
    """Return the customers asked for. Raises SegmentError where a rule or a segment is wrong."""
    where = _where(log, asked)
    table = _facts(log)
    [(total,)] = _ask(log, f"SELECT count(*) FROM {table} WHERE {where}")
    order = f"{ORDERS[asked.order]}, customer"
    page = f"ORDER BY {order} LIMIT {limit:d} OFFSET {offset:d}"
    return Listed(_rows(log, f"{where} {page}"), int(total))


def tells_who(log: "Log", asked: Asked) -> bool:
    """Say whether what is asked names people, so that the answer says who is a customer."""
    from percorso.log import segments

    try:
        rules = [parse(asked.rule)] if asked.rule else []
        rules += [segments.find(log, asked.segment).parsed()] if asked.segment else []
        return any(segments.tells_who(log, each) for each in rules)
    except SegmentError:
        return False  # it is asked by nobody: the list says what is wrong


def by_keys(log: "Log", asked: Asked, reference: str | None, limit: int, after: str) -> Listed:
    """Return the customers asked for, in the order of their keys, from the one after ``after`` on.

    Where a ``reference`` is given, who it belongs to must be among them. Raises SegmentError.
    """
    where = _where(log, asked)
    if reference is not None:
        where += f" AND customer = {literal(log.identity.customer_of(reference))}"
    [(total,)] = _ask(log, f"SELECT count(*) FROM {_facts(log)} WHERE {where}")
    page = f"{where} AND key > {literal(after)} ORDER BY key LIMIT {limit:d}"
    return Listed(_rows(log, page), int(total))


def by_key(log: "Log", key: str) -> Row | None:
    """Return the customer with this key, or who a reference with this key belongs to now."""
    from percorso.log.facts import key_sql

    if len(key) != 20 or not key.isalnum():
        return None
    found = _rows(log, f"key = {literal(key)}")
    if found:
        return found[0]
    references = log.engine().references()
    if references is None:
        return None
    query = (
        f"customer = (SELECT max(customer) FROM {references} "
        f"WHERE {key_sql(log, 'reference')} = {literal(key)})"
    )
    found = _rows(log, query)
    return found[0] if found else None


def by_name(log: "Log", customer: str) -> Row | None:
    """Return a customer by any of their references."""
    found = _rows(log, f"customer = {literal(log.identity.customer_of(customer))}")
    return found[0] if found else None


def count_of(log: "Log") -> int:
    """Return how many customers there are."""
    [(total,)] = _ask(log, f"SELECT count(*) FROM {_facts(log)}")
    return int(total)


def problem_of(log: "Log", segment: Segment) -> str:
    """Say why a segment cannot be counted; nothing where it can."""
    from percorso.log import segments

    try:
        segments.sql(log, segment.parsed())
    except SegmentError as error:
        return str(error)
    return ""


def _where(log: "Log", asked: Asked) -> str:
    from percorso import identity
    from percorso.log import segments
    from percorso.log.anonymous import PREFIX

    # What is left of an erased customer is a figure, not somebody.
    conditions = [f"NOT starts_with(customer, {literal(PREFIX)})"]
    if asked.segment:
        conditions.append(segments.sql(log, segments.find(log, asked.segment).parsed()))
    if asked.rule:
        conditions.append(segments.sql(log, parse(asked.rule)))
    if asked.phase:
        conditions.append(f"phase = {literal(asked.phase)}")
    if asked.channel:
        conditions.append(f"list_contains(channels, {literal(asked.channel)})")
    if asked.seen:
        days = int(asked.seen)
        since = segments.moment(log) - timedelta(days=abs(days))
        sign = ">=" if days > 0 else "<"
        conditions.append(f"last {sign} TIMESTAMPTZ '{since.isoformat()}'")
    if asked.q:
        found = identity.search_sql(log, asked.q)
        conditions.append(f"customer IN ({found})" if found else "false")
    return " AND ".join(conditions)


def _rows(log: "Log", where: str) -> tuple[Row, ...]:
    columns = (f"epoch_us({each})" if each in _TIMES else each for each in _COLUMNS)
    found = _ask(log, f"SELECT {', '.join(columns)} FROM {_facts(log)} WHERE {where}")
    return tuple(_row(each) for each in found)


def _row(record: Sequence[Any]) -> Row:
    values = dict(zip(_COLUMNS, record, strict=True))
    for name in _TIMES:
        if values[name] is not None:
            values[name] = datetime.fromtimestamp(values[name] / 1e6, UTC)
    return Row(**{**values, "consents": tuple(values["consents"] or ())})


def _facts(log: "Log") -> str:
    from percorso.log.facts import facts

    name: str = facts(log).get_name()
    return f'"{name}"'


def _ask(log: "Log", query: str) -> Any:
    return log.engine().connection().raw_sql(query).fetchall()
