"""Sending what waits: each message once, however often this process dies.

One process at a time posts (a lock that the kernel lets go of), so a message that is found as
``sending`` belongs to one that died between the last byte and the server's answer. Whether it went
out cannot be known any more: it counts as sent, and only a person sends it again.
"""

import contextlib
import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.core.mail.utils import DNS_NAME
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from percorso.app import company, sealing
from percorso.app.connectors import phrases
from percorso.app.outbox import addresses, ending, letters, suppression, telling
from percorso.app.outbox.handing_over import DownError, Fate, MailServer, Outcome, Smtp
from percorso.app.outbox.models import Message, Relay, Sender, Suppressed
from percorso.log.errors import LogBusyError
from percorso.log.lock import exclusive
from percorso.net import retrying
from percorso.privacy import consents, retention
from percorso.vocabulary import N_, Phrase

logger = logging.getLogger("percorso.outbox")

#: Messages that are sent in one round; between rounds others have their turn.
PER_ROUND: Final = 100
#: Seconds after each failure until the next attempt; the last holds from then on.
WAITS_S: Final = (60, 5 * 60, 15 * 60, 60 * 60, 2 * 3600, 4 * 3600)
_REST_FIRST_S: Final = 15.0
_REST_LONGEST_S: Final = 15 * 60.0
#: How long what a message says is kept where somebody may send it again.
BODY_KEPT: Final = timedelta(days=7)
#: The same of what waits for the contact budget; no wish lasts so long.
WAITING_KEPT: Final = timedelta(days=100)
_State = Message.State

DIED: Final = Phrase(
    N_("Percorso stopped just while handing it over: it may have gone out. It counts as sent.")
)
NO_ANSWER: Final = Phrase(
    N_("The mail server did not answer: it may have gone out. It counts as sent.")
)
ENDED: Final = Phrase(N_("the mail server did not take it in time; it is planned anew"))
WITHDREW: Final = Phrase(N_("does not want to be written to about this"))
UNREADABLE: Final = Phrase(N_("what it said cannot be read any more; the key has changed"))
REFUSED: Final = Phrase(N_("the mail server refused it: {words}"))


def smtp() -> Smtp | None:
    """Return the mail server of the settings; None where there is none."""
    if not settings.EMAIL_CONFIGURED:
        return None
    return Smtp(
        settings.EMAIL_HOST,
        settings.EMAIL_PORT,
        settings.EMAIL_HOST_USER,
        settings.EMAIL_HOST_PASSWORD,
        settings.EMAIL_USE_SSL,
        settings.EMAIL_USE_TLS,
    )


def post_due(now: datetime | None = None) -> int:
    """Send what is due; return how many were handed over, or may have been."""
    now = now or timezone.now()
    with _alone() as alone:
        if not alone:
            return 0
        settle_interrupted()
        count = _post(now)
    telling.tell()
    return count


def tidy(now: datetime | None = None) -> None:
    """Let go of what messages say where nobody needs it, and of messages kept for long enough."""
    now = now or timezone.now()
    ending.end_what_is_over()
    old = Message.objects.exclude(state__in=(_State.QUEUED, _State.SENDING))
    said = old.exclude(body="")
    said.filter(until__lt=now - BODY_KEPT).exclude(state=_State.WAITING).update(body="")
    said.filter(until__lt=now - WAITING_KEPT).update(body="")
    place = company.workspace()
    for rule in retention.rules(place):
        if rule.store == "contacts":
            old.filter(told=True, made_at__lt=retention.contacts_before(place, rule, now)).delete()


def settle_interrupted() -> int:
    """Say of what was being handed over when a process died that it may have gone out."""
    # What was rolled back by a crash was never sent: the claim is on the disk before the last line.
    return Message.objects.filter(state=_State.SENDING).update(
        state=_State.UNSURE, why=phrases.kept(DIED), told=False
    )


def _post(now: datetime) -> int:
    end_reservations(now)
    server, sender = smtp(), Sender.objects.first()
    relay = Relay.objects.get_or_create(id=1)[0]
    resting = relay.paused_at or (relay.rests_until and relay.rests_until > now)
    if server is None or sender is None or resting:
        return 0
    due = list(
        Message.objects.filter(state=_State.QUEUED, next_at__lte=now, until__gt=now).order_by(
            "next_at", "made_at"
        )[:PER_ROUND]
    )
    due = _still_allowed(due)
    if not due:
        return 0
    count = 0
    try:
        with MailServer(server, str(DNS_NAME)) as connection:
            for message in due:
                if Relay.objects.filter(paused_at=None).exists():
                    count += _send(connection, message, sender)
        _well(now)
    except DownError as error:
        _rest(relay, error.phrase, now)
    return count


