"""What the worker does for the rights of customers. Each task may be run again."""

import logging
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone
from django_tasks import task

from percorso import durable_file
from percorso.app import company, holdings
from percorso.app.audit.models import Entry
from percorso.app.intake.tasks import once
from percorso.app.privacy import noted

logger = logging.getLogger("percorso.privacy")

#: How long after what is due was taken it is looked for again.
FORGET_EVERY: Final = timedelta(days=1)


@task()
def erase_waiting() -> None:
    """Do the erasures that were asked for. Who it is, is in no argument: that would stay here."""
    from percorso.privacy import resume

    for certificate in resume(company.log(), also=holdings.places()):
        noted.erased([certificate])
        if not certificate.clean:
            logger.warning("erasure %s left something: see its certificate", certificate.id)


@task()
def forget_old() -> None:
    """Take what was kept for long enough."""
    from percorso.privacy import retention

    noted.forgotten(retention.apply(company.log()))


def take_up_erasures() -> bool:
    """Have the erasures done that were asked for and not finished; say whether there are any.

    Whoever asked may be gone: the program may have ended, or the disk was full.
    """
    from percorso.privacy import waiting

    if not waiting(company.log()):
        return False
    once(erase_waiting)
    return True


def clear_drafts() -> int:
    """Clear what a kill left half-written, which may name somebody; return how many files."""
    return durable_file.clear_drafts(company.workspace().path)


def forget_when_due(now: datetime | None = None) -> bool:
    """Have what was kept for long enough taken, once a day; say whether it was asked for."""
    from percorso.privacy import PrivacyError, retention

    try:
        rules = retention.rules(company.workspace())
    except PrivacyError as error:
        # The rules are mended by hand; until then nothing goes, and the page says why.
        logger.warning("nothing is forgotten: %s", error)
        return False
    since = (now or timezone.now()) - FORGET_EVERY
    changed = retention.changed_at(company.workspace())
    if changed is not None and changed > since:
        # Whoever wrote the rules has a day to look at what would go, and to think again.
        return False
    done = Entry.objects.filter(action="privacy.forgot", actor_name="", at__gt=since)
    if not rules or done.exists():
        return False
    once(forget_old)
    return True
