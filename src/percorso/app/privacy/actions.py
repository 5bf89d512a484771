"""Every change about a person's rights, each with its entry in the trail.

The trail names a customer by a key that says nothing of who it is.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from percorso.app import company, holdings
from percorso.app.accounts.models import User
from percorso.app.audit.actions import record
from percorso.app.privacy import links, tasks
from percorso.app.privacy.models import PreferenceLink, Request
from percorso.log.facts import key_of
from percorso.privacy import Person, begin, gather, retention
from percorso.privacy import consents as said
from percorso.privacy.export import as_json, export

#: GDPR 12(3): within one month.
MONTH: Final = timedelta(days=30)


def write_consent(
    by: User,
    customer: str,
    choices: Mapping[str, bool],
    how: str,
    words: str,
    *,
    at: datetime | None = None,
    program: str = "",
) -> int:
    """Write down what a customer said to somebody, or a ``program`` says. Raises PrivacyError."""
    log = company.log()
    added = said.record(
        log,
        customer,
        dict(choices),
        how=how,
        by=program or by.get_username(),
        language=company.workspace().settings.language,
        words=words.strip()[:1000],
        at=at,
    )
    if added:
        purposes = sorted(choices)
        record(by, "privacy.consent", key_of(log, customer), purposes=purposes, **_of(program))
    return added


def choose(link: PreferenceLink, choices: Mapping[str, bool], language: str) -> int:
    """Write down what a customer chose on the preference page. Raises PrivacyError."""
    log = company.log()
    added = said.record(
        log, link.reference, dict(choices), how="preference page", by="", language=language
    )
    if added:
        record(None, "privacy.consent_said", key_of(log, link.reference), choices=dict(choices))
    return added


@transaction.atomic
def ask(link: PreferenceLink, kind: str) -> Request:
    """Note what a customer asked for on the preference page; once while it is open."""
    found = Request.objects.filter(reference=link.reference, kind=kind, closed_at=None).first()
    return found or note_request(None, link.reference, kind)


@transaction.atomic
def note_request(by: User | None, reference: str, kind: str, note: str = "") -> Request:
    """Note that a customer asked for something they have a right to."""
    made = Request.objects.create(
        reference=reference, kind=kind, note=note[:2000], due_at=timezone.now() + MONTH
    )
    record(by, "privacy.requested", key_of(company.log(), reference), kind=kind)
    return made


@transaction.atomic
def close_request(by: User, number: int) -> None:
    """Close a request: it was answered."""
    one = Request.objects.select_for_update().filter(pk=number, closed_at=None).first()
    if one is not None:
        one.closed_at, one.closed_by = timezone.now(), by
        one.save()
        record(by, "privacy.request_closed", key_of(company.log(), one.reference), kind=one.kind)


@transaction.atomic
def make_link(by: User | None, customer: str, program: str = "") -> str:
    """Make a link to the preference page for a customer; return its address without the host."""
    link = PreferenceLink.objects.create(
        reference=customer, made_by=by, expires_at=timezone.now() + links.LASTS
    )
    record(by, "privacy.link", key_of(company.log(), customer), **_of(program))
    return links.path_of(link)


def standing_link(customer: str) -> str:
    """Return the address, without the host, of a link to the preference page for a message.

    The same for some weeks: many messages to a customer need not many links. The trail has no
    entry for it; that the message was sent is in the log.
    """
    now = timezone.now()
    found = PreferenceLink.objects.filter(
        reference=customer,
        made_by=None,
        withdrawn_at=None,
        made_at__gt=now - links.LASTS / 3,
        expires_at__gt=now + links.LASTS / 3,
    ).first()
    return links.path_of(
        found or PreferenceLink.objects.create(reference=customer, expires_at=now + links.LASTS)
    )


def give_copy(by: User | None, customer: str, language: str | None) -> bytes:
    """Return the zip with all that is held about a customer. Raises PrivacyError."""
    log = company.log()
    packed = export(log, customer, language=language, more=_more(gather(log, customer)))
    record(by, "privacy.exported", key_of(log, customer))
    return packed


def give_data(by: User, customer: str, program: str) -> bytes:
    """Return all that is held about a customer as JSON. Raises PrivacyError."""
    log = company.log()
    held = as_json(log, customer, more=_more(gather(log, customer)))
    record(by, "privacy.exported", key_of(log, customer), **_of(program))
    return held


def erase(by: User, customer: str, *, keep_figures: bool, program: str = "") -> str:
    """Have a customer erased in the background; return the number of the certificate to come."""
    log = company.log()
    who = program or by.get_username()
    task = begin(log, customer, who=who, keep_figures=keep_figures)
    with transaction.atomic():
        record(by, "privacy.erasing", task.id, **_of(program))
        tasks.erase_waiting.enqueue()
    return task.id


def note_look(by: User, customer: str, program: str = "") -> None:
    """Note that somebody looked at what is held about a person."""
    record(by, "privacy.looked", key_of(company.log(), customer), **_of(program))


def change_retention(by: User, written: str) -> int:
    """Put other rules in place; return how many. Raises PrivacyError."""
    found = retention.write_rules(company.workspace(), written)
    record(by, "privacy.retention", rules=len(found))
    return len(found)


@transaction.atomic
def apply_retention(by: User) -> None:
    """Have what was kept for long enough taken in the background."""
    record(by, "privacy.forgot")
    tasks.forget_old.enqueue()


def note_map_export(by: User) -> None:
    """Note that somebody downloaded the data map."""
    record(by, "privacy.map_exported")


def _of(program: str) -> dict[str, str]:
    """Return what the trail says of a program that did something with somebody's token."""
    return {"program": program} if program else {}


def _more(person: Person) -> dict[str, list[dict[str, Any]]]:
    """Return what the application's tables hold of a person."""
    return {str(held.words): rows for held, rows in holdings.rows(person)}
