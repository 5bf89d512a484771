"""How often questions were shown and answered: gathered in memory, and written every other second.

What a kill takes is two seconds of counts; answers themselves are never kept like this.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Final

from django.db import transaction
from django.db.models import F

from percorso.app.surveys.models import Shown
from percorso.surveys import Survey

_EVERY_S: Final = 2.0
_Key = tuple[str, int, str, date]

_mutex = threading.Lock()
_counts: "defaultdict[_Key, list[int]]" = defaultdict(lambda: [0, 0])
_written = 0.0


def count(survey: Survey, shown: Iterable[str], answered: Iterable[str]) -> None:
    """Count questions, by id, that were shown, and that were answered."""
    day = _day(survey)
    with _mutex:
        for place, ids in enumerate((shown, answered)):
            for each in ids:
                _counts[survey.id, survey.version, each, day][place] += 1
        due = time.monotonic() - _written > _EVERY_S
    if due:
        write()


def write() -> None:
    """Write what was counted."""
    global _written
    with _mutex:
        taken = dict(_counts)
        _counts.clear()
        _written = time.monotonic()
    with transaction.atomic():
        for (survey, version, question, day), (shown, answered) in taken.items():
            found, _made = Shown.objects.get_or_create(
                survey=survey, version=version, question=question, day=day
            )
            Shown.objects.filter(pk=found.pk).update(
                shown=F("shown") + shown, answered=F("answered") + answered
            )


def forget() -> None:
    """Let go of what was counted and not written."""
    with _mutex:
        _counts.clear()


def _day(survey: Survey) -> date:
    """Return the day to count at: of an anonymous survey the month's first.

    A day with one answer would tell who is known to have answered on it what they were asked.
    """
    today = datetime.now(UTC).date()
    return today.replace(day=1) if survey.anonymous else today
