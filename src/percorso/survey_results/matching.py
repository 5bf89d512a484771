"""Which invitation each response answers."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo

import numpy as np
from numpy.typing import NDArray

from percorso.survey_results.given import Asked
from percorso.survey_results.reading import Rows

Ints = NDArray[np.int64]


def invitation_of(
    invited: Sequence[Asked], customers: Sequence[str], rows: Rows, zone: tzinfo
) -> Ints:
    """Return for each of ``rows.response.names`` the place of its invitation, -1 where it has none.

    ``customers`` are those whom the invitations are to, as ``rows`` calls them. An invitation that
    says the id of its response has that one. Other responses are of the latest invitation that
    their customer had by that day, answered, and that no response before is of. What came through
    a door is of none.
    """
    found = np.full(len(rows.response.names), -1, np.int64)
    codes, first = np.unique(rows.response.codes, return_index=True)
    known = {each.response: place for place, each in enumerate(invited) if each.response}
    for code in codes.tolist():
        found[code] = known.get(rows.response.names[code], -1)
    open_ = _open(invited, customers, {*found.tolist()})
    earliest_first = np.argsort(rows.at[first], kind="stable")
    for code, row in zip(
        codes[earliest_first].tolist(), first[earliest_first].tolist(), strict=True
    ):
        if found[code] >= 0 or rows.door.codes[row] >= 0:
            continue
        theirs = open_.get(rows.customer.names[rows.customer.codes[row]], [])
        day = day_of(int(rows.at[row]), zone) if theirs else date.min
        before = [each for each in theirs if invited[each].sent_on <= day]
        if before:
            found[code] = before[-1]
            theirs.remove(before[-1])
    return found


def day_of(microseconds: int, zone: tzinfo) -> date:
    """Return the day of a moment, in microseconds since 1970, in a zone."""
    moment = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=microseconds)
    return moment.astimezone(zone).date()


def _open(
    invited: Sequence[Asked], customers: Sequence[str], taken: set[int]
) -> dict[str, list[int]]:
    """Return by their day each customer's answered invitations that have no response yet."""
    found: dict[str, list[int]] = {}
    for place in sorted(range(len(invited)), key=lambda each: invited[each].sent_on):
        if invited[place].answered and place not in taken and customers[place]:
            found.setdefault(customers[place], []).append(place)
    return found
