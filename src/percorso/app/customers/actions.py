"""Every change to customers, their notes and segments, each with its entry in the trail.

The trail names a customer by the key in the page's address, which tells nothing of who it is: it
stays when the customer is erased.
"""

from collections.abc import Iterable
from typing import Final

from django.db import transaction

from percorso.app import company
from percorso.app.accounts.models import User
from percorso.app.audit.actions import record
from percorso.app.audit.looks import note_once
from percorso.app.customers.errors import CustomersError
from percorso.app.customers.models import Note
from percorso.i18n import gettext as _
from percorso.log import LogError
from percorso.log.facts import key_of
from percorso.segments import Catalogue, Segment

LONGEST_NOTE: Final = 4000


def note_look(by: User, customer: str, program: str = "") -> None:
    """Note that somebody saw a customer, on the page or, with a token, through a ``program``."""
    details = {"program": program} if program else {}
    note_once(by, "customer.seen", key_of(company.log(), customer), **details)


def note_export(by: User, count: int, program: str = "") -> None:
    """Note that somebody took a list of customers out."""
    # What they searched for may be a name, and the trail is for good.
    details = {"program": program} if program else {}
    record(by, "customer.exported", customers=count, **details)


@transaction.atomic
def write_note(by: User, customer: str, text: str, program: str = "") -> Note:
    """Write a note about a customer. Raises CustomersError."""
    text = text.replace("\0", "").strip()
    if not text:
        raise CustomersError(_("Write something first."))
    if len(text) > LONGEST_NOTE:
        raise CustomersError(
            _("A note has at most {most} characters; this one has {n}.").format(
                most=LONGEST_NOTE, n=len(text)
            )
        )
    by_name = f"{by} ({program})" if program else str(by)
    note = Note.objects.create(reference=customer, text=text, by=by, by_name=by_name[:254])
    record(by, "customer.noted", key_of(company.log(), customer))
    return note


@transaction.atomic
def remove_note(by: User, references: Iterable[str], number: int, *, anybodys: bool) -> None:
    """Remove a note about a customer; one's own, or ``anybodys``. Raises CustomersError."""
    note = Note.objects.filter(pk=number, reference__in=list(references)).first()
    if note is None:
        raise CustomersError(_("That note is not there any more."))
    if not anybodys and note.by_id != by.pk:
        raise CustomersError(_("Only who wrote a note, or a CX manager, can remove it."))
    record(by, "customer.note_removed", key_of(company.log(), note.reference))
    note.delete()


@transaction.atomic
def save_segment(by: User, name: str, rule: str, instead_of: str = "") -> Segment:
    """Save a segment, new or ``instead_of`` another. Raises SegmentError."""
    from percorso.log import segments
    from percorso.segments import parse

    log = company.log()
    segments.sql(log, parse(rule))  # says what the rule refers to that is not there
    made = Catalogue(log.workspace).save(name, rule, who=by.get_username(), instead_of=instead_of)
    note_segment(by, made, changed=bool(instead_of))
    return made


def note_segment(by: User | None, made: Segment, *, changed: bool) -> None:
    """Note that a segment was saved."""
    record(by, "segment.changed" if changed else "segment.saved", made.name, rule=made.rule)


@transaction.atomic
def delete_segment(by: User, name: str) -> None:
    """Delete a saved segment. Raises SegmentError."""
    Catalogue(company.workspace()).delete(name)
    note_segment_gone(by, name)


def note_segment_gone(by: User | None, name: str) -> None:
    """Note that a segment was deleted."""
    record(by, "segment.deleted", name)


@transaction.atomic
def answer_pair(by: User, one: str, other: str, *, same: bool) -> None:
    """Say that two references are one customer, or two. Raises CustomersError."""
    from percorso import identity

    log = company.log()
    try:
        identity.answer(log, (one, other), same=same, who=by.get_username())
    except LogError as error:
        raise CustomersError(str(error)) from error
    action = "customer.joined" if same else "customer.kept_apart"
    record(by, action, f"{key_of(log, one)} + {key_of(log, other)}")


@transaction.atomic
def undo_join(by: User, customer: str, number: int) -> tuple[str, str]:
    """Take a join of a customer's references apart; return both. Raises CustomersError."""
    from percorso import identity

    log = company.log()
    if all(each.number != number for each in identity.explain(log, customer)):
        raise CustomersError(_("That join does not stand any more."))
    try:
        join = identity.undo(log, number, who=by.get_username())
    except LogError as error:
        raise CustomersError(str(error)) from error
    keys = f"{key_of(log, join.reference)} | {key_of(log, join.customer)}"
    record(by, "customer.taken_apart", keys)
    return join.reference, join.customer
