"""Answers of people who are not anonymous: kept page by page, and sent in whole."""

import time
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from percorso.app.inbox import inbox
from percorso.app.surveys.answering import courses, ways
from percorso.app.surveys.answering.sheets import Sheet
from percorso.app.surveys.answering.ways import Way
from percorso.app.surveys.models import Invitation, Unfinished
from percorso.live import ready_rows
from percorso.surveys import Answers, Course, Response, Survey, from_plain, known_rows
from percorso.surveys.rows import SOURCE
from percorso.vocabulary import Interaction
from percorso.vocabulary.references import PASSING

#: What rests for so long is sent in as it is; whoever goes on later adds to it.
RESTS: Final = timedelta(hours=24)
_AT_ONCE: Final = 500
#: Written out: putting the same words together anew takes longer than asking, at each page.
_BY_RESPONSE: Final = "SELECT * FROM surveys_unfinished WHERE response = %s"
_LET_GO: Final = "DELETE FROM surveys_unfinished WHERE response = %s"


def send_in(
    way: Way,
    survey: Survey,
    answers: Answers,
    response: str,
    language: str,
    at: datetime | None = None,
    *,
    begun: bool = False,
) -> None:
    """Keep a whole response: on the disk when this returns, in the log soon. Raises InboxError.

    Sent again, it is the same response: the log has each of its rows once. ``begun`` says that
    some of it was kept before.
    """
    _put(_rows(way, survey, answers, response, language, at or timezone.now()))
    if way.invitation is None and not begun:
        return
    with transaction.atomic():
        if way.invitation is not None:
            Invitation.objects.filter(id=way.invitation).update(used=True, counted=True)
        with connection.cursor() as cursor:
            cursor.execute(_LET_GO, [response])


def send_also(rows: list[Interaction]) -> None:
    """Keep rows that belong to a response besides its answers. Raises InboxError."""
    _put(rows)


def keep(way: Way, sheet: Sheet) -> None:
    """Keep what somebody answered so far, to go on later from the same link."""
    given = {
        "survey": sheet.survey,
        "version": sheet.version,
        "language": sheet.language,
        "answers": dict(sheet.answers),
        "invitation_id": way.invitation,
        "door_id": way.door or None,
        "rows": 0,
    }
    Unfinished.objects.update_or_create(response=sheet.response, defaults=given)


def unfinished(way: Way, course: Course) -> Sheet | None:
    """Return where an invited person left off; None where they are new, or anonymous."""
    if way.invitation is None or course.survey.anonymous:
        return None
    found = next(iter(Unfinished.objects.raw(_BY_RESPONSE, [way.response])), None)
    if found is None or courses.course(found.survey, found.version) is None:
        return None
    return Sheet(
        way=way.key,
        survey=found.survey,
        version=found.version,
        language=found.language,
        response=found.response,
        answers=found.answers,
    )


def send_rested(now: datetime | None = None) -> int:
    """Send in what has rested for a day, and let go of what nobody can go on with; count it."""
    moment = now or timezone.now()
    over = Q(invitation=None) | Q(invitation__expires_at__lte=moment)
    rested = Unfinished.objects.filter(at__lte=moment - RESTS)
    sent = sum(_send_rested(each, moment) for each in _some(rested.filter(rows=0)))
    for each in _some(rested.filter(over, rows__gt=0)):
        _as_it_was(each).delete()
    return sent


def customer_of(way: Way, response: str) -> str:
    """Return the reference that answers are kept under: of nobody in particular, a passing one."""
    return way.reference or PASSING + response


def _some(rested: QuerySet[Unfinished]) -> list[Unfinished]:
    return list(rested.select_related("invitation", "door").order_by("at")[:_AT_ONCE])


def _send_rested(each: Unfinished, moment: datetime) -> int:
    """Send in what rests, and note that it was; where nothing was answered, let go of it."""
    course = courses.course(each.survey, each.version)
    if course is None:
        # Its survey cannot be read now: looked at again in a day, and nobody waits for it.
        _as_it_was(each).update(at=moment)
        return 0
    given = from_plain(course.survey.questions, each.answers)
    answers = course.walk(given).answers
    way = _way_of(each)
    rows = way and _rows(way, course.survey, answers, each.response, each.language, each.at)
    if not rows:
        _as_it_was(each).delete()
        return 0
    _put(rows)
    _as_it_was(each).update(rows=len(rows))
    return 1


def _way_of(each: Unfinished) -> Way | None:
    if each.invitation is not None:
        return ways.invited(each.invitation)
    return ways.through(each.door) if each.door is not None else None


def _as_it_was(each: Unfinished) -> QuerySet[Unfinished]:
    """Return it as a query that finds nothing where somebody went on meanwhile."""
    return Unfinished.objects.filter(pk=each.pk, at=each.at)


def _rows(
    way: Way, survey: Survey, answers: Answers, response: str, language: str, at: datetime
) -> list[Interaction]:
    given = Response(
        id=response,
        customer=customer_of(way, response),
        at=at,
        language=language,
        touchpoint=way.touchpoint,
        channel=way.channel,
        properties=way.properties,
    )
    return list(known_rows(survey, answers, given))


def _put(rows: list[Interaction]) -> None:
    if rows:
        inbox().put([ready_rows.request(SOURCE, rows, time.time_ns() // 1000)])
