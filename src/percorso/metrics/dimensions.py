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


def with_group(log: "Log", table: "ibis.Table", dimension: str, time: str = "at") -> "ibis.Table":
    """Add the column ``group``, as text, and leave out the rows that have none.

    ``month`` is the calendar month (2026-03) of the column ``time`` in the company's zone.
    """
    check(dimension)
    if dimension in COLUMNS:
        grouped = table.mutate(group=table[dimension])
    elif dimension == "segment":
        customers = log.customers().select("customer", group="segment")
        grouped = table.inner_join(customers, "customer")
    elif dimension == "month":
        grouped = table.mutate(group=_month(log, table[time]))
    else:
        grouped = table.mutate(group=_property(table.properties, dimension.removeprefix(PROPERTY)))
    return grouped.filter(grouped.group.notnull() & (grouped.group != ""))


def _property(properties: "ibis.Column", name: str) -> "ibis.Column":
    import ibis

    @ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
    def json_extract_string(json: str, pointer: str) -> str:  # type: ignore[empty-body]
        """Return what a JSON pointer (RFC 6901) points at, as text."""

    pointer = "/" + name.replace("~", "~0").replace("/", "~1")
    return json_extract_string(properties, pointer)


def _month(log: "Log", time: "ibis.Column") -> "ibis.Column":
    """Return the month of each time.

    Months begin at midnight in the company's zone, whose distance from UTC changes in a year:
    their beginnings are worked out here, and each time finds its own by halving.
    """
    summary = log.summary()
    if summary.first is None or summary.last is None:
        return time.cast("string")
    return _halve(time, month_starts(summary.first, summary.last, log.workspace.settings.zone_info))


def _halve(time: "ibis.Column", starts: list[tuple[str, datetime]]) -> "ibis.Column":
    import ibis

    if len(starts) == 1:
        return ibis.literal(starts[0][0])
    middle = len(starts) // 2
    return ibis.ifelse(
        time < ibis.literal(starts[middle][1], type="timestamp('UTC')"),
        _halve(time, starts[:middle]),
        _halve(time, starts[middle:]),
    )


def month_starts(first: datetime, last: datetime, zone: ZoneInfo) -> list[tuple[str, datetime]]:
    """Return each month from ``first`` to ``last``, with the moment (UTC) it begins in ``zone``."""
    begin, end = first.astimezone(zone), last.astimezone(zone)
    months = range(begin.year * 12 + begin.month - 1, end.year * 12 + end.month)
    return [
        (f"{month // 12:04}-{month % 12 + 1:02}", _start(month, zone).astimezone(UTC))
        for month in months
    ]


def _start(month: int, zone: ZoneInfo) -> datetime:
    return datetime(month // 12, month % 12 + 1, 1, tzinfo=zone)
