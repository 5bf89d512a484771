"""What answers and promises can be split by."""

import difflib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from percorso.i18n import gettext as _
from percorso.log.properties import property_text

if TYPE_CHECKING:
    import ibis

    from percorso.log import Log
    from percorso.log.selection import Selection

#: Dimensions that are a column of the log; then segment, month and property:NAME.
COLUMNS: Final = ("channel", "touchpoint", "phase", "kind", "language", "source", "name")
PROPERTY: Final = "property:"
#: So many properties are named where one is not there.
_NAMED: Final = 30


class DimensionError(ValueError):
    """Nothing can be split by this. Says what can."""


def check(dimension: str) -> None:
    """Raise DimensionError unless ``dimension`` is one."""
    is_property = dimension.startswith(PROPERTY) and len(dimension) > len(PROPERTY)
    if dimension not in (*COLUMNS, "segment", "month") and not is_property:
        known = ", ".join((*COLUMNS, "segment", "month", "property:NAME"))
        raise DimensionError(
            _("nothing can be split by {name!r}; by these it can: {known}").format(
                name=dimension, known=known
            )
        )


def check_answered(log: "Log", dimension: str, selection: "Selection | None" = None) -> None:
    """Raise DimensionError, which names the properties there are, where no answer has this one.

    Of other dimensions nothing is said: they are columns of every answer.
    """
    if not dimension.startswith(PROPERTY):
        return
    name, known = dimension.removeprefix(PROPERTY), _properties_of_answers(log, selection)
    if name in known:
        return
    words = _("no answer has the property {name!r}").format(name=name)
    by_case = {each.casefold(): each for each in reversed(known)}
    near = difflib.get_close_matches(name.casefold(), by_case, n=1)
    if near:
        words += "; " + _("did you mean {name!r}").format(name=by_case[near[0]]) + "?"
    if known:
        shown = ", ".join(known[:_NAMED]) + (" ..." if len(known) > _NAMED else "")
        words += " " + _("The answers have: {names}.").format(names=shown)
    else:
        words += ". " + _("The answers have no properties.")
    raise DimensionError(words)


def _properties_of_answers(log: "Log", selection: "Selection | None") -> list[str]:
    """Return the properties that answers have, the most frequent first."""
    import ibis

    @ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
    def json_keys(json: str) -> list[str]:  # type: ignore[empty-body]
        """Return the names of a JSON object."""

    rows = log.interactions()
    rows = rows if selection is None else selection.apply(log, rows)
    rows = rows.filter(rows.scale.notnull(), rows.score.notnull(), rows.properties.notnull())
    names = rows.select(name=json_keys(rows.properties).unnest())
    counted = names.group_by("name").agg(answers=names.count())
    found = counted.order_by([ibis.desc("answers"), "name"]).to_pyarrow()
    return [str(each) for each in found["name"].to_pylist()]


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
        grouped = table.mutate(
            group=property_text(table.properties, dimension.removeprefix(PROPERTY))
        )
    return grouped.filter(grouped.group.notnull() & (grouped.group != ""))


def with_month(
    log: "Log", table: "ibis.Table", time: str, first: datetime | None, last: datetime | None
) -> "ibis.Table":
    """Add the column ``group``: the month of the column ``time``, from ``first`` to ``last``.

    The company's zone is so many hours from UTC, now one number and now another; engines know more
    or less of zones, so these are worked out here.
    """
    zone = log.workspace.settings.zone_info
    if first is None or last is None:
        return table.mutate(group=table[time].strftime("%Y-%m"))
    local = _local(table[time], offsets(first, last, zone))
    return table.mutate(group=local.strftime("%Y-%m"))


def _local(time: "ibis.Column", pieces: list[tuple[datetime, int]]) -> "ibis.Column":
    """Return each time as the zone's clock shows it: halving finds its distance from UTC."""
    import ibis

    if len(pieces) == 1:
        return time + ibis.interval(seconds=pieces[0][1])
    middle = len(pieces) // 2
    return ibis.ifelse(
        time < ibis.literal(pieces[middle][0], type="timestamp('UTC')"),
        _local(time, pieces[:middle]),
        _local(time, pieces[middle:]),
    )


def offsets(first: datetime, last: datetime, zone: ZoneInfo) -> list[tuple[datetime, int]]:
    """Return the zone's distances from UTC, in seconds, each with the moment it holds from.

    Covers all times from ``first`` to ``last``. A distance that holds for less than a day is lost.
    """
    pieces = [(first, _offset(first, zone))]
    day = first
    while day < last:
        before, day = day, day + timedelta(days=1)
        if _offset(day, zone) != pieces[-1][1]:
            pieces.append((_change(before, day, zone), _offset(day, zone)))
    return pieces


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the second in which the distance that holds ``after`` begins."""
    while after - before > timedelta(seconds=1):
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if middle in (before, after):
            break
        if _offset(middle, zone) == _offset(after, zone):
            after = middle
        else:
            before = middle
    return after.replace(microsecond=0)


def _offset(moment: datetime, zone: ZoneInfo) -> int:
    distance = moment.astimezone(zone).utcoffset()
    return round(distance.total_seconds()) if distance is not None else 0