def _send(connection: MailServer, message: Message, sender: Sender) -> int:
    """Send one message; return 1 where it went out, or may have."""
    now = timezone.now()
    try:
        raw = letters.composed(message, sender, now)
        to = addresses.read(message.address)
    except addresses.AddressError as error:
        _did_not(message, _State.FAILED, error.phrase)
        return 0
    except sealing.SealError:
        _did_not(message, _State.FAILED, UNREADABLE)
        return 0
    outcome = connection.hand_over(
        letters.returns_to(message, sender), str(to), raw, lambda: _claim(message)
    )
    _note(message, outcome)
    return int(outcome.fate in (Fate.SENT, Fate.UNSURE))


def _claim(message: Message) -> bool:
    """Write down, right before the last line is sent, that it is; False where it must not be."""
    now = timezone.now()
    return bool(
        Message.objects.filter(
            id=message.id,
            state=_State.QUEUED,
            reservation=message.reservation,
            until__gt=now,
        ).update(state=_State.SENDING, sent_at=now)
    )


def _note(message: Message, outcome: Outcome) -> None:
    match outcome.fate:
        case Fate.SENT:
            _went(message, _State.SENT, None, outcome.answer)
        case Fate.UNSURE:
            _went(message, _State.UNSURE, NO_ANSWER, outcome.answer)
        case Fate.REFUSED:
            with transaction.atomic():
                if outcome.gone:
                    suppression.suppress(message.address, Suppressed.Why.BOUNCED, message.id)
                why = Phrase(REFUSED.message, {"words": outcome.answer})
                _did_not(message, _State.FAILED, why, outcome.answer)
        case Fate.LATER:
            _again(message, outcome.answer)
        case Fate.TAKEN:
            pass


def _went(message: Message, state: str, why: Phrase | None, answer: str) -> None:
    """Note that a message went out, or may have."""
    kept = {} if state == _State.UNSURE else {"body": ""}
    _in_hand(message).update(
        state=state,
        why=None if why is None else phrases.kept(why),
        answer=answer[:500],
        tries=message.tries + 1,
        told=False,
        **kept,
    )


def _did_not(message: Message, state: str, why: Phrase, answer: str = "") -> None:
    """Note that a message did not go out and will not."""
    with transaction.atomic():
        _in_hand(message).update(answer=answer[:500], tries=message.tries + 1)
        ending.end(_in_hand(message), state, why)


def _in_hand(message: Message) -> "QuerySet[Message]":
    return Message.objects.filter(id=message.id, state__in=(_State.QUEUED, _State.SENDING))


def _again(message: Message, answer: str) -> None:
    """Have a message tried again later: it surely did not go out."""
    wait = retrying.jittered(WAITS_S[min(message.tries, len(WAITS_S) - 1)])
    _in_hand(message).update(
        state=_State.QUEUED,
        sent_at=None,
        tries=message.tries + 1,
        next_at=timezone.now() + timedelta(seconds=wait),
        answer=answer[:500],
    )


def end_reservations(now: datetime) -> int:
    """Give back what could not be sent before its reservation ended, such as by quiet hours."""
    return ending.give_back(Message.objects.filter(state=_State.QUEUED, until__lte=now), ENDED)


def _still_allowed(due: Sequence[Message]) -> list[Message]:
    """Return those that may still be sent, and stop the others.

    Since they were written, somebody may have withdrawn, or mail to an address have come back.
    """
    left = set()
    for purpose in {each.purpose for each in due}:
        theirs = [each for each in due if each.purpose == purpose]
        silent = suppression.why_not([each.address for each in theirs], purpose)
        allowed = consents.who_may(company.log(), [each.reference for each in theirs], purpose)
        for message in theirs:
            stopped = silent[message.address]
            if stopped is None and message.reference not in allowed:
                stopped = WITHDREW
            if stopped is None:
                left.add(message.id)
            else:
                _did_not(message, _State.STOPPED, stopped)
    return [each for each in due if each.id in left]


def _well(now: datetime) -> None:
    Relay.objects.filter(id=1).update(failures=0, rests_until=None, trouble=None, last_good_at=now)


def _rest(relay: Relay, trouble: Phrase, now: datetime) -> None:
    """Let the mail server rest: it takes nothing, and no message is at fault."""
    failures = relay.failures + 1
    rest = retrying.back_off(failures, _REST_FIRST_S, _REST_LONGEST_S)
    Relay.objects.filter(id=1).update(
        failures=failures,
        rests_until=now + timedelta(seconds=rest),
        trouble=phrases.kept(trouble),
    )
    logger.warning("sending e-mail rests for %d s: %s", rest, trouble)


@contextlib.contextmanager
def _alone() -> Iterator[bool]:
    """Hold the lock of whoever posts; yields whether it was free."""
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(exclusive(company.workspace().path / "outbox.lock", 0.0))
        except LogBusyError:
            yield False
            return
        yield True
