"""Contacts that people write down themselves, and answers left at a shop's counter."""

import time
import uuid
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from django.core import signing
from django.utils.translation import gettext as _

from percorso.app import company
from percorso.app.accounts.models import User
from percorso.app.audit.actions import record
from percorso.app.inbox import inbox
from percorso.app.sources.errors import SourceError
from percorso.app.sources.health import STAFF
from percorso.app.sources.models import Source
from percorso.app.sources.words import CONTACTS, REASONS
from percorso.identity import IdentityError, normal
from percorso.identity.settings import load
from percorso.live import Received, references
from percorso.live.references import FORMS
from percorso.log.history import known

LONGEST_PLACE: Final = 80
LONGEST_WORDS: Final = 2_000
_LONGEST_CUSTOMER: Final = 200
_SALT: Final = "percorso.sources.counter"


def log_contact(
    by: User, what: str, reason: str, *, place: str = "", customer: str = "", notes: str = ""
) -> None:
    """Write down a visit or a call, now. Raises SourceError, and what the inbox raises."""
    if what not in CONTACTS or reason not in REASONS:
        raise SourceError(_("Choose what happened, and what it was about."))
    who = reference(customer)
    properties = {"reason": reason, "place": place.strip(), "notes": notes.strip()}
    name = CONTACTS[what][0]
    _put(STAFF, [_event(name, who, properties)])
    # Not of whom: the trail is for ever, and customers may ask to be forgotten.
    record(by, "contact.logged", name, reason=reason, place=properties["place"])


def reference(typed: str) -> str:
    """Return who was meant: an e-mail, a telephone number, or a number of theirs; empty: unknown.

    Raises SourceError for what looks like a name: two people may have the same.
    """
    typed = " ".join(typed.split())
    if not typed or typed.startswith(FORMS):
        return typed[:_LONGEST_CUSTOMER]
    if len(typed) > _LONGEST_CUSTOMER:
        raise SourceError(_("That is too long for a customer."))
    if normal.email(typed):
        return f"email:{typed.lower()}"
    by_number = _by_number(typed)
    if by_number:
        return by_number
    if not any(each.isdigit() for each in typed):
        raise SourceError(
            _("Write an e-mail address, a telephone number or a customer number, not a name.")
        )
    return typed


def _by_number(typed: str) -> str:
    """Return whose number this is: of a customer who is known, else a telephone; empty: neither."""
    log = company.log()
    try:
        country = load(log.workspace).country
    except IdentityError as error:
        raise SourceError(str(error)) from error
    phone = normal.phone(typed, country)
    candidates = [f"user:{typed}", typed, f"card:{typed}"]
    if phone:
        candidates.append(f"phone:{phone}")
    held = known(log, candidates)
    for each in candidates:
        if each in held:
            # What says no form would be read as a user's id: another name of theirs does not.
            names = (each, *log.identity.references_of(each))
            return next((name for name in names if name.startswith(FORMS)), each)
    mobile = normal.mobile(typed, country)
    return f"phone:{mobile}" if mobile else ""


def counter_token(source: str, place: str) -> str:
    """Return what a link for a shop's counter carries. It works until the source is closed."""
    return signing.dumps([source, place], salt=_SALT, compress=True)


def read_counter(token: str) -> tuple[str, str] | None:
    """Return source and place of a counter's link; None where it is none (any more)."""
    try:
        source, place = signing.loads(token, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    if not Source.objects.filter(name=source, closed_at=None).exists():
        return None
    return str(source), str(place)


def answer_at_counter(source: str, place: str, score: int, words: str) -> None:
    """Keep that somebody was there, and how it was (1 to 5). Raises what the inbox raises."""
    if not 1 <= score <= 5:
        raise SourceError(_("Choose one of the five."))
    # Whoever answers is nobody in particular: the same visit and answer, and nothing before it.
    device = uuid.uuid4().hex
    answer = {"score": score, "comment": words.strip()[:LONGEST_WORDS], "place": place}
    _put(
        source,
        [
            _event("Store Visited", "", {"place": place}, device),
            _event("CSAT Submitted", "", answer, device),
        ],
    )


def _event(name: str, who: str, properties: Mapping[str, Any], device: str = "") -> dict[str, Any]:
    # Whoever it was cannot be known again.
    passing = references.of_passing(device or uuid.uuid4().hex)
    whose = {"userId": who} if who else {"anonymousId": passing}
    given = {key: value for key, value in properties.items() if value != ""}
    return {
        "type": "track",
        "event": name,
        "messageId": uuid.uuid4().hex,
        "properties": given,
        **whose,
    }


def _put(source: str, events: list[dict[str, Any]]) -> None:
    body = msgspec.json.encode({"batch": events})
    inbox().put([Received(source, "batch", time.time_ns() // 1000, body, len(events))])
