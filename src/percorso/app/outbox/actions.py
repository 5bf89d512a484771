"""Every change to what is sent, each with its entry in the trail."""

import json
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from percorso import connectors, contacts, labels
from percorso.app import company, sealing
from percorso.app.accounts.models import User
from percorso.app.audit.actions import record
from percorso.app.outbox import addresses, ending, letters, returns, suppression
from percorso.app.outbox.errors import OutboxError
from percorso.app.outbox.letters import Letter
from percorso.app.outbox.models import Message, Relay, Sender, Suppressed
from percorso.connectors import ConnectorError
from percorso.contacts import STATES, Budget, ContactsError, Ledger, Reservation
from percorso.vocabulary import N_, Phrase

_State = Message.State
_AT_ONCE: Final = 500
BY_HAND: Final = Phrase(N_("stopped by hand"))


@transaction.atomic
def post(letter: Letter) -> uuid.UUID:
    """Put a message in line for a reservation of the contact budget; return its number.

    There is one for each wish: posted again, nothing happens, and the number is that of the first.
    Raises AddressError.
    """
    to = addresses.read(letter.address)
    found, _made = Message.objects.get_or_create(
        wish=letter.wish,
        defaults={
            "reservation": letter.reservation,
            "purpose": letter.purpose,
            "campaign": letter.campaign,
            "reference": letter.reference,
            "address": str(to),
            "language": letter.language,
            "subject": letters.one_line(letter.subject, letters.LONGEST_SUBJECT),
            "body": letters.sealed(letter.body),
            "about": letter.about,
            "touchpoint": letter.touchpoint,
            "carries": letter.carries,
            "until": letter.until,
            "next_at": timezone.now(),
        },
    )
    return found.id


def written(wishes: Iterable[str]) -> frozenset[str]:
    """Return those of some wishes that a message was written for already, whatever became of it."""
    given = Message.objects.filter(wish__in=list(wishes))
    return frozenset(given.values_list("wish", flat=True))


def go_on(reservations: Iterable[Reservation]) -> int:
    """Have messages that were given back go with their new reservations; return how many."""
    count = 0
    for each in reservations:
        waiting = Message.objects.filter(wish=each.wish.id, state=_State.WAITING, told=True)
        count += waiting.exclude(reservation=each.id).update(
            state=_State.QUEUED,
            reservation=each.id,
            until=each.until,
            next_at=timezone.now(),
            why=None,
            tries=0,
        )
    return count


def returned(beginning: str) -> dict[uuid.UUID, str]:
    """Return what messages carried that never reached anybody, by their numbers; some at a time.

    ``beginning`` is what the ids of their wishes begin with. Say ``let_go`` when it is seen to.
    """
    lost = Message.objects.filter(
        state__in=(_State.FAILED, _State.STOPPED, _State.BOUNCED), wish__startswith=beginning
    ).exclude(carries="")
    return dict(lost.values_list("id", "carries")[:_AT_ONCE])


def let_go(numbers: Iterable[uuid.UUID]) -> None:
    """Forget what messages carried."""
    Message.objects.filter(id__in=list(numbers)).update(carries="")


@transaction.atomic
def pause(by: User | None) -> None:
    """Send nothing any more until somebody resumes."""
    relay = Relay.objects.get_or_create(id=1)[0]
    if relay.paused_at is None:
        Relay.objects.filter(id=1).update(paused_at=timezone.now())
        record(by, "outbox.paused")


@transaction.atomic
def resume(by: User | None) -> None:
    """Send again, and try the mail server at once where it rested."""
    Relay.objects.get_or_create(id=1)
    Relay.objects.filter(id=1).update(paused_at=None, rests_until=None, failures=0)
    record(by, "outbox.resumed")


@transaction.atomic
def send_again(by: User | None, number: uuid.UUID) -> None:
    """Send a message of which nobody knows whether it went out. Raises OutboxError.

    It may come twice; that is for a person to decide.
    """
    found = _locked(number)
    if found.state != _State.UNSURE or not found.body:
        raise OutboxError(_("Only what may not have gone out can be sent again, for some days."))
    found.state, found.tries, found.why, found.told = _State.QUEUED, 0, None, False
    found.went_at = found.went_at or found.sent_at or found.made_at
    found.next_at = timezone.now()
    found.until = _end_of_today(found)
    found.save()
    record(by, "outbox.sent_again", str(found.id))


def _end_of_today(message: Message) -> datetime:
    """Return until when a message that is sent again may go. Raises OutboxError: not now.

    Its contact counts already; quiet hours and closed days hold for it as for any other.
    """
    now = timezone.now()
    purpose: Any = message.purpose
    wish = contacts.Wish("again", "again", purpose, "again", now, now + timedelta(days=1))
    [decision] = contacts.decide([wish], [], contacts.load(company.workspace()), now)
    if decision.outcome != "send" or decision.until is None:
        raise OutboxError(labels.phrase(decision.reason))
    return decision.until


@transaction.atomic
def stop(by: User | None, number: uuid.UUID) -> None:
    """Do not send a message that waits. Raises OutboxError."""
    found = _locked(number)
    if found.state not in (_State.QUEUED, _State.WAITING):
        raise OutboxError(_("It is not waiting any more."))
    if found.state == _State.WAITING:
        raise OutboxError(_("It waits for the contact budget; stop what sends it."))
    ending.end(Message.objects.filter(id=number), _State.STOPPED, BY_HAND)
    record(by, "outbox.stopped", str(found.id))


@transaction.atomic
def give_back(beginning: str, why: Phrase) -> int:
    """Give the messages that wait to be sent back to the contact budget; see ``stop_those``."""
    chosen = Message.objects.filter(state=_State.QUEUED, wish__startswith=beginning)
    return ending.give_back(chosen, why)


