"""What the worker does for the rights of customers. Each task may be run again."""

import logging

from django_tasks import task

from percorso.app import company, holdings
from percorso.app.audit.actions import record

logger = logging.getLogger("percorso.privacy")


@task()
def erase_waiting() -> None:
    """Do the erasures that were asked for. Who it is, is in no argument: that would stay here."""
    from percorso.privacy import resume

    for certificate in resume(company.log(), also=holdings.places()):
        record(None, "privacy.erased", certificate.id, removed=certificate.removed)
        if not certificate.clean:
            logger.warning("erasure %s left something: see its certificate", certificate.id)


@task()
def forget_old() -> None:
    """Take what was kept for long enough."""
    from percorso.privacy import retention

    gone = retention.apply(company.log())
    record(None, "privacy.forgot", rows=sum(each.rows for each in gone))
