"""What is known of doors, invitations and counters. Nothing here says who answered what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils import timezone

from percorso.app import company
from percorso.app.surveys.answering.ways import response_of
from percorso.app.surveys.models import Door, Invitation, Shown, TooFew
from percorso.app.surveys.sending.models import Campaign, Rule

#: Fewer invitations say nothing of how many are usually answered.
_LEAST_MADE: Final = 50


@dataclass(frozen=True, slots=True)
class DoorInfo:
    """A door. ``path`` is its address without the host."""

    code: str
    survey: str
    kind: str
    kind_words: str
    touchpoint: str
    channel: str
    place: str
    websites: tuple[str, ...]
    made_by: str
    made_at: datetime
    closed_at: datetime | None
    path: str

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


@dataclass(frozen=True, slots=True)
class InvitationInfo:
    """One invitation. ``reference`` is empty where nobody in particular was invited.

    ``sent_on`` is the day in the company's zone. ``response`` is the id of the response to it, of
    an anonymous survey empty: there is none that could be known.
    """

    id: str
    reference: str
    campaign: str
    touchpoint: str
    channel: str
    language: str
    sent_on: date
    expires_at: datetime
    answered: bool
    response: str = ""
    open_until: date | None = None


@dataclass(frozen=True, slots=True)
class Invitations:
    """How many were invited and how many of them answered."""

    made: int
    answered: int


@dataclass(frozen=True, slots=True)
class QuestionCount:
    """How often a question was shown and answered, of a version of a survey.

    A question of the first page is shown to every robot that follows the link too.
    """

    version: int
    question: str
    shown: int
    answered: int


def doors(survey_id: str) -> tuple[DoorInfo, ...]:
    """Return the doors of a survey, open ones first, the oldest first."""
    found = Door.objects.filter(survey=survey_id).select_related("made_by")
    return tuple(sorted(map(_door, found), key=lambda each: not each.is_open))


def door(code: str) -> DoorInfo | None:
    """Return one door, open or not."""
    found = Door.objects.filter(code=code).select_related("made_by").first()
    return _door(found) if found else None


def invitations(survey_id: str, campaign: str | None = None) -> tuple[InvitationInfo, ...]:
    """Return the invitations to a survey, of one campaign or all, the oldest first."""
    from percorso.surveys import Surveys

    place = company.workspace()
    zone = place.settings.zone_info
    versions = Surveys(place).readable(survey_id)
    known = bool(versions) and not any(each.anonymous for each in versions)
    found = Invitation.objects.filter(survey=survey_id)
    if campaign is not None:
        found = found.filter(campaign=campaign)
    return tuple(
        InvitationInfo(
            str(each.id),
            each.reference,
            each.campaign,
            each.touchpoint,
            each.channel,
            each.language,
            each.made_at.astimezone(zone).date(),
            each.expires_at,
            each.counted,
            response_of(each.id) if known else "",
            each.expires_at.astimezone(zone).date(),
        )
        for each in found.iterator(chunk_size=2000)
    )


def invited(survey_id: str) -> Invitations:
    """Return how many were invited to a survey and how many of them answered.

    Of an anonymous survey an answer counts once answers are released, as in all that follows.
    """
    found = Invitation.objects.filter(survey=survey_id).aggregate(
        made=Count("id"), answered=Count("id", filter=Q(counted=True))
    )
    return Invitations(found["made"], found["answered"])


def usual_rate(survey_id: str) -> float | None:
    """Return which share of invitations is answered; None where too few are known to say.

    Those that may well be answered yet do not count: see ``percorso.survey_results.waiting``.
    """
    from percorso.survey_results.waiting import USUAL_DAYS

    now = timezone.now()
    old = Q(made_at__lte=now - timedelta(days=USUAL_DAYS)) | Q(expires_at__lte=now)
    found = Invitation.objects.filter(old, survey=survey_id).aggregate(
        made=Count("id"), answered=Count("id", filter=Q(counted=True))
    )
    return found["answered"] / found["made"] if found["made"] >= _LEAST_MADE else None


@dataclass(frozen=True, slots=True)
class CountedDays:
    """The days whose counters are told, both included; None leaves an end open.

    ``months``: the survey is anonymous and its counters are of whole months, so these are.
    """

    since: date | None
    until: date | None
    months: bool


def counted_days(survey_id: str, since: datetime | None, until: datetime | None) -> CountedDays:
    """Return the days, in the company's zone, that a period has; ``until`` is not in it."""
    from percorso.survey_results.definitions import is_anonymous, versions_of

    place = company.workspace()
    zone = place.settings.zone_info
    first = since.astimezone(zone).date() if since else None
    last = (until - timedelta(microseconds=1)).astimezone(zone).date() if until else None
    months = is_anonymous(versions_of(place, survey_id))
    if months and first:
        first = first.replace(day=1)
    return CountedDays(first, last, months)


def drop_off(
    survey_id: str,
    version: int | None = None,
    since: date | None = None,
    until: date | None = None,
) -> tuple[QuestionCount, ...]:
    """Return how often each question was shown and answered, of one version or of each.

    ``since`` and ``until`` are the first and the last day that count, both included.
    """
    found = Shown.objects.filter(survey=survey_id, held=False)
    if version is not None:
        found = found.filter(version=version)
    if since is not None:
        found = found.filter(day__gte=since)
    if until is not None:
        found = found.filter(day__lte=until)
    sums = (
        found.values("version", "question")
        .annotate(shown=Sum("shown"), answered=Sum("answered"))
        .order_by("version", "question")
    )
    return tuple(
        QuestionCount(each["version"], each["question"], each["shown"], each["answered"])
        for each in sums
    )


def too_few(survey_id: str) -> TooFew | None:
    """Return what of an anonymous survey found no crowd in its time and is gone; None where none.

    How many wait now is told nowhere: the number would rise when somebody answers.
    """
    return TooFew.objects.filter(survey=survey_id).first()


def open_doors(survey_ids: Sequence[str]) -> dict[str, int]:
    """Return for each survey how many doors are open."""
    found = (
        Door.objects.filter(survey__in=survey_ids, closed_at=None)
        .values("survey")
        .annotate(n=Count("code"))
        .order_by()
    )
    counted = {each["survey"]: each["n"] for each in found}
    return {each: counted.get(each, 0) for each in survey_ids}


def asking(survey_ids: Sequence[str]) -> frozenset[str]:
    """Return which of these surveys are asked now: where somebody can come to them.

    That is by an open door, an invitation whose time is not over, or a rule or a campaign that
    goes on. Whether an invitation was used is not looked at: of an anonymous survey nothing may
    change when somebody answers.
    """
    here = {"survey__in": [*survey_ids]}
    ways = (
        Door.objects.filter(closed_at=None, **here),
        Invitation.objects.filter(expires_at__gt=timezone.now(), **here),
        Rule.objects.filter(paused_at=None, **here),
        Campaign.objects.filter(paused_at=None, finished_at=None, **here),
    )
    return frozenset(
        each for way in ways for each in way.order_by().values_list("survey", flat=True).distinct()
    )


def _door(each: Door) -> DoorInfo:
    return DoorInfo(
        each.code,
        each.survey,
        each.kind,
        str(Door.Kind(each.kind).label),
        each.touchpoint,
        each.channel,
        each.place,
        tuple(each.websites),
        each.made_by.get_username() if each.made_by else "",
        each.made_at,
        each.closed_at,
        reverse("answering:door", args=[each.code]),
    )