@transaction.atomic
def stop_those(beginning: str) -> int:
    """Stop what waits of the wishes whose ids begin so; return how many. For who sends them."""
    chosen = Message.objects.filter(state=_State.QUEUED, wish__startswith=beginning)
    return ending.end(chosen, _State.STOPPED, BY_HAND)


@transaction.atomic
def suppress(by: User | None, address: str) -> bool:
    """Put an address on the list of those not written to. Raises AddressError."""
    made = suppression.suppress(address, Suppressed.Why.BY_HAND)
    if made:
        record(by, "outbox.suppressed")
    return made


@transaction.atomic
def lift(by: User | None, address: str) -> bool:
    """Take an address off that list. Raises AddressError."""
    gone = suppression.lift(address)
    if gone:
        record(by, "outbox.lifted")
    return gone


def note_export(by: User | None, campaign: str, state: str, program: str = "") -> None:
    """Note that somebody took out who was written to, or a ``program`` with a token of theirs."""
    # Whom they searched for may be a name, and the trail is for good.
    given = {
        "campaign": campaign if campaign in Ledger(company.workspace()).overview() else "",
        "state": state if state in STATES else "",
        "program": program,
    }
    record(by, "outbox.exported", **{name: said for name, said in given.items() if said})


def save_budget(by: User | None, budget: Budget) -> Budget:
    """Put another contact budget in place. Raises OutboxError."""
    place = company.workspace()
    try:
        before = contacts.load(place)
        saved = contacts.save(place, contacts.as_toml(budget))
    except ContactsError as error:
        raise OutboxError(str(error)) from error
    if saved != before:
        record(by, "outbox.budget", changed=_changed(before, saved))
    return saved


def _changed(before: Budget, after: Budget) -> list[str]:
    """Return the lines of the file that are new; it holds nothing of customers."""
    old = set(contacts.as_toml(before).splitlines())
    return [each for each in contacts.as_toml(after).splitlines() if each not in old]


@transaction.atomic
def redate(by: User | None) -> int:
    """Say that contacts dated later than now happened now: the clock had been wrong."""
    count = Ledger(company.workspace()).redate(timezone.now())
    record(by, "outbox.redated", contacts=count)
    return count


def save_sender(by: User | None, given: Mapping[str, Any]) -> None:
    """Say who writes to customers, and where returns come to. Raises OutboxError.

    ``given`` has the fields of ``Sender``; ``mailbox`` with host, port, user, encryption, folder,
    or None, and ``password``, which stays where it is empty and the server is the same.
    """
    name = letters.one_line(str(given["name"]), 80)
    if not name:
        raise OutboxError(_("Give the name that customers know you by."), "name")
    plain = {
        field: _address(given.get(field, ""), field)
        for field in ("address", "reply_to", "returns_to")
    }
    if not plain["address"]:
        raise OutboxError(_("Give the address that customers see."), "address")
    with transaction.atomic():
        sender = Sender.objects.select_for_update().first() or Sender(id=1)
        mailbox, password = _mailbox(sender, given)
        sender.name, sender.postal = name, letters.one_line(str(given.get("postal", "")), 200)
        sender.address, sender.reply_to = plain["address"], plain["reply_to"]
        sender.returns_to = plain["returns_to"]
        sender.own_returns = bool(given.get("own_returns")) and bool(plain["returns_to"])
        sender.mailbox, sender.password, sender.changed_by = mailbox, password, by
        sender.save()
        record(by, "outbox.sender", plain["address"], returns=bool(mailbox))


def try_mailbox(given: Mapping[str, Any]) -> int:
    """Open the mailbox of returns with what was entered, and keep nothing. Raises OutboxError."""
    sender = Sender.objects.first() or Sender(id=1)
    mailbox, password = _mailbox(sender, given)
    if mailbox is None:
        raise OutboxError(_("Enter the mailbox first."), "host")
    trial = Sender(mailbox=mailbox, password=password)
    try:
        return returns.try_out(returns.mailbox_of(trial))
    except ConnectorError as error:
        raise OutboxError(labels.phrase(error.phrase), "host") from error


def _mailbox(sender: Sender, given: Mapping[str, Any]) -> tuple[dict[str, Any] | None, str]:
    """Return the mailbox and its password, sealed, as they are to be kept."""
    mailbox = given.get("mailbox")
    if not mailbox or not mailbox.get("host"):
        return None, ""
    server = ("host", "port", "user", "encryption")
    same = sender.mailbox is not None and all(
        sender.mailbox.get(name) == mailbox.get(name) for name in server
    )
    password = str(given.get("password") or "")
    if not password and not same:
        # The one that is kept is not sent to whatever is typed.
        raise OutboxError(_("Enter the password for this server."), "password")
    if not password:
        return dict(mailbox), sender.password
    try:
        connectors.read(
            "mailbox",
            {
                **{name: mailbox[name] for name in server},
                "password": password,
                "folders": (mailbox.get("folder") or "INBOX",),
            },
        )
    except connectors.SettingsError as error:
        raise OutboxError(labels.phrase(error.phrase), error.field) from error
    return dict(mailbox), sealing.seal(json.dumps(password))


def _address(given: str, field: str) -> str:
    if not given.strip():
        return ""
    try:
        return str(addresses.read(given))
    except addresses.AddressError as error:
        raise OutboxError(_("This is not an address of e-mail."), field) from error


def _locked(number: uuid.UUID) -> Message:
    found = Message.objects.select_for_update().filter(id=number).first()
    if found is None:
        raise OutboxError(_("There is no such message any more."))
    return found
