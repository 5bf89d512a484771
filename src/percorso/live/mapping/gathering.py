"""What is gathered while a batch is mapped: rows for the log, and what is told of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from percorso.live.mapping import making
from percorso.live.received import HOUR_US, Received, Seen
from percorso.vocabulary import FIELDS, Violation

if TYPE_CHECKING:
    import pyarrow as pa

#: The number of a request in its batch, and of the event in the request.
Origin = tuple[int, int]

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

    rows: list[making.Row] = field(default_factory=list)
    tables: "list[pa.Table]" = field(default_factory=list)
    origins: list[Origin] = field(default_factory=list)
    unfit: dict[Origin, Violation] = field(default_factory=dict)
    seen: dict[tuple[str, int], Sent] = field(default_factory=dict)
    unknown: dict[tuple[str, str], list[Origin]] = field(default_factory=dict)
    touchpoints: list[str] = field(default_factory=list)
    #: Who is whose device: by the link's digest, the events it may be said with.
    candidates: dict[bytes, list[tuple[Origin, making.Row]]] = field(default_factory=dict)
    links: list[bytes] = field(default_factory=list)
    size: int = 0

    def add(self, row: making.Row, origin: Origin) -> None:
        self.rows.append(row)
        self.origins.append(origin)
        self.size += len(row[making.PROPERTIES] or b"") + _OF_A_ROW

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

    def write_if_many(self) -> None:
        """Put the rows gathered so far into columns: they take a tenth of the memory there."""
        if len(self.rows) >= _ROWS_HELD:
            self._write()

    def _write(self) -> None:
        if self.rows:
            self.tables.append(_as_table(self.rows))
            self.rows.clear()

    def checked_table(self) -> "pa.Table":
        """Return the rows that follow the log's rules; what breaks one goes with its event."""
        import pyarrow as pa

        from percorso.log.schema import SCHEMA

        self._write()
        table = pa.concat_tables(self.tables) if self.tables else SCHEMA.empty_table()
        self.tables.clear()
        for number, violation in _violations(table):
            self.unfit.setdefault(self.origins[number], violation)
        if self.unfit:
            fit = [each not in self.unfit for each in self.origins]
            table = table.filter(pa.array(fit, pa.bool_()))
        links = self._checked_links()
        return table if links is None else pa.concat_tables([table, links])

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

    from percorso.log.schema import SCHEMA

    columns = [
        _column(values, each.type)
        for values, each in zip(zip(*rows, strict=True), FIELDS, strict=True)
    ]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


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


def _column(values: tuple[Any, ...], kind: str) -> "pa.Array[Any]":
    import pyarrow as pa

    from percorso.log.schema import TIME

    if kind == "time":
        return pa.array(values, pa.int64()).cast(TIME)
    if kind == "json":
        return pa.array(values, pa.binary()).cast(pa.string())
    return pa.array(values, pa.float64() if kind == "number" else pa.string())
