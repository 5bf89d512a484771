"""What is gathered while a batch is mapped: rows for the log, and what is told of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from percorso.live.mapping import making
from percorso.live.mapping.columns import Origin, Plain, as_times, encoded
from percorso.live.received import HOUR_US, Received, Seen
from percorso.live.segment import Event
from percorso.vocabulary import Violation

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS_HELD: Final = 4_096
#: About what a row holds besides, in bytes.
_OF_A_ROW: Final = 500


@dataclass(slots=True)
class Sent:
    first_at: int
    last_at: int
    events: int = 0
    rejected: int = 0

    def as_seen(self, source: str) -> Seen:
        return Seen(source, self.first_at, self.last_at, self.events, self.rejected)


@dataclass(slots=True)
class Work:
    """What is gathered while a batch is mapped."""

    plain: Plain = field(default_factory=Plain)
    rows: list[making.Row] = field(default_factory=list)
    origins_of_rows: list[Origin] = field(default_factory=list)
    tables: "list[pa.Table]" = field(default_factory=list)
    origins: list[Origin] = field(default_factory=list)
    unfit: dict[Origin, Violation] = field(default_factory=dict)
    seen: dict[tuple[str, int], Sent] = field(default_factory=dict)
    unknown: dict[tuple[str, str], list[Origin]] = field(default_factory=dict)
    touchpoints: list[str] = field(default_factory=list)
    #: Events that have both a user and a device.
    linking: list[tuple[Origin, Event, Received]] = field(default_factory=list)
    #: Who is whose device: by the link's digest, the events it may be said with.
    candidates: dict[bytes, list[tuple[Origin, making.Row]]] = field(default_factory=dict)
    #: Source, user and device of which that needs to be said with no more events.
    linked: set[tuple[str, str, str]] = field(default_factory=set)
    links: list[bytes] = field(default_factory=list)
    size: int = 0

    def add(self, row: making.Row, origin: Origin) -> None:
        self.rows.append(row)
        self.origins_of_rows.append(origin)

    def count(self, request: Received, events: int) -> None:
        sent = self.sent(request)
        sent.first_at = min(sent.first_at, request.received_at)
        sent.last_at = max(sent.last_at, request.received_at)
        sent.events += events

    def sent(self, request: Received) -> Sent:
        """Return what is counted of a request's source, in the hour it came."""
        at = request.received_at
        key = (request.source, at // HOUR_US)
        sent = self.seen.get(key)
        if sent is None:
            sent = self.seen[key] = Sent(at, at)
        return sent

    @property
    def many(self) -> bool:
        """Whether what is gathered is to be put into columns: it takes a tenth of memory there."""
        return len(self.plain.events) + len(self.rows) >= _ROWS_HELD

    def write(self, table: "pa.Table", origins: list[Origin]) -> None:
        """Put the rows gathered so far into columns, with those that are, in order."""
        import pyarrow as pa

        if self.rows:
            origins = origins + self.origins_of_rows
            order = sorted(range(len(origins)), key=origins.__getitem__)
            table = pa.concat_tables([table, _as_table(self.rows)]).take(order)
            origins = [origins[each] for each in order]
            self.rows.clear()
            self.origins_of_rows.clear()
        if len(table):
            self.tables.append(table)
        self.origins += origins
        self.size += table["properties"].nbytes + _OF_A_ROW * len(table)

    def checked_table(self) -> "pa.Table":
        """Return the rows that follow the log's rules; what breaks one goes with its event."""
        import pyarrow as pa

        table = pa.concat_tables([encoded().empty_table(), *self.tables]).unify_dictionaries()
        self.tables.clear()
        for number, violation in _violations(table):
            self.unfit.setdefault(self.origins[number], violation)
        if self.unfit:
            fit = [each not in self.unfit for each in self.origins]
            table = table.filter(pa.array(fit, pa.bool_()))
        links = self._checked_links()
        if links is None:
            return table
        return pa.concat_tables([table, links]).unify_dictionaries()

    def _checked_links(self) -> "pa.Table | None":
        """Return the links that came with an event that is not rejected, each once."""
        import pyarrow as pa

        rows = []
        for digest, candidates in self.candidates.items():
            row = next((row for origin, row in candidates if origin not in self.unfit), None)
            if row is not None:
                rows.append(row)
                self.links.append(digest)
        if not rows:
            return None
        table = _as_table(rows)
        wrong = {number for number, _ in _violations(table)}
        return table.filter(pa.array([number not in wrong for number in range(len(rows))]))


def _as_table(rows: list[making.Row]) -> "pa.Table":
    import pyarrow as pa

    schema = encoded()
    columns = [
        _column(values, each) for values, each in zip(zip(*rows, strict=True), schema, strict=True)
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _violations(table: "pa.Table") -> "Iterable[tuple[int, Violation]]":
    """Return which rows break a rule of the log."""
    import pyarrow as pa

    from percorso.log.schema import SCHEMA
    from percorso.log.validation import validate

    # What we wrote ourselves is JSON; and of 32 KB there are no 100,000 characters.
    known = table.set_column(
        making.PROPERTIES, SCHEMA.field("properties"), pa.nulls(len(table), pa.string())
    )
    return validate(known).rejected


def _column(values: tuple[Any, ...], field: "pa.Field[Any]") -> Any:
    import pyarrow as pa

    if pa.types.is_timestamp(field.type):
        return as_times(values)
    if pa.types.is_dictionary(field.type):
        return pa.array(values, pa.string()).dictionary_encode()
    if field.name == "properties":
        return pa.array(values, pa.binary()).cast(pa.string())
    return pa.array(values, field.type)
