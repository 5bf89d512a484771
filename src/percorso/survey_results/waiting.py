"""Which invitations count yet: whoever was written to a minute ago has not refused.

An invitation counts once most answers would have come, or its link is closed. Those that are
younger are left out altogether, answered or not: the first to answer are not like the others.
"""

import math
from collections.abc import Sequence
from datetime import date, timedelta, tzinfo
from typing import Final

import numpy as np
from numpy.typing import NDArray

from percorso.survey_results.given import Asked
from percorso.survey_results.matching import day_of
from percorso.survey_results.reading import Rows

#: Days that are waited for answers where too few are known to say how long they take.
USUAL_DAYS: Final = 7
#: Answers that say it: of invitations that are closed, since of others the late ones are to come.
LEAST_ANSWERS: Final = 30
#: The share of answers that are waited for.
_MOST: Final = 0.9
#: Days that a link is open where nobody says.
_OPEN_DAYS: Final = 30


def counts_yet(invited: Sequence[Asked], today: date, days: int) -> NDArray[np.bool_]:
    """Say of each invitation whether it counts: ``days`` old, the day it was sent being the first.

    One whose link is closed counts too.
    """
    wait = timedelta(days=days)
    return np.array(
        [each.sent_on + wait <= today or _open_until(each) < today for each in invited], bool
    )


def usual_days(
    invited: Sequence[Asked],
    invitation: NDArray[np.int64],
    rows: Rows,
    today: date,
    zone: tzinfo,
) -> int:
    """Return within how many days 90% of the answers came, a day at least.

    ``invitation`` is the place of each response's invitation, -1 where it has none. USUAL_DAYS
    where fewer than LEAST_ANSWERS are known.
    """
    codes, first = np.unique(rows.response.codes, return_index=True)
    took = []
    for code, row in zip(codes.tolist(), first.tolist(), strict=True):
        place = int(invitation[code])
        if place >= 0 and _open_until(invited[place]) < today:
            took.append((day_of(int(rows.at[row]), zone) - invited[place].sent_on).days)
    if len(took) < LEAST_ANSWERS:
        return USUAL_DAYS
    most = sorted(took)[math.ceil(_MOST * len(took)) - 1]
    return max(most + 1, 1)


def _open_until(each: Asked) -> date:
    return each.open_until or each.sent_on + timedelta(days=_OPEN_DAYS)
