"""Local times into UTC, many at once."""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Micros = NDArray[np.int64]

DAY: Final = 86_400_000_000
_FIRST: Final = datetime(1969, 1, 1, tzinfo=UTC)
_DAYS: Final = 366 * 232  # to the end of 2200
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def to_utc(local: Micros, zone: str) -> Micros:
    """Return the UTC moment of each local time, both in microseconds since 1970.

    A local time that happens twice (clocks go back) is taken as the first of the two. One that
    never happens (clocks go forward) is taken as the moment of the change, so that times in order
    stay in order.
    """
    if len(local) == 0:
        return local
    moments, offsets = _changes(zone)
    # The clock shows the new offset once both the old and the new one say it has come.
    switches = moments[1:] + np.maximum(offsets[:-1], offsets[1:])
    # Few changes lie between the first and the last of the times, and are soon searched.
    first, last = np.searchsorted(switches, (local.min(), local.max()), side="right")
    index = first + np.searchsorted(switches[first:last], local, side="right")
    ends = np.append(moments[1:], np.iinfo(np.int64).max)
    result: Micros = np.minimum(local - offsets[index], ends[index])
    return result


def end_of_day(midnight: Micros, zone: str) -> Micros:
    """Return the last microsecond, in UTC, of the days that begin at these local midnights."""
    return to_utc(midnight + DAY, zone) - 1


@cache
def _changes(zone: str) -> tuple[Micros, Micros]:
    """Return when the zone's offset changes (UTC) and the offset from then on, from 1969 on."""
    info = ZoneInfo(zone)
    moments, offsets = [_FIRST], [_offset(_FIRST, info)]
    for number in range(1, _DAYS):
        day = _FIRST + timedelta(days=number)
        if _offset(day, info) != offsets[-1]:
            moments.append(_change_between(day - timedelta(days=1), day, info))
            offsets.append(_offset(day, info))
    return _micros(moments), np.array([each // timedelta(microseconds=1) for each in offsets])


def _change_between(before: datetime, after: datetime, info: ZoneInfo) -> datetime:
    old = _offset(before, info)
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if _offset(middle, info) == old:
            before = middle
        else:
            after = middle
    return after


def _offset(moment: datetime, info: ZoneInfo) -> timedelta:
    offset = moment.astimezone(info).utcoffset()
    return offset or timedelta(0)


def _micros(moments: list[datetime]) -> Any:
    return np.array([(each - _EPOCH) // timedelta(microseconds=1) for each in moments])
