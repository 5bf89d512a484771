"""Every change to rules and campaigns, each with its entry in the trail.

``program`` is the name of the token, where a program does it for who made the token.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from percorso.app import company
from percorso.app.accounts.models import User
from percorso.app.audit.actions import record
from percorso.app.outbox import actions as outbox
from percorso.app.surveys import actions as asking
from percorso.app.surveys.errors import AskingError
from percorso.app.surveys.sending import letter, words
from percorso.app.surveys.sending.models import Campaign, Rule
from percorso.contacts import Ledger
from percorso.i18n import gettext as _
from percorso.log import segments
from percorso.segments import SegmentError
from percorso.surveys import Survey

MOST: Final = 200
#: How far from now a campaign begins: years are easily mistyped.
_LATEST: Final = timedelta(days=731)
_SHARED: Final = (
    *("name", "survey", "segment", "share", "priority", "wanted_days", "open_days"),
    *("subject", "opening", "touchpoint"),
)


@transaction.atomic
def add_rule(by: User | None, given: Mapping[str, Any], program: str = "") -> Rule:
    """Add a rule; it looks at what happens from now on. Raises AskingError."""
    _check(given)
    _check_kind(given)
    if Rule.objects.count() >= MOST:
        raise AskingError(_("There are {most} rules already.").format(most=MOST))
    made = Rule.objects.create(
        **_shared(given),
        kind=given["kind"],
        only_at=str(given.get("only_at", "")).strip()[:500],
        delay_hours=given["delay_hours"],
        since=timezone.now(),
        log_version=company.log().version,
        made_by=by,
    )
    _note(by, "sending.rule_added", made, program)
    return made


@transaction.atomic
def change_rule(by: User | None, number: int, given: Mapping[str, Any], program: str = "") -> Rule:
    """Change a rule. What it decided before stays as it is. Raises AskingError."""
    _check(given)
    _check_kind(given)
    rule = _rule(number)
    for name, value in _shared(given).items():
        setattr(rule, name, value)
    rule.kind, rule.only_at = given["kind"], str(given.get("only_at", "")).strip()[:500]
    rule.delay_hours, rule.trouble = given["delay_hours"], None
    rule.save()
    _note(by, "sending.rule_changed", rule, program)
    return rule


@transaction.atomic
def add_campaign(by: User | None, given: Mapping[str, Any], program: str = "") -> Campaign:
    """Add a campaign; it begins when its time comes. Raises AskingError."""
    _check(given)
    if Campaign.objects.filter(finished_at=None).count() >= MOST:
        raise AskingError(_("There are {most} campaigns under way already.").format(most=MOST))
    now = timezone.now()
    starts: datetime = given.get("starts_at") or now
    if not now - _LATEST <= starts <= now + _LATEST:
        raise AskingError(_("A campaign begins within two years."), "starts_at")
    made = Campaign.objects.create(**_shared(given), starts_at=starts, made_by=by)
    _note(by, "sending.campaign_added", made, program)
    return made


@transaction.atomic
def pause(by: User | None, sending: Rule | Campaign, program: str = "") -> None:
    """Let a rule or campaign rest: what waits of it is kept, and nothing new is planned."""
    if sending.paused_at is None:
        sending.paused_at = timezone.now()
        sending.save(update_fields=["paused_at"])
        outbox.give_back(f"{sending.tag}:", words.RESTS)
        _note(by, "sending.paused", sending, program)


@transaction.atomic
def resume(by: User | None, sending: Rule | Campaign, program: str = "") -> None:
    """Let it go on. A rule looks at what happens from now on, and not at what it slept through."""
    if sending.paused_at is not None:
        sending.paused_at = None
        fields = ["paused_at"]
        if isinstance(sending, Rule):
            sending.since, sending.row = timezone.now(), 0
            sending.log_version = company.log().version
            fields += ["since", "row", "log_version"]
        sending.save(update_fields=fields)
        _note(by, "sending.resumed", sending, program)


def end(by: User | None, sending: Rule | Campaign, program: str = "") -> int:
    """Stop a rule or campaign for good; return how many were still waiting for it.

    What was sent stays in the record, and its links work until they expire.
    """
    tag = f"{sending.tag}:"
    waiting = Ledger(company.workspace()).withdraw(tag, words.WITHDRAWN, timezone.now())
    with transaction.atomic():
        waiting += outbox.stop_those(tag)
        _note(by, "sending.ended", sending, program, waiting=waiting)
        sending.delete()
    return waiting


def note_trial(by: User | None, sending: Rule | Campaign, program: str = "") -> None:
    """Note that somebody saw whom a rule or campaign would ask."""
    _note(by, "sending.tried", sending, program)


def _note(
    by: User | None, action: str, sending: Rule | Campaign, program: str, **details: Any
) -> None:
    through = {"program": program} if program else {}
    record(by, action, sending.name, survey=sending.survey, **details, **through)


def _check(given: Mapping[str, Any]) -> None:
    asked = asking.published(given["survey"])
    if given.get("segment"):
        try:
            segments.find(company.log(), given["segment"])
        except SegmentError as error:
            raise AskingError(str(error), "segment") from error
    if not 0 < given["share"] <= 1:
        raise AskingError(_("A share is more than 0 and at most 100%."), "share")
    for field in ("subject", "opening"):
        for language, text in given.get(field, {}).items():
            _check_text(asked, f"{field}.{language}", language, text)


def _check_text(asked: Survey, field: str, language: str, text: str) -> None:
    if language not in asked.languages:
        known = ", ".join(asked.languages)
        raise AskingError(
            _("The survey is not in this language, but in: {known}.").format(known=known), field
        )
    for wrong in letter.wrong_gaps(text):
        raise AskingError(wrong, field)


def _check_kind(given: Mapping[str, Any]) -> None:
    if given["kind"] not in words.AFTER:
        raise AskingError(_("Choose after what it is asked."), "kind")


def _shared(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: given[name] for name in _SHARED if name in given}


def _rule(number: int) -> Rule:
    found = Rule.objects.select_for_update().filter(pk=number).first()
    if found is None:
        raise AskingError(_("There is no such rule any more."))
    return found
