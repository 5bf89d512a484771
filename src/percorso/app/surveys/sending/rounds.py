"""The round that the worker makes: who is to be asked, what the contact budget says, the messages.

Each step can be cut off and done again: a wish has an id, the ledger decides each once; what is
reserved and has no message yet gets one; a message has its wish's id and goes out once. So the
place up to where a rule or campaign has looked is kept last.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils import timezone

from percorso import contacts
from percorso.app import company
from percorso.app.audit.actions import record
from percorso.app.connectors import phrases
from percorso.app.outbox import actions as outbox
from percorso.app.outbox import queries as outbox_queries
from percorso.app.outbox.letters import Letter
from percorso.app.privacy.actions import standing_link
from percorso.app.surveys import actions
from percorso.app.surveys.answering import sheets
from percorso.app.surveys.errors import AskingError
from percorso.app.surveys.models import Invitation
from percorso.app.surveys.sending import finding, letter, people, words
from percorso.app.surveys.sending.finding import Candidate
from percorso.app.surveys.sending.models import Campaign, Occasion, Rule, Sending
from percorso.contacts import Budget, ContactsError, Decision, Ledger, Reservation
from percorso.log.errors import LogBusyError
from percorso.log.lock import exclusive
from percorso.privacy import retention
from percorso.segments import SegmentError
from percorso.vocabulary import Phrase

if TYPE_CHECKING:
    from percorso.log import Log

logger = logging.getLogger("percorso.surveys")

#: Messages written in one round.
PER_ROUND: Final = 200
OURS: Final = ("rule:", "campaign:")
#: When a wish of what rests is weighed again.
_LOOK_AGAIN: Final = timedelta(hours=1)
#: Occasions are kept no longer than a wish can last.
_KEPT: Final = timedelta(days=400)
#: A page that was opened before its link expired is good for so long.
_SHOWN_STILL: Final = timedelta(seconds=sheets.LASTS)


def ask_due(now: datetime | None = None) -> int:
    """Make one round; return how many messages were written.

    Nothing happens while sending is paused or not set up: what would be decided could not go.
    """
    now = now or timezone.now()
    if not outbox_queries.standing().sends:
        return 0
    try:
        with exclusive(company.workspace().path / "asking.lock", 0.0):
            return _round(company.log(), now)
    except LogBusyError:
        return 0


def tidy(now: datetime | None = None) -> None:
    """Forget occasions that nothing became of, and invitations that never reached anybody.

    What the words of a survey may say of somebody goes with the link that shows them, and the
    whole invitation when the rules of retention say so of who was written to.
    """
    now = now or timezone.now()
    Occasion.objects.filter(made_at__lt=now - _KEPT).delete()
    Invitation.objects.filter(expires_at__lt=now - _SHOWN_STILL).exclude(facts={}).update(facts={})
    place = company.workspace()
    for rule in retention.rules(place):
        if rule.store == "contacts":
            before = retention.contacts_before(place, rule, now)
            Invitation.objects.filter(expires_at__lt=before).delete()
    for beginning in OURS:
        lost = outbox.returned(beginning)
        with transaction.atomic():
            Invitation.objects.filter(id__in=list(lost.values()), used=False).delete()
            outbox.let_go(lost)


def _round(log: "Log", now: datetime) -> int:
    budget = contacts.load(log.workspace)
    ledger = Ledger(log.workspace)
    for rule in Rule.objects.filter(paused_at=None):
        _look(log, ledger, rule, now)
    for campaign in Campaign.objects.filter(paused_at=None, finished_at=None, starts_at__lte=now):
        _go_through(log, ledger, campaign, now)
    settle(log, ledger, [], budget, now)
    return _write(log, ledger, now)


def _look(log: "Log", ledger: Ledger, rule: Rule, now: datetime) -> None:
    """Take in what entered the log since a rule looked last."""
    begun = rule.log_version, rule.row
    if log.version <= rule.log_version:
        return
    found = _found(rule, partial(finding.after_rule, log, rule, now))
    if found is None:
        return
    take(log, ledger, found.candidates, now)
    moved = Rule.objects.filter(id=rule.id, log_version=begun[0], row=begun[1])
    moved.update(log_version=found.place[0], row=found.place[1])


def _go_through(log: "Log", ledger: Ledger, campaign: Campaign, now: datetime) -> None:
    """Take in the next customers of a campaign."""
    begun = campaign.upto
    found = _found(campaign, partial(finding.of_campaign, log, campaign, now))
    if found is None:
        return
    take(log, ledger, found.candidates, now)
    with transaction.atomic():
        moved = Campaign.objects.filter(id=campaign.id, upto=begun)
        if found.place is None:
            moved.update(finished_at=now, started_at=campaign.started_at or now)
            record(None, "sending.gone_through", campaign.name, survey=campaign.survey)
        else:
            moved.update(upto=found.place, started_at=campaign.started_at or now)


def _found(sending: Sending, find: "partial[finding.Found]") -> finding.Found | None:
    """Return who is to be asked; where a segment or survey is not there any more, note it."""
    try:
        actions.published(sending.survey)
        found = find()
    except (SegmentError, AskingError) as error:
        _note_trouble(sending, Phrase("{why}", {"why": str(error)}))
        return None
    _note_trouble(sending, None)
    return found


def _note_trouble(sending: Sending, trouble: Phrase | None) -> None:
    kept = None if trouble is None else phrases.kept(trouble)
    if kept != sending.trouble:
        type(sending).objects.filter(pk=sending.pk).update(trouble=kept)  # type: ignore[attr-defined]


def take(log: "Log", ledger: Ledger, candidates: Sequence[Candidate], now: datetime) -> None:
    """Write down who of candidates is not asked and why; the budget decides on the others."""
    if not candidates:
        return
    known = ledger.known([each.wish.id for each in candidates])
    new = [each for each in candidates if each.wish.id not in known]
    asked = [each for each in new if each.why_not is None]
    Occasion.objects.bulk_create(
        [
            Occasion(
                wish=each.wish.id,
                reference=each.person.customer,
                touchpoint=each.touchpoint,
                language=each.language,
                facts=each.facts,
            )
            for each in asked
        ],
        ignore_conflicts=True,
    )
    ledger.decline([(each.wish, each.why_not) for each in new if each.why_not is not None], now)
    settle(log, ledger, asked, contacts.load(log.workspace), now)


def settle(
    log: "Log", ledger: Ledger, asked: Sequence[Candidate], budget: Budget, now: datetime
) -> tuple[Decision, ...]:
    """Have the contact budget decide wishes, and those that waited and are due."""
    waiting = ledger.due(now)
    persons = {*(each.wish.person for each in asked), *waiting}
    if not persons:
        return ()
    return ledger.settle(
        [each.wish for each in asked],
        budget,
        now,
        same=partial(people.same, log),
        elsewhere=people.elsewhere(log, _joined(log, persons), budget.longest, now),
    )


def foresee(
    log: "Log", candidates: Iterable[Candidate], now: datetime
) -> tuple[tuple[Candidate, Decision | None], ...]:
    """Return what would become of candidates now; nothing is written. None: not asked at all."""
    given = list(candidates)
    asked = [each for each in given if each.why_not is None]
    budget = contacts.load(log.workspace)
    persons = {each.wish.person for each in asked}
    decided = Ledger(log.workspace).foresee(
        [each.wish for each in asked],
        budget,
        now,
        same=partial(people.same, log),
        elsewhere=people.elsewhere(log, _joined(log, persons), budget.longest, now),
    )
    by_wish = {each.wish.id: each for each in decided}
    return tuple((each, by_wish.get(each.wish.id)) for each in given)


def _joined(log: "Log", persons: Iterable[str]) -> set[str]:
    return {log.identity.customer_of(each) for each in persons}


# Messages


def _write(log: "Log", ledger: Ledger, now: datetime) -> int:
    """Write a message for each reservation that has none; return how many."""
    ours = _going(ledger, now)
    outbox.go_on(ours)
    have = outbox.written(each.wish.id for each in ours)
    left = [each for each in ours if each.wish.id not in have][:PER_ROUND]
    if not left:
        return 0
    known = people.people(log, {log.identity.customer_of(each.wish.person) for each in left})
    return sum(
        _write_one(ledger, each, known[log.identity.customer_of(each.wish.person)], now)
        for each in left
    )


def _going(ledger: Ledger, now: datetime) -> list[Reservation]:
    """Return our reservations, without those of what rests: these wait on."""
    resting = {
        each.tag for model in (Rule, Campaign) for each in model.objects.exclude(paused_at=None)
    }
    going = []
    for each in ledger.reserved():
        if not each.wish.id.startswith(OURS):
            continue
        if each.wish.id.rpartition(":")[0] in resting:
            ledger.failed(each.id, words.RESTS, now, again=now + _LOOK_AGAIN)
        else:
            going.append(each)
    return going


def _write_one(
    ledger: Ledger, reservation: Reservation, person: people.Person, now: datetime
) -> int:
    sending = sending_of(reservation.wish.id)
    if reservation.until <= now:
        ledger.failed(reservation.id, words.NO_TIME, now, again=now)
        return 0
    why = words.WITHDRAWN if sending is None else person.why_not
    if why is None and sending is not None:
        try:
            _post(reservation, sending, person)
        except (AskingError, ContactsError) as error:
            why = words.cannot(str(error))
    if why is not None:
        ledger.failed(reservation.id, why, now)
        return 0
    return 1


@transaction.atomic
def _post(reservation: Reservation, sending: Sending, person: people.Person) -> None:
    """Invite somebody and put the message in line, both or neither. Raises AskingError."""
    wish = reservation.wish
    occasion = Occasion.objects.filter(wish=wish.id).first()
    survey = actions.published(wish.campaign)
    settings = company.workspace().settings
    facts = {**(occasion.facts if occasion else {})}
    touchpoint = occasion.touchpoint if occasion else sending.touchpoint or "E-mail"
    language = survey.language_for(
        (occasion.language if occasion else "") or person.language or settings.language
    )
    invited = actions.invite(
        survey.id,
        person.customer,
        campaign=wish.id.rpartition(":")[0],
        language=language,
        touchpoint=touchpoint,
        channel="email",
        expires_at=wish.expires_at + timedelta(days=sending.open_days),
        facts=facts,
    )
    base = outbox_queries.address()
    choices = f"{base}{standing_link(person.customer)}"
    written = letter.write(
        survey,
        sending,
        language=language,
        facts=facts,
        links=letter.Links(
            survey=f"{base}{invited.path}", choices=choices, leave=f"{choices}/leave"
        ),
        company=settings.company,
        postal=outbox_queries.postal(),
    )
    outbox.post(
        Letter(
            wish=wish.id,
            reservation=reservation.id,
            purpose=wish.purpose,
            campaign=wish.campaign,
            reference=person.customer,
            address=person.address,
            language=written.language,
            subject=written.subject,
            body=written.body,
            until=reservation.until,
            about=f"survey:{survey.id}",
            touchpoint=touchpoint,
            carries=invited.id,
        )
    )
    Occasion.objects.filter(wish=wish.id).delete()


def sending_of(wish: str) -> Sending | None:
    """Return the rule or campaign of a wish; None where it is not there any more."""
    kind, number, _rest = wish.split(":", 2)
    model = Rule if kind == "rule" else Campaign
    return model.objects.filter(pk=int(number)).first()
