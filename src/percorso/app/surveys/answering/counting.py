"""How often questions were shown and answered: gathered in memory, and written together.

That is done with the first that comes two seconds after the last time, when somebody looks at the
results, and when the server stops; a kill takes what came since. Answers themselves are never kept
like this, and none is refused for a count that cannot be written.

What people saw of an anonymous survey is held, and told together with answers that are released:
a figure that rises when somebody answers would tell when that was.
"""

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Final

from django.db import DatabaseError, transaction
from django.db.models import F

from percorso.app import company
from percorso.app.surveys.models import Shown
from percorso.surveys import Survey

logger = logging.getLogger("percorso.surveys")

_EVERY_S: Final = 2.0
_Key = tuple[str, int, str, date, bool]

_mutex = threading.Lock()
_counts: "defaultdict[_Key, list[int]]" = defaultdict(lambda: [0, 0])
_written = 0.0


def count(survey: Survey, shown: Iterable[str], answered: Iterable[str]) -> None:
    """Count questions, by id, that were shown, and that were answered.

    Days are the company's, as on all pages. Of an anonymous survey they are UTC's, as those of the
    answers they are told with: whole days for everybody, which no change of the company's zone can
    cut in two.
    """
    zone = UTC if survey.anonymous else company.workspace().settings.zone_info
    day = datetime.now(zone).date()
    with _mutex:
        for place, ids in enumerate((shown, answered)):
            for each in ids:
                _counts[survey.id, survey.version, each, day, survey.anonymous][place] += 1
        due = time.monotonic() - _written > _EVERY_S
    if due:
        settle()


def settle() -> None:
    """Write what was counted, now or, where that cannot be, with what comes next."""
    try:
        write()
    except DatabaseError:
        logger.exception("counts of questions are written later")


def write() -> None:
    """Write what was counted. Raises DatabaseError; it is then still there to be written."""
    global _written
    with _mutex:
        taken = {key: tuple(both) for key, both in _counts.items()}
        _counts.clear()
        _written = time.monotonic()
    if not taken:
        return
    try:
        _add(taken)
    except DatabaseError:
        with _mutex:
            for key, both in taken.items():
                for place, number in enumerate(both):
                    _counts[key][place] += number
        raise


@transaction.atomic
def _add(taken: Mapping[_Key, Sequence[int]]) -> None:
    # In one order: of two that write at once, none waits for the other's second row.
    for survey, version, question, day, held in sorted(taken):
        shown, answered = taken[survey, version, question, day, held]
        found, _made = Shown.objects.get_or_create(
            survey=survey, version=version, question=question, day=day, held=held
        )
        Shown.objects.filter(pk=found.pk).update(
            shown=F("shown") + shown, answered=F("answered") + answered
        )


@transaction.atomic
def tell(survey: str, version: int, before: date) -> None:
    """Tell what people saw of an anonymous version before a day, its answers being released.

    It is added to the month: a day with one answer would tell who is known to have answered on it
    what they were asked.
    """
    held = list(
        Shown.objects.filter(
            survey=survey, version=version, held=True, day__lt=before
        ).select_for_update()
    )
    told: defaultdict[_Key, list[int]] = defaultdict(lambda: [0, 0])
    for each in held:
        month = each.day.replace(day=1)
        both = told[survey, version, each.question, month, False]
        both[0] += each.shown
        both[1] += each.answered
    # Not of all that are there by now: one that was counted at midnight may have come meanwhile.
    Shown.objects.filter(id__in=[each.pk for each in held]).delete()
    _add(told)


def never_tell(survey: str, versions: Iterable[int]) -> None:
    """Let go of what people saw of anonymous versions that too few answered."""
    Shown.objects.filter(survey=survey, version__in=[*versions], held=True).delete()


def forget() -> None:
    """Let go of what was counted and not written."""
    with _mutex:
        _counts.clear()
