"""What became of messages, told to the contact budget's ledger and to the log.

Both take the same thing twice without harm, so it is told until it was taken: a message is
``told`` only afterwards.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.utils import timezone

from percorso.app import company
from percorso.app.connectors import phrases
from percorso.app.outbox.models import Message
from percorso.contacts import Ledger
from percorso.log.errors import LogBusyError
from percorso.vocabulary import N_, Interaction, Phrase, violations

logger = logging.getLogger("percorso.outbox")

AT_ONCE: Final = 500
SOURCE: Final = "percorso"
_State = Message.State
#: What went out, or may have; what came back afterwards did go out.
WENT_OUT: Final = (_State.SENT, _State.UNSURE, _State.BOUNCED, _State.COMPLAINED)
#: What each is called in the log.
_NAMES: Final = {_State.BOUNCED: "bounced", _State.COMPLAINED: "complained"}
_UNKNOWN: Final = Phrase(N_("could not be sent"))


def tell() -> int:
    """Tell of what is settled and was not told yet; return of how many messages."""
    left = Message.objects.filter(told=False).exclude(state__in=(_State.QUEUED, _State.SENDING))
    count = 0
    while found := list(left.order_by("made_at")[:AT_ONCE]):
        if not _tell(found):
            break
        count += len(found)
    return count


def _tell(found: Sequence[Message]) -> bool:
    ledger = Ledger(company.workspace())
    now = timezone.now()
    for each in found:
        if each.state in WENT_OUT:
            ledger.sent(each.reservation, each.sent_at or now)
        else:
            again = now if each.state == _State.WAITING else None
            ledger.failed(each.reservation, phrases.read(each.why) or _UNKNOWN, now, again=again)
    if not _log([row for each in found for row in rows(each, now)]):
        return False
    for each in found:
        # What has changed meanwhile is told again.
        Message.objects.filter(id=each.id, state=each.state, reservation=each.reservation).update(
            told=True
        )
    return True


def rows(message: Message, now: datetime) -> list[Interaction]:
    """Return what the log is to know of a message."""
    if message.state not in WENT_OUT:
        return []
    found = [_row(message, "sent", message.sent_at or now, "out")]
    if message.state in _NAMES:
        found.append(_row(message, _NAMES[_State(message.state)], now, "in"))
    return found


def _row(message: Message, name: str, at: datetime, direction: str) -> Interaction:
    properties = {"purpose": message.purpose, "campaign": message.campaign}
    if message.state == _State.UNSURE:
        properties["unsure"] = "yes"
    suffix = "" if name == "sent" else f":{name}"
    return Interaction(
        id=f"outbox:{message.id.hex}{suffix}",
        at=at,
        customer=message.reference,
        kind="message",
        name=f"{message.purpose} {name}",
        source=SOURCE,
        touchpoint=message.touchpoint or "E-mail",
        channel="email",
        direction=direction,
        language=message.language or None,
        about=message.about or None,
        properties=properties,
    )


def _log(found: list[Interaction]) -> bool:
    """Write rows into the log; say whether they are there. What breaks a rule is left out."""
    good = []
    for each in found:
        broken = violations(each)
        if broken:
            logger.error("a message is not in the log: %s", broken[0].field)
        else:
            good.append(each)
    if not good:
        return True
    from percorso.log.schema import as_table

    try:
        company.log().append(as_table(good))
    except LogBusyError as error:
        logger.info("told later: %s", error)
        return False
    return True
