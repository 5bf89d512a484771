"""What comes back: the mailbox of returns is read, and what it reports is taken to heart."""

import json
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from percorso.app import sealing
from percorso.app.connectors import phrases
from percorso.app.outbox import reports, suppression, telling
from percorso.app.outbox.models import Message, Relay, Sender, Suppressed
from percorso.connectors import ConnectorError, MailboxSettings
from percorso.connectors.mailbox.imap import Mailbox
from percorso.vocabulary import N_, Phrase

logger = logging.getLogger("percorso.outbox")

AT_ONCE: Final = 50
#: So often mail to an address comes back for a reason that may pass, before it is given up.
STRIKES: Final = 3
_DAYS: Final = 30
_State = Message.State
CAME_BACK: Final = Phrase(N_("it came back: {words}"))
UNWANTED: Final = Phrase(N_("was marked as unwanted"))
_SEALED: Final = Phrase(N_("The password of the mailbox cannot be read any more. Enter it again."))


def read_returns(now: datetime | None = None) -> int:
    """Read what came back since the last time; return of how many messages it told something."""
    sender = Sender.objects.first()
    if sender is None or not sender.mailbox:
        return 0
    now = now or timezone.now()
    relay = Relay.objects.get_or_create(id=1)[0]
    try:
        count = _read(mailbox_of(sender), relay, now)
    except (ConnectorError, sealing.SealError) as error:
        trouble = error.phrase if isinstance(error, ConnectorError) else _SEALED
        Relay.objects.filter(id=1).update(returns_trouble=phrases.kept(trouble))
        logger.warning("the mailbox of returns cannot be read: %s", trouble)
        return 0
    Relay.objects.filter(id=1).update(returns_at=now, returns_trouble=None)
    if count:
        telling.tell()
    return count


def mailbox_of(sender: Sender) -> MailboxSettings:
    """Return the mailbox that returns come to. Raises SealError."""
    given: Mapping[str, Any] = sender.mailbox or {}
    password = json.loads(sealing.unseal(sender.password)) if sender.password else ""
    return MailboxSettings(
        host=given["host"],
        user=given["user"],
        password=password,
        port=given.get("port", 0),
        encryption=given.get("encryption", "tls"),
        folders=(given.get("folder") or "INBOX",),
    )


def try_out(chosen: MailboxSettings) -> int:
    """Open a mailbox, and return how many messages of the last days are in it.

    Raises ConnectorError.
    """
    with Mailbox(chosen, settings.NETWORK_GUARD) as mailbox:
        mailbox.open(chosen.folders[0])
        return len(mailbox.after(0, (timezone.now() - timedelta(days=_DAYS)).date()))


def _read(chosen: MailboxSettings, relay: Relay, now: datetime) -> int:
    """Read on from the last message that was read, some at a time."""
    folder, count = chosen.folders[0], 0
    with Mailbox(chosen, settings.NETWORK_GUARD) as mailbox:
        validity = mailbox.open(folder)
        place = f"{chosen.host}/{chosen.user}/{folder}/{validity}"
        last = relay.returns.get("last", 0) if relay.returns.get("place") == place else 0
        waiting = mailbox.after(last, (now - timedelta(days=_DAYS)).date())
        for letter in mailbox.letters(waiting[:AT_ONCE]):
            report = reports.read(letter.raw)
            with transaction.atomic():
                count += 0 if report is None else take(report)
                relay.returns = {"place": place, "last": letter.uid}
                relay.save(update_fields=["returns"])
    return count


def take(report: reports.Report) -> int:
    """Take a report to heart; return how many messages it told something new of."""
    for number in report.messages:
        message = (
            Message.objects.select_for_update()
            .filter(id=number, state__in=(_State.SENT, _State.UNSURE, _State.BOUNCED))
            .first()
        )
        if message is not None:
            return _take(message, report)
    return 0


def _take(message: Message, report: reports.Report) -> int:
    if report.kind is reports.Kind.COMPLAINT:
        suppression.suppress(message.address, Suppressed.Why.COMPLAINED, message.id)
        _change(message, _State.COMPLAINED, UNWANTED, report.words)
        return 1
    if message.state == _State.BOUNCED:
        return 0
    _change(message, _State.BOUNCED, Phrase(CAME_BACK.message, {"words": report.words}), "")
    struck = Message.objects.filter(address=message.address, state=_State.BOUNCED).count()
    if report.gone or struck >= STRIKES:
        suppression.suppress(message.address, Suppressed.Why.BOUNCED, message.id)
    return 1


def _change(message: Message, state: str, why: Phrase, words: str) -> None:
    message.state, message.why, message.told, message.body = state, phrases.kept(why), False, ""
    if words:
        message.answer = words
    message.save(update_fields=["state", "why", "told", "body", "answer"])
