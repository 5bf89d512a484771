"""What answers and promises can be split by."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    import ibis

    from percorso.log import Log

#: Dimensions that are a column of the log; then segment, month and property:NAME.
COLUMNS: Final = ("channel", "touchpoint", "phase", "kind", "language", "source", "name")
PROPERTY: Final = "property:"


class DimensionError(ValueError):
    """Nothing can be split by this. Says what can."""


def check(dimension: str) -> None:
    """Raise DimensionError unless ``dimension`` is one."""
    is_property = dimension.startswith(PROPERTY) and len(dimension) > len(PROPERTY)
    if dimension not in (*COLUMNS, "segment", "month") and not is_property:
        known = ", ".join((*COLUMNS, "segment", "month", "property:NAME"))
        raise DimensionError(f"nothing can be split by {dimension!r}; by these it can: {known}")


def with_group(log: "Log", table: "ibis.Table", dimension: str) -> "ibis.Table":
    """Add the column ``group``, as text, and leave out the rows that have none.

    ``month`` is the calendar month (2026-03) of ``at`` in the company's zone.
    """
    check(dimension)
    if dimension in COLUMNS:
        grouped = table.mutate(group=table[dimension])
    elif dimension == "segment":
        customers = log.customers().select("customer", group="segment")
        grouped = table.inner_join(customers, "customer")
    elif dimension == "month":
        summary = log.summary()
        return with_month(log, table, "at", summary.first, summary.last)
    else:
        grouped = table.mutate(group=_property(table.properties, dimension.removeprefix(PROPERTY)))
    return grouped.filter(grouped.group.notnull() & (grouped.group != ""))


def with_month(
    log: "Log", table: "ibis.Table", time: str, first: datetime | None, last: datetime | None
) -> "ibis.Table":
    """Add the column ``group``: the month of the column ``time``, from ``first`` to ``last``.

    Months begin at midnight in the company's zone, whose distance from UTC changes within a year
    and of which engines know more or less: where they begin is worked out here.
    """
    import ibis
    import pyarrow as pa

    zone = log.workspace.settings.zone_info
    starts = month_starts(first, last, zone) if first and last else []
    moment = pa.timestamp("us", tz="UTC")
    months = pa.table(
        {
            "group": pa.array([name for name, _ in starts[:-1]], pa.string()),
            "begins": pa.array([start for _, start in starts[:-1]], moment),
            "ends": pa.array([start for _, start in starts[1:]], moment),
        }
    )
    month = ibis.memtable(months)
    joined = table.inner_join(month, [table[time] >= month.begins, table[time] < month.ends])
    return joined.drop("begins", "ends")


def _property(properties: "ibis.Column", name: str) -> "ibis.Column":
    import ibis

    @ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
    def json_extract_string(json: str, pointer: str) -> str:  # type: ignore[empty-body]
        """Return what a JSON pointer (RFC 6901) points at, as text."""

    pointer = "/" + name.replace("~", "~0").replace("/", "~1")
    return json_extract_string(properties, pointer)


def month_starts(first: datetime, last: datetime, zone: ZoneInfo) -> list[tuple[str, datetime]]:
    """Return the months from ``first`` to one after ``last``, and when in UTC each begins."""
    begin, end = first.astimezone(zone), last.astimezone(zone)
    months = range(begin.year * 12 + begin.month - 1, end.year * 12 + end.month + 1)
    return [
        (f"{month // 12:04}-{month % 12 + 1:02}", _start(month, zone).astimezone(UTC))
        for month in months
    ]


def _start(month: int, zone: ZoneInfo) -> datetime:
    return datetime(month // 12, month % 12 + 1, 1, tzinfo=zone)
