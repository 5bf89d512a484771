"""Who of those invited to an anonymous survey counts as having answered, and from when.

An invitation says that it was used, and neither when nor to which version: whoever reads a day
there, and a single response that waits of the same day, has the person of the answers. So only
numbers are kept: how many of the invited answered a version on a day, as those who wait are kept
by version and day anyway. When answers are released, as many invitations come to count as were
used for them, drawn at random among all that may have been. Sums are right to the one, and move
by those who were released alone; of a single invitation that counts nobody can say more than that
it was used, which it says itself, and of one that does not count yet nothing either.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from random import SystemRandom
from typing import Final

from django.db.models import F, QuerySet

from percorso.app.surveys.models import Invitation, InvitedAnswered

#: Stands for a version whose answers went for want of a crowd: they count with the next released.
_GONE: Final = 0
#: Ids in one statement: SQLite takes no more than some thousands.
_AT_ONCE: Final = 1000


def note(survey: str, version: int, day: date, number: int = 1) -> None:
    """Note that so many who were invited answered a version on a day (UTC)."""
    InvitedAnswered.objects.get_or_create(survey=survey, version=version, day=day)
    InvitedAnswered.objects.filter(survey=survey, version=version, day=day).update(
        number=F("number") + number
    )


def count(survey: str, versions: Iterable[int], before: date) -> None:
    """Let those count who answered these versions before a day (UTC), answers being released."""
    number = _take(_noted(survey, [_GONE, *versions], before))
    # Whoever was invited later has answered later.
    midnight = datetime.combine(before, time(), UTC)
    could = Invitation.objects.filter(
        survey=survey, used=True, counted=False, made_at__lt=midnight
    ).values_list("id", flat=True)
    ids = sorted(could)
    drawn = SystemRandom().sample(ids, min(number, len(ids)))
    for start in range(0, len(drawn), _AT_ONCE):
        some = drawn[start : start + _AT_ONCE]
        Invitation.objects.filter(id__in=some).update(counted=True)


def put_off(survey: str, versions: Iterable[int], before: date) -> None:
    """Let those count with what is released next whose answers went unreleased.

    Not now: a sum that moves when a time is over tells on which day somebody answered.
    """
    if number := _take(_noted(survey, versions, before)):
        note(survey, _GONE, before, number)


def _noted(survey: str, versions: Iterable[int], before: date) -> "QuerySet[InvitedAnswered]":
    return InvitedAnswered.objects.filter(survey=survey, version__in=[*versions], day__lt=before)


def _take(noted: "QuerySet[InvitedAnswered]") -> int:
    """Return how many there are, and let go of the rows."""
    found = list(noted.select_for_update())
    # Not of all that are there by now: one that was noted at midnight may have come meanwhile.
    InvitedAnswered.objects.filter(id__in=[each.pk for each in found]).delete()
    return sum(each.number for each in found)
