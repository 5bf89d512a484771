"""Every change to rules and campaigns, each with its entry in the trail."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from percorso.app import company
from percorso.app.accounts.models import User
from percorso.app.audit.actions import record
from percorso.app.outbox import actions as outbox
from percorso.app.surveys import actions as asking
from percorso.app.surveys.errors import AskingError
from percorso.app.surveys.sending import words
from percorso.app.surveys.sending.models import Campaign, Rule
from percorso.contacts import Ledger
from percorso.i18n import gettext as _
from percorso.log import segments
from percorso.segments import SegmentError

MOST: Final = 200
_SHARED: Final = (
    *("name", "survey", "segment", "share", "priority", "wanted_days", "open_days"),
    *("subject", "opening", "touchpoint"),
)


@transaction.atomic
def add_rule(by: User | None, given: Mapping[str, Any]) -> Rule:
    """Add a rule; it looks at what happens from now on. Raises AskingError."""
    _check(given)
    if Rule.objects.count() >= MOST:
        raise AskingError(_("There are {most} rules already.").format(most=MOST))
    if given["kind"] not in words.AFTER:
        raise AskingError(_("Choose after what it is asked."))
    made = Rule.objects.create(
        **_shared(given),
        kind=given["kind"],
        only_at=str(given.get("only_at", "")).strip()[:500],
        delay_hours=given["delay_hours"],
        since=timezone.now(),
        log_version=company.log().version,
        made_by=by,
    )
    record(by, "sending.rule_added", made.name, survey=made.survey)
    return made


@transaction.atomic
def change_rule(by: User | None, number: int, given: Mapping[str, Any]) -> Rule:
    """Change a rule. What it decided before stays as it is. Raises AskingError."""
    _check(given)
    if given["kind"] not in words.AFTER:
        raise AskingError(_("Choose after what it is asked."))
    rule = _rule(number)
    for name, value in _shared(given).items():
        setattr(rule, name, value)
    rule.kind, rule.only_at = given["kind"], str(given.get("only_at", "")).strip()[:500]
    rule.delay_hours, rule.trouble = given["delay_hours"], None
    rule.save()
    record(by, "sending.rule_changed", rule.name, survey=rule.survey)
    return rule


@transaction.atomic
def add_campaign(by: User | None, given: Mapping[str, Any]) -> Campaign:
    """Add a campaign; it begins when its time comes. Raises AskingError."""
    _check(given)
    starts: datetime = given.get("starts_at") or timezone.now()
    made = Campaign.objects.create(**_shared(given), starts_at=starts, made_by=by)
    record(by, "sending.campaign_added", made.name, survey=made.survey)
    return made


@transaction.atomic
def pause(by: User | None, sending: Rule | Campaign) -> None:
    """Let a rule or campaign rest: what waits of it is kept, and nothing new is planned."""
    if sending.paused_at is None:
        sending.paused_at = timezone.now()
        sending.save(update_fields=["paused_at"])
        outbox.give_back(f"{sending.tag}:", words.RESTS)
        record(by, "sending.paused", sending.name, survey=sending.survey)


@transaction.atomic
def resume(by: User | None, sending: Rule | Campaign) -> None:
    """Let it go on. A rule looks at what happens from now on, and not at what it slept through."""
    if sending.paused_at is not None:
        sending.paused_at = None
        fields = ["paused_at"]
        if isinstance(sending, Rule):
            sending.since, sending.row = timezone.now(), 0
            sending.log_version = company.log().version
            fields += ["since", "row", "log_version"]
        sending.save(update_fields=fields)
        record(by, "sending.resumed", sending.name, survey=sending.survey)


def end(by: User | None, sending: Rule | Campaign) -> int:
    """Stop a rule or campaign for good; return how many were still waiting for it.

    What was sent stays in the record, and its links work until they expire.
    """
    tag = f"{sending.tag}:"
    waiting = Ledger(company.workspace()).withdraw(tag, words.WITHDRAWN, timezone.now())
    with transaction.atomic():
        waiting += outbox.stop_those(tag)
        record(by, "sending.ended", sending.name, survey=sending.survey, waiting=waiting)
        sending.delete()
    return waiting


def _check(given: Mapping[str, Any]) -> None:
    asking.published(given["survey"])
    if given.get("segment"):
        try:
            segments.find(company.log(), given["segment"])
        except SegmentError as error:
            raise AskingError(str(error)) from error
    if not 0 < given["share"] <= 1:
        raise AskingError(_("A share is more than 0 and at most 100%."))


def _shared(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: given[name] for name in _SHARED if name in given}


def _rule(number: int) -> Rule:
    found = Rule.objects.select_for_update().filter(pk=number).first()
    if found is None:
        raise AskingError(_("There is no such rule any more."))
    return found
