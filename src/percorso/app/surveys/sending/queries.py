"""What there is to know of rules and campaigns."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Count, Q

from percorso.app import company
from percorso.app.connectors import phrases
from percorso.app.surveys.models import Invitation
from percorso.app.surveys.sending.models import Campaign, Rule, Sending
from percorso.vocabulary import Phrase


class Health(StrEnum):
    """How a rule or campaign is."""

    ACTIVE = "active"
    TO_COME = "to come"
    UNDER_WAY = "under way"
    DONE = "done"
    PAUSED = "paused"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Shown:
    """A rule or campaign as the list shows it: how many were invited, and how many answered."""

    kind: str
    id: int
    name: str
    survey: str
    segment: str
    share: float
    health: Health
    trouble: Phrase | None
    after: str
    only_at: str
    delay_hours: int
    starts_at: datetime | None
    finished_at: datetime | None
    invited: int
    answered: int


def listed(survey: str = "") -> tuple[Shown, ...]:
    """Return the rules, then the campaigns, of a survey or of all."""
    chosen = {"survey": survey} if survey else {}
    every: list[Rule | Campaign] = [
        *Rule.objects.filter(**chosen),
        *Campaign.objects.filter(**chosen),
    ]
    counts = _invited([each.tag for each in every])
    return tuple(_shown(each, counts) for each in every)


def one(kind: str, number: int) -> Rule | Campaign | None:
    """Return a rule or a campaign."""
    if kind == "rule":
        return Rule.objects.filter(pk=number).first()
    return Campaign.objects.filter(pk=number).first()


def shown(sending: Rule | Campaign) -> Shown:
    """Return one as the list shows it."""
    return _shown(sending, _invited([sending.tag]))


def _invited(tags: list[str]) -> Mapping[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = dict.fromkeys(tags, (0, 0))
    counted = (
        Invitation.objects.filter(campaign__in=tags)
        .values("campaign")
        .annotate(made=Count("id"), answered=Count("id", filter=Q(counted=True)))
        .order_by()
    )
    return found | {each["campaign"]: (each["made"], each["answered"]) for each in counted}


def _shown(each: Rule | Campaign, counts: Mapping[str, tuple[int, int]]) -> Shown:
    rule = each if isinstance(each, Rule) else None
    campaign = each if isinstance(each, Campaign) else None
    return Shown(
        "rule" if rule else "campaign",
        each.pk,
        each.name,
        each.survey,
        each.segment,
        each.share,
        _health(each),
        phrases.read(each.trouble),
        rule.kind if rule else "",
        rule.only_at if rule else "",
        rule.delay_hours if rule else 0,
        campaign.starts_at if campaign else None,
        campaign.finished_at if campaign else None,
        *counts[each.tag],
    )


def _health(each: Sending) -> Health:
    if each.paused_at:
        return Health.PAUSED
    if each.trouble:
        return Health.TROUBLE
    if isinstance(each, Campaign):
        if each.finished_at:
            return Health.DONE
        return Health.UNDER_WAY if each.started_at else Health.TO_COME
    return Health.ACTIVE


def segments() -> tuple[str, ...]:
    """Return the names of the segments that can be chosen, those people saved first."""
    from percorso.log import segments as of_log
    from percorso.segments import SegmentError

    try:
        catalogue = of_log.catalogue(company.log())
        saved = [each.name for each in catalogue.saved()]
        return tuple(dict.fromkeys([*saved, *(each.name for each in catalogue.all())]))
    except SegmentError:
        return ()
