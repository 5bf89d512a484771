"""Anonymous responses: held without whose they are and when they came, and released in crowds.

What this keeps to, and why, is in docs/decisions/0004-anonymous-answers.md.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils.crypto import salted_hmac

from percorso.app.inbox import inbox
from percorso.app.surveys.answering import counting, courses, invited
from percorso.app.surveys.answering.ways import Way
from percorso.app.surveys.errors import SpentError
from percorso.app.surveys.models import HeldResponse, Invitation, Shown, SpentSheet, TooFew
from percorso.durable_database import empty_journal
from percorso.live import ready_rows
from percorso.surveys import (
    AnonymousResponse,
    Answers,
    Survey,
    anonymous_rows,
    blend,
    blend_versions,
    new_id,
    shuffle,
)
from percorso.surveys.rows import SOURCE
from percorso.vocabulary import Interaction

#: Rows of one request to the inbox.
_ROWS: Final = 500
#: How long a sheet that was sent is remembered: longer than it can be sent.
_REMEMBERED: Final = timedelta(days=2)
#: How long a response waits for others at most: then it goes with those to other versions, cut to
#: what all were asked, or is deleted.
LONGEST_WAIT: Final = timedelta(days=90)

_Waiting = Mapping[str, tuple[Interaction, ...]]


def hold(way: Way, survey: Survey, answers: Answers, response: str, language: str) -> None:
    """Keep an anonymous response until others are there; on the disk when this returns.

    The invitation is marked, or the page noted as sent, in the same transaction, and neither names
    the other. Raises SpentError where an invitation was used meanwhile; a page that is sent twice
    counts once.
    """
    today = datetime.now(UTC).date()
    rows = anonymous_rows(
        survey, answers, AnonymousResponse(today, language, way.touchpoint, way.channel)
    )
    with transaction.atomic():
        if way.invitation is not None:
            if not Invitation.objects.filter(id=way.invitation, used=False).update(used=True):
                raise SpentError
            invited.note(survey.id, survey.version, today)
        elif not _is_first(response, today):
            return
        if rows:
            packed = ready_rows.pack(rows).decode()
            HeldResponse.objects.create(key=new_id(), survey=survey.id, day=today, rows=packed)


def release_due(now: datetime | None = None) -> int:
    """Release what was held before today, where there are enough; return how many responses.

    What came until midnight (UTC) does not change any more: whenever this runs, the answer is the
    same, and tells nothing of when somebody answered.
    """
    today = (now or datetime.now(UTC)).date()
    released = 0
    # What was on its way when a kill came goes first, as it was.
    for batch in _values(HeldResponse.objects.exclude(batch=""), "batch"):
        released += _send(batch)
    for survey in _values(HeldResponse.objects.filter(batch=""), "survey"):
        for batch in _choose(survey, today):
            released += _send(batch)
    with transaction.atomic():
        SpentSheet.objects.filter(day__lt=today - _REMEMBERED).delete()
        # Of who only looked, where nobody answered.
        Shown.objects.filter(held=True, day__lt=today - LONGEST_WAIT).delete()
    # Also where there is nothing: the last time somebody may have read what was there.
    _blur()
    return released


def _is_first(response: str, today: date) -> bool:
    """Note that a page was sent; say whether it was for the first time."""
    # Its own digest: what is remembered is in no row.
    made = salted_hmac("percorso.surveys.spent", response, algorithm="sha256")
    _sheet, first = SpentSheet.objects.get_or_create(
        key=made.hexdigest()[:32], defaults={"day": today}
    )
    return first


@transaction.atomic
def _choose(survey: str, today: date) -> list[str]:
    """Blend the responses to release together; return the batches.

    They are kept as they are blended: what is drawn at random is drawn once. A version that too
    few answered goes with the others, if it is asked no more or its answers have waited for long.
    """
    held = HeldResponse.objects.filter(survey=survey, batch="", day__lt=today)
    versions: dict[int, dict[str, tuple[Interaction, ...]]] = {}
    for each in held.select_for_update():
        rows = _rows_of(each)
        versions.setdefault(int(rows[0].properties["version"]), {})[each.key] = rows
    batches = []
    for version in [*versions]:
        if blended := blend(versions[version].values()):
            batches.append(_mark(versions.pop(version), blended))
            counting.tell(survey, version, today)
            invited.count(survey, [version], today)
    batches += _choose_mixed(survey, today, versions)
    return sorted(batches)


def _choose_mixed(survey: str, today: date, versions: Mapping[int, _Waiting]) -> list[str]:
    """Blend what is left of several versions; let go of what found no crowd in its time."""
    asked = courses.asked(survey)
    late = {
        key
        for waiting in versions.values()
        for key, rows in waiting.items()
        if rows[0].at.date() < today - LONGEST_WAIT
    }
    # Those to the version that is asked now may find a crowd of their own, with every answer.
    pool = {
        version: waiting
        for version, waiting in versions.items()
        if late or asked is None or version != asked.survey.version
    }
    read = [courses.course(survey, version) for version in pool]
    definitions = [each.survey for each in read if each is not None]
    if len(definitions) < len(pool):
        # A version that cannot be read now: nothing goes for that.
        return []
    together = {key: rows for waiting in pool.values() for key, rows in waiting.items()}
    batches = []
    if pool and (blended := blend_versions(together.values(), definitions)):
        batches.append(_mark(together, blended))
        sent = {key: rows for key, rows in zip(together, blended, strict=True) if rows}
        left = sum(len(together[key]) - len(rows) for key, rows in sent.items())
        _note(survey, today, answers=left)
        counting.never_tell(survey, pool)
        invited.count(survey, pool, today)
        late -= sent.keys()
    if late:
        HeldResponse.objects.filter(key__in=late).delete()
        counting.never_tell(survey, pool)
        invited.put_off(survey, pool, today - LONGEST_WAIT)
        _note(survey, today, responses=len(late))
    return batches


def _mark(waiting: _Waiting, blended: Iterable[Sequence[Interaction]]) -> str:
    """Keep responses as they are blended, to go together; return their batch."""
    batch = new_id()
    for key, rows in zip(waiting, blended, strict=True):
        if rows:
            packed = ready_rows.pack(rows).decode()
            HeldResponse.objects.filter(key=key).update(batch=batch, rows=packed)
    return batch


def _note(survey: str, today: date, *, responses: int = 0, answers: int = 0) -> None:
    """Note what of a survey goes for want of a crowd, for the company to know."""
    if responses or answers:
        TooFew.objects.get_or_create(survey=survey, defaults={"day": today})
        TooFew.objects.filter(survey=survey).update(
            day=today, responses=F("responses") + responses, answers=F("answers") + answers
        )


def _send(batch: str) -> int:
    """Send a batch in, and let go of it once it is on the disk there."""
    theirs = HeldResponse.objects.filter(batch=batch)
    responses = [_rows_of(each) for each in theirs]
    rows = shuffle(responses)
    now = time.time_ns() // 1000
    inbox().put(
        [
            ready_rows.request(SOURCE, rows[start : start + _ROWS], now)
            for start in range(0, len(rows), _ROWS)
        ]
    )
    theirs.delete()
    return len(responses)


def _rows_of(held: HeldResponse) -> tuple[Interaction, ...]:
    return ready_rows.unpack(held.rows.encode())


def _values(held: QuerySet[HeldResponse], name: str) -> list[str]:
    return sorted(set(held.values_list(name, flat=True)))


def _blur() -> None:
    """Take out of the database's files what tells which writes came together.

    SQLite's journal holds a transaction's pages side by side until it is written over; PostgreSQL
    notes the transaction with each row, and has the rows in the order they came: those that wait
    are written anew in the order of their random keys.
    """
    if connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            empty_journal(connection.connection)
        else:
            cursor.execute("UPDATE surveys_heldresponse SET day = day")
            cursor.execute("UPDATE surveys_invitation SET used = used WHERE used AND NOT counted")
            cursor.execute("UPDATE surveys_invitedanswered SET day = day")
            cursor.execute("CLUSTER surveys_heldresponse USING surveys_heldresponse_pkey")
