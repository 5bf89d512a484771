"""What the trail says of rights that were met: by the worker, or by whoever runs the machine."""

from collections.abc import Iterable

from percorso.app.audit.actions import record
from percorso.privacy import Certificate
from percorso.privacy.retention import Going


def erased(done: Iterable[Certificate]) -> None:
    """Note who was erased, by the certificates' numbers."""
    for certificate in done:
        record(None, "privacy.erased", certificate.id, removed=certificate.removed)


def restored(people: int) -> None:
    """Note that people were erased again whom a backup had brought back."""
    record(None, "privacy.restored", people=people)


def forgotten(gone: Iterable[Going]) -> None:
    """Note that what was kept for long enough was taken."""
    record(None, "privacy.forgot", rows=sum(each.rows for each in gone))
